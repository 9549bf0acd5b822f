"""Documented samples, and what may go wrong with them on the way. Seeded."""

import copy
import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

ORDER: dict[str, Any] = {
    "market": "KRW-BTC",
    "uuid": "3b67e543-8ad3-48d0-8451-0dad315cae73",
    "side": "bid",
    "ord_type": "limit",
    "price": "140000000",
    "state": "done",
    "created_at": "2025-09-01T09:01:00+09:00",
    "volume": "0.001",
    "remaining_volume": "0",
    "executed_volume": "0.001",
    "reserved_fee": "70",
    "remaining_fee": "0",
    "paid_fee": "70",
    "locked": "0",
    "prevented_volume": "0",
    "prevented_locked": "0",
    "trades_count": 1,
    "smp_type": "cancel_maker",
    "identifier": "fuzz-1",
    "trades": [
        {
            "market": "KRW-BTC",
            "uuid": "795dff29-bba6-49b2-baab-63473ab7931c",
            "price": "140000000",
            "volume": "0.001",
            "funds": "140000",
            "trend": "down",
            "created_at": "2025-09-01T09:01:00.597751+09:00",
            "side": "bid",
        }
    ],
}
ERROR: dict[str, Any] = {"error": {"name": "insufficient_funds_bid", "message": "부족합니다."}}
MY_ORDER: dict[str, Any] = {
    "type": "myOrder",
    "code": "KRW-BTC",
    "uuid": "ac2dc2a3-fce9-40a2-a4f6-5987c25c438f",
    "ask_bid": "BID",
    "order_type": "limit",
    "state": "trade",
    "trade_uuid": "68315169-fba4-4175-ade3-aff14a616657",
    "price": 0.001453,
    "avg_price": 0.00145372,
    "volume": 30925891.29839369,
    "remaining_volume": 29968038.09235948,
    "executed_volume": 30925891.29839369,
    "trades_count": 1,
    "paid_fee": 22.467660028283017,
    "time_in_force": None,
    "trade_fee": 22.467660028283017,
    "is_maker": True,
    "identifier": "test-1",
    "smp_type": "cancel_maker",
    "trade_timestamp": 1710751590421,
    "order_timestamp": 1710751590000,
    "timestamp": 1710751597500,
    "stream_type": "REALTIME",
}
MY_ASSET: dict[str, Any] = {
    "type": "myAsset",
    "asset_uuid": "e635f223-1609-4969-8fb6-4376937baad6",
    "assets": [{"currency": "KRW", "balance": 1386929.37231066, "locked": 10329.67012748}],
    "asset_timestamp": 1710146517259,
    "timestamp": 1710146517267,
    "stream_type": "REALTIME",
}
BOOK: dict[str, Any] = {
    "type": "orderbook",
    "code": "KRW-BTC",
    "timestamp": 1710146517267,
    "total_ask_size": 1.5,
    "orderbook_units": [
        {"ask_price": 140008000, "bid_price": 140000000, "ask_size": 0.1, "bid_size": 0.2}
    ],
    "level": 0,
}
ACCOUNTS = [{"currency": "KRW", "balance": "1000.5", "locked": "0", "avg_buy_price": "0"}]
CHANCE: dict[str, Any] = {
    "bid_fee": "0.0005",
    "ask_fee": "0.0005",
    "market": {
        "id": "KRW-BTC",
        "bid": {"currency": "KRW", "min_total": "5000"},
        "ask": {"currency": "BTC", "min_total": "5000"},
        "max_total": "1000000000",
        "state": "active",
    },
}
TICKS = [{"market": "KRW-BTC", "quote_currency": "KRW", "tick_size": 1000}]

STRANGE: tuple[object, ...] = (
    None,
    True,
    "",
    "zzz",
    "NaN",
    "Infinity",
    "-1",
    "1e999999999",
    "1e-999999999",
    "9" * 400,
    "KRW",
    "ask",
    "2025-13-45",
    "2025-09-01T00:00:00",
    "9999-12-31T23:59:59-23:59",
    0,
    -1,
    1e308,
    10**30,
    2**63,
    [],
    {},
    [[]],
    [None],
    {"a": {"b": []}},
    "\u0000\ud7ff",
)
HTML = b"<html><head><title>502 Bad Gateway</title></head><body>cloud</body></html>"


def inputs(sample: object, *, seed: int, count: int) -> Iterator[bytes]:
    """So many damaged copies of a sample; every fifth one is broken as text, not as a value."""
    random = Random(seed)  # noqa: S311 - a seed replays a run
    for index in range(count):
        value = copy.deepcopy(sample)
        for _ in range(random.randint(1, 3)):
            value = _damaged(value, random)
        text = json.dumps(value, ensure_ascii=random.random() < 0.5).encode("utf-8", "replace")
        yield _broken(text, random) if index % 5 == 0 else text


def noise(*, seed: int) -> Iterator[bytes]:
    """A few large ones."""
    random = Random(seed)  # noqa: S311 - a seed replays a run
    yield random.randbytes(1_000_000)
    yield b"[" * 1_000_000
    yield b'{"error":' * 100_000
    yield b'{"uuid":"' + b"a" * 1_000_000 + b'"}'
    yield b'{"price":' + b"9" * 1_000_000 + b"}"
    yield b" " * 1_000_000
    yield HTML * 10_000
    yield b""


def _damaged(value: Any, random: Random) -> Any:  # noqa: ANN401 - any JSON
    """One random place of a JSON value changed."""
    if isinstance(value, dict) and value:
        name = random.choice(list(value))
        inner = value[name]
        if isinstance(inner, dict | list) and inner and random.random() < 0.7:
            value[name] = _damaged(inner, random)
            return value
        action: Callable[[], object] = random.choice(
            (
                lambda: value.pop(name),
                lambda: value.update({name: _strange(random)}),
                lambda: value.update({f"new_{name}": _strange(random)}),
            )
        )
        action()
        return value
    if isinstance(value, list) and value and random.random() < 0.8:
        place = random.randrange(len(value))
        value[place] = _damaged(value[place], random)
        return value
    return _strange(random)


def _strange(random: Random) -> object:
    return copy.deepcopy(random.choice(STRANGE))


def _broken(text: bytes, random: Random) -> bytes:
    place = random.randrange(len(text) + 1)
    return random.choice(
        (
            text[:place],
            text[:place] + random.randbytes(3) + text[place:],
            HTML,
            b"",
            b"Too many API requests.",
            text + text,
            b"\xef\xbb\xbf" + text,
            text.replace(b":", b"", 1),
        )
    )
