"""What can happen to the account besides trades, as values for the journal."""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from decimal import Decimal

from trading_platform_order.domain.order import Leg
from trading_platform_order.domain.protection.leg_loss import CoinsGone, HedgeClosed
from trading_platform_order.domain.protection.protective_stop import (
    StopCancelSent,
    StopMoved,
    StopPlanned,
    TrailingAsked,
)
from trading_platform_order.domain.signal import Signal
from trading_platform_order.domain.value import value
from trading_platform_order.domain.venue import Venue, hedged_before


@value
class AccountOpened:
    """The balances found when the system first used the account.

    Attributes:
        krw: Upbit KRW, available plus locked.
        usdt: Binance wallet.
        coins: what the owner already holds on Upbit; never sold by the system.
    """

    krw: Decimal
    usdt: Decimal
    coins: Mapping[str, Decimal] = field(default_factory=dict)
    krw_per_usdt: Decimal
    at: datetime


@value
class ForeignMovement:
    """A balance changed by nothing of ours: a deposit, a withdrawal, the owner's own trade.

    Attributes:
        moved_on: whose exchange it is; ``None`` in rows of before 2026-12.
    """

    exchange: Venue
    asset: str
    amount: Decimal
    reason: str
    at: datetime
    moved_on: Leg | None = None

    @property
    def leg(self) -> Leg:
        """The leg that is traded where it moved."""
        if self.moved_on is not None:
            return self.moved_on
        return Leg.HEDGE if hedged_before(self.exchange) else Leg.SPOT


@value
class SignalClaimed:
    """The signal is ours to execute once; its fate follows (trade opened, or refused).

    Attributes:
        part_base: what an EXIT of a part was worth in base units when it was claimed; ``None`` for
            all, for an ENTER, and in rows of before 2026-11.
    """

    signal: Signal
    part_base: Decimal | None = None
    at: datetime


@value
class SignalRefused:
    """A signal was not traded. Broken ones carry what could be read of them."""

    signal_id: str
    strategy: str
    action: str
    symbol: str
    code: str
    message: str
    figures: Mapping[str, str] = field(default_factory=dict)
    at: datetime


@value
class FundingBooked:
    """Funding received (positive) or paid; each transaction id is booked once."""

    symbol: str
    transaction_id: str
    amount_usdt: Decimal
    paid_at: datetime
    at: datetime


@value
class FxMarked:
    """The USDT wallet is valued at this rate from now on."""

    krw_per_usdt: Decimal
    source: str
    at: datetime


@value
class EquityRecorded:
    """A snapshot for limits and for the portfolio repository. KRW.

    Attributes:
        equity_krw: by the ledger, coins and shorts at mid.
        trading_pnl_krw: since the account was opened, idle USDT revaluation left out.
    """

    equity_krw: Decimal
    trading_pnl_krw: Decimal
    premium_krw: Decimal
    funding_krw: Decimal
    fees_krw: Decimal
    fx_krw: Decimal
    fx_idle_krw: Decimal
    slippage_krw: Decimal
    krw_per_usdt: Decimal
    at: datetime


@value
class PositionChanged:
    """What a strategy holds in a base asset after a trade settled."""

    strategy: str
    symbol: str
    spot_base: Decimal
    short_base: Decimal
    at: datetime


@value
class EngineStarted:
    """The engine came up.

    Attributes:
        clean: its predecessor had closed properly.
        machine_changed: its predecessor ran on another machine.
        rows_may_be_lost: the machine was started again since, or it is another one.
        market: whose prices simulated exchanges show, in words; empty for real ones.
    """

    build: str
    mode: str
    clean: bool
    machine_changed: bool = False
    rows_may_be_lost: bool = False
    market: str = ""
    at: datetime


@value
class EmergencyStopSet:
    """The emergency stop was set: from this row on no entry is possible.

    Attributes:
        reason: who set it, and why.
        set_at: when whoever set it wrote it down; the engine learned of it at ``at``.
    """

    reason: str
    set_at: datetime
    at: datetime


@value
class EmergencyStopLifted:
    """An operator lifted the emergency stop.

    Attributes:
        reason: who lifted it, and why; empty if that could not be read.
    """

    reason: str
    at: datetime


@value
class OrphanOrderFound:
    """An exchange shows an order under our prefix that the journal does not know.

    Rows were lost (power, a restored backup), or another engine trades on the account. Its id is
    never sent again.

    Attributes:
        executed_quantity: base units filled when it was found.
        created_at: the exchange's time, where it tells it.
        reason: why it is not one of the journal's.
    """

    exchange: Venue
    symbol: str
    client_order_id: str
    exchange_order_id: str
    side: str
    executed_quantity: Decimal
    is_open: bool
    created_at: datetime | None
    reason: str
    at: datetime


AccountEvent = (
    AccountOpened
    | ForeignMovement
    | SignalClaimed
    | SignalRefused
    | FundingBooked
    | FxMarked
    | EquityRecorded
    | PositionChanged
    | EngineStarted
    | EmergencyStopSet
    | EmergencyStopLifted
    | OrphanOrderFound
    | HedgeClosed
    | CoinsGone
    | StopPlanned
    | StopCancelSent
    | StopMoved
    | TrailingAsked
)
