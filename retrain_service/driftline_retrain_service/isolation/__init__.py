"""Jobs in processes of their own, with an end to all that they use."""
