"""Blocks of rows, the ledger's counts, and ClickHouse."""
