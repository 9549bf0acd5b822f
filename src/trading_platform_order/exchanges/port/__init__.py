"""The parts of the port that `base` joins: account, conditional orders, streams, public prices."""
