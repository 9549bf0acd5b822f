"""What a message says and in which order: money and account, case, engine, operator, way out."""

from dataclasses import replace
from decimal import Decimal

import pytest

from trading_platform_order.domain.alert import Alert, AlertKind, PendingAlert
from trading_platform_order.notifications.channel import Message
from trading_platform_order.notifications.situation import Figures, Situation
from trading_platform_order.notifications.wording.guidance import GUIDANCE, Guidance, Need
from trading_platform_order.notifications.wording.messages import embed_of, plain_parts_of

LIVE = Situation(
    mode="live",
    mode_words="live mode",
    account="fund",
    is_real=True,
    figures=Figures(is_flat=False, exit_cost_krw=Decimal("15700.4")),
)
NAKED = {
    "symbol": "BTC",
    "reason": "legs differ",
    "naked_krw": "1400000",
    "since": "3 s",
    "attempt": "3 of 8",
}
ASKS_NOTHING = {
    "entry", "exit", "resumed", "taken_back", "engine_back", "exchange_open", "symbol_ready",
    "watchdog_back", "clock_right", "engine_started", "engine_stopped", "daily_report", "test",
}  # fmt: skip


def message(kind: str, fields: dict[str, str], situation: Situation = LIVE) -> Message:
    alert = Alert(kind=kind, urgent=True, fields=fields)
    pending = PendingAlert(id=7, alert=alert, attempts=0, created_at_us=0)
    return Message(pending=pending, situation=situation, now_us=130_000_000)


def lines(told: Message) -> list[str]:
    title, body = plain_parts_of(told)
    return [title, *body.split("\n")]


def test_the_lines_answer_the_questions_of_whoever_is_woken() -> None:
    assert lines(message(AlertKind.ONE_LEG_FAILED, NAKED)) == [
        "LIVE · fund · 🚨 One leg failed · 한쪽 주문 실패",
        "REAL MONEY: live mode, account fund.",
        "Without its other leg: 1,400,000 KRW, for 3 s.",
        "Engine: it completes or takes back the other leg; attempt 3 of 8.",
        (
            "An operator is needed if no entry or exit of this signal is told within 1 min: "
            "balance the legs by hand on the exchange that works."
        ),
        "Closing everything now would cost 15,700 KRW.",
        "symbol: BTC",
        "reason: legs differ",
    ]


@pytest.mark.parametrize("kind", list(AlertKind))
@pytest.mark.parametrize("is_real", [True, False])
def test_every_message_begins_with_the_mode_and_whether_the_money_is_real(
    kind: AlertKind, is_real: bool
) -> None:
    situation = replace(LIVE, is_real=is_real)
    told = message(kind, NAKED, situation)
    head = "REAL MONEY" if is_real else "No real money"
    title, first = lines(told)[:2]
    assert title.startswith("LIVE · fund · ")
    assert first == f"{head}: live mode, account fund."
    embed = embed_of(told)
    assert (embed.title, embed.description.split("\n")[0]) == (title, first)


@pytest.mark.parametrize("kind", list(AlertKind))
def test_every_kind_that_may_be_urgent_says_whether_an_operator_is_needed(kind: AlertKind) -> None:
    assert kind in GUIDANCE or kind in ASKS_NOTHING
    assert any(line.startswith(("An operator", "Nothing has to")) for line in
               lines(message(kind, {})))  # fmt: skip


def test_a_call_for_an_operator_outranks_what_its_kind_says() -> None:
    told = lines(message(AlertKind.ONE_LEG_FAILED, {"operator": "now"}))
    assert any(line.startswith("An operator is needed NOW: balance the legs") for line in told)
    assert not any("operator: now" in line for line in told)


@pytest.mark.parametrize("found", [one for one in GUIDANCE.values() if one.need is not Need.NOW])
def test_who_is_not_needed_now_is_told_from_when_on(found: Guidance) -> None:
    assert found.need is Need.NOT or found.deadline


@pytest.mark.parametrize(
    ("figures", "says"),
    [
        (Figures(is_flat=True), "Nothing is held: there is nothing to close."),
        (Figures(is_flat=False), ("What closing now would cost is not known: a held coin has no "
         "fresh price.")),
        (
            Figures(is_flat=False, liquidation_rise=Decimal("0.2345"), usdt_to_move=Decimal(812)),
            "Binance liquidates after a rise of 23.45%; move 812.00 USDT there.",
        ),
    ],
)  # fmt: skip
def test_what_it_would_cost_to_get_out(figures: Figures, says: str) -> None:
    assert says in lines(message("emergency_stop", {}, replace(LIVE, figures=figures)))


def test_without_an_engine_nothing_is_said_of_figures() -> None:
    told = lines(message("engine_silent", {}, replace(LIVE, figures=None)))
    assert not any("Closing" in line or "closing now" in line for line in told)


def test_a_repeat_names_what_it_repeats_and_how_to_end_it() -> None:
    fields = {"reminder": "2", "reminder_of": "17", "first_us": "0"}
    told = lines(message("emergency_stop", fields))
    assert told[2] == (
        "Repeat 2 of alert 17, first told 2 min ago and not acknowledged: tporder alerts ack 17"
    )
    assert not any(line.startswith(("reminder", "first_us")) for line in told)


def test_details_of_a_trade_stand_among_its_figures() -> None:
    situation = replace(LIVE, details={"premium_in": "+3.21%"})
    assert "premium_in: +3.21%" in lines(message("entry", {"symbol": "BTC"}, situation))
