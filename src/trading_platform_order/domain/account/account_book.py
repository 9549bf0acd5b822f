"""The account in memory: ledger, profit and loss, and the figures risk asks for.

Rebuilt by replaying the journal; afterwards every journalled event is booked here once. It never
asks an exchange: comparing with the exchanges is the reconciler's work.
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from types import MappingProxyType

from trading_platform_order.domain.account import account_events as ae
from trading_platform_order.domain.account.account_view import AccountView
from trading_platform_order.domain.account.evidence.orphan_orders import OrphanOrders
from trading_platform_order.domain.account.ledger import Ledger
from trading_platform_order.domain.account.profit.pnl import PnlBook, PnlParts
from trading_platform_order.domain.account.profit.profit_history import ProfitHistory
from trading_platform_order.domain.account.recent_activity import (
    MINUTE,
    OpenPositions,
    RecentTrades,
    SettledEntries,
)
from trading_platform_order.domain.account.valuation.price_ages import PriceAges
from trading_platform_order.domain.account.valuation.valuation import Prices, Valuation
from trading_platform_order.domain.market import STREAMED, PairView, Source
from trading_platform_order.domain.money import ONE, ZERO
from trading_platform_order.domain.order import Fill, Leg
from trading_platform_order.domain.pairs.market_premium import MarketPremium
from trading_platform_order.domain.protection.leg_loss import CoinsGone, HedgeClosed, LegLossBook
from trading_platform_order.domain.protection.protective_stop import (
    ProtectiveStopBook,
    StopCancelSent,
    StopMoved,
    StopPlanned,
    TrailingAsked,
)
from trading_platform_order.domain.refusal import Refusal
from trading_platform_order.domain.signal import Signal
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.domain.trade.pair_trade import PairTrade
from trading_platform_order.domain.trade.trade_events import Holding
from trading_platform_order.domain.value import value

KST = timezone(timedelta(hours=9))
_A_MIDNIGHT, _DAY = datetime(2000, 1, 1, tzinfo=KST), timedelta(days=1)


# Taker fees of both exchanges are below this; what is under way must leave room for them.
COMING_FEE_RATE = Decimal("0.001")
COMING_WITH_FEE = ONE + COMING_FEE_RATE


@value
class ReportedFigures:
    """Figures of the account that only the exchanges know.

    Attributes:
        at: when Binance told its figures; ``None`` before it ever did.
        margin_available_usdt: free for new positions; ``None`` if not told.
    """

    krw_available: Decimal = ZERO
    maintenance_usdt: Decimal = ZERO
    margin_available_usdt: Decimal | None = None
    at: datetime | None = None


class AccountBook:
    """Ledger and PnL with the day's and the hour's figures."""

    def __init__(self) -> None:
        self.ledger = Ledger()
        self.pnl = PnlBook()
        self.is_open = False
        self._opened_at = datetime.fromtimestamp(1, UTC)
        self.orphans = OrphanOrders()
        self.funding_ids: set[tuple[str, str]] = set()
        self.last_funding_at: datetime | None = None
        self.opened_equity_krw = ZERO
        self.opened_krw_per_usdt = ZERO
        self.transfers_krw = ZERO
        self._moved_at: dict[tuple[Leg, str], datetime] = {}
        self.leg_loss = LegLossBook()
        self.stops = ProtectiveStopBook()
        self.value = Valuation()
        self.price_ages = PriceAges()
        self._recent = RecentTrades()
        self.positions = OpenPositions()
        self.entries = SettledEntries()
        self.last_fill_at: datetime | None = None
        self._profits = ProfitHistory()
        self._turnover_krw: dict[object, Decimal] = defaultdict(lambda: ZERO)

    # -- events -----------------------------------------------------------------------------------

    def book_account(self, event: ae.AccountEvent) -> None:
        """One event of the account."""
        match event:
            case ae.AccountOpened():
                self.ledger.open(krw=event.krw, usdt=event.usdt, coins=event.coins)
                self.pnl.mark_fx(event.krw_per_usdt, ZERO)
                self.opened_krw_per_usdt = event.krw_per_usdt
                self.opened_equity_krw = event.krw + event.usdt * event.krw_per_usdt
                self.value.rate(event.krw_per_usdt, self.ledger, self.pnl)
                self._opened_at = event.at
                self.stops.opened_at = event.at.isoformat()
                self.is_open = True
            case ae.ForeignMovement():
                self._transfer(event)
            case ae.FundingBooked():
                self.funding_ids.add((event.symbol, event.transaction_id))
                self.last_funding_at = max(event.paid_at, self.last_funding_at or event.paid_at)
                self.ledger.book_funding(event.amount_usdt)
                self.pnl.book_funding(event.amount_usdt)
            case ae.FxMarked():
                self.pnl.mark_fx(event.krw_per_usdt, self.ledger.valued_usdt)
                self.value.rate(event.krw_per_usdt, self.ledger, self.pnl)
            case ae.OrphanOrderFound():
                self.orphans.note(event)
            case ae.EquityRecorded():
                self._profits.note(event.at, event.trading_pnl_krw)
            case _:
                self._book_guards(event)

    def _book_guards(self, event: ae.AccountEvent) -> None:
        """What another hand did, and the conditional orders."""
        match event:
            case HedgeClosed():
                self._hedge_closed(event)
            case CoinsGone():
                self._coins_gone(event)
            case StopPlanned() | StopCancelSent() | StopMoved() | TrailingAsked():
                self.stops.apply(event)
            case ae.SignalClaimed():
                self.leg_loss.begun(event.signal.id)
            case ae.SignalRefused():
                self.leg_loss.refused(event.signal_id, event.code, event.at)
            case _:
                pass

    def book_trade(self, before: PairTrade | None, after: PairTrade, event: te.TradeEvent) -> None:
        """One event of a trade, with the trade before and after it."""
        self._book_trade(before, after, event)
        self.value.coming.note(after)
        self.value.changed(after.base, self.ledger, self.pnl)

    def _book_trade(self, before: PairTrade | None, after: PairTrade, event: te.TradeEvent) -> None:
        match event:
            case te.TradeOpened():
                self.leg_loss.begun(after.signal.id)
                self.note_mids(after.base, after.decision)
                self._recent.note(event.signal, event.at)
                self.positions.opened(event)
                self.pnl.mark_fx(after.decision.krw_per_usdt, self.ledger.valued_usdt)
            case te.FillSeen() if before is not None and len(after.fills) > len(before.fills):
                self._fill(after, event.fill)
            case te.HedgePositionRead():
                delta = event.short_now - event.short_before
                strategy, base = after.signal.strategy, after.base
                for fill in event.fills:
                    delta += fill.quantity
                    self.leg_loss.note(fill)
                    self._taken(fill, strategy, base, after.decision)
                self.ledger.adjust_short(strategy=strategy, base=base, delta=delta)
                self.pnl.adjust_short(strategy=strategy, base=base, delta=delta)
                self.positions.adjust_short(strategy=strategy, base=base, delta=delta)
            case te.TradeSettled():
                self.entries.note(after, event.at)
            case _:
                pass

    def _taken(self, fill: Fill, strategy: str, base: str, decision: te.DecisionPrices) -> None:
        """A short was closed by another hand's order, at a known price."""
        self.ledger.book_fill(fill, leg=Leg.HEDGE, strategy=strategy, base=base)
        self.pnl.book_fill(fill, leg=Leg.HEDGE, strategy=strategy, base=base, decision=decision)
        self.positions.book_fill(fill, leg=Leg.HEDGE, strategy=strategy, base=base)
        self._turnover_krw[_day(fill.at)] += fill.price * fill.quantity * decision.krw_per_usdt

    def _hedge_closed(self, event: HedgeClosed) -> None:
        self.leg_loss.happened(event)
        for share in event.shares:
            strategy, base = share.strategy, event.base
            if share.fill is not None:
                self._taken(share.fill, strategy, base, event.decision)
                continue
            delta = -share.quantity
            self.ledger.adjust_short(strategy=strategy, base=base, delta=delta)
            self.pnl.adjust_short(strategy=strategy, base=base, delta=delta)
            self.positions.adjust_short(strategy=strategy, base=base, delta=delta)
        self.value.changed(event.base, self.ledger, self.pnl)

    def _coins_gone(self, event: CoinsGone) -> None:
        self.leg_loss.happened(event)
        for share in event.shares:
            strategy, base, lost = share.strategy, event.base, share.quantity
            self.ledger.lose_coins(strategy=strategy, base=base, quantity=lost)
            self.pnl.lose_coins(
                strategy=strategy, base=base, quantity=lost, price_krw=event.price_krw
            )
            self.positions.lose_coins(strategy=strategy, base=base, quantity=lost)
            self.transfers_krw -= lost * event.price_krw
        self.value.changed(event.base, self.ledger, self.pnl)

    def moved_until(self, leg: Leg, asset: str) -> datetime:
        """What other hands did to this asset is booked so far; later deeds are not.

        An exchange may tell times in whole seconds: those of the last second count as later.
        """
        return self._moved_at.get((leg, asset), self._opened_at) - timedelta(seconds=1)

    def _transfer(self, event: ae.ForeignMovement) -> None:
        self._moved_at[event.leg, event.asset] = event.at
        on_hedge = event.leg is Leg.HEDGE
        self.ledger.transfer(event.asset, event.amount, on_hedge_venue=on_hedge)
        if on_hedge and event.asset == "USDT":
            self.transfers_krw += event.amount * self.pnl.krw_per_usdt
        elif event.asset == "KRW":
            self.transfers_krw += event.amount

    def _fill(self, trade: PairTrade, fill: Fill) -> None:
        leg = trade.order(fill.client_order_id).leg
        strategy, base = trade.signal.strategy, trade.base
        self.ledger.book_fill(fill, leg=leg, strategy=strategy, base=base)
        self.pnl.book_fill(fill, leg=leg, strategy=strategy, base=base, decision=trade.decision)
        self.positions.book_fill(fill, leg=leg, strategy=strategy, base=base)
        self.last_fill_at = max(fill.at, self.last_fill_at or fill.at)
        rate = Decimal(1) if leg is Leg.SPOT else trade.decision.krw_per_usdt
        self._turnover_krw[_day(fill.at)] += fill.price * fill.quantity * rate

    def note_mids(
        self, base: str, prices: te.DecisionPrices | PairView, now_s: float | None = None
    ) -> None:
        """Remember prices for valuation: coins at the bid, the short at the mid.

        ``now_s``: of the clock that counts suspend, by which a view has its age. What the journal
        says of prices has none: the journal has calendar times, and a calendar may be wrong.
        """
        if isinstance(prices, PairView):
            mids = (prices.spot_book.bids[0].price, prices.hedge_book.mid)
            if now_s is not None:
                self.price_ages.note(prices, now_s)
            rate_krw = prices.fx.krw_per_usdt
        else:
            mids = (prices.spot_mid_krw, prices.hedge_mid_usdt)
            rate_krw = prices.krw_per_usdt
        self.value.rate(rate_krw, self.ledger, self.pnl)
        self.value.price(base, mids, self.ledger, self.pnl)

    # -- figures ----------------------------------------------------------------------------------

    @property
    def mids(self) -> Mapping[str, Prices]:
        """(KRW bid, USDT mid) last seen, by base asset: what open pairs are valued at."""
        return self.value.mids

    def holding(self, strategy: str, base: str) -> Holding:
        """What a strategy owns."""
        return self.ledger.holding(strategy, base)

    def held_bases(self) -> frozenset[str]:
        """Base assets of which anything is held, or may come from orders under way."""
        return self.value.held

    def capital_krw(self) -> Decimal | None:
        """Total capital at the newest prices *and* the newest rate seen, for the limits."""
        return self._equity_at(self.value.rate_krw)

    def equity_krw(self) -> Decimal | None:
        """Total capital at the rate last journalled, as :meth:`parts` sums up to it.

        ``None`` before the account was opened or a rate was seen.
        """
        return self._equity_at(self.pnl.krw_per_usdt)

    def _equity_at(self, rate: Decimal) -> Decimal | None:
        if not self.is_open or rate <= 0:
            return None
        return self.value.equity_krw(self.ledger, rate)

    def exposure_krw(self) -> Decimal:
        """What is held, each pair counted once at its larger leg; prices as last seen."""
        total, rate = ZERO, self.pnl.krw_per_usdt
        for (_, base), held in self.ledger.holdings.items():
            spot_mid, hedge_mid = self.mids.get(base, (ZERO, ZERO))
            total += max(abs(held.spot) * spot_mid, abs(held.short) * hedge_mid * rate)
        return total

    def parts(self) -> PnlParts:
        """PnL since the account was opened, open pairs at the latest mids."""
        return self.pnl.parts_at(self.value.total.marks)

    def snapshot(self, now: datetime) -> ae.EquityRecorded | None:
        """The figures to journal now, if they can be known."""
        equity = self.equity_krw()
        if equity is None:
            return None
        parts = self.parts()
        return ae.EquityRecorded(
            equity_krw=equity,
            trading_pnl_krw=parts.trading,
            premium_krw=parts.premium,
            funding_krw=parts.funding,
            fees_krw=parts.fees,
            fx_krw=parts.fx,
            fx_idle_krw=parts.fx_idle,
            slippage_krw=parts.slippage,
            krw_per_usdt=self.pnl.krw_per_usdt,
            at=now,
        )

    def view(
        self,
        signal: Signal,
        *,
        now: datetime,
        now_s: float,
        reported: ReportedFigures,
        stopped_reason: str | None,
        streams_up: bool,
        symbol_halted: bool,
        api_errors: int,
        rate_room: float,
        clock_off_s: float,
        repeat_window_s: float,
        entry_blocks: tuple[Refusal, ...] = (),
        runway_fraction_min: Decimal = ZERO,
        confirmed_pairs: frozenset[str] = frozenset(),
        premiums: MarketPremium | None = None,
    ) -> AccountView:
        """The account as the pre-trade checks see it, orders under way counted as if filled."""
        value, minute_ago = self.value.total, now - MINUTE
        day_krw, hour_krw = self.day_and_hour_pnl_krw(now)
        coming_krw = value.coming_krw * COMING_WITH_FEE
        coming_turnover_krw = value.turnover_krw + value.turnover_usdt * self.value.rate_krw
        # Older than our last fill, or than a minute, Binance's free margin is not the present one.
        is_current = (
            reported.at is not None
            and reported.at > minute_ago
            and (self.last_fill_at is None or reported.at > self.last_fill_at)
        )
        return AccountView(
            equity_krw=self.capital_krw(),
            krw_available=min(reported.krw_available, self.ledger.krw) - coming_krw,
            margin_balance_usdt=self.ledger.usdt + value.unrealised_usdt,
            margin_available_usdt=reported.margin_available_usdt if is_current else None,
            hedge_notional_usdt=value.notional_usdt,
            maintenance_usdt=reported.maintenance_usdt,
            pair_value_krw=value.pairs_krw,
            symbol_value_krw=self.value.of(signal.symbol).pairs_krw,
            symbol_dust_krw=self._dust_krw(signal.symbol),
            prices_age_s=self.prices_age_s(now_s),
            holding=self.holding(signal.strategy, signal.symbol),
            day_pnl_krw=day_krw,
            hour_pnl_krw=hour_krw,
            day_turnover_krw=self._turnover_krw[_day(now)] + coming_turnover_krw,
            minute_entries=self._recent.entries_since(minute_ago),
            same_recently=self._recent.same_since(signal, now - timedelta(seconds=repeat_window_s)),
            stopped_reason=stopped_reason,
            streams_up=streams_up,
            symbol_halted=symbol_halted,
            api_errors=api_errors,
            rate_room=rate_room,
            clock_off_s=clock_off_s,
            entry_blocks=entry_blocks,
            runway_fraction_min=runway_fraction_min,
            confirmed_pairs=confirmed_pairs,
            premiums=premiums,
        )

    def hedge_account_usdt(
        self, marks_usdt: Mapping[str, Decimal] = MappingProxyType({})
    ) -> tuple[Decimal, Decimal]:
        """Margin balance, and the notional of all shorts, at the newest prices seen.

        ``marks_usdt``: by base asset, instead of those prices.
        """
        balance, notional = self.ledger.usdt, ZERO
        for base, short in self.ledger.shorts.items():
            _, hedge_mid = self.mids.get(base, (ZERO, ZERO))
            price = marks_usdt.get(base, hedge_mid)
            if price and short.quantity:
                balance += short.unrealised_usdt(price)
                notional += max(short.quantity, ZERO) * price
        return balance, notional

    def prices_age_s(self, now_s: float, sources: frozenset[Source] = STREAMED) -> float | None:
        """Age of the oldest price of a held asset; ``None`` if no view of one was seen yet.

        ``now_s``: of the clock that counts suspend, seconds. ``sources``: prices of which count.
        """
        return self.price_ages.oldest_s(self.held_bases(), now_s, sources)

    def day_and_hour_pnl_krw(self, now: datetime) -> tuple[Decimal, Decimal]:
        """Trading profit since 00:00 KST and of the last hour, at the newest prices seen."""
        trading = self.parts().trading
        day = trading - self._profits.trading_at(_day_start(now))
        return day, trading - self._profits.trading_at(now - timedelta(hours=1))

    def _dust_krw(self, base: str) -> Decimal:
        if self.value.coming.has(base):
            return ZERO  # what a running trade left for now is exposure, and its own business
        bid_krw, _ = self.mids.get(base, (ZERO, ZERO))
        return self.positions.dust_krw(base, bid_krw)


def _day(at: datetime) -> object:
    return at.astimezone(KST).date()


def _day_start(now: datetime) -> datetime:
    """00:00 KST of the day of ``now``."""
    return now - (now - _A_MIDNIGHT) % _DAY
