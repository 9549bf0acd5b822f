"""A second pair of eyes in its own process: it can stop, cancel and reduce, never open.

It has its own keys and its own reading of both exchanges, follows the journal as a replica and
never writes it, and imports nothing of the executor. What it may do, in this order: latch the
stop, have the engine make way (or be certain that it is dead), cancel, reduce. See
``docs/RISK_MANAGEMENT.md``.
"""
