"""How times, particles and figures are written within a sentence."""
