"""Runs of the benchmark: who is started, asked in which order, and what the figures are."""
