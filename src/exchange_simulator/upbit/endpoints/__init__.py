"""The REST paths, a file for each family."""
