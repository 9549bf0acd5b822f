"""``orders`` and ``fills``: the documented views (docs/STORAGE.md) as tables."""

import asyncio
from decimal import Decimal

import click

from trading_platform_order.cli.errors import TellingCommand
from trading_platform_order.cli.exit_codes import ExitCode
from trading_platform_order.cli.output import (
    amount_cell,
    cell,
    print_json,
    print_table,
    time_cell,
)
from trading_platform_order.cli.store_location import Place, at_place, reading, warn_of_state

Rows = list[dict[str, str | int | None]]
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
def orders(place: Place, *, limit: int, signal_id: str | None, as_json: bool) -> ExitCode:
    """Orders and what is known of them. UNKNOWN is neither failed nor done: it is looked up."""
    rows = asyncio.run(read_rows(place, "v_orders", limit, signal_id))
    if as_json:
        print_json(rows)
        return ExitCode.OK
    print_table(
        (
            *("created", "signal", "leg", "symbol", "side", "quantity", "KRW", "purpose"),
            *("status", "executed", "detail"),
        ),
        [
            (
                time_cell(row, "created_at"),
                cell(row, "signal_id"),
                cell(row, "leg"),
                cell(row, "symbol"),
                cell(row, "side"),
                amount_cell(row, "quantity"),
                amount_cell(row, "quote_amount"),
                f"{cell(row, 'purpose')} {cell(row, 'attempt')}",
                cell(row, "status"),
                amount_cell(row, "executed_quantity"),
                cell(row, "detail"),
            )
            for row in rows
        ],
        empty="no orders",
    )
    return ExitCode.OK


@click.command(cls=TellingCommand)
@at_place
@limit_option
@signal_option
@json_option
def fills(place: Place, *, limit: int, signal_id: str | None, as_json: bool) -> ExitCode:
    """Fills as the exchanges reported them; fees are unrounded."""
    rows = asyncio.run(read_rows(place, "v_fills", limit, signal_id))
    if as_json:
        print_json(rows)
        return ExitCode.OK
    print_table(
        ("at", "signal", "leg", "symbol", "side", "quantity", "price", "fee", "trade id"),
        [
            (
                time_cell(row, "at"),
                cell(row, "signal_id"),
                cell(row, "leg"),
                cell(row, "symbol"),
                cell(row, "side"),
                amount_cell(row, "quantity"),
                amount_cell(row, "price"),
                f"{amount_cell(row, 'fee')} {cell(row, 'fee_asset')}",
                cell(row, "exchange_trade_id"),
            )
            for row in rows
        ],
        empty="no fills",
    )
    return ExitCode.OK
