"""Signed requests, and what their answers mean: wire shapes, values, errors."""
