"""Orders under our prefix that the journal does not know, and what they forbid.

Their ids are never sent again: on Binance an id is free once its order has filled, so a signal that
is delivered again after its rows were lost would fill a second time.
"""

from trading_platform_order.domain.account.account_events import OrphanOrderFound
from trading_platform_order.domain.money import plain
from trading_platform_order.domain.order import base_asset
from trading_platform_order.domain.order_identity.client_order_id import (
    read_client_order_id,
    trade_key,
)
from trading_platform_order.domain.refusal import Refusal, RefusalCode
from trading_platform_order.domain.signal import Signal


class OrphanOrders:
    """All that were ever found, by what the exchanges call them."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str, str], OrphanOrderFound] = {}

    def __len__(self) -> int:
        return len(self._found)

    def note(self, orphan: OrphanOrderFound) -> None:
        """One more, or more of one."""
        self._found[_key(orphan)] = orphan

    def knows(self, orphan: OrphanOrderFound) -> bool:
        """Found before, and it has not filled further."""
        before = self._found.get(_key(orphan))
        return before is not None and before.executed_quantity >= orphan.executed_quantity

    def has_id(self, client_order_id: str) -> bool:
        """Whether an order stands, or stood, under this id."""
        return any(orphan.client_order_id == client_order_id for orphan in self._found.values())

    def objection(self, signal: Signal, *, is_stopped: bool) -> Refusal | None:
        """Why a signal must not be traded, if so.

        Args:
            signal: what is asked.
            is_stopped: no operator has looked since the stop was latched. A stray that filled means
                that our count of what is held in its symbol is wrong, so that even an EXIT would
                sell what is not ours.
        """
        key = trade_key(strategy=signal.strategy, signal_id=signal.id, symbol=signal.symbol)
        for orphan in self._found.values():
            name = read_client_order_id(orphan.client_order_id)
            if name is not None and name.key == key:
                return _refusal(orphan, "an order of this very signal is on the exchange")
            in_symbol = base_asset(orphan.symbol) == signal.symbol and orphan.executed_quantity > 0
            if is_stopped and in_symbol:
                return _refusal(orphan, "what is held in this symbol is not known")
        return None


def _key(orphan: OrphanOrderFound) -> tuple[str, str, str]:
    return orphan.exchange.value, orphan.symbol, orphan.exchange_order_id


def _refusal(orphan: OrphanOrderFound, why: str) -> Refusal:
    return Refusal(
        code=RefusalCode.STRAY_ORDER,
        message=f"{why}: {orphan.client_order_id} on {orphan.exchange}, not in the journal",
        figures={
            "client_order_id": orphan.client_order_id,
            "executed_base": plain(orphan.executed_quantity),
        },
    )
