"""Deposits and withdrawals of one asset, as the port tells them."""

from datetime import timedelta

import pytest

from tests.unit.exchanges.upbit import fixture as upbit
from trading_platform_order.domain.money import plain
from trading_platform_order.domain.outcome import ReadFailed, Transfer

SINCE = upbit.NOW - timedelta(days=1)
KST = "%Y-%m-%dT%H:%M:%S+00:00"


def row(uuid: str, amount: str, *, state: str = "ACCEPTED", hours: float = 1) -> dict[str, object]:
    at = (upbit.NOW - timedelta(hours=hours)).strftime(KST)
    return {
        "uuid": uuid,
        "currency": "BTC",
        "state": state,
        "created_at": at,
        "done_at": at,
        "amount": amount,
        "fee": "0.0005",
    }


def read(deposits: object, withdraws: object) -> tuple[Transfer, ...] | ReadFailed:
    fixture = upbit.UpbitFixture()
    fixture.http.on("GET", "/v1/deposits", upbit.reply(200, deposits))
    fixture.http.on("GET", "/v1/withdraws", upbit.reply(200, withdraws))
    return upbit.run(fixture.exchange.transfers("BTC", SINCE))


def test_finished_ones_are_told_oldest_first_with_their_fees() -> None:
    found = read(
        [row("d-2", "0.2", hours=1), row("d-1", "0.1", hours=3)],
        [row("w-1", "0.3", state="DONE", hours=2), row("w-2", "9", state="PROCESSING")],
    )
    assert not isinstance(found, ReadFailed)
    assert [(one.transaction_id, plain(one.amount)) for one in found] == [
        ("d-1", "0.0995"),
        ("w-1", "-0.3005"),
        ("d-2", "0.1995"),
    ]


def test_what_was_begun_before_is_left_out() -> None:
    assert read([row("d-1", "0.1", hours=30)], []) == ()


@pytest.mark.parametrize(
    "bad",
    [{"amount": "NaN"}, {"amount": "-1"}, {"created_at": "yesterday"}, {"fee": "Infinity"}],
)
def test_a_row_that_cannot_be_read_is_no_answer(bad: dict[str, str]) -> None:
    found = read([row("d-1", "0.1") | bad], [])
    assert isinstance(found, ReadFailed)


def test_a_key_that_may_not_ask_is_told_with_the_remedy() -> None:
    fixture = upbit.UpbitFixture()
    refusal = {"error": {"name": "out_of_scope", "message": "허용되지 않은 기능입니다."}}
    fixture.http.on("GET", "/v1/deposits", upbit.reply(403, refusal))
    found = upbit.run(fixture.exchange.transfers("BTC", SINCE))
    assert isinstance(found, ReadFailed)
    assert "deposits" in found.reason
    assert "permission" in found.reason
