"""Labelled rows from ClickHouse: those that a training reads, and those that go on coming."""
