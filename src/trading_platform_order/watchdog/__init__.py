"""A second pair of eyes in its own process; built by a later step."""
