"""Signed requests, and what their answers mean: wire shapes, values, errors, the server's clock."""
