"""The research side in ten lines: its own signal, as it is, and what became of it.

    .venv/bin/tporder run                           # in another terminal: paper, needs no keys
    .venv/bin/python examples/research_side.py      # BUY (enter the pair), then SELL (exit it)

Nothing has an id: it is derived, so that a signal sent twice is traded once (docs/SIGNALS.md).
"""

import sys
from datetime import UTC, datetime

from trading_platform_order.client import Client

with Client(sys.argv[1] if len(sys.argv) > 1 else "out/tporder.db") as tporder:
    for action, reason in (("BUY", "Level 1"), ("SELL", "Target")):
        now = datetime.now(UTC)
        signal = {"symbol": "BTC", "action": action, "timestamp": now, "reason": reason}
        sent = tporder.send(signal)
        print(f"{action} {sent.result}: {tporder.wait(sent, timeout_s=30).detail}")
    print(f"held now: {tporder.positions()}")
