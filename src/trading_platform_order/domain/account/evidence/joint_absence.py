"""Which fates of all unknown orders of one leg explain what the exchange holds. Pure.

A position, or a balance of coins, is one number that several orders move, and strategies trade the
same coin side by side. So an order is not judged by itself: every set of the unknown orders that
may have filled is held against the one number. Each of a set filled more than nothing and at most
all that it had left. An order is absent when it is in none of the sets that explain the number.

Two orders of opposite sides that both filled, by the same or by any smaller quantity, leave the
number as if neither had. Then only money tells: every fill pays a fee, so a wallet that is exactly
what our own count says has seen none of them.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import chain, combinations

from trading_platform_order.domain.account.evidence.absence import LIKELY_FILL
from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import Order, OrderSide
from trading_platform_order.domain.value import value

ORDERS_MAX = 10
"""More unknown orders of one coin than this are not judged together: an operator must look."""


@value
class PossibleFill:
    """An order whose end is not known.

    Attributes:
        most: base units that it may have filled beyond what is counted already.
    """

    client_order_id: str
    side: OrderSide
    most: Decimal

    @property
    def sign(self) -> int:
        """1 if it adds to the number, -1 if it takes away."""
        return 1 if self.side is OrderSide.BUY else -1


Filled = frozenset[str]
NOTHING: Filled = frozenset()


def possible_fill(order: Order) -> PossibleFill:
    """What an unresolved order may have filled beyond what it is known to have executed."""
    most = order.quantity * (1 if order.quote_amount is None else LIKELY_FILL)
    return PossibleFill(
        client_order_id=order.client_order_id,
        side=order.side,
        most=max(most - order.executed_quantity, ZERO),
    )


def sets_that_explain(
    unknown: Sequence[PossibleFill], *, moved: Decimal, cash_stands: bool = False
) -> tuple[Filled, ...]:
    """Every set of orders (client order ids) that may have filled so that the number is as it is.

    Args:
        unknown: all orders of the leg whose end is not known, whoever owns them.
        moved: base units that are held beyond our own count; negative if less is held.
        cash_stands: the wallet is exactly what our own count says: nothing filled.
    """
    if len(unknown) > ORDERS_MAX:
        return ()
    numbers = range(1) if cash_stands else range(len(unknown) + 1)
    sets = chain.from_iterable(combinations(unknown, number) for number in numbers)
    return tuple(
        frozenset(one.client_order_id for one in filled)
        for filled in sets
        if _explains(filled, moved)
    )


def _explains(filled: Iterable[PossibleFill], moved: Decimal) -> bool:
    """Whether parts of these, each more than nothing, can make up the difference."""
    filled = tuple(filled)
    if not filled:
        return moved == 0
    bought = sum((one.most for one in filled if one.sign > 0), ZERO)
    sold = sum((one.most for one in filled if one.sign < 0), ZERO)
    if not sold:
        return 0 < moved <= bought
    if not bought:
        return -sold <= moved < 0
    return -sold < moved < bought


def is_absent(client_order_id: str, explaining: Sequence[Filled]) -> bool:
    """The number is explained, and by no set that this order belongs to."""
    return bool(explaining) and not may_have_filled(client_order_id, explaining)


def may_have_filled(client_order_id: str, explaining: Sequence[Filled]) -> bool:
    """Some set that explains the number holds this order."""
    return any(client_order_id in filled for filled in explaining)


def in_words(explaining: Sequence[Filled]) -> str:
    """What may have filled, for operators."""
    if not explaining:
        return "no fates of the unknown orders explain it"
    ways = (" and ".join(sorted(filled)) or "nothing" for filled in explaining)
    return f"filled may have: {'; or '.join(ways)}"
