"""The engine's key is dead: when the watchdog takes the account, and when it must not."""

from collections import deque
from dataclasses import replace

import pytest

from tests.fakes.exchange import FakeExchange
from tests.fakes.pair import START, VIEW, D
from trading_platform_order.domain.hindrances.dead_key import dead_keys, latch_of
from trading_platform_order.domain.hindrances.hindrance import Hindrance
from trading_platform_order.domain.order import Leg, OrderSide
from trading_platform_order.domain.outcome import Refused, Unknown
from trading_platform_order.domain.trade.trade_events import Holding
from trading_platform_order.domain.venue import Venue
from trading_platform_order.exchanges.pair import PairExchanges, venue_of
from trading_platform_order.watchdog.engine.key_takeover import (
    KeyTakeover,
    KeyTakeoverDue,
    KeyTrouble,
    closing_order,
    uneven,
)
from trading_platform_order.watchdog.journal_snapshot import JournalSnapshot

WAITS = {"BTC": "EXIT e1 waits"}
DEAD = KeyTrouble(dead=(Venue.UPBIT,), waits=WAITS)
DEAD_TOO = Refused(code="no_authorization_ip", message="", hindrance=Hindrance.KEY)
NO_COINS = Refused(code="not_enough_coins", message="")


class Rig:
    def __init__(self) -> None:
        self.now_s = 0.0
        self.exchanges = {venue: FakeExchange(venue, []) for venue in Venue}
        self.pair = PairExchanges(
            spot=self.exchanges[Venue.UPBIT], hedge=self.exchanges[Venue.BINANCE]
        )
        self.takeover = KeyTakeover(
            exchanges=self.pair, views=lambda *_: VIEW, monotonic=lambda: self.now_s
        )

    async def at(self, now_s: float, trouble: KeyTrouble = DEAD) -> KeyTakeoverDue | None:
        self.now_s = now_s
        return await self.takeover.look(trouble, START)

    @property
    def tests(self) -> int:
        return sum(len(exchange.tested) for exchange in self.exchanges.values())


async def test_after_ten_seconds_with_keys_that_pass_on_both() -> None:
    rig = Rig()
    assert await rig.at(0) is None
    assert await rig.at(9.9) is None
    assert rig.tests == 0
    due = await rig.at(10)
    assert due is not None
    assert due.bases == {"BTC"}
    assert "upbit" in due.reason
    assert "EXIT e1 waits" in due.reason
    assert rig.tests == 2


@pytest.mark.parametrize(
    "trouble",
    [
        KeyTrouble(dead=(), waits=WAITS),
        KeyTrouble(dead=(Venue.BINANCE,), waits={}),
    ],
)
async def test_a_living_key_or_nothing_to_do_is_left_alone(trouble: KeyTrouble) -> None:
    rig = Rig()
    for now_s in range(0, 60, 5):
        assert await rig.at(float(now_s), trouble) is None
    assert rig.tests == 0


async def test_the_ten_seconds_are_of_one_trouble() -> None:
    rig = Rig()
    await rig.at(0)
    await rig.at(8, KeyTrouble(dead=(), waits=WAITS))
    assert await rig.at(12) is None
    assert await rig.at(21.9) is None
    assert await rig.at(22) is not None


@pytest.mark.parametrize("leg", list(Leg))
@pytest.mark.parametrize("answer", [DEAD_TOO, Unknown(reason="time-out")])
async def test_own_keys_that_cannot_order_take_nothing(leg: Leg, answer: Refused | Unknown) -> None:
    rig = Rig()
    rig.exchanges[venue_of(leg)].tests = deque([answer])
    await rig.at(0)
    assert await rig.at(10) is None
    tests = rig.tests
    assert await rig.at(15) is None
    assert rig.tests == tests, "not asked all the time"
    assert await rig.at(20) is not None, "it passes now"


async def test_a_refusal_of_the_one_order_proves_the_key() -> None:
    rig = Rig()
    rig.exchanges[Venue.UPBIT].tests = deque([NO_COINS])
    await rig.at(0)
    assert await rig.at(10) is not None


def test_the_test_orders_are_of_the_kind_that_closes() -> None:
    spot, hedge = closing_order(Leg.SPOT, VIEW, START), closing_order(Leg.HEDGE, VIEW, START)
    assert (spot.side, hedge.side, hedge.reduce_only) == (OrderSide.SELL, OrderSide.BUY, True)
    assert spot.quantity * VIEW.spot_book.mid >= VIEW.spot.min_notional
    assert hedge.quantity % VIEW.hedge.quantity_step == 0
    assert hedge.quantity * VIEW.hedge_book.mid >= VIEW.hedge.min_notional


def books(spot: str, short: str) -> JournalSnapshot:
    held = {("kimchi", "BTC"): Holding(spot=D(spot), short=D(short))}
    return JournalSnapshot(head_seq=1, holdings=held, trades=())


@pytest.mark.parametrize(
    ("spot", "short", "found"),
    [
        ("0.010", "0.010", False),
        ("0.010", "0.00997", False),
        ("0.010", "0.00996", True),
        ("0", "0.001", True),
    ],
)
def test_legs_that_differ_by_more_than_dust(spot: str, short: str, *, found: bool) -> None:
    lines = uneven(books(spot, short), lambda *_: VIEW, START, uneven_krw=D(5_000))
    assert (set(lines) == {"BTC"}) is found
    blind = uneven(books(spot, short), lambda *_: None, START, uneven_krw=D(5_000))
    assert (set(blind) == {"BTC"}) is (spot != short), "without prices any difference counts"


def test_a_dead_key_is_a_latch() -> None:
    kinds = ["stop", latch_of(Venue.BINANCE), "maintenance:upbit:x"]
    assert dead_keys(kinds) == (Venue.BINANCE,)
    assert replace(DEAD, dead=dead_keys([])).dead == ()
