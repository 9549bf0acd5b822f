"""Which channels are open, and what an engine tells operators through them."""
