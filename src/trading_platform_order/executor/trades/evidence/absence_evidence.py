"""Whether an exchange holds what it must if one order never happened: part of its proof of absence.

What must be there is our own count: the ledger, and what orders of the coin filled that no fill has
been told of yet. Not a trade's own holding: when a late fill opens a trade again, later trades of
its strategy may have closed what it once held. Strategies trade one coin side by side, so all
orders of the leg whose end is not known are held against the one number together
(``domain/account/evidence/joint_absence.py``).
"""

from collections.abc import Callable, Sequence
from copy import copy
from decimal import Decimal

import attrs

from trading_platform_order.domain.account.account_book import AccountBook
from trading_platform_order.domain.account.evidence import joint_absence as joint
from trading_platform_order.domain.account.evidence.absence import missing_short
from trading_platform_order.domain.account.ledger import Ledger
from trading_platform_order.domain.money import ZERO, plain
from trading_platform_order.domain.order import Fill, Leg, Order, OrderSide, base_asset
from trading_platform_order.domain.outcome import ReadFailed
from trading_platform_order.domain.trade.pair_trade import PairTrade
from trading_platform_order.domain.value import value
from trading_platform_order.exchanges.account_snapshot import balance_of
from trading_platform_order.exchanges.base import BaseExchange
from trading_platform_order.exchanges.pair import PairExchanges
from trading_platform_order.executor.account.external_activity import (
    changes_by,
    external_activity,
    newest_that_sum_to,
    transfers_of,
)
from trading_platform_order.executor.account.leg_loss.leg_loss import LegLoss
from trading_platform_order.executor.ports import Explained

ROUNDING_USDT = Decimal("0.000001")
"""What an exchange rounds away of a few realised profits (to 8 digits each); less than any fee."""


def expected_short(trades: Sequence[PairTrade], base: str, ledger: Ledger) -> Decimal:
    """The short of all strategies in a base asset, by these trades' executions and the ledger."""
    return ledger.shorts[base].quantity - _awaiting_fills(trades, base, Leg.HEDGE)


def expected_coins(trades: Sequence[PairTrade], base: str, ledger: Ledger) -> Decimal:
    """All coins of a base asset on Upbit, the owner's included."""
    return ledger.coins[base] + _awaiting_fills(trades, base, Leg.SPOT)


def coins_of(trades: Sequence[PairTrade], strategy: str, base: str, ledger: Ledger) -> Decimal:
    """The coins of one strategy, by these trades' executions and the ledger."""
    own = [trade for trade in trades if trade.signal.strategy == strategy]
    return ledger.holding(strategy, base).spot + _awaiting_fills(own, base, Leg.SPOT)


def _awaiting_fills(trades: Sequence[PairTrade], base: str, leg: Leg) -> Decimal:
    """Base units bought (sold, if negative) that no told fill accounts for."""
    return sum(
        (
            (order.executed_quantity - trade.filled(order))
            * (1 if order.side is OrderSide.BUY else -1)
            for trade in trades
            if trade.base == base
            for order in trade.orders
            if order.leg is leg
        ),
        ZERO,
    )


@value
class _Counted:
    """Our own count at one moment: what must be held, and which orders may have changed it."""

    must: Decimal
    unknown: tuple[joint.PossibleFill, ...]


@attrs.define(kw_only=True, eq=False, repr=False)
class AccountEvidence:
    """Holds unknown orders of one base asset against what the exchanges hold.

    ``trades``: all that run, of every strategy.
    """

    _book: AccountBook
    _leg_loss: LegLoss
    _exchanges: PairExchanges
    _trades: Callable[[], Sequence[PairTrade]]

    def expected_short(self, base: str) -> Decimal:
        """The short that must be there by our own count."""
        return expected_short(self._trades(), base, self._book.ledger)

    def coins_of(self, strategy: str, base: str) -> Decimal:
        """The coins that a strategy has by our own count."""
        return coins_of(self._trades(), strategy, base, self._book.ledger)

    async def explain(self, order: Order, base: str) -> Explained:
        """Whether what the exchange holds is explained, and by this order in no way."""
        before, exchange = self._counted(base, order.leg), self._exchanges.of(order.leg)
        answer = await exchange.position(order.symbol)
        if isinstance(answer, ReadFailed):
            return Explained(is_explained=False, text=answer.reason)
        if self._counted(base, order.leg) != before:
            # A fill that was told between the read and now would hide one that was not.
            return Explained(is_explained=False, text="something filled while the account was read")
        if order.leg is Leg.SPOT:
            return await self._coins(order, base, exchange, before, answer.quantity)
        return await self._position(order, base, exchange, before, answer.quantity)

    def _counted(self, base: str, leg: Leg) -> _Counted:
        trades, ledger = self._trades(), self._book.ledger
        expected = expected_coins if leg is Leg.SPOT else expected_short
        orders = (order for trade in trades if trade.base == base for order in trade.unresolved)
        return _Counted(
            must=expected(trades, base, ledger),
            unknown=tuple(joint.possible_fill(order) for order in orders if order.leg is leg),
        )

    # -- one leg each -----------------------------------------------------------------------------

    async def _position(
        self, order: Order, base: str, exchange: BaseExchange, counted: _Counted, held: Decimal
    ) -> Explained:
        """Binance's symbol is ours alone: the position must be exact, or moved by others."""
        text = f"position {plain(held)}, by the ledger {plain(-counted.must)}"
        gone = missing_short(counted=counted.must, position_quantity=held)
        fills: tuple[Fill, ...] = ()
        if gone:
            executions = await self._leg_loss.closings(base, is_recent=gone > 0)
            if isinstance(executions, ReadFailed):
                return Explained(is_explained=False, text=executions.reason)
            if gone > 0:
                fills = self._leg_loss.foreign(gone, executions)
                closed = sum((fill.quantity for fill in fills), ZERO)
                gone, text = gone - closed, f"{text}; {plain(closed)} closed by another hand"
            else:
                changes = changes_by(self._leg_loss.external_executions(executions))
                moved = newest_that_sum_to(gone, changes)
                if moved is not None:
                    gone, text = ZERO, f"{text}; by another hand: {moved}"
        return await self._judged(
            order, exchange, counted, moved=gone, text=text, foreign_fills=fills
        )

    async def _coins(
        self, order: Order, base: str, exchange: BaseExchange, counted: _Counted, held: Decimal
    ) -> Explained:
        """The owner may trade on Upbit too: only what orders of ours could have moved casts doubt.

        And that only while it is not exactly what others' orders and transfers moved that is not
        booked yet.
        """
        text = f"{plain(held)} {base} held, by the ledger {plain(counted.must)}"
        off, name = held - counted.must, order.client_order_id
        if not joint.may_have_filled(name, joint.sets_that_explain(counted.unknown, moved=off)):
            return Explained(is_explained=True, text=text)
        if off:
            since = self._book.moved_until(Leg.SPOT, base)
            external = await external_activity(exchange, order.symbol, since)
            moved = newest_that_sum_to(off, external.changes)
            if moved is None:
                words = "; ".join(filter(None, (text, external.unread)))
                return Explained(is_explained=False, text=words)
            text = f"{text}; by another hand: {moved}"
        return await self._judged(order, exchange, counted, moved=ZERO, text=text)

    async def _judged(
        self,
        order: Order,
        exchange: BaseExchange,
        counted: _Counted,
        *,
        moved: Decimal,
        text: str,
        foreign_fills: tuple[Fill, ...] = (),
    ) -> Explained:
        """All unknown orders together; where they may hide each other, the wallet is asked."""
        name = order.client_order_id
        explaining = joint.sets_that_explain(counted.unknown, moved=moved)
        hides = joint.NOTHING in explaining and joint.may_have_filled(name, explaining)
        if hides and await self._cash_stands(order, exchange, foreign_fills):
            explaining = joint.sets_that_explain(counted.unknown, moved=moved, cash_stands=True)
            text = f"{text}; the wallet has paid no fee since"
        if joint.is_absent(name, explaining):
            return Explained(is_explained=True, text=text)
        if len(counted.unknown) > 1:
            text = f"{text}; {joint.in_words(explaining)}"
        return Explained(is_explained=False, text=text)

    async def _cash_stands(
        self, order: Order, exchange: BaseExchange, foreign_fills: tuple[Fill, ...]
    ) -> bool:
        """The wallet is what our own count says; in doubt it is not.

        ``foreign_fills``: executions of another hand that no row has booked yet.
        """
        if order.leg is Leg.SPOT:
            return await self._krw_stands(exchange)
        ledger = self._book.ledger
        settings = await exchange.account_settings(())
        fee_assets = {asset for asset, amount in ledger.fee_assets.items() if amount}
        fee_assets |= {fill.fee_asset for fill in foreign_fills}
        if isinstance(settings, ReadFailed) or fee_assets - {"USDT"}:
            return False
        if settings is not None and settings.fees_in_bnb:
            return False
        before_usdt = ledger.usdt
        margin = await self._exchanges.hedge.margin()
        if isinstance(margin, ReadFailed) or before_usdt != ledger.usdt:
            return False
        moved_usdt = self._cash_of(base_asset(order.symbol), foreign_fills)
        off_usdt = margin.wallet_usdt - before_usdt - moved_usdt
        if not off_usdt or (foreign_fills and abs(off_usdt) < ROUNDING_USDT):
            return True
        since = self._book.moved_until(Leg.HEDGE, "USDT")
        moved = await transfers_of(exchange, "USDT", since)
        is_told = newest_that_sum_to(off_usdt, moved.changes) is not None
        return is_told and before_usdt == ledger.usdt

    def _cash_of(self, base: str, closings: tuple[Fill, ...]) -> Decimal:
        """What closings of our short did to the wallet, USDT; their fees are in USDT."""
        if not closings:
            return ZERO
        short = copy(self._book.ledger.shorts[base])
        realised = (short.trade(-fill.quantity, fill.price) for fill in closings)
        return sum(realised, ZERO) - sum((fill.fee for fill in closings), ZERO)

    async def _krw_stands(self, exchange: BaseExchange) -> bool:
        """Whether the KRW are what the ledger says; false also if that cannot be read."""
        before_krw = self._book.ledger.krw
        balances = await exchange.balances()
        held = None if isinstance(balances, ReadFailed) else balance_of(balances, "KRW")
        return held is not None and held.total == before_krw == self._book.ledger.krw
