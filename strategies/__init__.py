"""Strategies shared with research: pure functions from prices to signals."""
