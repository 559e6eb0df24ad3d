"""Specifications of models as YAML files."""
