"""Orders, fills, the journal and other rows: searched, filtered, and as CSV for a spreadsheet."""

import csv
import io
import re
from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

from litestar import Response, get
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromQuery, PathParameter, QueryParameter

from trading_platform_order.domain.money import ZERO, plain
from trading_platform_order.storage.base import Reader
from trading_platform_order.storage.projections.views import VIEWS
from trading_platform_order.web.signals_api import BUSY, UNREADABLE, UNSIGNED
from trading_platform_order.web.world import World
from trading_platform_order.words.sentences import localised
from trading_platform_order.words.text import Language

Row = dict[str, str | int | None]
SEARCHED_MAX = 5_000
LIMIT = Annotated[int, QueryParameter(ge=1, le=SEARCHED_MAX)]
CHARS_MAX = 100
WORD = Annotated[str, QueryParameter(max_length=CHARS_MAX)]
JOURNAL_COLUMNS = ("seq", "at_us", "kind", "trade_id", "body")
BODY_CHARS_MAX = 4_000
SENTENCES = ("message", "detail", "reason")
"""Columns that hold what the engine says in words."""
AVERAGE_PRICE = "average_price"
_PRICE_STEP = Decimal("0.00000001")
_SPOT_MARKET = re.compile("^KRW-([A-Z0-9]+)$")
"""As Upbit calls its markets; the store has the names the other way round."""


class Record(StrEnum):
    """What may be looked through."""

    ORDERS = "orders"
    FILLS = "fills"
    TRADES = "trades"
    SIGNALS = "signals"
    REFUSALS = "refusals"
    FUNDING = "funding"
    TRANSFERS = "transfers"
    EQUITY = "equity"
    JOURNAL = "journal"


@get(
    "/page/records/{record:str}",
    responses={400: UNREADABLE, 401: UNSIGNED, 503: BUSY},
)
async def records(
    record: Annotated[Record, PathParameter()],
    world: World,
    *,
    q: WORD = "",
    symbol: WORD = "",
    exchange: WORD = "",
    status: WORD = "",
    limit: LIMIT = 100,
    lang: FromQuery[Language] = Language.EN,
) -> list[Row]:
    """The newest rows that fit; ``q`` is looked for in every column of the newest 5,000."""
    rows = await _found(world.inbox, record, q, (symbol, exchange, status), limit)
    return [_told(row, lang) for row in rows]


@get(
    "/page/csv/{record:str}",
    media_type="text/csv",
    responses={
        200: ResponseSpec(str, media_type="text/csv", generate_examples=False),
        400: UNREADABLE,
        401: UNSIGNED,
        503: BUSY,
    },
)
async def as_csv(
    record: Annotated[Record, PathParameter()],
    world: World,
    *,
    q: WORD = "",
    symbol: WORD = "",
    exchange: WORD = "",
    status: WORD = "",
    limit: LIMIT = SEARCHED_MAX,
) -> Response[str]:
    """The same as a file for a spreadsheet."""
    rows = await _found(world.inbox, record, q, (symbol, exchange, status), limit)
    name = f'attachment; filename="tporder-{world.account}-{record}.csv"'
    return Response(
        csv_of(columns_of(record), rows),
        media_type="text/csv",
        headers={"content-disposition": name},
    )


def _told(row: Row, lang: Language) -> Row:
    """Its sentences in the reader's language."""
    sentences = {name: localised(str(row[name]), lang) for name in SENTENCES if row.get(name)}
    return row | sentences


async def _found(
    reader: Reader, record: Record, q: str, filters: tuple[str, str, str], limit: int
) -> list[Row]:
    symbol, exchange, status = filters
    if record is Record.JOURNAL:
        rows = await _journal(reader)
    else:
        rows = await reader.query(f"v_{record}", limit=SEARCHED_MAX)
    kept = [
        row
        for row in rows
        if _has(row, q)
        and _begins(row, ("symbol",), _SPOT_MARKET.sub(r"\1-KRW", symbol))
        and _is(row, ("exchange",), exchange)
        and _is(row, ("status", "state", "result", "kind"), status)
    ]
    found = kept[:limit]
    if record is Record.ORDERS and found:
        return await _with_average_prices(reader, found)
    return found


async def _with_average_prices(reader: Reader, orders: list[Row]) -> list[Row]:
    """Each order with what its fills cost on average; ``None`` unless all of them are at hand."""
    quantity: defaultdict[str, Decimal] = defaultdict(Decimal)
    value: defaultdict[str, Decimal] = defaultdict(Decimal)
    for fill in await reader.query("v_fills", limit=SEARCHED_MAX):
        name, filled = str(fill["client_order_id"]), Decimal(str(fill["quantity"]))
        quantity[name] += filled
        value[name] += filled * Decimal(str(fill["price"]))
    return [row | {AVERAGE_PRICE: _average(row, quantity, value)} for row in orders]


def _average(
    order: Row, quantity: Mapping[str, Decimal], value: Mapping[str, Decimal]
) -> str | None:
    name = str(order["client_order_id"])
    filled = quantity.get(name, ZERO)
    if filled <= 0 or filled != Decimal(str(order["filled_quantity"] or 0)):
        return None
    return plain((value[name] / filled).quantize(_PRICE_STEP))


async def _journal(reader: Reader) -> list[Row]:
    """The newest first; long bodies are cut, the command line shows them whole."""
    head = (await reader.overview()).head_seq
    rows = await reader.journal(max(0, head - SEARCHED_MAX), limit=SEARCHED_MAX)
    return [
        {
            "seq": row.seq,
            "at_us": row.at_us,
            "kind": row.kind,
            "trade_id": row.trade_id,
            "body": row.body[:BODY_CHARS_MAX],
        }
        for row in reversed(rows)
    ]


def _has(row: Row, text: str) -> bool:
    wanted = text.strip().lower()
    return not wanted or any(wanted in str(value).lower() for value in row.values())


def _is(row: Row, names: tuple[str, ...], wanted: str) -> bool:
    return not wanted or any(str(row.get(name, "")) == wanted for name in names)


def _begins(row: Row, names: tuple[str, ...], wanted: str) -> bool:
    return not wanted or any(str(row.get(name, "")).startswith(wanted) for name in names)


def columns_of(record: Record) -> tuple[str, ...]:
    """In the order of the view; behind an order's, what its fills cost on average."""
    if record is Record.JOURNAL:
        return JOURNAL_COLUMNS
    columns = tuple(column.name for column in VIEWS[f"v_{record}"].columns)
    return (*columns, AVERAGE_PRICE) if record is Record.ORDERS else columns


def csv_of(columns: tuple[str, ...], rows: list[Row]) -> str:
    """With a first line of names; no cell is a formula to a spreadsheet."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(columns)
    writer.writerows([_cell(row.get(name)) for name in columns] for row in rows)
    return file.getvalue()


def _cell(value: Any) -> str:  # noqa: ANN401 - whatever a view holds
    """A text that a spreadsheet would carry out gets a mark in front; numbers stay numbers."""
    text = "" if value is None else str(value)
    if text[:1] in {"=", "+", "-", "@", "\t", "\r"} and not _is_number(text):
        return f"'{text}"
    return text


def _is_number(text: str) -> bool:
    bare = text.removeprefix("-")
    return bare.replace(".", "", 1).isdecimal()


RECORDS = [records, as_csv]
