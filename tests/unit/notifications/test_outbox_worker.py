"""Delivery: paced, patient, urgent first; a dead webhook loses nothing urgent, tells no secret."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any

import pytest

from trading_platform_order.domain.alert import Alert, AlertKind, PendingAlert
from trading_platform_order.notifications.channel import Message
from trading_platform_order.notifications.channels.discord import DiscordChannel, DiscordLimits
from trading_platform_order.notifications.outbox_worker import (
    DeliveryLimits,
    OutboxWorker,
    PictureOf,
    always,
    no_picture,
)
from trading_platform_order.notifications.situation import Situation
from trading_platform_order.storage.sqlite.store import SqliteStore
from trading_platform_order.transport.clock import epoch_us
from trading_platform_order.transport.http import (
    HttpRequest,
    HttpResponse,
    HttpResult,
    MaybeSent,
    NotSent,
)
from trading_platform_order.transport.virtual_loop import run_virtual

PAPER = Situation(mode="paper", mode_words="paper mode", account="main", is_real=False)
URL = "https://discord.example/api/webhooks/123/very-secret-token"
PICTURE = b"\x89PNG\r\n\r\n--and more"
FAST = DeliveryLimits(backoff_first_s=0.05, backoff_max_s=0.1, poll_interval_s=0.001, backlog_max=3)


class FixedClock:
    def now(self) -> datetime:
        return datetime(2026, 11, 22, tzinfo=UTC)

    def monotonic(self) -> float:
        return 0.0

    def boottime(self) -> float:
        return 0.0


@dataclass
class FakeWebhook:
    """Answers from a script, then with 204; notes when it was asked, by the loop's time."""

    script: list[HttpResult] = field(default_factory=list)
    always: HttpResult | None = None
    delay_s: float = 0.0
    requests: list[HttpRequest] = field(default_factory=list)
    times: list[float] = field(default_factory=list)

    def send(self, request: HttpRequest) -> Awaitable[HttpResult]:
        self.requests.append(request)
        self.times.append(asyncio.get_running_loop().time())
        return self._answer()

    async def _answer(self) -> HttpResult:
        await asyncio.sleep(self.delay_s)
        if self.script:
            return self.script.pop(0)
        return self.always or HttpResponse(status=204)

    async def close(self) -> None:
        """Nothing to close."""

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(request.body) for request in self.requests]

    @property
    def told(self) -> list[str]:
        return [field_of(body, "n") for body in self.bodies]


def field_of(body: Mapping[str, Any], name: str) -> str:
    if "content" in body:
        return str(body["content"]).split(f"{name}: ")[1]
    (embed,) = body["embeds"]
    return next(str(item["value"]) for item in embed["fields"] if item["name"] == name)


def alert(number: int, *, urgent: bool = False) -> Alert:
    return Alert(kind="entry", urgent=urgent, fields={"n": str(number)})


@pytest.fixture
async def store() -> AsyncIterator[SqliteStore]:
    opened = SqliteStore(":memory:", build="b", durability="normal")
    yield opened
    await opened.close()


def notifier(
    store: SqliteStore,
    webhook: FakeWebhook,
    *,
    limits: DeliveryLimits = FAST,
    on_problem: Callable[[str], None] = lambda _: None,
    picture: PictureOf = no_picture,
) -> OutboxWorker:
    pace = DiscordLimits(burst=1_000) if limits is FAST else DiscordLimits()
    return OutboxWorker(
        channel=DiscordChannel(http=webhook, webhook_url=URL, limits=pace),
        outbox=store.outbox("discord"),
        clock=FixedClock(),
        situation=always(PAPER),
        limits=limits,
        on_problem=on_problem,
        picture=picture,
    )


async def run_until(
    sender: OutboxWorker, done: Callable[[], bool], *, limit_s: float = 5.0
) -> None:
    """Run the notifier's task until the condition holds, then cancel it as the engine would."""
    async with asyncio.TaskGroup() as group:
        task = group.create_task(sender.run())
        await until(done, limit_s)
        task.cancel()


async def until(done: Callable[[], bool], limit_s: float = 5.0) -> None:
    async with asyncio.timeout(limit_s):
        while not done():  # noqa: ASYNC110 - it watches values that tell no event
            await asyncio.sleep(limit_s / 5_000)


async def test_alerts_are_delivered_urgent_first_and_leave_the_outbox(store: SqliteStore) -> None:
    webhook = FakeWebhook()
    sender = notifier(store, webhook)
    await store.append([], at_us=1, alerts=[alert(1), alert(2), alert(3, urgent=True)])

    await run_until(sender, lambda: sender.counts.sent == 3)

    assert webhook.told == ["3", "1", "2"]
    assert await store.pending_alerts() == []
    assert {row["result"] for row in await store.query("v_alerts")} == {"sent"}
    request = webhook.requests[0]
    assert (request.method, request.url) == ("POST", URL)
    assert request.headers["Content-Type"] == "application/json"
    assert webhook.bodies[0]["allowed_mentions"] == {"parse": []}


async def test_a_knock_delivers_before_the_poll(store: SqliteStore) -> None:
    webhook = FakeWebhook()
    sender = notifier(store, webhook, limits=DeliveryLimits(poll_interval_s=60.0))
    async with asyncio.TaskGroup() as group:
        task = group.create_task(sender.run())
        await asyncio.sleep(0.002)
        await store.append([], at_us=1, alerts=[alert(1)])
        sender.knock()
        await until(lambda: bool(webhook.requests))
        task.cancel()


@pytest.mark.parametrize(
    "failure",
    [
        NotSent(reason=f"cannot connect to {URL}"),
        MaybeSent(reason="time-out"),
        HttpResponse(status=500),
        HttpResponse(status=404, body=b'{"message": "Unknown Webhook"}'),
        HttpResponse(status=401),
        HttpResponse(status=302, headers={"location": "https://elsewhere.example"}),
    ],
)
async def test_a_failure_is_tried_again_until_it_works(
    store: SqliteStore, failure: HttpResult
) -> None:
    webhook = FakeWebhook(script=[failure, failure])
    problems: list[str] = []
    sender = notifier(store, webhook, on_problem=problems.append)
    await store.append([], at_us=1, alerts=[alert(1, urgent=True), alert(2, urgent=True)])

    await run_until(sender, lambda: sender.counts.sent == 2)

    assert webhook.told == ["1", "1", "1", "2"]
    assert sender.counts.failed == 2
    assert len(problems) == 2
    assert "again" in problems[1]
    texts = [*problems, sender.last_problem, repr(sender), str(sender)]
    assert not any("very-secret-token" in text for text in texts)


# -- pace, in virtual time ------------------------------------------------------------------------


Announced = list[dict[str, str | int | None]]


def paced(webhook: FakeWebhook, *alerts: Alert, until_asked: int) -> tuple[list[float], Announced]:
    """Gaps between requests under the default limits, and the outbox afterwards."""

    async def scenario() -> Announced:
        store = SqliteStore(":memory:", build="b", durability="normal")
        sender = notifier(store, webhook, limits=DeliveryLimits())
        await store.append([], at_us=1, alerts=alerts)
        await run_until(sender, lambda: len(webhook.requests) >= until_asked, limit_s=5_000)
        told = await store.query("v_alerts")
        await store.close()
        return told

    told = run_virtual(scenario())
    gaps = zip(webhook.times, webhook.times[1:], strict=False)
    return [round(later - before, 6) for before, later in gaps], told


def test_back_off_doubles_up_to_its_limit() -> None:
    webhook = FakeWebhook(always=HttpResponse(status=503))

    gaps, (row,) = paced(webhook, alert(1, urgent=True), until_asked=9)

    assert gaps == [1, 2, 4, 8, 16, 32, 60, 60]
    assert row["attempts"] == 9
    assert row["next_at_us"] == epoch_us(FixedClock().now()) + 60_000_000


@pytest.mark.parametrize(
    ("answer", "wait_s"),
    [
        (HttpResponse(status=429, body=b'{"retry_after": 7.25, "global": false}'), 7.25),
        (HttpResponse(status=429, headers={"retry-after": "7"}, body=b"<html>"), 7),
        (HttpResponse(status=429, headers={"retry-after": "7"}, body=b'{"retry_after": "NaN"}'), 7),
        (
            HttpResponse(
                status=204,
                headers={"x-ratelimit-remaining": "0", "x-ratelimit-reset-after": "7.5"},
            ),
            7.5,
        ),
        (HttpResponse(status=204, headers={"x-ratelimit-remaining": "4"}), 0),
        (HttpResponse(status=429, body=b'{"retry_after": 1e9}'), 3_600),
        (HttpResponse(status=429, body=b'{"retry_after": true}'), 60),
        (HttpResponse(status=429, body=b"[]"), 60),
        (HttpResponse(status=429, headers={"retry-after": "soon"}), 60),
    ],
)
def test_the_webhooks_own_limits_are_obeyed(answer: HttpResponse, wait_s: float) -> None:
    alerts = [alert(n, urgent=True) for n in range(2)]

    gaps, told = paced(FakeWebhook(script=[answer]), *alerts, until_asked=2)

    assert gaps[0] == wait_s
    assert [row["attempts"] for row in told] == [0, 0]


def test_no_more_than_the_burst_leaves_in_its_window() -> None:
    gaps, _ = paced(FakeWebhook(), *(alert(n) for n in range(12)), until_asked=12)

    assert gaps == [0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0]


async def test_a_dead_webhook_loses_only_calm_alerts_and_counts_them(store: SqliteStore) -> None:
    webhook = FakeWebhook(always=NotSent(reason="no route"))
    sender = notifier(store, webhook)
    alerts = [alert(n, urgent=n % 2 == 0) for n in range(40)]
    await store.append([], at_us=1, alerts=alerts)

    await run_until(sender, lambda: len(webhook.requests) >= 10)

    left = await store.pending_alerts(100)
    assert [p.alert.fields["n"] for p in left if p.alert.urgent] == [
        str(n) for n in range(0, 40, 2)
    ]
    assert [p.alert.fields["n"] for p in left if not p.alert.urgent] == ["35", "37", "39"]
    assert sender.counts.dropped == 17

    webhook.always = None
    after_restart = notifier(store, webhook)
    await run_until(after_restart, lambda: after_restart.counts.sent == 23)
    assert await store.pending_alerts() == []


async def test_the_backlog_stays_bounded_during_a_long_pause(store: SqliteStore) -> None:
    webhook = FakeWebhook(always=HttpResponse(status=429, body=b'{"retry_after": 3000}'))
    sender = notifier(store, webhook)
    await store.append([], at_us=1, alerts=[alert(0, urgent=True)])
    async with asyncio.TaskGroup() as group:
        task = group.create_task(sender.run())
        await until(lambda: bool(webhook.requests))
        await store.append([], at_us=1, alerts=[alert(n) for n in range(10)])
        await until(lambda: sender.counts.dropped >= 7)
        task.cancel()

    assert len(webhook.requests) == 1
    assert len(await store.pending_alerts()) == 4


async def test_an_embed_discord_refuses_does_not_block_and_goes_as_text(
    store: SqliteStore,
) -> None:
    webhook = FakeWebhook(script=[HttpResponse(status=400), HttpResponse(status=400)])
    sender = notifier(store, webhook)
    await store.append([], at_us=1, alerts=[alert(1, urgent=True), alert(2)])

    await run_until(sender, lambda: sender.counts.sent == 2)

    assert webhook.told[:2] == ["1", "2"]
    assert sorted(webhook.told[2:]) == ["1", "2"]
    assert all("content" in body for body in webhook.bodies[2:])


async def test_a_calm_alert_that_is_always_refused_is_given_up_and_an_urgent_one_is_not(
    store: SqliteStore,
) -> None:
    webhook = FakeWebhook(always=HttpResponse(status=400))
    sender = notifier(store, webhook)
    await store.append([], at_us=1, alerts=[alert(1, urgent=True), alert(2)])

    await run_until(sender, lambda: webhook.told.count("1") >= 6)

    assert webhook.told.count("2") == 3
    assert sender.counts.dropped == 1
    (left,) = await store.pending_alerts()
    assert left.alert.urgent


async def test_a_cancel_during_a_delivery_keeps_the_alert(store: SqliteStore) -> None:
    webhook = FakeWebhook(delay_s=60.0)
    await store.append([], at_us=1, alerts=[alert(1)])

    await run_until(notifier(store, webhook), lambda: bool(webhook.requests))

    assert len(await store.pending_alerts()) == 1


@pytest.mark.parametrize(
    "url", ["http://discord.example/secret", "ftp://x/secret", "secret", "", "https:///secret"]
)
def test_an_unsafe_address_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(ValueError, match="https://") as caught:
        DiscordChannel(http=FakeWebhook(), webhook_url=url)
    assert "secret" not in str(caught.value)


async def test_an_alert_is_sent_in_the_name_of_its_mode() -> None:
    webhook = FakeWebhook()
    words = "tporder: paper mode on live prices of both exchanges"
    channel = DiscordChannel(http=webhook, webhook_url=URL, sender=words)
    pending = PendingAlert(
        id=1, alert=Alert(kind=AlertKind.ENTRY, urgent=False), attempts=0, created_at_us=0
    )
    await channel.send(Message(pending=pending, situation=PAPER))
    assert webhook.bodies[0]["username"] == words


def test_a_loopback_webhook_needs_no_tls() -> None:
    DiscordChannel(http=FakeWebhook(), webhook_url="http://127.0.0.1:8080/hook")


# -- refusals in one message ------------------------------------------------------------------


def refusal(number: int, *, urgent: bool = False) -> Alert:
    fields = {"signal_id": f"s{number}", "symbol": "BTC", "code": "already_open"}
    return Alert(kind=AlertKind.REFUSAL, urgent=urgent, fields=fields)


async def test_refused_entries_of_a_minute_are_one_message(store: SqliteStore) -> None:
    now_us = epoch_us(FixedClock().now())
    old, young = now_us - 60_000_000, now_us - 59_000_000
    await store.append([], at_us=young, alerts=[refusal(1), refusal(2)])
    webhook = FakeWebhook()
    limits = replace(FAST, refusals_s=60.0)
    sender = notifier(store, webhook, limits=limits)
    assert await sender.deliver_due() == 0
    await store.append([], at_us=old, alerts=[refusal(3, urgent=True), alert(4)])
    assert await sender.deliver_due() == 2
    assert len(webhook.bodies) == 2
    later = notifier(store, webhook, limits=replace(FAST, refusals_s=59.0))
    assert await later.deliver_due() == 1
    (embed,) = webhook.bodies[-1]["embeds"]
    assert "2 signals were refused:" in embed["description"]
    assert "already_open (s1)" in embed["description"]
    assert "already_open (s2)" in embed["description"]
    assert await store.pending_alerts() == []


async def test_many_refusals_wait_no_longer_and_keep_nobody_waiting(store: SqliteStore) -> None:
    now_us = epoch_us(FixedClock().now())
    await store.append([], at_us=now_us, alerts=[refusal(n) for n in range(60)] + [alert(99)])
    webhook = FakeWebhook()
    sender = notifier(store, webhook, limits=replace(FAST, refusals_s=60.0))
    assert await sender.deliver_due() == 2
    descriptions = [body["embeds"][0]["description"] for body in webhook.bodies]
    assert "60 signals were refused:" in descriptions[0]
    assert "… and 45 more" in descriptions[0]
    assert sender.counts.sent == 61


async def test_refusals_that_are_not_taken_all_wait(store: SqliteStore) -> None:
    await store.append([], at_us=0, alerts=[refusal(1), refusal(2)])
    webhook = FakeWebhook(script=[HttpResponse(status=500)])
    sender = notifier(store, webhook, limits=replace(FAST, refusals_s=60.0))
    assert await sender.deliver_due() == 1
    assert [one.attempts for one in await store.pending_alerts()] == [0, 0]
    assert [one.attempts for one in await store.outbox("discord").pending_alerts()] == [1, 1]


async def test_a_dead_channel_holds_up_no_other(store: SqliteStore) -> None:
    await store.append([], at_us=0, alerts=[alert(1, urgent=True)])
    dead, alive = FakeWebhook(delay_s=60), FakeWebhook()
    first = notifier(store, dead)
    second = OutboxWorker(
        channel=DiscordChannel(http=alive, webhook_url=URL),
        outbox=store.outbox("team", beside=["discord"]),
        clock=FixedClock(),
        situation=always(PAPER),
    )
    async with asyncio.TaskGroup() as group:
        hanging = group.create_task(first.run())
        running = group.create_task(second.run())
        async with asyncio.timeout(5):
            while not alive.requests:  # noqa: ASYNC110 - two tasks of their own
                await asyncio.sleep(0)
        hanging.cancel()
        running.cancel()
    assert alive.told == ["1"]


async def test_the_first_try_has_the_picture_and_a_second_one_none(store: SqliteStore) -> None:
    webhook = FakeWebhook(script=[HttpResponse(status=500)])
    sender = notifier(store, webhook, picture=lambda _: PICTURE)
    await store.append([], at_us=1, alerts=[alert(1)])

    await run_until(sender, lambda: sender.counts.sent == 1)

    first, second = webhook.requests
    head = f"Content-Type: {first.headers['Content-Type']}\r\n\r\n".encode()
    shown, picture = BytesParser(policy=HTTP).parsebytes(head + first.body).iter_parts()
    (embed,) = json.loads(shown.get_content())["embeds"]
    assert embed["image"] == {"url": f"attachment://{picture.get_filename()}"}
    assert picture.get_content() == PICTURE
    assert "image" not in json.loads(second.body)["embeds"][0]
