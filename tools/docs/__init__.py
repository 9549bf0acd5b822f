"""Documents that repeat code are written by code."""
