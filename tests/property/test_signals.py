"""Signals survive writing and reading, and no bytes at all make the reader raise."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from trading_platform_order.domain.signal import Action, Signal
from trading_platform_order.signals.content import content_hash, wire_of
from trading_platform_order.signals.faults import SignalFault
from trading_platform_order.signals.fields import FIELDS, SIZES
from trading_platform_order.signals.quick_reader import read_quickly
from trading_platform_order.signals.schema import (
    decode,
    parse_signal,
    signal_from_values,
    signal_to_json,
)

amounts = st.decimals(
    min_value=Decimal("0.000000000000000001"),
    max_value=Decimal(10) ** 17,
    allow_nan=False,
    places=18,
)
fractions = st.decimals(min_value=Decimal("0.000001"), max_value=Decimal(1), places=6)
times = st.datetimes(
    min_value=datetime(2000, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001 - as above
    timezones=st.just(UTC),
)
texts = st.text(st.characters(codec="utf-8"), max_size=256)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
)
keys = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=64)


@st.composite
def signals(draw: st.DrawFn) -> Signal:
    created_at, later = sorted(draw(st.lists(times, min_size=2, max_size=2, unique=True)))
    size = draw(st.sampled_from([*SIZES, None]))
    return Signal(
        id=draw(st.from_regex(r"[!-~]{1,128}", fullmatch=True)),
        strategy=draw(st.from_regex(r"[a-z0-9_.\-]{1,64}", fullmatch=True)),
        action=draw(st.sampled_from(Action)),
        symbol=draw(st.from_regex(r"[A-Z0-9]{1,20}", fullmatch=True)),
        created_at=created_at,
        expires_at=draw(st.sampled_from([None, later])),
        notional_krw=draw(amounts) if size == "notional_krw" else None,
        quantity_base=draw(amounts) if size == "quantity_base" else None,
        capital_fraction=draw(fractions) if size == "capital_fraction" else None,
        spot_price_krw=draw(st.none() | amounts),
        hedge_price_usdt=draw(st.none() | amounts),
        max_slippage_bps=draw(st.none() | st.integers(0, 10_000).map(Decimal)),
        metadata=draw(st.dictionaries(keys, scalars, max_size=5)),
    )


@given(signal=signals())
def test_a_signal_survives_the_round_trip(signal: Signal) -> None:
    read = parse_signal(signal_to_json(signal))

    assert read == signal
    assert isinstance(read, Signal)
    assert content_hash(read) == content_hash(signal)


# The order of names and the escapes stand in every journal that was ever written.
@given(signal=signals(), bare=st.booleans(), name=texts)
def test_the_hash_is_that_of_the_json_of_old(signal: Signal, bare: bool, name: str) -> None:
    for wish in (
        replace(signal, metadata={} if bare else signal.metadata),
        replace(signal, metadata={}, strategy=name),
    ):
        text = json.dumps(wire_of(wish), sort_keys=True, separators=(",", ":"))
        assert content_hash(wish) == hashlib.sha256(text.encode()).hexdigest()


literals = st.sampled_from(
    [
        *('"1"', '"0.50"', '"-1"', '"1e5"', '"a"', '"ENTER"', '"HOLD"', '"BTC"', '""', '"a b"'),
        *("1", "0", "1.5", "null", "true", "{}", "123456789012345678901234567890"),
        *('"2026-01-31T09:00:00Z"', '"2026-01-31T09:00:00"', '"2026-01-31T18:00:01+09:00"'),
        *(r'"\u0042TC"', '"é"'),
    ]
)


@settings(max_examples=300, deadline=None)
@given(
    signal=signals(),
    more=st.lists(st.tuples(st.sampled_from([*FIELDS, "other"]), literals), max_size=3),
    random=st.randoms(use_true_random=False),
    cut=st.integers(0, 2),
    space=st.sampled_from(["", " ", "\n\t", "\ufeff"]),
)
def test_what_is_read_quickly_is_what_the_strict_parser_reads(
    signal: Signal,
    more: list[tuple[str, str]],
    random: Random,
    cut: int,
    space: str,
) -> None:
    pairs = [(n, json.dumps(v)) for n, v in wire_of(replace(signal, metadata={})).items()] + more
    random.shuffle(pairs)
    raw = space + "{" + ",".join(f'{space}"{n}":{v}' for n, v in pairs[cut:]) + "}" + space
    quick = read_quickly(raw)
    assert quick == read_quickly(raw.encode())
    if quick is not None:
        assert quick == signal_from_values(decode(raw))
    elif not more and not cut and space != "\ufeff" and "\\" not in raw:
        raise AssertionError(f"left to the strict parser: {raw}")


@given(raw=st.binary(max_size=300) | st.text(max_size=300))
def test_no_text_makes_the_reader_raise(raw: bytes | str) -> None:
    assert isinstance(parse_signal(raw), SignalFault)


json_values = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(texts, inner), max_leaves=5
)


@given(values=st.dictionaries(st.sampled_from(sorted(FIELDS)) | texts, json_values, max_size=14))
def test_no_json_makes_the_reader_raise(values: dict[str, object]) -> None:
    found = parse_signal(json.dumps(values))

    if isinstance(found, SignalFault):
        assert found.message.isprintable()
