"""One order of a trade: what an exchange takes, its states, and the fills it is told of."""
