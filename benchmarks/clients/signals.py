"""Signals as a sender has them: bytes."""

import json
import time
from datetime import UTC, datetime

NOTIONAL_KRW = "500000"


class Signals:
    """New signals' bytes."""

    def __init__(self) -> None:
        self._run = f"{time.time_ns():x}"
        self._number = 0

    def new(self, action: str, symbol: str, strategy: str = "bench") -> tuple[str, bytes]:
        """Its id, and what a sender has."""
        self._number += 1
        name = f"bench-{self._run}-{self._number:08d}"
        fields = {
            "id": name,
            "strategy": strategy,
            "action": action,
            "symbol": symbol,
            "created_at": datetime.now(UTC).isoformat(),
        }
        if action == "ENTER":
            fields["notional_krw"] = NOTIONAL_KRW
        return name, json.dumps(fields).encode()
