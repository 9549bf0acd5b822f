"""Names of orders: pure, short, plain, and never the same for two intents."""

import itertools
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading_platform_order.domain.order import Leg, Purpose
from trading_platform_order.domain.order_identity.client_order_id import (
    MAX_LENGTH,
    client_order_id,
    order_uuid,
    read_client_order_id,
    trade_key,
)

CHARACTERS = set("abcdefghijklmnopqrstuvwxyz0123456789-")
texts = st.text(min_size=1, max_size=40)


def name(**changes: object) -> str:
    parts: dict[str, object] = {
        "mode": "p",
        "key": trade_key(strategy="kimchi", signal_id="s1", symbol="BTC"),
        "leg": Leg.SPOT,
        "purpose": Purpose.OPEN,
        "attempt": 1,
    }
    return client_order_id(**(parts | changes))  # type: ignore[arg-type]


def test_golden_names_never_change() -> None:
    """A changed name would hide the orders of an earlier version from this one."""
    assert trade_key(strategy="kimchi", signal_id="s1", symbol="BTC") == "2eq26cmeqi2apwve5bh6"
    assert name() == "tp-2eq26cmeqi2apwve5bh6-so1"
    letters = {purpose: name(purpose=purpose)[-3:] for purpose in Purpose}
    assert letters == {
        Purpose.OPEN: "so1",
        Purpose.CLOSE: "sc1",
        Purpose.COMPLETE: "sm1",
        Purpose.UNWIND: "su1",
        Purpose.TRUE_UP: "st1",
        Purpose.WATCHDOG: "sw1",
        Purpose.PROTECT: "sp1",
        Purpose.TRAIL: "sr1",
    }
    assert name(mode="l", leg=Leg.HEDGE, attempt=12).startswith("tl-")
    assert name(leg=Leg.HEDGE, attempt=12).endswith("-ho12")


def test_golden_uuid_is_a_valid_version_8() -> None:
    text = order_uuid("tp-2eq26cmeqi2apwve5bh6-so1")
    assert text == "0b2e6748-f20c-8c3a-9b58-5609c1088fec"
    assert uuid.UUID(text).version == 8
    assert uuid.UUID(text).variant == uuid.RFC_4122


@given(
    st.tuples(texts, texts, texts),
    st.sampled_from(Leg),
    st.sampled_from(Purpose),
    st.integers(1, 9_999),
)
def test_any_name_fits_both_exchanges_and_is_pure(
    origin: tuple[str, str, str], leg: Leg, purpose: Purpose, attempt: int
) -> None:
    def make() -> str:
        strategy, signal_id, symbol = origin
        key = trade_key(strategy=strategy, signal_id=signal_id, symbol=symbol)
        return client_order_id(mode="t", key=key, leg=leg, purpose=purpose, attempt=attempt)

    made = make()
    assert made == make()
    assert len(made) <= MAX_LENGTH
    assert set(made) <= CHARACTERS
    assert uuid.UUID(order_uuid(made)).version == 8


def test_no_two_intents_share_a_name_or_a_uuid() -> None:
    keys = [
        trade_key(strategy=strategy, signal_id=signal_id, symbol=symbol)
        for strategy, signal_id, symbol in itertools.product(("a", "ab"), ("b", "1"), ("BTC", "b"))
    ]
    names = [
        client_order_id(mode=mode, key=key, leg=leg, purpose=purpose, attempt=attempt)
        for mode, key, leg, purpose, attempt in itertools.product(
            "ptl", keys, Leg, Purpose, range(1, 130)
        )
    ]
    assert len(set(names)) == len(names)
    assert len({order_uuid(made) for made in names}) == len(names)


def test_the_parts_of_a_key_do_not_run_together() -> None:
    one = trade_key(strategy="ab", signal_id="c", symbol="BTC")
    assert one != trade_key(strategy="a", signal_id="bc", symbol="BTC")


def test_a_name_over_the_limit_is_refused() -> None:
    assert len(name(attempt=10**9)) == MAX_LENGTH
    with pytest.raises(ValueError, match="36"):
        name(attempt=10**10)


@pytest.mark.parametrize("leg", Leg)
@pytest.mark.parametrize("purpose", Purpose)
def test_a_name_tells_what_it_was_made_of(leg: Leg, purpose: Purpose) -> None:
    told = read_client_order_id(name(leg=leg, purpose=purpose, attempt=12))
    assert told is not None
    assert (told.mode, told.leg, told.purpose, told.attempt) == ("p", leg, purpose, 12)
    assert told.key == trade_key(strategy="kimchi", signal_id="s1", symbol="BTC")


@pytest.mark.parametrize("text", ["", "web_1", "tp-short-so1", name() + "x", name()[:-1] + "0"])
def test_other_texts_are_no_names(text: str) -> None:
    assert read_client_order_id(text) is None
