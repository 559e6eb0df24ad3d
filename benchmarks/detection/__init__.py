"""How soon changes are found, and how often there is none: ours beside River's detectors with their defaults."""
