"""The simulated exchanges of paper mode, demo and simulation, joined with an engine."""
