"""One task per trade, and what became of its orders."""
