"""Publish a signal into a stream of Redis or Valkey: what a research program does, in ten lines.

    make redis                                                      # the client, once
    TPORDER_REDIS_URL=redis://127.0.0.1:6379/0 .venv/bin/tporder run    # in another terminal
    .venv/bin/python examples/publish_redis.py BUY                  # and SELL, later

Research's own shape needs no id: the same strategy, symbol, action and time are the same signal, so
that a call whose answer was lost is simply repeated.
"""

import json
import os
import sys
from datetime import UTC, datetime

from redis import Redis

server = Redis.from_url(os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0"))
action = sys.argv[1] if len(sys.argv) > 1 else "BUY"
signal = {"symbol": "BTC", "action": action, "timestamp": datetime.now(UTC).isoformat()}
entry = server.xadd("signals", {"signal": json.dumps(signal)}, maxlen=100_000, approximate=True)
print(f"published as entry {entry.decode() if isinstance(entry, bytes) else entry}")
