"""Transports around a transport: each changes or notes one thing, and hands on the rest."""
