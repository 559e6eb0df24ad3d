"""What a partition remembers, and its snapshot as plain data."""
