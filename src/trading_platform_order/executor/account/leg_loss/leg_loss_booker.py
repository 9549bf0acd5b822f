"""Journals a leg that is gone: what each strategy lost of it, at which price, and why."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal

import attrs

from trading_platform_order.domain.market import ANY_SOURCE
from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import Fill, Leg
from trading_platform_order.domain.protection import leg_loss
from trading_platform_order.domain.protection.leg_loss import (
    Cause,
    CoinsGone,
    HedgeClosed,
    LegLossEvent,
)
from trading_platform_order.domain.trade.trade_events import DecisionPrices
from trading_platform_order.domain.value import value
from trading_platform_order.executor.account.account_service import AccountService
from trading_platform_order.executor.ports import ExecutorPorts
from trading_platform_order.transport.clock import epoch_ms


@value
class LostQuantity:
    """What is not there, and by which executions it went.

    Attributes:
        quantity: base units that are to be booked now.
    """

    quantity: Decimal
    fills: tuple[Fill, ...] = ()


@attrs.define(kw_only=True, eq=False, repr=False)
class LegLossBooker:
    """Whoever calls it keeps others from booking the same.

    ``stops``: the causes that the ids of our own conditional orders stand for.
    """

    _account: AccountService
    _ports: ExecutorPorts
    _stops: Callable[[], Mapping[str, Cause]]

    async def book_hedge(self, base: str, missing: LostQuantity) -> None:
        """A part of the short; without executions its cause is unexplained, which latches."""
        held = self._held(base, Leg.HEDGE)
        hedge = self._ports.market.instruments(base).get(Leg.HEDGE)
        step = None if hedge is None else hedge.quantity_step
        lost = leg_loss.split(missing.quantity, held, step)
        now = self._ports.clock.now()
        cause = Cause.UNEXPLAINED
        if missing.fills:
            name = missing.fills[-1].client_order_id
            forced = self._ports.exchanges.hedge.forced_by(name)
            cause = leg_loss.cause_of(name, self._stops(), forced)
        event = HedgeClosed(
            event_id=self._event_id(now),
            base=base,
            cause=cause,
            shares=leg_loss.shares_of(lost, missing.fills),
            decision=self._prices(base, missing.fills, now),
            at=now,
        )
        await self._journal(event, cause)

    async def book_coins(self, base: str, missing: Decimal, price_krw: Decimal) -> None:
        """Coins of the ledger; their proceeds come as foreign KRW."""
        now = self._ports.clock.now()
        lost = leg_loss.split(missing, self._held(base, Leg.SPOT), None)
        event = CoinsGone(
            event_id=self._event_id(now),
            base=base,
            shares=leg_loss.shares_of(lost, ()),
            price_krw=price_krw,
            at=now,
        )
        await self._journal(event, Cause.COINS_GONE)

    def coins_price_krw(self, base: str) -> Decimal | None:
        """What a coin is counted as gone at; ``None`` while no price is known."""
        view = self._ports.market.view(base, self._ports.clock.now(), ANY_SOURCE)
        if view is not None:
            return view.spot_book.bids[0].price
        prices = self._account.book.mids.get(base)
        return None if prices is None else prices[0]

    def _held(self, base: str, leg: Leg) -> dict[str, Decimal]:
        holdings = self._account.book.ledger.holdings
        return {
            strategy: held.spot if leg is Leg.SPOT else held.short
            for (strategy, name), held in holdings.items()
            if name == base
        }

    def _event_id(self, now: datetime) -> str:
        return f"{epoch_ms(now)}-{self._account.book.leg_loss.count + 1}"

    def _prices(self, base: str, fills: tuple[Fill, ...], now: datetime) -> DecisionPrices:
        """The market now; where it is not known, the executions' own price."""
        view = self._ports.market.view(base, now, ANY_SOURCE)
        if view is not None:
            return DecisionPrices(
                spot_mid_krw=view.spot_book.mid,
                hedge_mid_usdt=view.hedge_book.mid,
                krw_per_usdt=view.fx.krw_per_usdt,
                fx_source=view.fx.source,
                at=now,
            )
        spot_mid, hedge_mid = self._account.book.mids.get(base, (ZERO, ZERO))
        return DecisionPrices(
            spot_mid_krw=spot_mid,
            hedge_mid_usdt=fills[-1].price if fills else hedge_mid,
            krw_per_usdt=self._account.book.pnl.krw_per_usdt,
            fx_source="the last rate that was seen",
            at=now,
        )

    async def _journal(self, event: LegLossEvent, cause: Cause) -> None:
        if cause.latches:
            # Before the event, so that a crash between the two cannot lose the stop.
            await self._account.latch(f"{event.base}: one leg is gone: {cause.value}")
        await self._account.journal(event, leg_loss.alert_of(event, cause))
        for strategy in dict.fromkeys(share.strategy for share in event.shares):
            await self._account.settled(strategy, event.base)
