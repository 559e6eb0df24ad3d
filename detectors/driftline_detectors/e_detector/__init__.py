"""E-detectors: evidence for a change that grows like capital in a bet, and may be looked at after every event."""
