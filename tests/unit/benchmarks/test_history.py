"""A grown journal: every trade under its own names, in the order of time."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from benchmarks.measure import history
from trading_platform_order.domain.order import Leg, Purpose
from trading_platform_order.domain.order_identity.client_order_id import (
    client_order_id,
    order_uuid,
    trade_key,
)
from trading_platform_order.storage.base import JournalRow

AT = datetime(2026, 11, 30, tzinfo=UTC)


def row(seq: int, trade_id: str, kind: str, body: Mapping[str, object]) -> JournalRow:
    at = AT + timedelta(seconds=seq)
    text = json.dumps({**body, "at": at.isoformat().replace("+00:00", "Z")}, separators=(",", ":"))
    at_us = round(at.timestamp() * 1_000_000)
    return JournalRow("main", seq, at_us, trade_id, kind, 1, text, "", "", "build", 1)


def trade(seq: int, signal: str, action: str, purpose: Purpose) -> list[JournalRow]:
    key = trade_key(strategy="bench", signal_id=signal, symbol="BTC")
    name = client_order_id(mode="p", key=key, leg=Leg.SPOT, purpose=purpose, attempt=1)
    order = {"id": order_uuid(name), "client_order_id": name}
    opened = {"signal": {"id": signal, "action": action}, "orders": [order]}
    fill = {"client_order_id": name, "trade_id": f"17{seq:08d}", "exchange_order_id": "99"}
    return [
        row(seq, key, "trade_opened", opened),
        row(seq + 1, key, "fill_seen", {"fill": fill}),
        row(seq + 2, "", "stop_moved", {"client_order_id": "tp-abc-hp3"}),
    ]


def rows() -> list[JournalRow]:
    found = [row(1, "", "account_opened", {})]
    for trip in range(3):
        found += trade(10 * trip + 2, f"s-{trip}-in", "ENTER", Purpose.OPEN)
        found += trade(10 * trip + 6, f"s-{trip}-out", "EXIT", Purpose.CLOSE)
    return found


def renamed(number: int) -> str:
    _, trip = history._parts(rows())
    return "\n".join(
        f"{entry.trade_id} {entry.body}"
        for _, entries, _ in history._renamed(trip, number, timedelta(days=-number))
        for entry in entries
    )


def test_what_comes_before_any_trade_is_kept_once() -> None:
    before, trip = history._parts(rows())
    assert [one.kind for one in before] == ["account_opened"]
    assert trip.signals == ("s-1-in", "s-1-out")


def test_two_trips_share_no_name_and_no_exchanges_number() -> None:
    one, two = renamed(1), renamed(2)
    for name in ("past-0000001-enter", "-hp2", '"trade_id":"1700002012"'):
        assert name in one
        assert name not in two


def test_ids_are_those_that_the_engine_makes_of_the_new_signal() -> None:
    key = trade_key(strategy="bench", signal_id="past-0000005-exit", symbol="BTC")
    name = client_order_id(mode="p", key=key, leg=Leg.SPOT, purpose=Purpose.CLOSE, attempt=1)
    text = renamed(5)
    assert name in text
    assert order_uuid(name) in text


def test_times_are_moved_with_the_trip() -> None:
    assert "2026-11-29T00:00:12.000000Z" in renamed(1)
    assert "2026-11-30" not in renamed(1)
