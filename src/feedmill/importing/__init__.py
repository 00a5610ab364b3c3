"""Other people's pages → story files."""
