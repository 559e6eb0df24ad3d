"""No deadline per example: how fast a shared machine is says nothing about the code."""

from hypothesis import settings

settings.register_profile("driftline", deadline=None)
settings.load_profile("driftline")
