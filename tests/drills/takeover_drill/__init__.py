"""Two engines serve each other as standby, over real processes and sockets, and die at random.

One holds the account and trades under a busy stream of signals, the other waits with ``tporder run
--standby``. The holder is killed, or stopped (also while it holds the database's write lock),
mostly while an order is on its way; the standby kills what was stopped, takes over and goes on, and
a new standby is started. What was stopped is continued after the takeover. In the end everything is
closed, and the judges of the simulation look at the exchanges' own state.

    python -m tests.drills.takeover_drill [--faults 100] [--seed 1]

The last line is JSON: ``faults``, ``duplicates``, ``naked``, how long it took to the next holder
(``to_holder_s``), and from there to the first thing it did about an order (``first_correction_s``):
where no order was unresolved, 99 of 100 within 3 s; else within Binance's horizon and 3 s. Exit
code 1 if anything was violated. Being slower is told (``slow``) and no violation: a machine may be
busy.
"""
