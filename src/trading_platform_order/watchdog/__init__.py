"""A second pair of eyes in its own process: it can stop, cancel and close, never open.

It has its own keys and its own reading of both exchanges, follows the journal as a replica, judges
by itself, and imports nothing of the executor. What it may do, in this order: latch the stop,
cancel, have the engine make way (or be certain that it is dead), and have an engine close that can
open nothing. See ``docs/RISK_MANAGEMENT.md``.
"""
