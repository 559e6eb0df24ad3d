"""The ledger: every record and every event is stored, or it is said what became of it."""
