"""Limits under load."""
