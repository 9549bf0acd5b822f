"""Small files beside the store, never in it: each may be lost, and nothing is with it."""
