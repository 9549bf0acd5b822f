"""Signals, and what keeps an entry back."""
