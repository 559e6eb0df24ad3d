"""What the page and the API show, one subject per file: questions to ClickHouse, and the answers' types."""
