"""Checkers that see time: how long a close took, what stood naked, and at what price."""
