"""A request on its way in: read, authenticated, counted against the limits."""
