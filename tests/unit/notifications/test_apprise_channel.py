"""Channels through apprise: against a loopback server and plugins that fail in every way."""

import asyncio
import base64
import json
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace

import pytest

from trading_platform_order.domain.alert import Alert, AlertKind, PendingAlert
from trading_platform_order.notifications.channel import Delivery, Message, Verdict
from trading_platform_order.notifications.channels.apprise_channel import (
    AddressRefused,
    AppriseChannel,
    Service,
    open_service,
)
from trading_platform_order.notifications.situation import Situation

SECRET = "very-secret-token"
LOST = Alert(kind=AlertKind.ONE_LEG_GONE, urgent=True, fields={"symbol": "BTC"})
PAPER = Situation(mode="paper", mode_words="paper mode", account="main", is_real=False)
MESSAGE = Message(
    pending=PendingAlert(id=1, alert=LOST, attempts=0, created_at_us=0), situation=PAPER
)


@dataclass
class Loopback:
    """Takes what is posted, and answers with a status."""

    status: int = 200
    bodies: list[bytes] = field(default_factory=list)
    port: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        lines = head.decode().lower().split("\r\n")
        length = next(int(line.split(":")[1]) for line in lines if line.startswith("content-len"))
        self.bodies.append(await reader.readexactly(length))
        writer.write(f"HTTP/1.1 {self.status} x\r\nContent-Length: 0\r\n\r\n".encode())
        await writer.drain()
        writer.close()


@pytest.fixture
async def loopback() -> AsyncIterator[Loopback]:
    told = Loopback()
    server = await asyncio.start_server(told.serve, "127.0.0.1", 0)
    told.port = server.sockets[0].getsockname()[1]
    async with server:
        yield told


def channel_to(port: int) -> AppriseChannel:
    return AppriseChannel(name="team", address=f"json://127.0.0.1:{port}/{SECRET}")


async def test_an_alert_arrives_as_one_request(loopback: Loopback) -> None:
    delivery = await channel_to(loopback.port).send(MESSAGE)
    assert delivery == Delivery(verdict=Verdict.TAKEN)
    (body,) = loopback.bodies
    told = json.loads(body)
    assert "One leg was closed from outside" in told["title"]
    assert "BTC" in told["message"]
    assert told["type"] == "failure"


async def test_a_picture_goes_with_it(loopback: Loopback) -> None:
    delivery = await channel_to(loopback.port).send(replace(MESSAGE, picture=b"\x89PNG and more"))
    assert delivery == Delivery(verdict=Verdict.TAKEN)
    (attached,) = json.loads(loopback.bodies[0])["attachments"]
    assert (attached["filename"], attached["mimetype"]) == ("report.png", "image/png")
    assert base64.b64decode(attached["base64"]) == b"\x89PNG and more"


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (400, Verdict.MISFIT),
        (403, Verdict.FAILED),
        (404, Verdict.FAILED),
        (429, Verdict.BUSY),
        (500, Verdict.FAILED),
    ],
)
async def test_an_answer_becomes_a_verdict(
    loopback: Loopback, status: int, verdict: Verdict
) -> None:
    loopback.status = status
    delivery = await channel_to(loopback.port).send(MESSAGE)
    assert (delivery.verdict, delivery.reason) == (verdict, f"HTTP {status}")


async def test_no_secret_leaves_in_a_reason_or_on_standard_error(
    loopback: Loopback, capfd: pytest.CaptureFixture[str]
) -> None:
    port = loopback.port
    loopback.status = 500
    refused = await channel_to(port).send(MESSAGE)
    unreached = await channel_to(1).send(MESSAGE)
    assert unreached.verdict is Verdict.FAILED
    assert unreached.reason == "it cannot be reached"
    written = capfd.readouterr()
    for text in (refused.reason, unreached.reason, repr(channel_to(port)), *written):
        assert SECRET not in text


@dataclass
class Plugin:
    """Does what a plugin may do, in the thread that calls it."""

    act: Callable[[], bool | None]
    calls: int = 0

    def notify(
        self, *, body: str, title: str, notify_type: str, attach: object = None
    ) -> bool | None:
        self.calls += 1
        return self.act()


def channel_with(plugin: Plugin, *, timeout_s: float = 5.0) -> AppriseChannel:
    def opened(_address: str) -> Service:
        return plugin

    return AppriseChannel(
        name="team", address="fake://", timeout_s=timeout_s, busy_s=7.0, open_address=opened
    )


async def test_a_plugin_that_breaks_is_a_failure_and_its_text_stays_inside() -> None:
    def broken() -> bool:
        raise KeyError(SECRET)

    delivery = await channel_with(Plugin(broken)).send(MESSAGE)
    assert delivery == Delivery(verdict=Verdict.FAILED, reason="KeyError")


async def test_a_plugin_that_hangs_holds_up_nothing_and_gets_no_second_thread() -> None:
    let_go = threading.Event()
    plugin = Plugin(lambda: let_go.wait(10))
    channel = channel_with(plugin, timeout_s=0.05)
    assert (await channel.send(MESSAGE)).reason == "no answer within 0.05 s"
    again = await channel.send(MESSAGE)
    assert (again.verdict, again.pause_s, plugin.calls) == (Verdict.BUSY, 7.0, 1)
    let_go.set()
    async with asyncio.timeout(5):
        while (last := await channel.send(MESSAGE)).verdict is Verdict.BUSY:  # noqa: ASYNC110
            await asyncio.sleep(0)
    assert last.verdict is Verdict.TAKEN


async def test_what_is_not_plainly_taken_is_not_taken() -> None:
    assert (await channel_with(Plugin(lambda: None)).send(MESSAGE)).verdict is Verdict.FAILED


@pytest.mark.parametrize(
    "address", ["bogus://x/very-secret-token", "tgram://very-secret-token", "no address"]
)
def test_a_bad_address_is_refused_without_being_shown(address: str) -> None:
    with pytest.raises(AddressRefused) as refused:
        open_service(address)
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize(
    "address",
    [
        "tgram://123456789:abcdefghijklmnopqrstuvwxyz/12315544/",
        "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#team",
        "mailtos://user:word@mail.example?to=team@mail.example",
        "json://localhost:8080/alerts",
        "pagerduty://A1BRTD4JDTIiajkdnlazkcOXrIdevi7F@T1JJ3T3L2",
        "opsgenie://a1b2c3d4-e5f6-a7b8-c9d0-e1f2a3b4c5d6",
        "pover://abcdefghijklmnopqrstuvwxyz1234@abcdefghijklmnopqrstuvwxyz1234",
    ],
)
def test_the_services_that_the_documents_name_are_known(address: str) -> None:
    assert open_service(address) is not None


def test_the_engine_and_its_command_line_do_not_load_the_library() -> None:
    code = (
        "import sys, trading_platform_order.runtime.service,"
        " trading_platform_order.cli.checks.notify,"
        " trading_platform_order.runtime.watchdog_service; sys.exit('apprise' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], check=False)  # noqa: S603 - our own
    assert ran.returncode == 0
