"""Expected faults as one clear line and an exit code; everything else is a bug and shows itself.

The tree of what other layers raise is translated here and nowhere else.
"""

from collections.abc import Iterator
from typing import Any

import click

from trading_platform_order.cli.console.exit_codes import ExitCode
from trading_platform_order.cli.console.help import HelpContext
from trading_platform_order.cli.console.machine_faults import remedy_of, sentence
from trading_platform_order.cli.console.terminal import readable, say
from trading_platform_order.executor.journal.event_codec import JournalUnreadable
from trading_platform_order.market.files.candle_fault import CandleFileError
from trading_platform_order.operations.live_check.live_check import NotConfirmed
from trading_platform_order.runtime.host.machine_limits import MachineRefused
from trading_platform_order.runtime.lease.heartbeat import MadeWay
from trading_platform_order.runtime.settings.settings import SettingsRefused
from trading_platform_order.runtime.startup.doctor import NotReady
from trading_platform_order.storage.base import (
    ChainBroken,
    InboxFull,
    ProjectionFailed,
    RowDamaged,
    SchemaMismatch,
    StoreUnavailable,
)
from trading_platform_order.storage.lease import LeaseLost, LeaseTaken
from trading_platform_order.storage.sqlite.writers.account_lock import AccountLocked
from trading_platform_order.words import actions
from trading_platform_order.words import common as words
from trading_platform_order.words.sentences import localised


class CliFault(Exception):  # noqa: N818 - named as the docs do
    """A fault that was foreseen: told in one line on stderr, with its cure.

    Attributes:
        code: how the command exits.
    """

    def __init__(self, code: ExitCode, message: str, *, remedy: str = "") -> None:
        super().__init__(f"{message}\n{words.REMEDY(text=remedy)}" if remedy else message)
        self.code = code


CODES: dict[type[Exception], ExitCode] = {
    SettingsRefused: ExitCode.SETTINGS_REFUSED,
    NotReady: ExitCode.NOT_READY,
    NotConfirmed: ExitCode.NOT_CONFIRMED,
    AccountLocked: ExitCode.ACCOUNT_TAKEN,
    LeaseTaken: ExitCode.ACCOUNT_TAKEN,
    LeaseLost: ExitCode.MADE_WAY,
    SchemaMismatch: ExitCode.DATABASE_VERSION,
    JournalUnreadable: ExitCode.DATABASE_VERSION,
    RowDamaged: ExitCode.JOURNAL_BROKEN,
    StoreUnavailable: ExitCode.DATABASE_PROBLEM,
    ProjectionFailed: ExitCode.DATABASE_PROBLEM,
    ChainBroken: ExitCode.JOURNAL_BROKEN,
    InboxFull: ExitCode.INBOX_FULL,
    CandleFileError: ExitCode.BAD_INPUT,
    MadeWay: ExitCode.MADE_WAY,
    MachineRefused: ExitCode.MACHINE_REFUSED,
}
_FORESEEN: tuple[type[Exception], ...] = (CliFault, *CODES)


class TellingCommand(click.Command):
    """A command whose faults are told; it ends well, or as the :class:`ExitCode` it returns."""

    context_class = HelpContext

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - as click declares it
        """Run, translate, exit."""
        ctx.params = {name: _readable(value) for name, value in ctx.params.items()}
        try:
            code = super().invoke(ctx)
        except KeyboardInterrupt:
            code = _tell(CliFault(ExitCode.INTERRUPTED, actions.INTERRUPTED()))
        except _FORESEEN as error:
            code = _tell(error)
        except ExceptionGroup as group:
            # A task group raises groups; one that holds nothing but the foreseen is no bug.
            leaves = list(leaves_of(group))
            told = [_of_machine(leaf) for leaf in leaves]
            if not all(isinstance(leaf, _FORESEEN) for leaf in told):
                raise
            code = _tell(told[0])
        except (OSError, RuntimeError) as error:
            fault = _of_machine(error)
            if fault is error:
                raise
            code = _tell(fault)
        if isinstance(code, ExitCode):
            ctx.exit(int(code))
        return code


def _of_machine(error: Exception) -> Exception:
    """What the operating system refused, as a foreseen fault; anything else as it is."""
    if isinstance(error, RuntimeError) and "can't start new thread" in str(error):
        remedy = actions.RAISE_LIMIT()
        return CliFault(ExitCode.MACHINE_REFUSED, actions.NO_THREAD(), remedy=remedy)
    remedy_known = remedy_of(error) if isinstance(error, OSError) else None
    if not isinstance(error, OSError) or remedy_known is None:
        return error
    return CliFault(ExitCode.MACHINE_REFUSED, sentence(error), remedy=remedy_known)


def stopped_by(who: str, problems: ExceptionGroup[OSError]) -> CliFault:
    """What the operating system did to a service; with a cure where there is one."""
    leaves = [leaf for leaf in leaves_of(problems) if isinstance(leaf, OSError)]
    for leaf in leaves:
        remedy = remedy_of(leaf)
        if remedy is not None:
            text = actions.STOPPED_BECAUSE(who=who, why=sentence(leaf))
            return CliFault(ExitCode.MACHINE_REFUSED, text, remedy=remedy)
    told = "; ".join(str(leaf) or type(leaf).__name__ for leaf in leaves)
    return CliFault(ExitCode.ENGINE_PROBLEM, actions.STOPPED_BECAUSE(who=who, why=told))


def _readable(value: Any) -> Any:  # noqa: ANN401 - whatever click gave
    """Text whose bytes were of another encoding, as text; paths keep their bytes."""
    if isinstance(value, str):
        return readable(value)
    if isinstance(value, tuple):
        return tuple(_readable(one) for one in value)
    return value


def _tell(error: Exception) -> ExitCode:
    text = str(error) if isinstance(error, CliFault) else localised(str(error))
    if isinstance(error, CandleFileError):
        text = _of_candles(error)
    say(words.ERROR(text=text), err=True)
    if isinstance(error, CliFault):
        return error.code
    return next(code for kind, code in CODES.items() if isinstance(error, kind))


def _of_candles(error: CandleFileError) -> str:
    where = str(error.path)
    if error.line is not None:
        where = actions.OF_LINE(file=where, line=error.line)
    if error.column is not None:
        where = actions.OF_COLUMN(where=where, column=error.column)
    problem = actions.OF_FILE(where=where, problem=localised(error.problem))
    return f"{problem}\n{words.REMEDY(text=localised(error.remedy))}"


def leaves_of(group: ExceptionGroup[Exception]) -> Iterator[Exception]:
    """The errors themselves, out of however many task groups."""
    for error in group.exceptions:
        if isinstance(error, ExceptionGroup):
            yield from leaves_of(error)
        else:
            yield error
