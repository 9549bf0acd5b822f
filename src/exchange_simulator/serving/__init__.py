"""The simulated exchanges as servers on the loopback interface, and how they are controlled."""
