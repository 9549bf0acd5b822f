"""What an operator may close by hand, and what has to be typed before a hedge is stripped."""

import pytest

from tests.fakes.pair import D, holding
from trading_platform_order.domain.order import Leg
from trading_platform_order.domain.trade.hand_close import (
    HandClose,
    Naked,
    naked_after,
    owners,
    unconfirmed,
)
from trading_platform_order.domain.trade.trade_events import Holding

PRICE_KRW = D(140_000_000)
PAIR = holding("0.01", "0.01")
BTC = HandClose(symbol="BTC")


@pytest.mark.parametrize(
    ("leg", "krw", "held", "naked"),
    [
        (Leg.SPOT, None, PAIR, (0, 1_400_000)),
        (Leg.HEDGE, None, PAIR, (0, 1_400_000)),
        (Leg.SPOT, D(400_000), PAIR, (0, 400_000)),
        (Leg.HEDGE, D(9_000_000), PAIR, (0, 1_400_000)),
        (Leg.SPOT, None, holding("0.01", "0"), (1_400_000, 0)),
        (Leg.SPOT, None, holding("0.03", "0.01"), (2_800_000, 1_400_000)),
    ],
)
def test_what_stands_naked_is_reckoned_at_the_price(
    leg: Leg, krw: object, held: Holding, naked: tuple[int, int]
) -> None:
    wish = HandClose(symbol="BTC", leg=leg, krw=krw)  # type: ignore[arg-type]
    found = naked_after(wish, leg, held, PRICE_KRW)
    assert (int(found.before_krw), int(found.after_krw)) == naked


@pytest.mark.parametrize(
    ("typed", "is_fine"),
    [(None, False), ("1400000", True), ("1330000", True), ("1329999", False), ("1470001", False)],
)
def test_the_number_must_fit_what_will_stand_naked(typed: str | None, *, is_fine: bool) -> None:
    naked = Naked(before_krw=D(0), after_krw=D(1_400_000))
    wish = HandClose(symbol="BTC", confirmed_krw=None if typed is None else D(typed))
    assert (unconfirmed(wish, naked) is None) == is_fine


def test_what_brings_the_legs_together_needs_no_number() -> None:
    assert unconfirmed(BTC, Naked(before_krw=D(1_400_000), after_krw=D(0))) is None


def test_whose_pairs_are_meant() -> None:
    holdings = {("a", "BTC"): PAIR, ("b", "ETH"): PAIR, ("c", "BTC"): holding("0", "0")}
    assert owners(BTC, holdings, ()) == ("a",)
    assert owners(BTC, holdings, ("d", "a")) == ("a", "d")
    assert owners(HandClose(symbol="BTC", strategy="z"), holdings, ()) == ("z",)
    assert owners(HandClose(symbol="XRP"), holdings, ()) == "nothing of XRP is held"
    for wish in (HandClose(symbol="BTC", krw=D(1)), HandClose(symbol="BTC", leg=Leg.SPOT)):
        assert owners(wish, holdings, ("d",)) == ("several strategies hold BTC: name one of a, d")
