"""A request on its way in: its token, its limits."""
