"""What happens to a pair while it is held."""
