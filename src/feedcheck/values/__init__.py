"""A text → complaints: one module per kind of value."""
