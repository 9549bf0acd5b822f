"""``positions``: what is held, and its money, in 80 columns."""

import asyncio

import click

from trading_platform_order.cli.errors import TellingCommand
from trading_platform_order.cli.exit_codes import ExitCode
from trading_platform_order.cli.output import (
    age_text,
    amount_cell,
    cell,
    krw,
    percent,
    print_json,
    usdt,
)
from trading_platform_order.cli.pair_figures import PARTS, OpenPairFigures, read_open_pairs
from trading_platform_order.cli.store_location import Place, at_place, reading, warn_of_state
from trading_platform_order.cli.views import json_option
from trading_platform_order.domain.account.pnl import PnlParts
from trading_platform_order.observability.live_figures import live_path, read_live


@click.command(cls=TellingCommand)
@at_place
@click.option("--all", "flat_too", is_flag=True, help="Also those that hold nothing now.")
@json_option
def positions(place: Place, *, flat_too: bool, as_json: bool) -> ExitCode:
    """What each strategy holds by the ledger, its premium, value and profit.

    Quantities as of its last settled trade; prices as the running engine told them last. Without a
    price nothing is valued.
    """
    pairs = asyncio.run(_read(place, flat_too=flat_too))
    if as_json:
        print_json([pair.as_json() for pair in pairs])
        return ExitCode.OK
    if not pairs:
        click.echo("no open positions")
    for pair in pairs:
        for line in position_lines(pair):
            click.echo(line)
    return ExitCode.OK


async def _read(place: Place, *, flat_too: bool) -> list[OpenPairFigures]:
    async with reading(place) as reader:
        warn_of_state(await reader.overview(), place.account)
        live = read_live(live_path(place.db, place.account))
        return await read_open_pairs(reader, live, flat_too=flat_too)


def position_lines(pair: OpenPairFigures) -> list[str]:
    """One pair, each line at most 80 columns."""
    row, money = pair.row, pair.money
    spot, short = amount_cell(row, "spot_base"), amount_cell(row, "short_base")
    age = "" if pair.age_s is None else f", {age_text(pair.age_s)} old"
    lines = [
        f"{cell(row, 'symbol')} of {cell(row, 'strategy')}{age}",
        f"  held      {spot} coins on Upbit, {short} short on Binance",
    ]
    if money.opened_at is None and not money.unknown:
        return lines
    lines.append(
        f"  premium   entry {percent(money.entry_premium)}, now {percent(money.premium_now)}"
        " against USDT"
    )
    lines.append("            against USD/KRW: no such rate is known here")
    if money.value_krw is not None:
        lines.append(f"  value     {krw(money.value_krw)}, margin {usdt(pair.margin_usdt)}")
    if money.profit is not None:
        lines += profit_lines(money.profit, "  profit    ")
    if money.unknown:
        lines.append(f"  profit    not known: {money.unknown}")
    if pair.price_age_s is not None and money.value_krw is None:
        lines.append(f"            (its last figures are {age_text(pair.price_age_s)} old)")
    return lines


def profit_lines(profit: PnlParts, head: str) -> list[str]:
    """The total, and the parts in the line below it."""
    parts = [f"{part} {getattr(profit, part):+,.0f}" for part in PARTS]
    return [f"{head}{krw(profit.total)}", f"{' ' * len(head)}{', '.join(parts)}"]
