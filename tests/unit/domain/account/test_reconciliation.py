"""Our count against the exchanges': what is foreign, and what only looks so."""

from decimal import Decimal

import pytest

from tests.fakes.pair import START
from trading_platform_order.domain.account.ledger import Ledger
from trading_platform_order.domain.account.reconciliation import Found, compare
from trading_platform_order.domain.order import Fill, Leg, OrderSide
from trading_platform_order.domain.venue import Venue

WALLET = Decimal(10_000)


def fill(side: OrderSide, price: str) -> Fill:
    return Fill(
        exchange=Venue.BINANCE,
        symbol="BTCUSDT",
        client_order_id="order",
        trade_id=price,
        side=side,
        quantity=Decimal(1),
        price=Decimal(price),
        fee=Decimal(0),
        fee_asset="USDT",
        at=START,
    )


@pytest.fixture
def ledger() -> Ledger:
    """Sold at 100, bought back at 130, sold at 120: the last two told in reverse."""
    ledger = Ledger(usdt=WALLET)
    for strategy, side, price in (
        ("first", OrderSide.SELL, "100"),
        ("first", OrderSide.BUY, "130"),
        ("other", OrderSide.SELL, "120"),
    ):
        ledger.book_fill(fill(side, price), leg=Leg.HEDGE, strategy=strategy, base="BTC")
    return ledger


def found(*, wallet: str, sold_for: str | None, short: str = "1") -> Found:
    return Found(
        coins={"KRW": Decimal(0)},
        wallet_usdt=Decimal(wallet),
        shorts={"BTC": Decimal(short)},
        sold_for_usdt=None if sold_for is None else Decimal(sold_for),
    )


def test_the_same_fills_in_another_order_are_no_foreign_money(ledger: Ledger) -> None:
    # Ours: 30 lost and 120 sold for. Binance: sold at 100 and 120, then 20 lost of the average.
    assert ledger.usdt == WALLET - 30
    assert compare(ledger, found(wallet="9980", sold_for="110"), prefix="tp-").is_clean


@pytest.mark.parametrize(
    ("theirs", "foreign"),
    [
        (found(wallet="9980", sold_for=None), 10),
        (found(wallet="9981", sold_for="110"), 1),
        (found(wallet="9680", sold_for="110"), -300),
        (found(wallet="9980", sold_for="120"), 10),
        (found(wallet="9980", sold_for="110", short="2"), 10),
    ],
    ids=[
        "not asked",
        "a little more came in",
        "a transfer while it is averaged otherwise",
        "averaged as ours",
        "another position",
    ],
)
def test_only_the_rest_of_a_difference_of_the_wallet_is_foreign(
    ledger: Ledger, theirs: Found, foreign: int
) -> None:
    verdict = compare(ledger, theirs, prefix="tp-")
    assert verdict.moved == ((Leg.HEDGE, "USDT", Decimal(foreign)),)
