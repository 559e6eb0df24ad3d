"""The demonstration: real prices, a model that goes stale, and its recovery."""
