"""Urgent alerts until somebody acknowledges them. Pure."""
