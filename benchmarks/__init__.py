"""What Driftline costs, beside the alternatives: `python -m benchmarks`, or `make bench`."""
