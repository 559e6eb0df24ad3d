"""What happens to incidents: one file for each thing that may be the cause."""
