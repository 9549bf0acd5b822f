"""Kimchi-premium pair trades: at most one effective order per intent, hedged or flat at last."""

__version__ = "0.1.0"
