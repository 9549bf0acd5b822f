"""The market: books, trades, price steps and warnings."""
