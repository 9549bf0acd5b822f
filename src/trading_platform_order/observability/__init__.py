"""What an engine says of itself: log lines and metrics. Reads, decides nothing, delays nothing."""
