"""The Python client: hand in signals, wait for their outcome, read positions, stop."""
