"""Which orders are on their way now, by the journal that the engine is writing."""

from pathlib import Path

import msgspec

from trading_platform_order.storage.sqlite.store import open_reader

ANSWERED = frozenset({"order_accepted", "order_refused", "order_ended", "order_unanswered"})


class _Planned(msgspec.Struct):
    client_order_id: str


class _Row(msgspec.Struct):
    orders: tuple[_Planned, ...] = ()
    client_order_id: str = ""


class InFlight:
    """Reads on from where it was; one for all engines.

    Attributes:
        planned: orders whose intent was journalled; they leave at once.
    """

    def __init__(self, database: Path) -> None:
        self._database = database
        self._read_seq = 0
        self._waiting: set[str] = set()
        self.planned = 0

    def forget(self) -> None:
        """A new engine lives: what the last one left behind is no aim of its own."""
        self._waiting.clear()

    async def look(self) -> bool:
        """Whether an order has left and is not answered yet."""
        reader = open_reader(self._database)
        try:
            while rows := await reader.journal(self._read_seq):
                for row in rows:
                    self._take(row.kind, row.body)
                self._read_seq = rows[-1].seq
        finally:
            await reader.close()
        return bool(self._waiting)

    def _take(self, kind: str, body: str) -> None:
        if kind in ANSWERED:
            self._waiting.discard(msgspec.json.decode(body, type=_Row).client_order_id)
        elif '"orders":[{' in body:
            orders = msgspec.json.decode(body, type=_Row).orders
            self._waiting.update(order.client_order_id for order in orders)
            self.planned += len(orders)
