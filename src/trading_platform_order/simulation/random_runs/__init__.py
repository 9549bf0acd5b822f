"""Runs drawn from a seed, and every crash point of fixed scripts."""
