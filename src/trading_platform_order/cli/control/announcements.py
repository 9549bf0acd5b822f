"""What an exchange announced, as a durable latch of an operator: write down, list, take back."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, Protocol, TypeVar

import click

from trading_platform_order.cli.console.errors import CliFault
from trading_platform_order.cli.console.exit_codes import ExitCode
from trading_platform_order.cli.console.output import print_json, word
from trading_platform_order.cli.console.store_location import (
    Place,
    reading,
    warn_of_state,
    writing,
)
from trading_platform_order.cli.console.terminal import say
from trading_platform_order.domain.venue import Venue
from trading_platform_order.signals.arrival.wakeup import knock_at, wake_path
from trading_platform_order.storage.base import Reader
from trading_platform_order.transport.clock import SystemClock, epoch_us
from trading_platform_order.words import actions
from trading_platform_order.words import notices as words

EXCHANGES = click.Choice([venue.value for venue in Venue])


def moment(_ctx: click.Context, _param: click.Parameter, value: str) -> datetime:
    """A time to the minute: an hour without a zone is off by nine hours for half of its readers."""
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(words.TIME_EXPECTED()) from None
    if found.tzinfo is None:
        raise click.BadParameter(words.ZONE_EXPECTED())
    return found.astimezone(UTC).replace(second=0, microsecond=0)


class Announced(Protocol):
    """Anything of which a latch's kind holds all."""

    @property
    def latch(self) -> str:
        """The kind of the latch that keeps it."""


One = TypeVar("One", bound=Announced)


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcements(Generic[One]):
    """One kind of them.

    Attributes:
        of_latch: what a latch's kind names; ``None`` if it is of another kind.
        at: by which they are sorted.
        fields: of one, for programs.
        text: of one, for operators.
        told: from a text and what was done to the sentence that says it.
        not_known: from a text to the sentence that no such one is written down.
        nothing: the sentence that none is.
    """

    of_latch: Callable[[str], One | None]
    at: Callable[[One], datetime]
    fields: Callable[[One], dict[str, object]]
    text: Callable[[One], str]
    told: Callable[[str, str], str]
    not_known: Callable[[str], str]
    nothing: Callable[[], str]

    def write_down(self, place: Place, one: One, *, as_json: bool) -> ExitCode:
        """Keep it for every process of the account."""
        changed = asyncio.run(_add(place, one))
        what = "written down" if changed else "was written down already"
        return self._tell(place, one, what, as_json=as_json)

    def take_back(self, place: Place, one: One, *, as_json: bool) -> ExitCode:
        """Forget it; refused where it is not written down."""
        known = asyncio.run(self._remove(place, one))
        if one not in known:
            listed = "; ".join(map(self.text, known)) or words.NONE()
            raise CliFault(
                ExitCode.NOT_FOUND,
                self.not_known(self.text(one)),
                remedy=words.WRITTEN_DOWN_ARE(listed=listed),
            )
        return self._tell(place, one, "taken back", as_json=as_json)

    def show(self, place: Place, *, as_json: bool) -> None:
        """All of them, the first one first."""
        known = asyncio.run(self._read(place))
        if as_json:
            print_json([self.fields(one) for one in known])
        else:
            for line in map(self.text, known) if known else (self.nothing(),):
                say(line)

    async def _remove(self, place: Place, one: One) -> list[One]:
        """What was written down before."""
        async with writing(place, make=False) as inbox:
            known = await self._known(inbox)
            at_us = epoch_us(SystemClock().now())
            await inbox.clear_latch(one.latch, "taken back by an operator", at_us=at_us)
            return known

    async def _read(self, place: Place) -> list[One]:
        async with reading(place) as reader:
            return await self._known(reader)

    async def _known(self, reader: Reader) -> list[One]:
        found = (self.of_latch(latch.kind) for latch in await reader.latches())
        return sorted((one for one in found if one is not None), key=self.at)

    def _tell(self, place: Place, one: One, what: str, *, as_json: bool) -> ExitCode:
        told = knock_at(wake_path(place.db, place.account))
        if as_json:
            print_json({"account": place.account, **self.fields(one), "result": what})
        else:
            say(self.told(self.text(one), word(words.RESULTS, what)))
            say(actions.ENGINE_TOLD() if told else actions.READ_AT_NEXT_LOOK())
        return ExitCode.OK


async def _add(place: Place, one: Announced) -> bool:
    async with writing(place, make=False) as inbox:
        warn_of_state(await inbox.overview(), place.account)
        at_us = epoch_us(SystemClock().now())
        return await inbox.set_latch(one.latch, "announced by the exchange", at_us=at_us)
