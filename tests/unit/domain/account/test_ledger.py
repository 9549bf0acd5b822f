"""Our own count: fills, fees, funding, transfers, and the odd cases of the short."""

from decimal import Decimal

import pytest

from tests.fakes.pair import START, D, holding
from trading_platform_order.domain.account.average_entry import AveragedShort
from trading_platform_order.domain.account.ledger import Ledger
from trading_platform_order.domain.order import Fill, Leg, OrderSide, leg_symbol
from trading_platform_order.exchanges.pair import venue_of


def fill(
    leg: Leg, side: OrderSide, quantity: str, price: str, *, fee: str = "0", fee_asset: str = ""
) -> Fill:
    return Fill(
        exchange=venue_of(leg),
        symbol=leg_symbol(leg, "BTC"),
        client_order_id="x",
        trade_id="1",
        side=side,
        quantity=D(quantity),
        price=D(price),
        fee=D(fee),
        fee_asset=fee_asset or ("KRW" if leg is Leg.SPOT else "USDT"),
        at=START,
    )


def opened() -> Ledger:
    ledger = Ledger()
    ledger.open(krw=D(10_000_000), usdt=D(5_000), coins={"BTC": D("0.5")})
    return ledger


def book(ledger: Ledger, told: Fill, strategy: str = "a") -> Decimal:
    leg = Leg.SPOT if told.symbol == "BTC-KRW" else Leg.HEDGE
    return ledger.book_fill(told, leg=leg, strategy=strategy, base="BTC")


def test_coins_found_at_the_start_are_the_owners() -> None:
    ledger = opened()
    assert ledger.owned_coins("BTC") == 0
    book(ledger, fill(Leg.SPOT, OrderSide.BUY, "0.01", "140000000", fee="700"))
    assert ledger.krw == D(10_000_000) - 1_400_000 - 700
    assert ledger.coins["BTC"] == D("0.51")
    assert ledger.owned_coins("BTC") == D("0.01")


def test_a_short_is_averaged_over_its_strategies_and_realised_from_the_average() -> None:
    ledger = opened()
    book(ledger, fill(Leg.HEDGE, OrderSide.SELL, "0.01", "100000", fee="0.5"), "a")
    book(ledger, fill(Leg.HEDGE, OrderSide.SELL, "0.03", "104000"), "b")
    assert ledger.shorts["BTC"].entry_value_usdt == D(4_120)
    realised = book(ledger, fill(Leg.HEDGE, OrderSide.BUY, "0.01", "103000"), "a")
    assert realised == D("0")
    assert ledger.usdt == D("4999.5")
    assert ledger.holding("a", "BTC") == holding("0", "0.00")
    assert ledger.holding("b", "BTC") == holding("0", "0.03")
    assert ledger.shorts["BTC"].unrealised_usdt(D(100_000)) == D(90)


def test_more_bought_back_than_short_is_a_long_until_it_is_restored() -> None:
    """A buy that had been proven absent fills after its successor: it must never stop the engine.

    Dividing by the empty position did, and again at every start that replayed the journal.
    """
    ledger = opened()
    book(ledger, fill(Leg.HEDGE, OrderSide.SELL, "0.01", "100000"))
    book(ledger, fill(Leg.HEDGE, OrderSide.BUY, "0.01", "99000"))
    assert book(ledger, fill(Leg.HEDGE, OrderSide.BUY, "0.01", "98000")) == 0
    position = ledger.shorts["BTC"]
    assert (position.quantity, position.entry_value_usdt) == (D("-0.01"), D(-980))
    assert position.unrealised_usdt(D(98_500)) == D(5)
    assert book(ledger, fill(Leg.HEDGE, OrderSide.SELL, "0.01", "98600")) == D(6)
    assert (position.quantity, position.entry_value_usdt) == (D(0), D(0))
    assert ledger.usdt == D(5_000) + 10 + 6
    assert ledger.holding("a", "BTC") == holding("0", "0.00")


def test_a_trade_through_zero_realises_the_closed_part_only() -> None:
    position = AveragedShort(quantity=D(2), entry_value=D(200))
    assert position.trade(D(-5), D(90)) == D(20)
    assert (position.quantity, position.entry_value) == (D(-3), D(-270))
    assert position.trade(D(4), D(95)) == D(15)
    assert (position.quantity, position.entry_value) == (D(1), D(95))


@pytest.mark.parametrize(("fee_asset", "usdt"), [("USDT", "4999.5"), ("BNB", "5000")])
def test_a_fee_is_paid_in_its_own_asset(fee_asset: str, usdt: str) -> None:
    ledger = opened()
    book(ledger, fill(Leg.HEDGE, OrderSide.SELL, "0.01", "100000", fee="0.5", fee_asset=fee_asset))
    assert ledger.usdt == D(usdt)
    assert ledger.fee_assets.get("BNB", D(0)) == (D("-0.5") if fee_asset == "BNB" else 0)


def test_what_somebody_else_closed_leaves_at_its_entry() -> None:
    ledger = opened()
    book(ledger, fill(Leg.HEDGE, OrderSide.SELL, "0.04", "100000"))
    ledger.adjust_short(strategy="a", base="BTC", delta=D("-0.01"))
    position = ledger.shorts["BTC"]
    assert (position.quantity, position.entry_value_usdt) == (D("0.03"), D(3_000))
    assert ledger.holding("a", "BTC") == holding("0", "0.03")
    assert ledger.usdt == D(5_000)
    ledger.adjust_short(strategy="a", base="BTC", delta=D("-0.03"))
    assert (position.quantity, position.entry_value_usdt) == (D(0), D(0))


@pytest.mark.parametrize(
    ("asset", "on_hedge", "attribute"),
    [("KRW", False, "krw"), ("USDT", True, "usdt")],
)
def test_transfers_of_money(asset: str, on_hedge: bool, attribute: str) -> None:
    ledger = opened()
    before = getattr(ledger, attribute)
    ledger.transfer(asset, D(-100), on_hedge_venue=on_hedge)
    assert getattr(ledger, attribute) == before - 100


def test_transfers_of_other_assets_belong_to_the_owner() -> None:
    ledger = opened()
    ledger.transfer("BTC", D("0.1"), on_hedge_venue=False)
    ledger.transfer("BNB", D(1), on_hedge_venue=True)
    assert ledger.coins["BTC"] == D("0.6")
    assert ledger.fee_assets["BNB"] == 1
    assert ledger.owned_coins("BTC") == 0


def test_funding_goes_to_the_wallet() -> None:
    ledger = opened()
    ledger.book_funding(D("-1.25"))
    assert ledger.usdt == D("4998.75")
