"""The same work on other stream processors, each as its own documentation leads a user to write it."""
