"""The steps of an event's path, in this order: decode, route, join, detect, decide."""
