"""Markets, invented books, prints, candles."""
