"""What operators and readers are told."""
