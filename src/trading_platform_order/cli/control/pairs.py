"""``pairs``: which coin is meant on both exchanges, and an operator's word on it (a latch)."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from trading_platform_order.cli.console.errors import CliFault, TellingCommand
from trading_platform_order.cli.console.exit_codes import ExitCode
from trading_platform_order.cli.console.help import Group
from trading_platform_order.cli.console.output import labelled_lines, print_json, word
from trading_platform_order.cli.console.settings import config_option, read_settings
from trading_platform_order.cli.console.store_location import Place, find_place, reading, writing
from trading_platform_order.cli.console.terminal import say
from trading_platform_order.cli.control.emergency_stop import reason_option
from trading_platform_order.cli.history.views import json_option
from trading_platform_order.domain.money import plain
from trading_platform_order.domain.order import hedge_symbol, spot_symbol
from trading_platform_order.domain.pairs.pair import LATCH_PREFIX, Listing, Pairs, latch_of
from trading_platform_order.risk.entry_rules.identity_rules import doubt_about, factor_of
from trading_platform_order.runtime.assembly import pairs_of
from trading_platform_order.runtime.settings.settings import Settings
from trading_platform_order.runtime.startup.known_filters import FilterFile
from trading_platform_order.runtime.startup.pair_findings import confirmed_pairs
from trading_platform_order.signals.arrival.wakeup import knock_at, wake_path
from trading_platform_order.transport.clock import SystemClock, epoch_us
from trading_platform_order.words import actions, common
from trading_platform_order.words import notices as words
from trading_platform_order.words.forms.moments import with_times
from trading_platform_order.words.sentences import localised
from trading_platform_order.words.width import padded


@dataclass(frozen=True, slots=True, kw_only=True)
class _PairTables:
    """What is asked about: the store, the settings, and what the exchanges listed last."""

    place: Place
    settings: Settings
    pairs: Pairs
    listings: Mapping[str, Listing]

    def listed(self, code: str) -> tuple[Listing | None, Listing | None]:
        """On Upbit and on Binance, as the engine read it last."""
        return self.listings.get(spot_symbol(code)), self.listings.get(hedge_symbol(code))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """One pair as it is shown; ``doubt`` empty where entries may be begun."""

    code: str
    spot: Listing | None
    hedge: Listing | None
    factor: Decimal
    doubt: str
    is_confirmed: bool

    @property
    def state(self) -> str:
        """One or two words."""
        if self.doubt:
            return "no entries"
        return "confirmed" if self.is_confirmed else "reviewed"


def _table_options(function: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        click.option("--account", metavar="NAME", help="Account (setting engine.account)."),
        config_option,
        click.option("--db", type=click.Path(path_type=Path), help="Database (store.path)."),
    ):
        function = option(function)
    return function


def _open_tables(config: Path | None, db: Path | None, account: str | None) -> _PairTables:
    place, settings = find_place(config, db, account), read_settings(config)
    return _PairTables(
        place=place,
        settings=settings,
        pairs=pairs_of(settings),
        listings=FilterFile(place.db.with_suffix(".filters.json")).listings(),
    )


@click.group(cls=Group, invoke_without_command=True)
@click.pass_context
def pairs(context: click.Context) -> None:
    """Which coin each pair is, on both exchanges, and whether entries may be begun.

    A ticker proves nothing: compare names, contract, factor and first day, then confirm. What the
    exchanges list is what the engine read last; it reads it whenever it runs with the symbol.
    Without a further word: `tporder pairs list`.
    """
    if context.invoked_subcommand is None:
        list_command.main(args=[], prog_name="tporder pairs list")


@pairs.command("list", cls=TellingCommand)
@_table_options
@json_option
def list_command(
    config: Path | None, db: Path | None, account: str | None, *, as_json: bool
) -> None:
    """Every pair of the settings (engine.symbols) with what both exchanges list."""
    tables = _open_tables(config, db, account)
    rows = asyncio.run(_rows(tables))
    if as_json:
        print_json([_fields(row) for row in rows])
        return
    for row in rows:
        for line in _lines(row):
            say(line)


@pairs.command(cls=TellingCommand)
@click.argument("code")
@_table_options
@reason_option
@click.option("--yes", is_flag=True, help="Do not ask; both names were compared already.")
@json_option
def confirm(
    code: str,
    config: Path | None,
    db: Path | None,
    account: str | None,
    *,
    reason: str,
    yes: bool,
    as_json: bool,
) -> None:
    """Say that both exchanges mean one coin under CODE as they list it now.

    The word stands for exactly these names, this contract, its first day and factor: any change
    takes it away.
    """
    tables = _open_tables(config, db, account)
    row = _need(tables, code)
    assert row.spot is not None and row.hedge is not None  # noqa: S101, PT018 - _need saw both
    if not as_json:
        for line in _lines(row):
            say(line)
    if not yes:
        click.confirm(words.SAME_COIN(), abort=True)
    latch = latch_of(code, row.spot, row.hedge, row.factor)
    changed = asyncio.run(_set(tables.place, latch, reason))
    told = knock_at(wake_path(tables.place.db, tables.place.account))
    if as_json:
        print_json({**_fields(row), "state": "confirmed", "changed": changed})
        return
    say((words.CONFIRMED if changed else words.CONFIRMED_ALREADY)(code=code))
    say(actions.ENGINE_TOLD() if told else actions.READ_AT_NEXT_LOOK())


@pairs.command(cls=TellingCommand)
@click.argument("code")
@_table_options
@reason_option
@json_option
def withdraw(
    code: str,
    config: Path | None,
    db: Path | None,
    account: str | None,
    *,
    reason: str,
    as_json: bool,
) -> None:
    """Take every confirmation of CODE back; a reviewed pair stays reviewed."""
    tables = _open_tables(config, db, account)
    count = asyncio.run(_clear(tables.place, f"{LATCH_PREFIX}{code}:", reason))
    if not count:
        raise CliFault(
            ExitCode.NOT_FOUND,
            words.NOT_CONFIRMED(code=code),
            remedy=words.LEAVE_IT_OUT(),
        )
    knock_at(wake_path(tables.place.db, tables.place.account))
    if as_json:
        print_json({"code": code, "withdrawn": count})
    else:
        say(words.TAKEN_BACK(code=code))


def _need(tables: _PairTables, code: str) -> _Row:
    """The pair with both listings.

    Raises:
        CliFault: the engine has not read what the exchanges list.
    """
    row = _row(tables, code, frozenset())
    if row.spot is None or row.hedge is None:
        where = common.UPBIT() if row.spot is None else common.BINANCE()
        raise CliFault(
            ExitCode.NOT_FOUND,
            words.LISTING_NOT_KNOWN(where=where, code=code),
            remedy=words.RUN_ONCE(code=code),
        )
    return row


def _row(tables: _PairTables, code: str, confirmed: frozenset[str]) -> _Row:
    spot, hedge = tables.listed(code)
    factor = factor_of(code, tables.pairs)
    latch = latch_of(code, spot, hedge, factor) if spot and hedge else ""
    return _Row(
        code=code,
        spot=spot,
        hedge=hedge,
        factor=factor,
        doubt=doubt_about(code, spot, hedge, tables.pairs, confirmed) or "",
        is_confirmed=latch in confirmed,
    )


async def pair_rows(config: Path | None) -> list[dict[str, Any]]:
    """Every pair of the settings, for the page of `tporder web`."""
    return [_fields(row) for row in await _rows(_open_tables(config, None, None))]


async def _rows(tables: _PairTables) -> list[_Row]:
    confirmed: frozenset[str] = frozenset()
    if tables.place.db.is_file():
        async with reading(tables.place) as reader:
            confirmed = await confirmed_pairs(reader)
    return [_row(tables, code, confirmed) for code in sorted(tables.settings.engine.symbols)]


async def _set(place: Place, latch: str, reason: str) -> bool:
    async with writing(place, make=False) as inbox:
        return await inbox.set_latch(latch, reason, at_us=epoch_us(SystemClock().now()))


async def _clear(place: Place, prefix: str, reason: str) -> int:
    async with writing(place, make=False) as inbox:
        found = [kind for kind in await confirmed_pairs(inbox) if kind.startswith(prefix)]
        for kind in found:
            await inbox.clear_latch(kind, reason, at_us=epoch_us(SystemClock().now()))
        return len(found)


def _fields(row: _Row) -> dict[str, object]:
    return {
        "code": row.code,
        "state": row.state,
        "upbit": None if row.spot is None else row.spot.text,
        "binance": None if row.hedge is None else row.hedge.text,
        "coins_in_one_contract": plain(row.factor),
        "doubt": row.doubt or None,
    }


def _lines(row: _Row) -> list[str]:
    spot, hedge = (each.text if each else words.NOT_READ_YET() for each in (row.spot, row.hedge))
    contract = words.ONE_COIN(listed=hedge)
    if row.factor != 1:
        contract = words.SO_MANY_COINS(listed=hedge, coins=plain(row.factor))
    lines = [
        words.PAIR(code=padded(row.code, 8), state=word(words.STATES, row.state)),
        *labelled_lines(f"  {common.UPBIT()}", with_times(spot)),
        *labelled_lines(f"  {common.BINANCE()}", with_times(contract)),
    ]
    if row.doubt:
        lines += labelled_lines(f"  {words.WHY_LABEL()}", localised(row.doubt))
    return lines
