"""The five parts, each computed on its own, sum to the change of equity computed another way."""

import itertools
from dataclasses import dataclass, field
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.pair import START, D
from tests.fakes.recomputed import equity_krw
from trading_platform_order.domain.account.ledger import Ledger
from trading_platform_order.domain.account.profit.pnl import PnlBook
from trading_platform_order.domain.order import Fill, Leg, OrderSide, leg_symbol
from trading_platform_order.domain.trade.trade_events import DecisionPrices
from trading_platform_order.exchanges.pair import venue_of

EXACT = Decimal("1e-9")
BASES = ("BTC", "ETH")
STRATEGIES = ("a", "b")

_ids = itertools.count()


def numbers(low: int, high: int, places: int) -> st.SearchStrategy[Decimal]:
    return st.decimals(min_value=low, max_value=high, places=places, allow_nan=False)


rates = numbers(1_300, 1_500, 2)
spot_prices = numbers(100_000_000, 150_000_000, 0)
hedge_prices = numbers(80_000, 110_000, 1)
quantities = numbers(0, 2, 3).filter(bool)
fees = numbers(0, 50, 4)


@dataclass
class AccountBooks:
    """Ledger and PnL as the account book keeps them, and the market they are valued at."""

    ledger: Ledger = field(default_factory=Ledger)
    pnl: PnlBook = field(default_factory=PnlBook)
    mids: dict[str, tuple[Decimal, Decimal]] = field(default_factory=dict)

    def start(self, krw: Decimal, usdt: Decimal, rate: Decimal) -> None:
        self.ledger.open(krw=krw, usdt=usdt, coins={})
        self.pnl.mark_fx(rate, D(0))
        self.mids = {base: (D(140_000_000), D(100_000)) for base in BASES}
        self.opened_krw = self.equity()

    def equity(self) -> Decimal:
        return equity_krw(self.ledger, mids=self.mids, krw_per_usdt=self.pnl.krw_per_usdt)

    def check(self) -> None:
        parts = self.pnl.parts(self.mids)
        assert abs(parts.total - (self.equity() - self.opened_krw)) < EXACT
        # Sums of 28 digits round in the last one, whichever order they are added in.
        assert abs(parts.trading + parts.fx_idle - parts.total) < EXACT


@st.composite
def trades(draw: st.DrawFn) -> tuple[str, str, DecisionPrices, list[Fill]]:
    """One trade: a strategy, a base, its decision, and fills on either leg, in either direction.

    Anything goes: partial closes, one leg alone, more sold or bought back than was held.
    """
    base = draw(st.sampled_from(BASES))
    decision = DecisionPrices(
        spot_mid_krw=draw(spot_prices),
        hedge_mid_usdt=draw(hedge_prices),
        krw_per_usdt=draw(rates),
        fx_source="test",
        at=START,
    )
    fills = []
    for _ in range(draw(st.integers(1, 4))):
        leg = draw(st.sampled_from(Leg))
        fills.append(
            Fill(
                exchange=venue_of(leg),
                symbol=leg_symbol(leg, base),
                client_order_id="x",
                trade_id=str(next(_ids)),
                side=draw(st.sampled_from(OrderSide)),
                quantity=draw(quantities),
                price=draw(spot_prices if leg is Leg.SPOT else hedge_prices),
                fee=draw(fees),
                fee_asset="KRW" if leg is Leg.SPOT else "USDT",
                at=START,
            )
        )
    return draw(st.sampled_from(STRATEGIES)), base, decision, fills


adjustments = st.tuples(st.sampled_from(STRATEGIES), st.sampled_from(BASES), numbers(0, 1, 2))
steps = st.lists(
    st.one_of(
        st.tuples(st.just("trade"), trades()),
        st.tuples(st.just("fx"), rates),
        st.tuples(st.just("funding"), numbers(-20, 20, 6)),
        st.tuples(
            st.just("mids"),
            st.tuples(st.sampled_from(BASES), st.tuples(spot_prices, hedge_prices)),
        ),
        st.tuples(st.just("adjust"), adjustments),
    ),
    max_size=15,
)


@settings(max_examples=300, deadline=None)
@given(numbers(0, 10**9, 4), numbers(0, 10**6, 6), rates, steps)
def test_the_parts_sum_to_the_change_of_equity(
    krw: Decimal, usdt: Decimal, rate: Decimal, happened: list[tuple[str, object]]
) -> None:
    books = AccountBooks()
    books.start(krw, usdt, rate)
    for kind, what in happened:
        play(books, kind, what)
        books.check()


def play(books: AccountBooks, kind: str, what: object) -> None:
    match kind, what:
        case "trade", (str(strategy), str(base), DecisionPrices() as decision, list(fills)):
            books.pnl.mark_fx(decision.krw_per_usdt, books.ledger.usdt)
            for fill in fills:
                leg = Leg.SPOT if fill.symbol.endswith("-KRW") else Leg.HEDGE
                books.ledger.book_fill(fill, leg=leg, strategy=strategy, base=base)
                books.pnl.book_fill(fill, leg=leg, strategy=strategy, base=base, decision=decision)
                books.check()
        case "fx", Decimal() as rate:
            books.pnl.mark_fx(rate, books.ledger.usdt)
        case "funding", Decimal() as amount:
            books.ledger.book_funding(amount)
            books.pnl.book_funding(amount)
        case "mids", (str(base), (Decimal() as spot, Decimal() as hedge)):
            books.mids[base] = (spot, hedge)
        case "adjust", (str(strategy), str(base), Decimal() as part):
            held = max(books.ledger.holding(strategy, base).short, D(0))
            held = min(held, max(books.ledger.shorts[base].quantity, D(0)))
            delta = -held * part
            books.ledger.adjust_short(strategy=strategy, base=base, delta=delta)
            books.pnl.adjust_short(strategy=strategy, base=base, delta=delta)
        case _:
            raise AssertionError(kind)


@settings(deadline=None)
@given(trades(), rates)
def test_closed_wholly_nothing_hangs_on_the_market(
    trade: tuple[str, str, DecisionPrices, list[Fill]], rate: Decimal
) -> None:
    strategy, base, decision, _ = trade
    books = AccountBooks()
    books.start(D(10**8), D(10**5), rate)
    play(books, "trade", trade)
    held = books.ledger.holding(strategy, base)
    closing = [
        Fill(
            exchange=venue_of(leg),
            symbol=leg_symbol(leg, base),
            client_order_id="y",
            trade_id=f"close {leg}",
            side=side if quantity > 0 else side.opposite,
            quantity=abs(quantity),
            price=decision.spot_mid_krw if leg is Leg.SPOT else decision.hedge_mid_usdt,
            fee=D(0),
            fee_asset="USDT",
            at=START,
        )
        for leg, side, quantity in (
            (Leg.SPOT, OrderSide.SELL, held.spot),
            (Leg.HEDGE, OrderSide.BUY, held.short),
        )
        if quantity
    ]
    play(books, "trade", (strategy, base, decision, closing))
    before = books.pnl.parts(books.mids)
    books.mids[base] = (D(1), D(1))
    assert abs(books.pnl.parts(books.mids).total - before.total) < EXACT
    assert abs(books.pnl.parts(None).total - before.total) < EXACT
