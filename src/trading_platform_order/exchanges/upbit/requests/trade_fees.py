"""What the trades of an order paid, and what all of them came to where not all are listed.

Upbit tells a fee per order, none per trade (GET /v1/order), and what the order came to in KRW not
at all. Its fee is a plain rate of that, never rounded (docs new-order: 3.697095875 of 7394.19175).
A bid shows the rate itself: ``reserved_fee`` is that part of what was set aside.
"""

from collections.abc import Sequence
from decimal import Context, Decimal, localcontext

from trading_platform_order.domain.money import ZERO, is_plausible
from trading_platform_order.exchanges.upbit.requests import wire

#: finer than any fee Upbit tells; only used when a fee is no plain rate of the funds
FEE_STEP = Decimal("0.000000000001")
#: every fee rate Upbit tells has fewer decimals (0.0005, 0.00139)
RATE_STEP = Decimal("0.00000001")
#: trades that are not listed cost no more than this part more or less than those that are
PRICE_MARGIN = Decimal("0.1")
_EXACT = Context(prec=60)


def share_fee(paid: Decimal, funds: list[Decimal]) -> list[Decimal]:
    """Split the order's fee over its trades by their funds; the sum is exact.

    At a plain rate every share is exact too; otherwise the last trade takes the remainder.
    """
    total = sum(funds, ZERO)
    if not total:
        return [ZERO for _ in funds]
    with localcontext(_EXACT):
        rate = (paid / total).quantize(RATE_STEP)
        if rate * total == paid:
            return [amount * rate for amount in funds]
        shares = [(paid * amount / total).quantize(FEE_STEP) for amount in funds[:-1]]
        return [*shares, paid - sum(shares, ZERO)]


def is_cut(order: wire.Order) -> bool:
    """Of an ended order fewer trades are listed than its executed volume needs."""
    volumes = [trade.volume for trade in order.trades]
    if order.state not in wire.ENDED or not all(map(is_plausible, volumes)):
        return False
    return is_plausible(order.executed_volume) and sum(volumes, ZERO) < order.executed_volume


def rate_of(order: wire.Order, told_rate: Decimal) -> Decimal:
    """The part of its funds an order pays: its own, where it shows one, else what is told."""
    reserved = order.price or ZERO
    if order.ord_type == "limit":
        reserved *= order.volume or ZERO
    if order.side != "bid" or not reserved or not order.reserved_fee:
        return told_rate
    with localcontext(_EXACT):
        rate = (order.reserved_fee / reserved).quantize(RATE_STEP)
        return rate if rate * reserved == order.reserved_fee else told_rate


def funds_of(order: wire.Order, listed: Sequence[Decimal], rate: Decimal) -> Decimal | None:
    """What all trades of an order came to in KRW: by the fee they paid, which is exact.

    Where rate and fee do not fit each other, or would make the trades that are not listed far
    dearer or cheaper than those that are, all are taken to cost what the listed ones did.

    Args:
        order: with some of its trades.
        listed: the funds of those, KRW.
        rate: of the fee; 0: not known.

    Returns:
        ``None`` where neither is to be had.
    """
    known, funds = sum((trade.volume for trade in order.trades), ZERO), sum(listed, ZERO)
    with localcontext(_EXACT):
        total = order.paid_fee / rate if rate > 0 and order.paid_fee > 0 else None
        if total is not None and total * rate != order.paid_fee:
            total = None
        if not known:
            return total
        average = funds / known
        if total is not None:
            rest = (total - funds) / (order.executed_volume - known)
            if abs(rest - average) <= PRICE_MARGIN * average:
                return total
        return average * order.executed_volume
