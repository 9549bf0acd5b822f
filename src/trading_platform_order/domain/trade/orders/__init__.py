"""One order of a trade: its form, its states, what fills it is told of."""
