"""Being told: alarms over several channels until somebody acknowledges them."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import ParamSpec, TypeVar

from trading_platform_order.domain.alert import Alert, AlertKind, PendingAlert
from trading_platform_order.notifications.channel import Channel, Delivery, Message, Verdict
from trading_platform_order.notifications.channels.discord import DiscordChannel
from trading_platform_order.notifications.outbox_worker import OutboxWorker, always
from trading_platform_order.notifications.reminders import Reminders
from trading_platform_order.notifications.situation import Situation
from trading_platform_order.notifications.wording.messages import plain_parts_of
from trading_platform_order.simulation.scenarios.catalogue import scenario
from trading_platform_order.simulation.scenarios.dsl import Scene
from trading_platform_order.storage.relational.outbox_table import OutboxTable, SqlOutbox
from trading_platform_order.transport.clock import epoch_us
from trading_platform_order.transport.http import HttpRequest, NotSent

P = ParamSpec("P")
T = TypeVar("T")

RULE = "the operator's contract: OPERATIONS, repeats and acknowledging"
PAPER = Situation(mode="paper", mode_words="paper mode", account="main", is_real=False)
TOKEN = "a-token-that-nobody-may-see"  # noqa: S105 - of no service
URL = f"https://discord.invalid/api/webhooks/1/{TOKEN}"
PAGE_S, LOOK_S = 120.0, 10.0


@dataclass(slots=True)
class Phone(Channel):
    """A channel that keeps what it was told, and when."""

    name: str
    is_paging: bool = False
    answers_after_s: float = 0.0
    told: list[tuple[float, str]] = field(default_factory=list)
    title: str = "a phone"
    burst: int = 100
    burst_window_s: float = 1.0

    async def send(self, message: Message) -> Delivery:
        """Told at once; the answer may take its time."""
        title, body = plain_parts_of(message)
        self.told.append((asyncio.get_running_loop().time(), f"{title}\n{body}"))
        await asyncio.sleep(self.answers_after_s)
        return Delivery(verdict=Verdict.FAILED if self.answers_after_s else Verdict.TAKEN)


class Unreachable:
    """Every request fails, and says to which address."""

    async def send(self, request: HttpRequest) -> NotSent:
        """As a transport that is less careful than ours."""
        return NotSent(reason=f"no connection to {request.url}")

    async def close(self) -> None:
        """Nothing to close."""


class Outbox:
    """The engine's outbox as channels and repeats see it."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._table = OutboxTable(database=scene.testbed.connection, account="main")

    def of(self, channel: Channel, channels: Sequence[Channel]) -> SqlOutbox:
        """One channel's side of it."""
        others = [one.name for one in channels if one is not channel]
        return SqlOutbox(
            self._table,
            _at_once,
            channel=channel.name,
            beside=others,
            is_paging=channel.is_paging,
        )

    async def alerts_after(
        self, alert_id: int, *, since_us: int, limit: int = 500
    ) -> list[PendingAlert]:
        """As the store's."""
        return self._table.after(alert_id, since_us, limit)

    async def acknowledged_since(self, at_us: int) -> list[int]:
        """As the store's."""
        return self._table.acknowledged_since(at_us)

    async def tell(self, alerts: Sequence[Alert]) -> None:
        """Into the outbox, by the engine."""
        for alert in alerts:
            await self._scene.testbed.engine.executor.account.tell(alert)

    def acknowledge_all(self) -> None:
        """An operator has seen everything."""
        now_us = epoch_us(self._scene.testbed.clock.now())
        for pending in self._table.after(0, 0, 1_000):
            self._table.acknowledge(pending.id, now_us)


def _at_once(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Awaitable[T]:
    done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
    done.set_result(work(*args, **kwargs))
    return done


@contextmanager
def told_over(
    scene: Scene, outbox: Outbox, channels: Sequence[Channel], problems: list[str]
) -> Iterator[None]:
    """Deliver and repeat beside the engine."""
    clock = scene.testbed.clock
    parts = [
        OutboxWorker(
            channel=one,
            outbox=outbox.of(one, channels),
            clock=clock,
            situation=always(PAPER),
            on_problem=problems.append,
        ).run()
        for one in channels
    ]
    parts.append(Reminders(outbox, tell=outbox.tell, clock=clock).run())
    tasks = [asyncio.get_running_loop().create_task(part) for part in parts]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()


def margin(since_s: int, usdt: str) -> Alert:
    """A warning that lasts."""
    fields = {"level": "warn", "usdt_to_move": usdt, "since": f"{since_s} s"}
    return Alert(kind=AlertKind.MARGIN_WARNING, urgent=True, fields=fields)


@scenario(rule=RULE)
async def an_alarm_until_somebody_acknowledges_it(scene: Scene) -> None:
    """Two channels are dead, one hangs for a minute each time; a pager calls after two minutes."""
    problems: list[str] = []
    team, pager = Phone(name="team"), Phone(name="pager", is_paging=True)
    hangs = Phone(name="hangs", answers_after_s=60.0)
    dead = DiscordChannel(http=Unreachable(), webhook_url=URL)
    outbox = Outbox(scene)
    begin_s = asyncio.get_running_loop().time()
    with told_over(scene, outbox, [hangs, dead, team, pager], problems):
        await outbox.tell([margin(0, "100")])
        await scene.wait(1_200)
        _expect_times(scene, team, begin_s, "Margin", (0.0, PAGE_S, 420.0, 1_020.0))
        _expect_times(scene, pager, begin_s, "Margin", (PAGE_S, 420.0, 1_020.0))
        outbox.acknowledge_all()
        before = len(team.told), len(pager.told)
        await outbox.tell([margin(1_200, "110")])
        await scene.wait(1_800)
        now = len(team.told), len(pager.told)
        scene.expect(that=now == before, otherwise=f"told after the acknowledgement: {now}")
        await outbox.tell([margin(3_000, "200")])
        await scene.wait(PAGE_S + LOOK_S)
        worse = len(team.told) - now[0], len(pager.told) - now[1]
        scene.expect(that=worse == (2, 1), otherwise=f"it got worse, and was told {worse} times")
    for _, text in team.told + pager.told:
        is_said = text.startswith("PAPER · main · ") and "\nNo real money: " in text
        scene.expect(that=is_said, otherwise=f"nobody sees whether it is real money: {text}")
    is_secret = not any(TOKEN in problem for problem in problems)
    scene.expect(that=bool(problems) and is_secret, otherwise=f"the address is told: {problems}")


def _expect_times(
    scene: Scene, phone: Phone, begin_s: float, title: str, wanted: Sequence[float]
) -> None:
    """Each time within a look of the repeats and one of the channel."""
    found = [at_s - begin_s for at_s, text in phone.told if title in text]
    fits = len(found) == len(wanted) and all(
        0 <= at_s - due_s <= LOOK_S for at_s, due_s in zip(found, wanted, strict=True)
    )
    scene.expect(that=fits, otherwise=f"{phone.name} was told at {found}, not {list(wanted)}")
