"""First contact with the real exchanges: look, record, and say where they differ from our picture.

Nobody who wrote the adapters and the simulators could try them on the real exchanges. Whoever has
keys runs ``tporder shadow`` (nothing can be placed) and then ``tporder live-check`` (one smallest
round trip on each exchange). Both do the same against the simulated exchanges first, record all
wire traffic without its secrets, and report every difference in shape.
"""
