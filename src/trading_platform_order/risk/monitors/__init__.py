"""Decisions about what is held: margin, stop-loss, emergency stop. Pure."""
