"""What is open beside a dead engine: whether it may be held, and what waits to be closed."""
