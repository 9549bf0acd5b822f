"""How fast the engine is, in ratios to others measured in the same minutes (see README.md)."""
