"""Which alerts are one incident, and what becomes of it: no I/O, no clock."""
