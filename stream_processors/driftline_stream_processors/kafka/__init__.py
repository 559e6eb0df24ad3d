"""Records in and out: the transport, the outbox, ticks."""
