"""feedmill.yaml → Site: its keys, and what they say."""
