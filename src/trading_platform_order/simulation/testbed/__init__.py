"""Engine, exchanges and clock of a simulated run."""
