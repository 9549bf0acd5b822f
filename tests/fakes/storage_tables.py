"""A storage database in memory that fails on demand, and what its rows must say."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from trading_platform_order.domain.order import OrderStatus
from trading_platform_order.executor.journal.replay import Replayed
from trading_platform_order.exporter.destination import (
    Cursor,
    Destination,
    DestinationAway,
    ExportedElsewhere,
    Flag,
)
from trading_platform_order.exporter.layout import Layout, Write
from trading_platform_order.storage.replica import Replica

Rows = list[dict[str, Any]]
PENDING = {OrderStatus.PENDING, OrderStatus.UNKNOWN, OrderStatus.WORKING}
KRW = Decimal(1)
EIGHT_DIGITS = Decimal("1E-8")


class MemoryStorage(Destination):
    """Keeps rows by id, as the real one does.

    ``fault`` is asked before and after every write took effect, and may raise.
    """

    def __init__(self, fault: Callable[[str], None] = lambda _: None) -> None:
        self._fault = fault
        self.tables: dict[str, dict[Any, dict[str, Any]]] = {}
        self.stands = Cursor()
        self.says: str | None = None
        self.commits = 0

    async def connect(self, layout: Layout, *, with_flag: bool) -> None:
        for table in layout.tables:
            self.tables.setdefault(table.name, {})

    async def cursor(self) -> Cursor:
        return self.stands

    async def write(
        self, writes: Sequence[Write], *, before: Cursor, after: Cursor, at: datetime
    ) -> None:
        self._fault("before")
        if self.stands != before:
            raise ExportedElsewhere("it stands elsewhere")
        for write in writes:
            row = self.tables[write.table].setdefault(write.values["id"], {})
            kept = row.get("position_id") if write.table == "orders" else None
            row.update(write.values)
            if kept is not None:
                row["position_id"] = kept
        self.stands = after
        self.commits += 1
        self._fault("after")

    async def flag(self) -> Flag:
        return Flag(text=self.says)

    async def replace_flag(self, before: Flag, text: str, *, at: datetime) -> bool:
        if before.text != self.says:
            return False
        self.says = text
        return True

    async def close(self) -> None:
        pass

    def rows(self) -> dict[str, Rows]:
        """By table."""
        return {name: list(table.values()) for name, table in self.tables.items()}


class Killed(Exception):  # noqa: N818 - what happened to the process
    """The exporter's process ended here."""


class Trouble:
    """Every so many times the connection is lost or the process dies, before a commit or after."""

    def __init__(self, every: int) -> None:
        self._every = every
        self._count = 0
        self.cuts = self.kills = 0

    def __call__(self, moment: str) -> None:
        self._count += 1
        if self._count % self._every:
            return
        if (self._count // self._every) % 2:
            self.cuts += 1
            raise DestinationAway(f"cut {moment} the commit")
        self.kills += 1
        raise Killed


def differences(
    version: str, rows: Mapping[str, Rows], replica: Replica, replayed: Replayed
) -> list[str]:
    """What the tables say otherwise than our own views and books; nothing if they agree."""
    check = _differences_1_0 if version == "1.0" else _differences_3_0
    return [*check(rows, replica, replayed)]


def _orders(replica: Replica) -> Rows:
    return [dict(row) for row in replica.query("v_orders")]


def _fills(replica: Replica) -> Rows:
    return [dict(row) for row in replica.query("v_fills")]


def _differences_1_0(
    rows: Mapping[str, Rows], replica: Replica, replayed: Replayed
) -> Iterable[str]:
    ours = _orders(replica)
    yield from _same(
        "orders",
        [
            (
                *(row["exchange"], row["symbol"], row["side"], _type(row["type"])),
                *(Decimal(row["quantity"]), _decimal(row["price"]), row["strategy"]),
                *(row["exchange_order_id"], _status_1_0(row["status"])),
            )
            for row in ours
        ],
        [
            (
                *(row["exchange"], row["symbol"], row["side"], row["type"]),
                *(row["quantity"], row["price"], row["strategy"]),
                *(row["external_id"], row["status"]),
            )
            for row in rows["orders"]
        ],
    )
    yield from _same(
        "fills",
        _added(
            (row["exchange"], row["symbol"], row["side"], row["price"], row["fee_asset"], row)
            for row in _fills(replica)
        ),
        _added(
            (
                *(row["exchange"], row["symbol"], row["side"], row["price"]),
                *(row["commission_asset"], {**row, "fee": row["commission"]}),
            )
            for row in rows["fills"]
        ),
    )
    known = {row["id"] for row in rows["orders"]}
    for row in rows["fills"]:
        if row["order_id"] is not None and row["order_id"] not in known:
            yield f"a fill of no order: {row}"
    held: dict[tuple[str, str], Decimal] = {}
    for position in replica.query("v_positions"):
        for symbol, name in (("{}-KRW", "spot_base"), ("{}USDT", "short_base")):
            quantity = Decimal(str(position[name]))
            key = (str(position["strategy"]), symbol.format(position["symbol"]))
            if quantity:
                held[key] = quantity
    opened = [row for row in rows["positions"] if row["closed_at"] is None and row["quantity"]]
    yield from _same(
        "positions",
        [(*key, quantity) for key, quantity in held.items()],
        [(row["strategy"], row["symbol"], row["quantity"]) for row in opened],
    )
    for row in rows["positions"]:
        if row["closed_at"] is not None and row["quantity"]:
            yield f"a closed position holds something: {row}"


def _differences_3_0(
    rows: Mapping[str, Rows], replica: Replica, replayed: Replayed
) -> Iterable[str]:
    ours = _orders(replica)
    statuses = {"FILLED": "filled", "CANCELLED": "cancelled", "REFUSED": "failed"}
    statuses |= {"ABSENT": "failed"} | {status.value: "pending" for status in PENDING}
    yield from _same(
        "orders",
        [
            (
                *(row["exchange"], row["side"].lower(), _type(row["type"]).lower()),
                *(Decimal(row["quantity"]), _decimal(row["price"]), row["exchange_order_id"]),
                *(statuses[row["status"]], Decimal(row["executed_quantity"])),
            )
            for row in ours
        ],
        [
            (
                *(row["exchange"], row["side"], row["order_type"]),
                *(row["amount"], row["price"], row["exchange_order_id"]),
                *(row["status"], row["filled_amount"]),
            )
            for row in rows["orders"]
        ],
    )
    yield from _same(
        "trades",
        _added(
            (row["exchange"], row["side"].lower(), row["price"], row["fee_asset"], row)
            for row in _fills(replica)
        ),
        _added(
            (
                *(row["exchange"], row["side"], row["avg_price"], row["fee_currency"]),
                {**row, "quantity": row["filled_amount"]},
            )
            for row in rows["trades"]
        ),
    )
    held = [
        (row["symbol"], Decimal(str(row["spot_base"])), Decimal(str(row["short_base"])))
        for row in replica.query("v_positions")
        if Decimal(str(row["spot_base"])) or Decimal(str(row["short_base"]))
    ]
    opened = [row for row in rows["positions"] if row["exit_timestamp"] is None]
    yield from _same(
        "positions",
        held,
        [
            (row["symbol"], row["upbit_amount"], row["binance_amount"])
            for row in opened
            if row["upbit_amount"] or row["binance_amount"]
        ],
    )
    known = {row["id"] for row in rows["positions"]}
    for row in (*rows["trades"], *rows["orders"]):
        if row["position_id"] is not None and row["position_id"] not in known:
            yield f"no such position: {row}"
    for row in rows["trades"]:
        if row["position_id"] is None:
            yield f"an execution of no position: {row}"
    profit = sum((row["realized_pnl"] for row in rows["positions"]), Decimal(0))
    ours_krw = replayed.book.pnl.parts().trading
    if abs(profit - ours_krw) >= KRW:
        yield f"profit is {profit} KRW there, and {ours_krw} KRW here"


def _added(rows: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Quantity and fee by everything else: a share of an execution is a row of its own there."""
    found: dict[tuple[Any, ...], list[Decimal]] = {}
    for *names, row in rows:
        key = tuple(Decimal(name) if _is_number(name) else name for name in names)
        sums = found.setdefault(key, [Decimal(0), Decimal(0)])
        sums[0] += Decimal(row["quantity"])
        sums[1] += Decimal(row["fee"]).quantize(EIGHT_DIGITS, ROUND_HALF_UP)
    return [(*key, *sums) for key, sums in found.items()]


def _is_number(value: object) -> bool:
    return isinstance(value, Decimal) or (isinstance(value, str) and value[:1].isdigit())


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _type(name: str) -> str:
    return "LIMIT" if name == "BEST" else name


def _status_1_0(status: str) -> str:
    if OrderStatus(status) in PENDING:
        return "PENDING"
    return "FILLED" if status == "FILLED" else "CANCELLED"


def _same(what: str, ours: list[tuple[Any, ...]], theirs: list[tuple[Any, ...]]) -> Iterable[str]:
    left = [row for row in ours if row not in theirs]
    right = [row for row in theirs if row not in ours]
    if left or right or len(ours) != len(theirs):
        yield f"{what}: {len(ours)} here, {len(theirs)} there; here {left}, there {right}"
