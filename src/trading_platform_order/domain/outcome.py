"""What can come of asking an exchange something: the outcome ladder.

An order is *accepted* (seen on the exchange), *refused* (the exchange proved that it did not
accept it) or *unknown* (it may have happened). Nothing may turn unknown into one of the others
without evidence, and every verdict carries its evidence as text.
"""

from datetime import datetime
from decimal import Decimal

from trading_platform_order.domain.hindrances.hindrance import Hindrance
from trading_platform_order.domain.order import OrderReport
from trading_platform_order.domain.value import value

REDUCE_ONLY_REJECTED = "reduce_only_rejected"
"""Nothing of the position is left to reduce (Binance -2022)."""

NOT_ENOUGH_COINS = "not_enough_coins"
"""Fewer coins are free than were to be sold (Upbit ``insufficient_funds_ask``)."""

PRICE_OFF_STEP = "price_off_step"
"""The limit is on no step of the prices (Upbit ``invalid_price_bid`` and ``_ask``)."""


@value
class Accepted:
    """The exchange holds, or held, the order; ``report`` is what it said."""

    report: OrderReport


@value
class Refused:
    """Proven not to have happened.

    Attributes:
        code: stable and lower case, e.g. ``insufficient_funds_bid``, ``binance:-2019``,
            ``not_sent``. What the core acts by has a name of its own (above), whatever the
            exchange calls it.
        message: the exchange's words or ours, without secrets.
        retryable: the same wish may be sent again under the next id (not sent, rate limited,
            service unavailable); otherwise asking again would be refused again.
        retry_after_s: the exchange's own word on when to try again, if it gave one.
        hindrance: it would refuse any order now: nothing is said about this one.
    """

    code: str
    message: str
    retryable: bool = False
    retry_after_s: float | None = None
    hindrance: Hindrance | None = None


@value
class Unknown:
    """It may have happened. Never retried, never called a failure; looked up until known.

    Attributes:
        refused_as: the exchange's own name of a refusal that we do not know; empty otherwise.
    """

    reason: str
    refused_as: str = ""


SendOutcome = Accepted | Refused | Unknown


@value
class NotFound:
    """The exchange answered a look-up and does not know the id. Not proof of absence."""

    server_time: datetime | None = None


@value
class ReadFailed:
    """A read was not answered usefully, after the bounded retries; nothing is known from it.

    Attributes:
        hindrance: what the answer says about orders all the same: the key is dead.
    """

    reason: str
    hindrance: Hindrance | None = None


LookUpOutcome = Accepted | NotFound | ReadFailed


@value
class ListedOrder:
    """An order as an exchange's lists show it, whoever placed it.

    Attributes:
        report: without its fills.
        uses_up: it is no intent and only uses up the identifier of one (Upbit).
    """

    report: OrderReport
    uses_up: bool = False


@value
class ProvenAbsent:
    """The order never took effect, if the account is explained without it where that is asked.

    Attributes:
        evidence: by which proof: reads, server times, counts.
        needs_account: holds only if balance or position are what they must be without the order;
            that is the caller's to check, who knows the ledger.
    """

    evidence: str
    needs_account: bool = True


AbsenceOutcome = Accepted | ProvenAbsent | Unknown


@value
class CancelRequested:
    """The exchange took the cancel (its end must still be seen); Upbit cancels asynchronously."""


@value
class AlreadyGone:
    """Nothing open under this id: look it up to learn how it ended."""


CancelOutcome = CancelRequested | AlreadyGone | Refused | Unknown


@value
class Transfer:
    """Money or coins that came in (positive) or left (negative) without a trade.

    Attributes:
        transaction_id: the exchange's id.
        amount: in the asset, its fee included.
    """

    transaction_id: str
    asset: str
    amount: Decimal
    at: datetime


@value
class FundingPayment:
    """One funding settlement.

    Attributes:
        transaction_id: the exchange's id, unique among funding payments.
        amount_usdt: received if positive, paid if negative.
    """

    symbol: str
    transaction_id: str
    amount_usdt: Decimal
    at: datetime
