"""The HTTP API: its own process, which reads the store and hands in through it; never an engine."""
