"""Both exchanges on their own wire, with faults, written from the facts.

A package of its own: it imports nothing of the engine's, so that any client can be held against it.
``serve.py`` serves both on the loopback (``tporder simulator serve``); in one process,
``gateway.py`` carries requests and streams without sockets.
"""
