"""The market: books, trades and mark prices."""
