"""Whatever a state holds comes back as it was, or is refused."""

from collections import defaultdict, deque
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from trading_platform_order.domain.account.account_book import AccountBook
from trading_platform_order.domain.account.average_entry import AveragedShort
from trading_platform_order.domain.order import Leg
from trading_platform_order.domain.trade.trade_events import Holding
from trading_platform_order.executor.journal.state_codec import NotKept, decode_state, encode_state


@pytest.mark.parametrize(
    "value",
    [
        *(None, True, 0, 1.5, "text", Decimal("1.500"), Decimal("1E+3"), Decimal("-0.0")),
        *(datetime(2026, 1, 5, tzinfo=UTC), date(2026, 1, 5), timedelta(days=1, microseconds=3)),
        *((1, "a"), [1, [2]], {3, 1}, frozenset({"b", "a"}), deque([1, 2], maxlen=5)),
        {("a", Leg.SPOT): [Holding(spot=Decimal(1))]},
        {"m": ["m"], 1: "not a mark"},
        AveragedShort(quantity=Decimal(2), entry_value=Decimal("3.0")),
    ],
    # not its text: that of a set has another order in every process
    ids=lambda value: type(value).__name__,
)
def test_it_comes_back_as_it_was(value: object) -> None:
    found = decode_state(encode_state(value))
    assert found == value
    assert type(found) is type(value)
    if isinstance(value, Decimal):
        assert str(found) == str(value)  # with its zeros


def test_a_default_is_that_of_the_class() -> None:
    book = AccountBook()
    book.ledger.coins["BTC"] += 1
    found = decode_state(encode_state(book))
    assert found.ledger.coins == {"BTC": 1}
    assert found.ledger.coins["ETH"] == 0
    assert found.ledger.shorts["ETH"] == type(book.ledger.shorts["ETH"])()


_SHARED = AveragedShort()


@pytest.mark.parametrize(
    "value",
    [Fraction(1), float("nan"), float("inf"), len, defaultdict(int), [_SHARED, _SHARED]],
    ids=["foreign class", "nan", "inf", "function", "bare default", "reached by two ways"],
)
def test_what_would_not_come_back_is_refused(value: object) -> None:
    with pytest.raises(NotKept):
        encode_state(decode_state(encode_state(value)))  # as whoever keeps one does


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"{", b"[]", b"[[],[]]", b'[[],["D","x"]]', b'[[],["o",0,[]]]', b'[[],["?",[]]]'),
        b'[["os:system"],["o",0,[]]]',
        b'[["trading_platform_order.domain.order:Gone"],["o",0,[]]]',
        b'[["trading_platform_order.domain.order:leg_of"],["o",0,[]]]',
    ],
)
def test_rubbish_is_refused(content: bytes) -> None:
    with pytest.raises(NotKept):
        decode_state(content)


def test_the_same_state_gives_the_same_bytes() -> None:
    one: dict[str, Any] = {"a": {"x", "y", "z"}}
    other: dict[str, Any] = {"a": {"z", "y", "x"}}
    assert encode_state(one) == encode_state(other)
