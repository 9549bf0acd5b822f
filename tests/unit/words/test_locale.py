"""Language, time zone and width, from what is set and else from the terminal's locale."""

from datetime import UTC, datetime

import pytest
from rich.cells import cell_len

from tests.unit.cli.cli_world import tporder
from trading_platform_order.cli.console.exit_codes import ExitCode
from trading_platform_order.words.text import (
    KST,
    Language,
    Locale,
    locale_of,
    time_text,
    using,
    zone_of,
)
from trading_platform_order.words.width import padded, wrapped

NOON = datetime(2026, 11, 30, 12, 0, 0, 123_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, Language.EN),
        ({"LANG": "C.UTF-8"}, Language.EN),
        ({"LANG": "ko_KR.UTF-8"}, Language.KO),
        ({"LANG": "ko_KR.UTF-8", "LC_ALL": "en_US.UTF-8"}, Language.EN),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "ko_KR.UTF-8"}, Language.KO),
        ({"LANG": "ko_KR.UTF-8", "LC_ALL": ""}, Language.KO),
    ],
)
def test_without_a_setting_the_terminals_locale_counts(
    environment: dict[str, str], language: Language
) -> None:
    assert locale_of(environment).language is language


def test_korean_is_read_with_korean_time_unless_another_zone_is_set() -> None:
    with using(locale_of({}, Language.KO)):
        assert time_text(NOON) == "2026-11-30 21:00:00 KST"
    with using(locale_of({}, Language.EN)):
        assert time_text(NOON, exact=True) == "2026-11-30 12:00:00.123 UTC"
    with using(locale_of({}, Language.KO, "Europe/Berlin")):
        assert time_text(NOON) == "2026-11-30 13:00:00 CET"
    assert zone_of("Asia/Seoul") is KST


def test_a_time_of_another_zone_is_shown_in_the_operators() -> None:
    with using(Locale(zone=KST)):
        assert time_text(NOON.astimezone(KST)) == time_text(NOON)


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("TPORDER_LANG", "fr", "TPORDER_LANG"),
        ("TPORDER_TIMEZONE", "Mars/Olympus", "no time zone is called 'Mars/Olympus'"),
        ("TPORDER_TIMEZONE", "../../etc/passwd", "no time zone is called"),
    ],
)
def test_a_language_or_zone_that_cannot_be_is_refused(name: str, value: str, text: str) -> None:
    result = tporder("status", env={name: value})

    assert result.exit_code == ExitCode.SETTINGS_REFUSED
    assert text in result.stderr or text.removeprefix("TPORDER_").lower() in result.stderr


def test_korean_letters_are_two_columns_wide() -> None:
    text = "즉시 청산하면 비용 " + "가" * 50

    assert padded("계정", 10) == "계정" + " " * 6
    assert all(cell_len(line) <= 20 for line in wrapped(text, 20))
    assert "".join(wrapped(text, 20)).replace(" ", "") == text.replace(" ", "")
    assert wrapped("", 20) == [""]
