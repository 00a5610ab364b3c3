"""What the specifications say: one module per format or family of extensions."""
