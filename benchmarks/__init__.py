"""Measurements of the engine; nothing here is part of it."""
