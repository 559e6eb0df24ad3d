"""Incidents as commands find them, show them and act on them."""
