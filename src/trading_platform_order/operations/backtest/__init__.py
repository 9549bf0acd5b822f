"""A strategy over history: the same engine in virtual time, as fast as the machine goes."""
