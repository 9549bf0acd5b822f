"""What a shared flag says, and what becomes of it."""

import json
from datetime import UTC, datetime

import pytest

from trading_platform_order.exporter.emergency_flag import read_flag, to_write

AT = datetime(2026, 1, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [None, "{}", "null", "false", '{"active": false}', '{"active": null}', '{"active": "False"}'],
)
def test_nobody_stops_us(text: str | None) -> None:
    flag = read_flag(text, account="main")
    assert (flag.is_active, flag.cause) == (False, "")


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ('{"active": true, "reason": "flash\\n crash"}', "flash crash"),
        ('{"active": true}', "no reason given"),
        ('{"active": 1, "reason": "x"}', "x"),
        ("true", "no reason given"),
        ('{"active": "perhaps"}', "active is perhaps, neither true nor false"),
        ("{broken", "it cannot be read"),
        ('{"active": true, "source": "dashboard", "reason": "x"}', "x"),
    ],
)
def test_another_stops_us_and_what_cannot_be_read_does_too(text: str, cause: str) -> None:
    flag = read_flag(text, account="main")
    assert flag.is_active
    assert flag.cause == cause
    assert to_write(flag, "our own", account="main", at=AT) is None
    assert to_write(flag, None, account="main", at=AT) is None


def test_our_own_is_never_a_cause_and_goes_with_our_stop() -> None:
    text = to_write(read_flag(None, account="main"), "daily loss", account="main", at=AT)
    assert text is not None
    stored = json.loads(text)
    assert (stored["active"], stored["reason"]) == (True, "daily loss")
    flag = read_flag(text, account="main")
    assert (flag.is_active, flag.cause) == (True, "")
    assert to_write(flag, "daily loss", account="main", at=AT) is None
    cleared = to_write(flag, None, account="main", at=AT)
    assert cleared is not None
    assert json.loads(cleared)["active"] is False


def test_the_stop_of_another_account_is_neither_a_cause_nor_ours_to_clear() -> None:
    text = to_write(read_flag(None, account="other"), "why", account="other", at=AT)
    flag = read_flag(text, account="main")
    assert (flag.is_active, flag.cause) == (True, "")
    assert to_write(flag, None, account="main", at=AT) is None
