"""Kill the real engine process again and again, with orders in flight, and count what is left.

``tporder run`` on a SQLite file trades three coins for three strategies against the simulated
exchanges over the loopback, under a busy stream of signals from another process' inbox. Orders take
a quarter of a second to arrive and another one to be answered. Three kills in four are aimed: they
strike while an order is on its way. The others strike at random, or while the engine starts. The
next engine goes on from the journal. In the end everything is closed, and the judges of the
simulation look at the exchanges' own state.

    python -m tests.drills.kill_drill [--kills 200] [--seed 1] [--json]

Exit code 1 if anything was violated, or if a drill of 60 kills or more was not busy enough to prove
anything (:data:`.report.PROMISED`). Everything lives in a temporary folder and ends with it.
"""
