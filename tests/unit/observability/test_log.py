"""The log: lines for programs and for a terminal, without secrets, and never in anybody's way."""

import asyncio
import inspect
import json
import re
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, get_type_hints

import pytest
from rich.cells import cell_len

from trading_platform_order.domain.account import account_events as ae
from trading_platform_order.domain.alert import Alert, AlertKind
from trading_platform_order.domain.order import Order
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.domain.trade.pair_trade import PairTrade
from trading_platform_order.executor.journal.event_codec import Event, entry_of, event_kinds
from trading_platform_order.observability.feed import Feed
from trading_platform_order.observability.log import HIDDEN, EngineLog, LogStyle
from trading_platform_order.observability.log_lines import account_lines, trade_lines
from trading_platform_order.observability.log_lines.line_writer import LineWriter
from trading_platform_order.observability.log_lines.lines import Level, Line, Row
from trading_platform_order.runtime.followers.beside import beside
from trading_platform_order.runtime.settings.settings import load_settings
from trading_platform_order.runtime.settings.shown.masking import secret_texts
from trading_platform_order.storage.base import Claim, ClaimResult, Commit
from trading_platform_order.storage.sqlite.database import Database
from trading_platform_order.storage.sqlite.store import SqliteStore
from trading_platform_order.transport.decorators.watched_websockets import StreamChange

AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
REFUSED = ae.SignalRefused(
    signal_id="sig-1",
    strategy="kimp",
    action="ENTER",
    symbol="BTC",
    code="order_cap",
    message="too much",
    figures={"order_krw": "1200000", "level": "7"},
    at=AT,
)


class Captured:
    """What a log wrote."""

    def __init__(
        self,
        *,
        as_json: bool = True,
        level: Level = Level.DEBUG,
        secrets: Sequence[str] = (),
        colours: bool = False,
        columns: int | None = None,
    ) -> None:
        self._written = bytearray()
        style = LogStyle(
            level=level, as_json=as_json, colours=colours, account="main", columns=columns
        )
        self.log = EngineLog(
            LineWriter(self._written.extend), style=style, secrets=secrets, now=lambda: AT
        )

    @property
    def text(self) -> str:
        self.log.close()
        return self._written.decode()

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]


def commit_of(event: ae.AccountEvent, *alerts: Alert) -> Commit:
    return Commit(entries=[entry_of(event)], alerts=alerts, at_us=1_000_000)


def test_a_line_for_programs_has_its_figures_beside_its_words() -> None:
    captured = Captured()
    captured.log.event(REFUSED, "", None)
    assert captured.lines == [
        {
            "timestamp": "2026-11-22T09:00:00.000Z",
            "level": "warning",
            "event": "signal refused",
            "account": "main",
            "signal": "sig-1",
            "strategy": "kimp",
            "action": "ENTER",
            "symbol": "BTC",
            "code": "order_cap",
            "message": "too much",
            "order_krw": "1200000",
            "level_": "7",
        }
    ]


def test_a_line_for_a_terminal_reads_as_time_level_words_figures() -> None:
    captured = Captured(as_json=False)
    captured.log.event(REFUSED, "", None)
    words = captured.text.split()
    assert words[:5] == [
        "2026-11-22T09:00:00.000Z",
        "[warning]",
        "signal",
        "refused",
        "signal=sig-1",
    ]
    assert "order_krw=1200000" in words


def test_lines_below_the_level_are_left_out() -> None:
    captured = Captured(level=Level.WARNING)
    captured.log.announce("engine ready")
    captured.log.announce("warning: private files: others may read them")
    assert [(line["level"], line["event"]) for line in captured.lines] == [
        ("warning", "private files: others may read them")
    ]


@pytest.mark.parametrize(
    ("kind", "urgent", "level"),
    [
        (AlertKind.EXCHANGE_CLOSED, True, "error"),
        (AlertKind.EXCHANGE_OPEN, True, "info"),
        (AlertKind.MAINTENANCE, False, "warning"),
        (AlertKind.STOP_LOSS, True, "error"),
    ],
)
def test_stop_and_hindrances_are_lines(kind: AlertKind, urgent: bool, level: str) -> None:
    captured = Captured()
    alert = Alert(kind=kind, urgent=urgent, fields={"signal_id": "sig-1", "reason": "why"})
    captured.log.alert(alert, AT)
    (line,) = captured.lines
    assert (line["level"], line["alert"], line["signal"]) == (level, kind.value, "sig-1")


@pytest.mark.parametrize("kind", [AlertKind.ENTRY, AlertKind.EMERGENCY_STOP, AlertKind.RESUMED])
def test_what_events_tell_is_no_line_of_an_alert(kind: AlertKind) -> None:
    captured = Captured()
    captured.log.alert(Alert(kind=kind, urgent=False), AT)
    assert captured.lines == []


@pytest.mark.parametrize("colours", [False, True])
def test_a_line_is_broken_at_the_width_of_its_terminal(colours: bool) -> None:
    captured = Captured(as_json=False, colours=colours, columns=80)
    fields = {f"figure_{number}_krw": "1000000" for number in range(8)}
    captured.log.write(Line(level=Level.INFO, event="체결", at=AT, fields=fields))
    plain = re.sub(r"\x1b\[[0-9;]*m", "", captured.text)
    first, *rest = plain.splitlines()
    assert rest
    assert all(cell_len(line) <= 80 for line in (first, *rest))
    assert all(line.startswith("  ") for line in rest)
    assert [word for word in plain.split() if "=" in word] == [
        f"{name}={text}" for name, text in fields.items()
    ]


def test_no_text_begins_a_line_or_steers_a_terminal() -> None:
    captured = Captured(as_json=False)
    fields = {"message": "서버 오류\n2026 [info] all is well\x1b[2J"}
    captured.log.write(Line(level=Level.ERROR, event="x", at=AT, fields=fields))
    assert len(captured.text.splitlines()) == 1
    assert "\x1b" not in captured.text
    assert "서버 오류" in captured.text


@pytest.mark.parametrize("as_json", [True, False])
def test_secrets_are_taken_out_wherever_they_stand(as_json: bool) -> None:
    webhook = "https://discord.example/api/webhooks/1234567890/T0ken-of-the-webhook-abcdef"
    settings = load_settings(
        None,
        {
            "TPORDER_UPBIT_SECRET_KEY": "upbit-secret-key-1",
            "TPORDER_WATCHDOG_BINANCE_API_KEY": "watchdog-api-key",
            "TPORDER_DISCORD_WEBHOOK_URL": webhook,
        },
    )
    captured = Captured(as_json=as_json, secrets=secret_texts(settings))
    captured.log.announce(f"Discord did not answer at {webhook}")
    captured.log.announce("POST /T0ken-of-the-webhook-abcdef failed")
    fields = {"message": "signed with upbit-secret-key-1", "why": "watchdog-api-key"}
    captured.log.write(Line(level=Level.ERROR, event="x", at=AT, fields=fields))
    text = captured.text
    for secret in ("upbit-secret-key-1", "watchdog-api-key", "T0ken-of-the-webhook", "1234567890"):
        assert secret not in text
    assert text.count(HIDDEN) == 4


def test_secrets_of_every_channel_are_taken_out() -> None:
    urls = (
        "team=tgram://123456789:AAbbCCddEEffGGhhIIjj/42 ops=json://127.0.0.1:9/one-very-long-path"
    )
    settings = load_settings(None, {"TPORDER_NOTIFY_URLS": urls})
    captured = Captured(as_json=True, secrets=secret_texts(settings))
    captured.log.announce("no answer of tgram://123456789:AAbbCCddEEffGGhhIIjj/42")
    captured.log.announce("POST /bot123456789:AAbbCCddEEffGGhhIIjj/send")
    captured.log.announce("POST http://127.0.0.1:9/one-very-long-path, on 127.0.0.1")
    text = captured.text
    assert "AAbbCCddEEffGGhhIIjj" not in text
    assert "one-very-long-path" not in text
    assert "on 127.0.0.1" in text


ROWS = trade_lines.ROWS | account_lines.ROWS


def test_every_kind_of_event_has_words_of_its_own() -> None:
    # One that nobody gave words to is told by the name of its class.
    source = inspect.getsource(trade_lines.lines_of_trade)
    told = {f"{cls.__name__}()" in source or cls in ROWS for cls in event_kinds().values()}
    assert told == {True}


@pytest.mark.parametrize(
    ("kind", "row"),
    [*ROWS.items(), (te.TradeOpened, trade_lines.OPENED), (Order, trade_lines.PLANNED)],
)
def test_a_line_names_only_what_its_event_has(kind: type, row: Row) -> None:
    figures = list(row.paths())
    assert figures
    for _, path, _ in figures:
        holder: Any = kind
        for attribute in path.split("."):
            holder = get_type_hints(holder)[attribute]


def test_whoever_reads_the_lines_may_stop_reading() -> None:
    reads = threading.Event()
    written = bytearray()

    def sink(text: bytes) -> None:
        reads.wait(10)
        written.extend(text)

    writer = LineWriter(sink, lines_max=3, end_s=0.01)
    style = LogStyle(level=Level.INFO, as_json=True, colours=False, account="main")
    log = EngineLog(writer, style=style, secrets=(), now=lambda: AT)
    for number in range(50):
        log.announce(f"line {number}")
    assert log.lost > 40
    log.close()  # the end does not wait for it either
    reads.set()


def test_a_reader_that_went_away_is_no_failure() -> None:
    def sink(_text: bytes) -> None:
        raise BrokenPipeError

    writer = LineWriter(sink)
    writer.write("one")
    writer.close()
    assert writer.lost >= 1


# -- the journal's commits -------------------------------------------------------------------------


async def until(text: str, captured: Captured, feed: Feed) -> list[dict[str, Any]]:
    async with beside(feed.run(), name="the log", announce=captured.log.announce):
        await asyncio.sleep(0.01)
    assert text in captured.text
    return captured.lines


class Recorder:
    """Notes what it hears, in order."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def event(self, event: Event, trade_id: str, trade: PairTrade | None) -> None:
        del trade_id, trade
        self.heard.append(type(event).__name__)

    def alert(self, alert: Alert, at: datetime) -> None:
        self.heard.append(f"{alert.kind} at {at.timestamp():g}")

    def stream(self, change: StreamChange) -> None:
        self.heard.append(change.name)

    def missed(self, facts: int) -> None:
        self.heard.append(f"missed {facts}")


async def test_a_commit_is_only_remembered_on_the_way_of_an_order() -> None:
    recorder = Recorder()
    feed = Feed([recorder])
    store = SqliteStore(Database.open(":memory:"), build="test", on_commit=feed.commit)
    claim = Claim(
        signal_id="sig-1", content_hash="a", strategy="kimp", symbol="BTC", action="ENTER"
    )
    alert = Alert(kind=AlertKind.MAINTENANCE, urgent=False)
    async with beside(feed.run(), name="the log", announce=print):
        await asyncio.sleep(0.01)  # it waits for its next look
        for expected in (ClaimResult.CLAIMED, ClaimResult.DUPLICATE):
            entries = [entry_of(REFUSED)]
            result = await store.append(entries, at_us=7_000_000, claim=claim, alerts=[alert])
            assert result is expected
            await asyncio.sleep(0.01)  # whatever a commit would wake has run
            assert recorder.heard == []
    # Once: what was a duplicate was not written.
    assert recorder.heard == ["SignalRefused", "maintenance at 7"]


async def test_what_finds_no_place_is_counted_and_told() -> None:
    captured = Captured()
    feed = Feed([captured.log], facts_max=2)
    for _ in range(5):
        feed.commit(commit_of(REFUSED))
    lines = await until("not logged", captured, feed)
    assert [line.get("facts") for line in lines] == [None, None, 3]


async def test_a_log_that_breaks_ends_nothing_else() -> None:
    class Broken(EngineLog):
        def event(self, *_arguments: object) -> None:
            raise ValueError("a bug")

    captured = Captured()
    captured.log.__class__ = Broken
    feed = Feed([captured.log])
    feed.commit(commit_of(REFUSED))
    async with beside(feed.run(), name="the log", announce=captured.log.announce):
        await asyncio.sleep(0.01)
        feed.commit(commit_of(REFUSED))
    assert "trading goes on without it" in captured.text
