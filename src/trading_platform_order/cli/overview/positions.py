"""``positions``: what is held, and its money, in 80 columns."""

import asyncio

import click

from trading_platform_order.cli.console.errors import TellingCommand
from trading_platform_order.cli.console.output import (
    age_text,
    amount_cell,
    cell,
    krw,
    labelled_lines,
    pair_text,
    percent,
    print_json,
    usdt,
)
from trading_platform_order.cli.console.store_location import (
    Place,
    at_place,
    reading,
    warn_of_state,
)
from trading_platform_order.cli.console.terminal import say
from trading_platform_order.cli.history.pair_figures import (
    PARTS,
    OpenPairFigures,
    UsdFigures,
    read_open_pairs,
)
from trading_platform_order.cli.history.views import json_option
from trading_platform_order.domain.account.profit.pnl import PnlParts
from trading_platform_order.observability.live_figures import live_path, read_live
from trading_platform_order.observability.usd_krw import read_usd_krw, usd_krw_path
from trading_platform_order.words import common
from trading_platform_order.words import money as words
from trading_platform_order.words.sentences import localised
from trading_platform_order.words.text import Text
from trading_platform_order.words.width import WIDTH, wrapped


@click.command(cls=TellingCommand)
@at_place
@click.option("--all", "flat_too", is_flag=True, help="Also those that hold nothing now.")
@json_option
def positions(place: Place, *, flat_too: bool, as_json: bool) -> None:
    """What each strategy holds by the ledger, its premium, value and profit.

    Quantities as of its last settled trade; prices as the running engine told them last. Without a
    price nothing is valued.
    """
    pairs = asyncio.run(_read(place, flat_too=flat_too))
    if as_json:
        print_json([pair.as_json() for pair in pairs])
        return
    if not pairs:
        say(common.NO_OPEN_POSITIONS())
    for pair in pairs:
        for line in position_lines(pair):
            say(line)


async def _read(place: Place, *, flat_too: bool) -> list[OpenPairFigures]:
    async with reading(place) as reader:
        warn_of_state(await reader.overview(), place.account)
        live = read_live(live_path(place.db, place.account))
        usd = read_usd_krw(usd_krw_path(place.db))
        return await read_open_pairs(reader, live, usd, flat_too=flat_too)


def position_lines(pair: OpenPairFigures) -> list[str]:
    """One pair, each line at most 80 columns."""
    row, money = pair.row, pair.money
    name, strategy = pair_text(cell(row, "symbol")), cell(row, "strategy")
    head = words.OF_STRATEGY(pair=name, strategy=strategy)
    if pair.age_s is not None:
        head = words.OF_AGE(pair=name, strategy=strategy, age=age_text(pair.age_s))
    held = words.HELD(spot=amount_cell(row, "spot_base"), short=amount_cell(row, "short_base"))
    lines = [*wrapped(head, WIDTH), *_lines(words.HELD_LABEL, held)]
    if money.opened_at is None and not money.unknown:
        return lines
    premium = words.PREMIUM(entry=percent(money.entry_premium), now=percent(money.premium_now))
    lines += _lines(words.PREMIUM_LABEL, premium)
    lines += _lines(None, _usd_text(pair.usd))
    if money.value_krw is not None:
        value = words.VALUE(value=krw(money.value_krw), margin=usdt(pair.margin_usdt))
        lines += _lines(words.VALUE_LABEL, value)
    if money.profit is not None:
        lines += profit_lines(money.profit)
    if money.unknown:
        lines += _lines(words.PROFIT_LABEL, words.PROFIT_NOT_KNOWN(why=localised(money.unknown)))
    if pair.price_age_s is not None and money.value_krw is None:
        lines += _lines(None, words.FIGURES_OLD(age=age_text(pair.price_age_s)))
    return lines


def _usd_text(usd: UsdFigures) -> str:
    if usd.krw_per_usd is None and usd.entry_premium is None:
        return words.NO_USD_RATE()
    return words.PREMIUM_USD(entry=percent(usd.entry_premium), now=percent(usd.premium_now))


def profit_lines(profit: PnlParts) -> list[str]:
    """The total, and the parts in the line below it."""
    parts = ", ".join(
        words.PART(part=common.PARTS[part](), amount=f"{getattr(profit, part):+,.0f}")
        for part in PARTS
    )
    return [*_lines(words.PROFIT_LABEL, krw(profit.total)), *_lines(None, parts)]


def _lines(label: Text | None, text: str) -> list[str]:
    return labelled_lines("" if label is None else f"  {label()}", text)
