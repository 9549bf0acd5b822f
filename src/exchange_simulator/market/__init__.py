"""Where prices, books and prints of the simulated exchanges come from."""
