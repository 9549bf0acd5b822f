"""Which coin is hedged by which contract, and how far apart they stand."""
