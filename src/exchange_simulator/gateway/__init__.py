"""What stands between a simulated exchange and its client: latency, faults, streams."""
