"""One pair trade: its events, its state, its next step."""
