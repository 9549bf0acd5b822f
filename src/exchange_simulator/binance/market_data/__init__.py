"""Prices, invented books, prints and contracts."""
