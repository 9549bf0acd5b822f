"""Every endpoint and stream fails alone for ten minutes, and everything must go on in time."""
