"""Ports to the network and the clock, with their real faces."""
