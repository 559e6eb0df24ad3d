"""What is stored of incidents: each step once, and the state that a restart begins with."""
