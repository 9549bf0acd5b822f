"""What the watchdog sees of the engine: its signs of life, its start, and its keys."""
