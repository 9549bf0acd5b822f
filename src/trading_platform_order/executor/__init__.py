"""Applies the core: journal, send, look up, resolve, settle."""
