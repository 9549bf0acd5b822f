"""When an urgent alert is repeated, and what an acknowledgement silences: by the book alone."""

from dataclasses import dataclass, field

import pytest

from trading_platform_order.domain.alarms.alarm_book import AlarmBook, RepeatLimits
from trading_platform_order.domain.alert import Alert, AlertKind, PendingAlert

S = 1_000_000


def margin(since_s: int, usdt: str = "100", **more: str) -> Alert:
    fields = {"level": "warn", "usdt_to_move": usdt, "since": f"{since_s} s", **more}
    return Alert(kind=AlertKind.MARGIN_WARNING, urgent=True, fields=fields)


def naked(signal_id: str = "s1", *, urgent: bool = True, **more: str) -> Alert:
    fields = {"symbol": "BTC", "strategy": "kimchi", "signal_id": signal_id, **more}
    return Alert(kind=AlertKind.ONE_LEG_FAILED, urgent=urgent, fields=fields)


@dataclass
class Outbox:
    """Ids and times; what is due goes into it, as the engine's outbox has it."""

    book: AlarmBook = field(
        default_factory=lambda: AlarmBook(RepeatLimits(page_after_s=120, repeat_s=300))
    )
    rows: list[PendingAlert] = field(default_factory=list)

    def tell(self, at_s: int, alert: Alert) -> int:
        number = len(self.rows) + 1
        pending = PendingAlert(id=number, alert=alert, attempts=0, created_at_us=at_s * S)
        self.rows.append(pending)
        self.book.note(pending)
        return number

    def look(self, at_s: int) -> list[Alert]:
        due = self.book.due(at_s * S)
        for alert in due:
            self.tell(at_s, alert)
        return due

    def times(self, until_s: int, begin_s: int = 0) -> list[int]:
        """When something is repeated, looked at every ten seconds."""
        return [at_s for at_s in range(begin_s, until_s, 10) if self.look(at_s)]


def test_it_is_repeated_after_two_minutes_then_ever_more_rarely_and_for_a_day() -> None:
    outbox = Outbox()
    outbox.tell(0, naked())
    assert outbox.times(20_000)[:8] == [120, 420, 1020, 2220, 4620, 8220, 11820, 15420]
    assert outbox.times(100_000, 20_000)[-1] > 80_000
    assert outbox.times(200_000, 100_000) == []


def test_a_repeat_says_what_it_repeats_and_how_long_it_lasts() -> None:
    outbox = Outbox()
    first = outbox.tell(10, margin(5))
    (again,) = outbox.look(130)
    assert again.kind == AlertKind.MARGIN_WARNING
    assert again.urgent
    assert again.fields["reminder"] == "1"
    assert again.fields["reminder_of"] == str(first)
    assert again.fields["since"] == "125 s"
    (third,) = outbox.look(430)
    assert (third.fields["reminder"], third.fields["reminder_of"]) == ("2", str(first))


@pytest.mark.parametrize("which", [1, 2], ids=["the alert", "its repeat"])
def test_acknowledging_ends_the_repeats(which: int) -> None:
    outbox = Outbox()
    outbox.tell(0, naked())
    assert outbox.look(120)
    outbox.book.acknowledge([which])
    assert outbox.times(50_000, 130) == []


def test_acknowledging_one_alarm_leaves_the_others() -> None:
    outbox = Outbox()
    outbox.tell(0, naked("s1"))
    outbox.tell(0, naked("s2"))
    outbox.book.acknowledge([1])
    assert [alert.fields["signal_id"] for alert in outbox.look(120)] == ["s2"]


def test_what_gets_worse_after_an_acknowledgement_is_repeated_again() -> None:
    outbox = Outbox()
    outbox.tell(0, margin(0))
    outbox.book.acknowledge([1])
    outbox.tell(300, margin(300, "120"))
    assert outbox.times(900, 300) == []
    outbox.tell(900, margin(900, "126"))
    assert outbox.times(1100, 900) == [1020]


def test_an_acknowledgement_does_not_reach_what_got_worse_before_it() -> None:
    # A restart reads all alerts of the day first, and then what was acknowledged.
    outbox = Outbox()
    outbox.tell(0, margin(0))
    outbox.tell(60, margin(60, "200"))
    outbox.book.acknowledge([1])
    assert outbox.times(300) == [180]
    outbox.book.acknowledge([1, 2])
    assert outbox.times(50_000, 300) == []


@pytest.mark.parametrize(
    "worse",
    [
        margin(600, level="reduce"),
        margin(600, operator="now"),
        margin(600, "126"),
        margin(600, reason="another"),
    ],
    ids=["level", "operator", "amount", "cause"],
)
def test_each_way_to_get_worse(worse: Alert) -> None:
    outbox = Outbox()
    outbox.tell(0, margin(0))
    outbox.book.acknowledge([1])
    outbox.tell(600, worse)
    assert outbox.times(1000, 600) == [720]


@pytest.mark.parametrize("same", [margin(600, "125"), margin(601, "90"), margin(600, level="calm")])
def test_what_is_no_worse_stays_silent(same: Alert) -> None:
    outbox = Outbox()
    outbox.tell(0, margin(0))
    outbox.book.acknowledge([1])
    outbox.tell(600, same)
    assert outbox.times(5000, 600) == []


def test_the_same_again_later_is_another_incident() -> None:
    outbox = Outbox()
    outbox.tell(0, margin(0))
    outbox.book.acknowledge([1])
    outbox.tell(600, margin(0))
    assert outbox.times(800, 600) == [720]


def ending(at: str, *, since_s: int = 0, held: bool = True) -> Alert:
    fields = {"symbol": "BTC", "deadline": f"BTC ends on upbit at {at}", "since": f"{since_s} s"}
    return Alert(kind=AlertKind.DEADLINE, urgent=held, fields=fields)


def test_an_end_that_was_acknowledged_is_silent_over_restarts_until_it_is_another() -> None:
    outbox = Outbox()
    first = outbox.tell(0, ending("2026-12-24T06:00Z"))
    outbox.book.acknowledge([first])
    outbox.tell(3_600, ending("2026-12-24T06:00Z", since_s=3_600))
    outbox.tell(7_200, ending("2026-12-24T06:00Z", since_s=0))  # of an engine that began anew
    assert outbox.times(20_000, 7_200) == []
    outbox.tell(20_000, ending("2026-12-20T06:00Z"))
    assert outbox.times(20_300, 20_000) == [20_120]


def test_an_end_is_worse_once_the_coin_is_held() -> None:
    outbox = Outbox()
    calm = outbox.tell(0, ending("2026-12-24T06:00Z", held=False))
    outbox.book.acknowledge([calm])
    outbox.tell(60, ending("2026-12-24T06:00Z", since_s=60))
    assert outbox.times(400, 60) == [180]


def test_a_newer_alert_of_one_incident_takes_the_place_of_the_older() -> None:
    outbox = Outbox()
    outbox.tell(0, margin(0))
    outbox.tell(100, margin(100))
    assert outbox.times(300) == [220]


@pytest.mark.parametrize(
    ("told", "ending", "ended"),
    [
        (naked(), Alert(kind="exit", urgent=False, fields={"signal_id": "s1"}), True),
        (naked(), Alert(kind="exit", urgent=False, fields={"signal_id": "s2"}), False),
        (naked(), Alert(kind="exit", urgent=True, fields={"signal_id": "s1"}), False),
        (
            Alert(kind="exchange_closed", urgent=True, fields={"exchange": "upbit"}),
            Alert(kind="exchange_open", urgent=False, fields={"exchange": "upbit"}),
            True,
        ),
        (
            Alert(kind="exchange_closed", urgent=True, fields={"exchange": "upbit"}),
            Alert(kind="exchange_open", urgent=False, fields={"exchange": "binance"}),
            False,
        ),
        (
            Alert(kind="stop_loss", urgent=True, fields={"strategy": "k", "symbol": "BTC"}),
            Alert(
                kind="exit",
                urgent=False,
                fields={"strategy": "k", "symbol": "BTC", "outcome": "flat"},
            ),
            True,
        ),
        (
            Alert(kind="emergency_stop", urgent=True, fields={"reason": "x"}),
            Alert(kind="resumed", urgent=True, fields={"reason": "y"}),
            True,
        ),
    ],
)
def test_what_the_engine_says_is_over_is_repeated_no_more(
    told: Alert, ending: Alert, ended: bool
) -> None:
    outbox = Outbox()
    outbox.tell(0, told)
    outbox.tell(10, ending)
    assert (outbox.times(300) == []) is ended


@pytest.mark.parametrize("kind", ["resumed", "entry", "exit"])
def test_urgent_news_that_asks_for_nothing_is_told_once(kind: str) -> None:
    outbox = Outbox()
    outbox.tell(0, Alert(kind=kind, urgent=True))
    assert outbox.times(10_000) == []


def test_what_is_not_urgent_is_told_once() -> None:
    outbox = Outbox()
    outbox.tell(0, naked(urgent=False))
    assert outbox.times(10_000) == []
