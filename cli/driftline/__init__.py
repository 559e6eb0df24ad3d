"""The driftline command, the embedded stack and the demo."""
