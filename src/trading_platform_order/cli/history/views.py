"""``orders`` and ``fills``: the documented views (docs/STORAGE.md), in 80 columns."""

import asyncio
from decimal import Decimal

import click

from trading_platform_order.cli.console.errors import TellingCommand
from trading_platform_order.cli.console.output import (
    amount_cell,
    cell,
    labelled,
    print_json,
    symbol_text,
    time_cell,
    word,
)
from trading_platform_order.cli.console.store_location import (
    Place,
    at_place,
    reading,
    warn_of_state,
)
from trading_platform_order.cli.console.terminal import say
from trading_platform_order.cli.history.event_text import how_text, purpose_text
from trading_platform_order.domain.order import quote_asset
from trading_platform_order.words import common
from trading_platform_order.words import explain as words
from trading_platform_order.words.sentences import localised
from trading_platform_order.words.text import Text

Row = dict[str, str | int | None]
Rows = list[Row]
LIMIT_MAX = 100_000
POSITIONS_MAX = 10_000

json_option = click.option("--json", "as_json", is_flag=True, help="JSON for programs.")
limit_option = click.option(
    "--limit",
    type=click.IntRange(1, LIMIT_MAX),
    default=50,
    show_default=True,
    help="Most rows, the newest first.",
)
signal_option = click.option("--signal", "signal_id", metavar="ID", help="Only of this signal.")


async def read_rows(place: Place, view: str, limit: int, signal_id: str | None = None) -> Rows:
    """The newest rows of a view, with a note on stderr of what would make them misleading."""
    where = {} if signal_id is None else {"signal_id": signal_id}
    async with reading(place) as reader:
        warn_of_state(await reader.overview(), place.account)
        return await reader.query(view, limit=limit, where=where)


def is_open(row: dict[str, str | int | None]) -> bool:
    """Something is held."""
    return any(Decimal(str(row[name])) != 0 for name in ("spot_base", "short_base"))


@click.command(cls=TellingCommand)
@at_place
@limit_option
@signal_option
@json_option
def orders(place: Place, *, limit: int, signal_id: str | None, as_json: bool) -> None:
    """Orders and what is known of them. UNKNOWN is neither failed nor done: it is looked up."""
    rows = asyncio.run(read_rows(place, "v_orders", limit, signal_id))
    if as_json:
        print_json(rows)
        return
    if not rows:
        say(words.NO_ORDERS())
    for row in rows:
        _print_order(row)


@click.command(cls=TellingCommand)
@at_place
@limit_option
@signal_option
@json_option
def fills(place: Place, *, limit: int, signal_id: str | None, as_json: bool) -> None:
    """Fills as the exchanges reported them; fees are unrounded."""
    rows = asyncio.run(read_rows(place, "v_fills", limit, signal_id))
    if as_json:
        print_json(rows)
        return
    if not rows:
        say(words.NO_FILLS())
    for row in rows:
        _print_fill(row)


def _print_order(row: Row) -> None:
    name = {"symbol": symbol_text(cell(row, "symbol")), "side": word(common.SIDES, row["side"])}
    status = word(words.STATUSES, row["status"])
    say(words.ORDER_HEAD(at=time_cell(row, "created_at"), status=status, **name))
    how = how_text(
        _amount(row, "price"), _amount(row, "quote_amount"), str(row["time_in_force"] or "")
    )
    purpose = purpose_text(cell(row, "purpose"), cell(row, "attempt"))
    asked = words.ASKED(quantity=amount_cell(row, "quantity"), how=how, purpose=purpose)
    _line(words.ASKED_LABEL, asked)
    _line(words.DONE_LABEL, amount_cell(row, "executed_quantity"))
    order_id = cell(row, "client_order_id")
    _line(words.SIGNAL_LABEL, words.SIGNAL_ORDER(signal=cell(row, "signal_id"), id=order_id))
    if row["detail"]:
        _line(words.DETAIL_LABEL, localised(str(row["detail"])))


def _print_fill(row: Row) -> None:
    symbol = cell(row, "symbol")
    name = {"symbol": symbol_text(symbol), "side": word(common.SIDES, row["side"])}
    say(words.FILL_HEAD(at=time_cell(row, "at"), **name))
    filled = words.FILL_OF(
        quantity=amount_cell(row, "quantity"),
        price=amount_cell(row, "price"),
        quote=quote_asset(symbol),
        fee=f"{amount_cell(row, 'fee')} {cell(row, 'fee_asset')}",
    )
    _line(words.FILL_LABEL, filled)
    trade_id = cell(row, "exchange_trade_id")
    _line(words.SIGNAL_LABEL, words.FILL_SIGNAL(signal=cell(row, "signal_id"), id=trade_id))


def _line(label: Text, text: str) -> None:
    labelled(f"  {label()}", text)


def _amount(row: Row, name: str) -> Decimal | None:
    value = row[name]
    return None if value is None else Decimal(str(value))
