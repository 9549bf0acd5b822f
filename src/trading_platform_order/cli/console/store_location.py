"""Which store a command means: ``--db``, ``--config`` and ``--account``, else the settings."""

import functools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from trading_platform_order.cli.console.errors import CliFault
from trading_platform_order.cli.console.exit_codes import ExitCode
from trading_platform_order.cli.console.settings import config_option, read_settings
from trading_platform_order.cli.console.terminal import say
from trading_platform_order.observability.loosened import Loosened
from trading_platform_order.runtime.host.files.stop_file import stop_file_path
from trading_platform_order.runtime.settings.faults import nearest
from trading_platform_order.runtime.settings.specification import loosened_limits
from trading_platform_order.signals.any_format import NO_RULES
from trading_platform_order.signals.research_format import ResearchRules
from trading_platform_order.storage.base import Inbox, Overview, Reader
from trading_platform_order.storage.relational.lock_wait import LockWait
from trading_platform_order.storage.sqlite.store import open_inbox, open_reader
from trading_platform_order.storage.sqlite.writers.account_lock import AccountLock
from trading_platform_order.words import actions
from trading_platform_order.words import common as words
from trading_platform_order.words.sentences import localised

R = TypeVar("R")
LOCK_WAIT_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One account in one database file; trading is stopped while ``stop_file`` exists.

    ``configured`` is the account of the settings: it may be one whose engine never ran yet.
    ``research``: how signals in research's format are read. ``profile`` and ``loosened`` are of
    the settings at hand; those of a running engine stand in its figures.
    """

    db: Path
    account: str
    stop_file: Path | None = None
    configured: str = ""
    research: ResearchRules = NO_RULES
    profile: str = ""
    loosened: tuple[Loosened, ...] = ()

    def require(self) -> None:
        """The file must exist.

        Raises:
            CliFault: it does not.
        OSError: it may not be read.
        """
        if not self.db.is_file():
            raise CliFault(
                ExitCode.NO_DATABASE,
                actions.NO_DATABASE(db=self.db),
                remedy=actions.NAME_THE_DATABASE(),
            )
        self.db.open("rb").close()  # a right that is missing is told by its name


def find_place(config: Path | None, db: Path | None, account: str | None) -> Place:
    """From options and settings.

    Raises:
        SettingsRefused: the settings are faulty.
        CliFault: the account's name cannot be one.
    """
    settings = read_settings(config)
    path, name = db or Path(settings.store.path), account or settings.engine.account
    try:
        AccountLock(path, name)  # never taken; it knows what a name may be
    except ValueError as error:
        raise CliFault(ExitCode.SETTINGS_REFUSED, localised(str(error))) from None
    stop_file = stop_file_path(settings.risk.stop_file, path, name)
    return Place(
        db=path,
        account=name,
        stop_file=stop_file,
        configured=settings.engine.account,
        research=settings.research.rules(),
        profile=settings.engine.profile,
        loosened=loosened_limits(settings),
    )


def at_place(function: Callable[..., R]) -> Callable[..., R]:
    """Add the three options; the function gets the :class:`Place` first."""

    @functools.wraps(function)
    def command(**values: Any) -> R:  # noqa: ANN401 - click's options
        place = find_place(values.pop("config"), values.pop("db"), values.pop("account"))
        return function(place, **values)

    options = (
        click.option("--account", metavar="NAME", help="Account (setting engine.account)."),
        config_option,
        click.option(
            "--db", type=click.Path(path_type=Path), help="Database file (setting store.path)."
        ),
    )
    decorated: Callable[..., R] = command
    for option in options:
        decorated = option(decorated)
    return decorated


@asynccontextmanager
async def reading(place: Place) -> AsyncIterator[Reader]:
    """The place's store, opened to read.

    Raises:
        CliFault: there is none.
    """
    place.require()
    reader = open_reader(place.db, account=place.account)
    try:
        _require_account(place, await reader.overview())
        yield reader
    finally:
        await reader.close()


@asynccontextmanager
async def writing(place: Place, *, make: bool) -> AsyncIterator[Inbox]:
    """The place's store, opened to hand something in; ``make`` it if it is missing."""
    if not make:
        place.require()
    inbox = open_inbox(place.db, account=place.account)
    # A stop is worth more than a quick answer: whoever holds the lock usually lets go of it.
    inbox.waits(LockWait(limit_s=LOCK_WAIT_S, tell=lambda text: say(text, err=True)))
    try:
        _require_account(place, await inbox.overview())
        yield inbox
    finally:
        await inbox.close()


def _require_account(place: Place, overview: Overview) -> None:
    """A mistyped account would take a stop, a signal or a question, and nothing would follow.

    Raises:
        CliFault: no engine ever ran on it here, and it is not the settings' own.
    """
    if place.account in {*overview.accounts, place.configured}:
        return
    known = sorted({*overview.accounts, place.configured} - {""})
    raise CliFault(
        ExitCode.UNKNOWN_ACCOUNT,
        actions.NO_ACCOUNT(
            account=repr(place.account),
            db=place.db,
            nearest=localised(nearest(place.account, known)),
        ),
        remedy=actions.NAME_ONE_OF(known=", ".join(known)),
    )


def warn_of_state(overview: Overview, account: str) -> None:
    """Say on stderr what would make an answer misleading."""
    if account not in overview.accounts:
        known = ", ".join(overview.accounts) or words.NONE_YET()
        say(words.NEVER_RAN(account=repr(account), known=known), err=True)
    behind = overview.head_seq - overview.projected_seq
    if behind > 0:
        say(words.BEHIND(rows=behind), err=True)
