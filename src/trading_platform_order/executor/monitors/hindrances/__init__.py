"""Watches for what may keep the engine from trading, beside the limits."""
