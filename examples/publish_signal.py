"""Publish signals from a program of your own: build values, hand them to `tporder signal send`.

    .venv/bin/tporder run                           # in another terminal: paper, needs no keys
    .venv/bin/python examples/publish_signal.py     # an ENTER of 500,000 KRW, then its EXIT

This file uses the standard library alone. Copy it into research as it is: what it relies on is the
contract of docs/SIGNALS.md (fields) and docs/CLI.md (results and exit codes), not our code.
"""

import argparse
import json
import subprocess
import sys
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

TPORDER = Path(sys.executable).with_name("tporder")  # the command stands beside this Python
WAIT_S = 30
TAKEN = {"claimed", "duplicate", "queued"}
"""The signal is durable and is executed once: now, before this call, or when an engine runs."""


def signal(action: str, symbol: str, *, notional_krw: str | None = None) -> dict[str, object]:
    """A signal of now. Amounts are decimal text, never floats; times carry their zone."""
    values: dict[str, object] = {
        "id": f"example-{uuid.uuid4()}",
        "strategy": "example",
        "action": action,
        "symbol": symbol,
        "created_at": datetime.now(UTC).isoformat(),
        "schema_version": 1,
    }
    if notional_krw is not None:
        values["notional_krw"] = notional_krw
    return values


def publish(values: dict[str, object], *, db: Path | None = None) -> dict[str, Any]:
    """Hand a signal in and wait for the end of its pair trade; gives what the engine said of it.

    A call that failed half-way may be repeated with the same values: the id makes it one trade.

    Raises:
        RuntimeError: it will not be traded; the text says why and what helps.
    """
    where = [] if db is None else ["--db", str(db)]
    done = subprocess.run(
        [TPORDER, "signal", "send", "-", "--outcome", "--wait", str(WAIT_S), "--json", *where],
        input=json.dumps(values),
        capture_output=True,
        text=True,
        timeout=2 * WAIT_S,
        check=False,
    )
    if not done.stdout:
        raise RuntimeError(done.stderr)
    answer: dict[str, Any] = json.loads(done.stdout)["signals"][0]
    if answer["result"] not in TAKEN:
        raise RuntimeError(f"{answer['result']}: {answer['detail']} ({answer['cure']})")
    return answer


def main() -> None:
    """Enter, then exit."""
    options = argparse.ArgumentParser(description="Publish an ENTER, then its EXIT.")
    options.add_argument("--symbol", default="BTC")
    options.add_argument("--notional-krw", default="500000")
    options.add_argument("--db", type=Path, help="the engine's database; default: its settings'")
    asked = options.parse_args()
    for values in (
        signal("ENTER", asked.symbol, notional_krw=asked.notional_krw),
        signal("EXIT", asked.symbol),
    ):
        answer = publish(values, db=asked.db)
        print(f"{values['action']} {values['id']}: {answer['result']}: {answer['detail']}")


if __name__ == "__main__":
    main()
