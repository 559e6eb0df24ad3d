"""Incidents, and how they reach people."""
