"""Turns a retrain request into a proven, promoted model version."""
