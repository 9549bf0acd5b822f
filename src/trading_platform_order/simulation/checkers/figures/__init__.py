"""Checkers of figures: what the engine reckons and shows, against the exchanges and the journal."""
