"""Every alert becomes an embed Discord will take, whatever its fields hold."""

import json
from collections.abc import Mapping

import pytest

from trading_platform_order.domain.alert import Alert, AlertKind, PendingAlert
from trading_platform_order.notifications.channel import Message
from trading_platform_order.notifications.situation import Situation
from trading_platform_order.notifications.wording.messages import (
    CONTENT_MAX,
    DESCRIPTION_MAX,
    FIELD_NAME_MAX,
    FIELD_VALUE_MAX,
    FIELDS_MAX,
    GREEN,
    GREY,
    RED,
    TITLE_MAX,
    TOTAL_MAX,
    WORDINGS,
    clip,
    embed_of,
    plain_text_of,
)

PAPER = Situation(mode="paper", mode_words="paper mode", account="main", is_real=False)
HEAD = "No real money: paper mode, account main."


def pending(kind: str = "entry", *, urgent: bool = False, **fields: str) -> Message:
    return pending_with(kind, fields, urgent=urgent)


def pending_with(kind: str, fields: Mapping[str, str], *, urgent: bool = False) -> Message:
    alert = Alert(kind=kind, urgent=urgent, fields=fields)
    told = PendingAlert(id=1, alert=alert, attempts=0, created_at_us=1_795_309_323_000_001)
    return Message(pending=told, situation=PAPER)


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def test_an_entry_reads_well() -> None:
    embed = embed_of(pending(symbol="BTC", spot_base="0.01", message="both legs filled"))

    assert embed.title == "PAPER · main · Pair opened · 진입 완료"
    assert embed.description == f"{HEAD}\nboth legs filled"
    assert embed.fields == (("symbol", "BTC"), ("spot_base", "0.01"))
    assert embed.colour == GREEN
    wire = embed.to_wire()
    assert wire["timestamp"] == "2026-11-22T01:02:03.000001Z"
    assert wire["fields"] == [
        {"name": "symbol", "value": "BTC", "inline": True},
        {"name": "spot_base", "value": "0.01", "inline": True},
    ]


@pytest.mark.parametrize("kind", list(AlertKind))
def test_every_kind_is_worded_in_both_languages(kind: AlertKind) -> None:
    wording = WORDINGS[kind]

    assert wording.title.isascii()
    assert not wording.title_ko.isascii()


def test_urgent_alerts_stand_out_and_unknown_kinds_are_shown_by_name() -> None:
    urgent = embed_of(pending("one_leg_failed", urgent=True))
    assert urgent.title.startswith("PAPER · main · 🚨 One leg failed")
    assert embed_of(pending("funding_rate_high")).title.endswith(" · Funding rate high · 알림")
    assert embed_of(pending("funding_rate_high")).colour == GREY
    assert embed_of(pending("funding_rate_high", urgent=True)).colour == RED
    assert embed_of(pending("")).title == "PAPER · main · Alert · 알림"


@pytest.mark.parametrize("letter", ["x", "김", "🚨"])
def test_limits_hold_for_any_text(letter: str) -> None:
    fields = {f"{letter * 300}{number}": letter * 2_000 for number in range(40)}
    embed = embed_of(pending_with(letter * 300, {"message": letter * 9_000, **fields}))

    assert units(embed.title) <= TITLE_MAX
    assert units(embed.description) <= DESCRIPTION_MAX
    assert len(embed.fields) <= FIELDS_MAX
    assert all(units(name) <= FIELD_NAME_MAX for name, _ in embed.fields)
    assert all(units(value) <= FIELD_VALUE_MAX for _, value in embed.fields)
    total = units(embed.title) + units(embed.description)
    total += sum(units(name) + units(value) for name, value in embed.fields)
    assert total <= TOTAL_MAX
    json.dumps(embed.to_wire()).encode()


def test_many_short_fields_are_cut_at_discords_limit() -> None:
    fields = {f"f{number:02}": str(number) for number in range(40)}

    assert [name for name, _ in embed_of(pending_with("entry", fields)).fields] == list(fields)[
        :FIELDS_MAX
    ]


def test_empty_fields_are_filled_because_discord_refuses_them() -> None:
    assert embed_of(pending(code="", spaces="  ")).fields == (("code", "-"), ("spaces", "-"))


def test_plain_text_holds_the_same() -> None:
    lines = plain_text_of(pending("emergency_stop", urgent=True, reason="daily loss")).split("\n")

    assert lines[:2] == ["PAPER · main · 🚨 EMERGENCY STOP · 긴급 정지", HEAD]
    assert lines[-1] == "reason: daily loss"
    assert units(plain_text_of(pending(reason="🚨" * 5_000))) <= CONTENT_MAX


def test_clipping_marks_what_it_cut() -> None:
    assert clip("  four  ", 4) == "four"
    assert clip("fives", 4) == "fiv…"
    assert clip("🚨🚨🚨", 4) == "🚨…"
