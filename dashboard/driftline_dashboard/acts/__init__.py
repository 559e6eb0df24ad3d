"""What people do: records that are appended to Kafka, of which the services make something."""
