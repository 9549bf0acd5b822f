"""Conditional orders on the hedge and the countdown of all orders."""
