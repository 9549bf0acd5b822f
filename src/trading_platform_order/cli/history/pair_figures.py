"""Trades and open pairs with their money, read from the journal and the engine's live figures."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from trading_platform_order.cli.history.views import POSITIONS_MAX, Rows, is_open
from trading_platform_order.domain.account.profit.pair_money import (
    PairMoney,
    entry_premium_by,
    pair_money,
    premium_of,
)
from trading_platform_order.domain.account.profit.pnl import PnlParts
from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import Leg, leg_symbol
from trading_platform_order.domain.trade.pair_trade import PairTrade, TradeState
from trading_platform_order.domain.trade.trade_events import Holding
from trading_platform_order.observability.live_figures import LiveFigures
from trading_platform_order.observability.settled_money import read_trade
from trading_platform_order.observability.usd_krw import UsdKrw
from trading_platform_order.storage.base import Reader

PARTS = ("premium", "funding", "fees", "fx", "slippage")
TRADES_MAX = 1_000
FUNDING_MAX = 10_000
Row = dict[str, str | int | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class UsdFigures:
    """Premiums against USD/KRW; ``None`` is what cannot be known.

    Attributes:
        at: when the service told ``krw_per_usd``.
    """

    krw_per_usd: Decimal | None = None
    at: datetime | None = None
    entry_premium: Decimal | None = None
    premium_now: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPairFigures:
    """One row of ``positions``: what the view tells, and its money.

    Attributes:
        price_age_s: of the engine's figures; ``None`` if it never told any.
        usd: premiums against the bank rate, where one is known.
        margin_usdt: initial margin of the short at the leverage set; ``None`` without a price.
    """

    row: Row
    money: PairMoney
    now: datetime
    price_age_s: float | None
    leverage: int | None
    usd: UsdFigures

    @property
    def margin_usdt(self) -> Decimal | None:
        """Of the short alone."""
        notional_usdt = self.money.notional_usdt
        if notional_usdt is None or not self.leverage:
            return None
        return notional_usdt / self.leverage

    @property
    def age_s(self) -> float | None:
        """Since the pair's first trade was decided, seconds."""
        opened_at = self.money.opened_at
        return None if opened_at is None else (self.now - opened_at).total_seconds()

    def as_json(self) -> dict[str, Any]:
        """The view's columns, and the money beside them."""
        money = self.money
        return {
            **self.row,
            "opened_at": money.opened_at,
            "age_s": self.age_s,
            "entry_premium_usdt": money.entry_premium,
            "premium_usdt": money.premium_now,
            "entry_premium_usd_krw": self.usd.entry_premium,
            "premium_usd_krw": self.usd.premium_now,
            "krw_per_usd": self.usd.krw_per_usd,
            "krw_per_usd_at": self.usd.at,
            "value_krw": money.value_krw,
            "margin_usdt": self.margin_usdt,
            "profit_krw": parts_json(money.profit),
            "price_age_s": self.price_age_s,
            "unknown": money.unknown or None,
        }


def parts_json(parts: PnlParts | None) -> dict[str, Decimal] | None:
    """Total and parts, KRW; without FX on the idle wallet, which is told beside them."""
    if parts is None:
        return None
    return {"total": parts.total, **{name: getattr(parts, name) for name in PARTS}}


async def read_open_pairs(
    reader: Reader,
    live: LiveFigures | None,
    usd: UsdKrw | None = None,
    *,
    flat_too: bool = False,
) -> list[OpenPairFigures]:
    """Every position with its money; ``usd``: the bank rate, if one is known."""
    now = datetime.now(UTC)
    rows = await reader.query("v_positions", limit=POSITIONS_MAX)
    found = []
    for row in rows:
        if is_open(row):
            trades = await _trades_since_flat(reader, str(row["strategy"]), str(row["symbol"]))
            money = await _money(reader, row, rows, live, now, trades=trades)
            by_usd = _usd_figures(usd, money, trades, live, str(row["symbol"]), now=now)
        elif flat_too:
            money, by_usd = PairMoney(), UsdFigures()
        else:
            continue
        age_s = None if live is None else live.age_s(now)
        leverage = None if live is None else live.leverage
        found.append(
            OpenPairFigures(
                row=row, money=money, now=now, price_age_s=age_s, leverage=leverage, usd=by_usd
            )
        )
    return found


async def _money(
    reader: Reader,
    row: Row,
    rows: Rows,
    live: LiveFigures | None,
    now: datetime,
    *,
    trades: list[PairTrade],
) -> PairMoney:
    base = str(row["symbol"])
    held = Holding(spot=Decimal(str(row["spot_base"])), short=Decimal(str(row["short_base"])))
    funding_usdt = ZERO
    if trades:
        all_short = sum((Decimal(str(r["short_base"])) for r in rows if r["symbol"] == base), ZERO)
        since = trades[0].decision.at
        paid_usdt = await _funding(reader, base, since)
        funding_usdt = paid_usdt * held.short / all_short if all_short else ZERO
    price = None if live is None else live.price_of(base, now)
    return pair_money(trades, held=held, funding_usdt=funding_usdt, price=price)


def _usd_figures(
    usd: UsdKrw | None,
    money: PairMoney,
    trades: list[PairTrade],
    live: LiveFigures | None,
    base: str,
    *,
    now: datetime,
) -> UsdFigures:
    if usd is None:
        return UsdFigures()
    rate = usd.rate_now(now)
    price = None if live is None else live.price_of(base, now)
    premium = None
    if rate is not None and price is not None:
        premium = premium_of(price.spot_krw, price.hedge_usdt, rate)
    return UsdFigures(
        krw_per_usd=rate,
        at=None if rate is None else usd.at,
        entry_premium=entry_premium_by(money.entry_premium, trades, usd.rate_at),
        premium_now=premium,
    )


async def _trades_since_flat(reader: Reader, strategy: str, base: str) -> list[PairTrade]:
    """Oldest first."""
    where = {"strategy": strategy, "symbol": base}
    found: list[PairTrade] = []
    for row in await reader.query("v_trades", limit=TRADES_MAX, where=where):
        is_settled = row["state"] == TradeState.SETTLED
        if is_settled and not is_open(row):
            break
        trade = await read_trade(reader, str(row["trade_id"]))
        if trade is not None:
            found.append(trade)
    return found[::-1]


async def _funding(reader: Reader, base: str, since: datetime) -> Decimal:
    where = {"symbol": leg_symbol(Leg.HEDGE, base)}
    rows = await reader.query("v_funding", limit=FUNDING_MAX, where=where)
    later = (row for row in rows if datetime.fromisoformat(str(row["at"])) >= since)
    return sum((Decimal(str(row["amount_usdt"])) for row in later), ZERO)
