"""The embedded stack: Apache Kafka and ClickHouse's engine on this machine, without a container or a system Java."""
