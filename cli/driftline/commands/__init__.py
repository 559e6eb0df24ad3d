"""One file per sub-command of ``driftline``; heavy imports happen inside the functions."""
