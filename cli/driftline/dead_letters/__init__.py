"""Dead letters: found in ClickHouse, read from Kafka, given back into the log."""
