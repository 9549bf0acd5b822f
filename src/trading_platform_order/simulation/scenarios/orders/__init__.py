"""One order: sent once, its outcome unknown, in parts, told late."""
