"""Every figure that is kept current equals the one added up anew, after any sequence of events.

Trades of several strategies in two coins run beside each other and are told in any order, while
prices and the rate move, funding and transfers come, shorts are closed and coins vanish by other
hands.
"""

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes import recomputed
from tests.fakes.pair import START, D, pair_view, signal
from tests.fakes.pair_exchange import PairExchange
from tests.fakes.pair_run import PairRun
from tests.fakes.script import Script
from trading_platform_order.domain.account import account_events as ae
from trading_platform_order.domain.account.account_book import AccountBook, ReportedFigures
from trading_platform_order.domain.market import PairView
from trading_platform_order.domain.order import Fill, OrderSide, hedge_symbol, spot_symbol
from trading_platform_order.domain.protection.leg_loss import Cause, CoinsGone, HedgeClosed, Share
from trading_platform_order.domain.signal import Action
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.domain.trade.pair_trade import PairTrade, apply
from trading_platform_order.domain.venue import Venue

BASES = ("BTC", "ETH")
EXACT = Decimal("1e-9")
TOLD = ReportedFigures(krw_available=D(10) ** 18)
ZERO = D(0)


def view_of(base: str, random: Random, now: datetime = START) -> PairView:
    rate = D(random.randrange(13_000, 15_000)) / 10
    view = pair_view(
        spot_mid=D(random.randrange(100_000_000, 150_000_000, 1_000)),
        hedge_mid=D(random.randrange(800_000, 1_100_000)) / 10,
        now=now,
    )
    return replace(
        view,
        base=base,
        fx=replace(view.fx, krw_per_usdt=rate),
        spot=replace(view.spot, symbol=spot_symbol(base)),
        hedge=replace(view.hedge, symbol=hedge_symbol(base)),
    )


def trades_of(strategy: str, base: str, random: Random) -> Iterator[te.TradeEvent]:
    """What happens to the trades of one strategy in one coin, one after the other."""
    held = te.Holding()
    for number in range(random.randrange(1, 4)):
        enter = held.short < D("0.001")
        wish = signal(
            Action.ENTER if enter else Action.EXIT,
            name=f"{strategy}{base}{number}",
            strategy=strategy,
            symbol=base,
            quantity=f"0.{random.choice((20, 20, 75)):03}" if enter else None,
        )
        script = Script(wish, start=held, view=view_of(base, random))
        exchange = PairExchange(
            random,
            spot=held.spot,
            short=held.short,
            bad_outcomes=random.randrange(0, 6),
            series=f"{strategy}{base}{number}-",
        )
        run = PairRun(script.opened, exchange, random)
        run.to_the_end()
        yield from run.events
        held = run.trade.holding


class Account:
    """Books every event as the executor does, and remembers all of them for adding up anew."""

    def __init__(self, random: Random) -> None:
        self.book = AccountBook()
        self.trades: dict[str, PairTrade] = {}
        self.opened: list[te.TradeOpened] = []
        self.mids: dict[str, tuple[Decimal, Decimal]] = {}
        self.rate_krw = D(1_400)
        self.turnover_krw = ZERO
        self.recorded: list[tuple[datetime, Decimal]] = []
        self._random = random
        self._ids = itertools.count()
        self.now = START
        self.book.book_account(
            ae.AccountOpened(
                krw=D(10) ** 9, usdt=D(500_000), coins={}, krw_per_usdt=self.rate_krw, at=START
            )
        )

    def trade(self, event: te.TradeEvent, under_way: str | None) -> str:
        """One event of a trade; returns which trade it is."""
        trade_id = event.trade_id if isinstance(event, te.TradeOpened) else under_way
        assert trade_id is not None
        before = self.trades.get(trade_id)
        after = self.trades[trade_id] = apply(before, event)
        if isinstance(event, te.TradeOpened):
            self.opened.append(event)
            decision = event.decision
            self.mids[after.base] = (decision.spot_mid_krw, decision.hedge_mid_usdt)
            self.rate_krw = decision.krw_per_usdt
        filled = before is not None and len(after.fills) > len(before.fills)
        if isinstance(event, te.FillSeen) and filled:
            on_upbit = event.fill.exchange == Venue.UPBIT
            rate = D(1) if on_upbit else after.decision.krw_per_usdt
            self.turnover_krw += event.fill.price * event.fill.quantity * rate
        self.book.book_trade(before, after, event)
        return trade_id

    def something_else(self) -> None:
        """A price, the rate, or what others do."""
        by_us = (self._tick, self._tick, self._fx, self._funding, self._movement, self._record)
        foreign = (self._short_closed, self._short_closed, self._coins_gone)
        self._random.choice((*by_us, *foreign))()
        self.now += timedelta(milliseconds=self._random.choice((0, 20, 5_000, 40_000)))

    def _tick(self) -> None:
        view = view_of(self._random.choice(BASES), self._random, self.now)
        self.book.note_mids(view.base, view, 0.0)
        self.mids[view.base] = (view.spot_book.bids[0].price, view.hedge_book.mid)
        self.rate_krw = view.fx.krw_per_usdt

    def _fx(self) -> None:
        self.rate_krw = D(self._random.randrange(13_000, 15_000)) / 10
        self.book.book_account(ae.FxMarked(krw_per_usdt=self.rate_krw, source="test", at=self.now))

    def _funding(self) -> None:
        self.book.book_account(
            ae.FundingBooked(
                symbol="BTCUSDT",
                transaction_id=str(next(self._ids)),
                amount_usdt=D(self._random.randrange(-500, 500)) / 100,
                paid_at=self.now,
                at=self.now,
            )
        )

    def _movement(self) -> None:
        exchange, asset = self._random.choice(((Venue.UPBIT, "KRW"), (Venue.BINANCE, "USDT")))
        amount = D(self._random.randrange(-1_000, 1_000))
        self.book.book_account(
            ae.ForeignMovement(
                exchange=exchange, asset=asset, amount=amount, reason="owner", at=self.now
            )
        )

    def _record(self) -> None:
        snapshot = self.book.snapshot(self.now)
        assert snapshot is not None
        self.recorded.append((self.now, snapshot.trading_pnl_krw))
        self.book.book_account(snapshot)

    def _lost(self, leg: str) -> tuple[str, str, Decimal] | None:
        """A strategy, its coin, and a part of what it holds of it."""
        held = [(key, getattr(h, leg)) for key, h in sorted(self.book.ledger.holdings.items())]
        held = [(key, amount) for key, amount in held if amount > 0]
        if not held:
            return None
        (strategy, base), amount = self._random.choice(held)
        return strategy, base, self._random.choice((amount, amount / 2))

    def _short_closed(self) -> None:
        found = self._lost("short")
        if found is None:
            return
        strategy, base, lost = found
        fill = None
        decision = Script(signal(quantity="0.010")).opened.decision
        if self._random.random() < 0.5:
            fill = Fill(
                exchange=Venue.BINANCE,
                symbol=hedge_symbol(base),
                client_order_id="autoclose",
                trade_id=f"x{next(self._ids)}",
                side=OrderSide.BUY,
                quantity=lost,
                price=D(101_000),
                fee=D(1),
                fee_asset="USDT",
                at=START,
            )
            self.turnover_krw += fill.price * fill.quantity * decision.krw_per_usdt
        share = Share(strategy=strategy, quantity=lost, fill=fill)
        self.book.book_account(
            HedgeClosed(
                event_id=str(next(self._ids)),
                base=base,
                cause=Cause.LIQUIDATION,
                shares=(share,),
                decision=decision,
                at=self.now,
            )
        )

    def _coins_gone(self) -> None:
        found = self._lost("spot")
        if found is None:
            return
        strategy, base, lost = found
        self.book.book_account(
            CoinsGone(
                event_id=str(next(self._ids)),
                base=base,
                shares=(Share(strategy=strategy, quantity=lost),),
                price_krw=D(139_000_000),
                at=self.now,
            )
        )

    def check(self) -> None:
        """Every kept figure, for a wish in each coin."""
        for base in BASES:
            wish = signal(strategy="a", symbol=base, quantity="0.020")
            view = self.book.view(
                wish,
                now=self.now,
                now_s=0.0,
                reported=TOLD,
                stopped_reason=None,
                streams_up=True,
                symbol_halted=False,
                api_errors=0,
                rate_room=1.0,
                clock_off_s=0.0,
                repeat_window_s=60.0,
            )
            anew = recomputed.figures(
                self.book,
                self.trades,
                self.opened,
                wish=wish,
                now=self.now,
                mids=self.mids,
                rate_krw=self.rate_krw,
            )
            coming_krw = anew.pop("coming_turnover_krw")
            trading_krw = anew.pop("trading_krw")
            assert isinstance(coming_krw, Decimal)
            assert isinstance(trading_krw, Decimal)
            anew["day_turnover_krw"] = self.turnover_krw + coming_krw
            anew["day_pnl_krw"] = trading_krw
            recent = [krw for at, krw in self.recorded if at <= self.now - timedelta(hours=1)]
            anew["hour_pnl_krw"] = trading_krw - (recent[-1] if recent else ZERO)
            assert self.book.held_bases() == anew.pop("held")
            for name, value in anew.items():
                kept = getattr(view, name)
                if isinstance(value, Decimal):
                    assert abs(kept - value) < EXACT, (name, kept, value)
                else:
                    assert kept == value, name


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32))
def test_every_kept_figure_equals_the_one_added_up_anew(seed: int) -> None:
    random = Random(seed)  # noqa: S311 - a reproducible run, not a secret
    account = Account(random)
    told = {key: trades_of(*key, random) for key in itertools.product("ab", BASES)}
    under_way: dict[tuple[str, str], str] = {}
    while told:
        key = random.choice(sorted(told))
        event = next(told[key], None)
        if event is None:
            del told[key]
            continue
        under_way[key] = account.trade(event, under_way.get(key))
        account.check()
        if random.random() < 0.3:
            account.something_else()
            account.check()


def test_an_hour_of_records_is_found_by_time_and_the_newest_counts() -> None:
    account = Account(Random(1))  # noqa: S311 - as above
    for minutes in range(0, 240, 7):
        account.now = START + timedelta(minutes=minutes)
        account._tick()
        account._record()
        account.check()
