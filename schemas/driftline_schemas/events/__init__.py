"""All records, one type per file."""
