"""The page of `tporder web`: what an operator sees, and the few things that may be done there."""
