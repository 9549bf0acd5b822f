"""The account in memory: ledger, profit and loss, and the figures risk asks for.

Rebuilt by replaying the journal; afterwards every journalled event is booked here once. It never
asks an exchange: comparing with the exchanges is the reconciler's work.
"""

from collections import defaultdict, deque
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from decimal import Decimal

from trading_platform_order.domain import account_events as ae
from trading_platform_order.domain import trade_events as te
from trading_platform_order.domain.account import AccountView
from trading_platform_order.domain.ledger import Ledger
from trading_platform_order.domain.market import PairView
from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import Fill, Leg, OrderSide, Venue
from trading_platform_order.domain.pair_trade import PairTrade
from trading_platform_order.domain.pnl import PnlBook, PnlParts, equity_krw
from trading_platform_order.domain.trade_events import Holding
from trading_platform_order.executor.strays import Strays

KST = timezone(timedelta(hours=9))
Mids = Mapping[str, tuple[Decimal, Decimal]]


class AccountBook:
    """Ledger and PnL with the day's and the hour's figures."""

    def __init__(self) -> None:
        self.ledger = Ledger()
        self.pnl = PnlBook()
        self.is_open = False
        self.strays = Strays()
        self.funding_ids: set[str] = set()
        self.last_funding_at: datetime | None = None
        self.opened_equity_krw = ZERO
        self.opened_krw_per_usdt = ZERO
        self.transfers_krw = ZERO
        self._mids: dict[str, tuple[Decimal, Decimal]] = {}
        self._snapshots: deque[tuple[datetime, Decimal]] = deque()
        self._turnover_krw: dict[object, Decimal] = defaultdict(lambda: ZERO)
        self._running: dict[str, PairTrade] = {}

    # -- events -----------------------------------------------------------------------------------

    def book_account(self, event: ae.AccountEvent) -> None:
        """One event of the account."""
        match event:
            case ae.AccountOpened():
                self.ledger.open(krw=event.krw, usdt=event.usdt, coins=event.coins)
                self.pnl.mark_fx(event.krw_per_usdt, ZERO)
                self.opened_krw_per_usdt = event.krw_per_usdt
                self.opened_equity_krw = event.krw + event.usdt * event.krw_per_usdt
                self.is_open = True
            case ae.ForeignMovement():
                self._transfer(event)
            case ae.FundingBooked():
                self.funding_ids.add(event.transaction_id)
                self.last_funding_at = event.paid_at
                self.ledger.book_funding(event.amount_usdt)
                self.pnl.book_funding(event.amount_usdt)
            case ae.FxMarked():
                self.pnl.mark_fx(event.krw_per_usdt, self.ledger.usdt)
            case ae.StrayOrderFound():
                self.strays.note(event)
            case ae.EquityRecorded():
                self._remember(event.at, event.trading_pnl_krw)
            case _:
                pass

    def book_trade(self, before: PairTrade | None, after: PairTrade, event: te.TradeEvent) -> None:
        """One event of a trade, with the trade before and after it."""
        self._running.pop(after.trade_id, None)
        if after.unresolved or after.untold:
            self._running[after.trade_id] = after
        match event:
            case te.TradeOpened():
                self.note_mids(after.base, after.decision)
                self.pnl.mark_fx(after.decision.krw_per_usdt, self.ledger.usdt)
            case te.FillSeen() if before is not None and len(after.fills) > len(before.fills):
                self._fill(after, event.fill)
            case te.HedgePositionRead():
                delta = event.short_now - event.short_before
                strategy, base = after.signal.strategy, after.base
                self.ledger.adjust_short(strategy=strategy, base=base, delta=delta)
                self.pnl.adjust_short(strategy=strategy, base=base, delta=delta)
            case _:
                pass

    def _transfer(self, event: ae.ForeignMovement) -> None:
        on_hedge = event.exchange is Venue.BINANCE
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
        rate = Decimal(1) if leg is Leg.SPOT else trade.decision.krw_per_usdt
        self._turnover_krw[_day(fill.at)] += fill.price * fill.quantity * rate

    def note_mids(self, base: str, prices: te.DecisionPrices | PairView) -> None:
        """Remember prices for valuation: coins at the bid, the short at the mid."""
        if isinstance(prices, PairView):
            self._mids[base] = (prices.spot_book.bids[0].price, prices.hedge_book.mid)
        else:
            self._mids[base] = (prices.spot_mid_krw, prices.hedge_mid_usdt)

    # -- figures ----------------------------------------------------------------------------------

    @property
    def mids(self) -> Mids:
        """(KRW bid, USDT mid) last seen, by base asset: what open pairs are valued at."""
        return self._mids

    def holding(self, strategy: str, base: str) -> Holding:
        """What a strategy owns."""
        return self.ledger.holding(strategy, base)

    def equity_krw(self) -> Decimal | None:
        """Total capital now; ``None`` before the account was opened or a rate was seen."""
        rate = self.pnl.krw_per_usdt
        if not self.is_open or rate <= 0:
            return None
        return equity_krw(self.ledger, mids=self._mids, krw_per_usdt=rate)

    def parts(self) -> PnlParts:
        """PnL since the account was opened, open pairs at the latest mids."""
        return self.pnl.parts(self._mids)

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
        *,
        strategy: str,
        base: str,
        now: datetime,
        krw_available: Decimal,
        maintenance_usdt: Decimal,
        stopped_reason: str | None,
        streams_up: bool,
        symbol_halted: bool,
    ) -> AccountView:
        """The account as the pre-trade checks see it, orders under way counted as if filled."""
        rate = self.pnl.krw_per_usdt
        unrealised = notional = pairs = symbol = coming_turnover = ZERO
        coming = self._coming()
        coming_krw = ZERO
        bases = (
            {b for _, b in self.ledger.holdings}
            | {b for b, _ in coming}
            | {b for b, position in self.ledger.shorts.items() if position.quantity}
        )
        for name in bases:
            spot_mid, hedge_mid = self._mids.get(name, (ZERO, ZERO))
            short = self.ledger.shorts[name]
            buying, selling = coming[name, Leg.SPOT], coming[name, Leg.HEDGE]
            unrealised += short.unrealised_usdt(hedge_mid) if hedge_mid else ZERO
            notional += (abs(short.quantity) + selling) * hedge_mid
            coming_krw += buying * spot_mid
            coming_turnover += selling * hedge_mid * rate
            value = max(
                (abs(self.ledger.owned_coins(name)) + buying) * spot_mid,
                (abs(short.quantity) + selling) * hedge_mid * rate,
            )
            pairs += value
            symbol += value if name == base else ZERO
        trading = self.parts().trading
        return AccountView(
            equity_krw=self.equity_krw(),
            krw_available=min(krw_available, self.ledger.krw) - coming_krw,
            margin_balance_usdt=self.ledger.usdt + unrealised,
            hedge_notional_usdt=notional,
            maintenance_usdt=maintenance_usdt,
            pair_value_krw=pairs,
            symbol_value_krw=symbol,
            holding=self.holding(strategy, base),
            day_pnl_krw=trading - self._trading_at(_day_start(now)),
            hour_pnl_krw=trading - self._trading_at(now - timedelta(hours=1)),
            day_turnover_krw=self._turnover_krw[_day(now)] + coming_krw + coming_turnover,
            stopped_reason=stopped_reason,
            streams_up=streams_up,
            symbol_halted=symbol_halted,
        )

    def _coming(self) -> dict[tuple[str, Leg], Decimal]:
        """What orders under way may still add on a leg, by base asset: it counts as if it had."""
        coming: dict[tuple[str, Leg], Decimal] = defaultdict(lambda: ZERO)
        for trade in self._running.values():
            for order in trade.orders:
                adds = OrderSide.BUY if order.leg is Leg.SPOT else OrderSide.SELL
                most = order.executed_quantity if order.status.is_final else order.quantity
                if order.side is adds:
                    coming[trade.base, order.leg] += max(most - trade.filled(order), ZERO)
        return coming

    def _remember(self, at: datetime, trading_krw: Decimal) -> None:
        self._snapshots.append((at, trading_krw))
        oldest = at - timedelta(days=2)
        while len(self._snapshots) > 1 and self._snapshots[1][0] < oldest:
            self._snapshots.popleft()

    def _trading_at(self, moment: datetime) -> Decimal:
        """Trading profit at the last snapshot not after ``moment``; zero if there is none."""
        value = ZERO
        for at, trading in self._snapshots:
            if at > moment:
                break
            value = trading
        return value


def _day(at: datetime) -> object:
    return at.astimezone(KST).date()


def _day_start(now: datetime) -> datetime:
    """00:00 KST of the day of ``now``."""
    local = now.astimezone(KST)
    return local.replace(hour=0, minute=0, second=0, microsecond=0)
