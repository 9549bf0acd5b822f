"""An intent's time is kept on Upbit's clock: our calendar may be wrong, or jump."""

from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime

import pytest

from tests.unit.exchanges.upbit.fixture import (
    DUPLICATE,
    NOW,
    SILENCE,
    UpbitFixture,
    order,
    reply,
    run,
    wire_order,
)
from trading_platform_order.domain.outcome import Accepted, LookUpOutcome, ReadFailed, Unknown

DATE = format_datetime(NOW, usegmt=True)
ORDERS, ORDER = "/v1/orders", "/v1/order"


def fixture_with(found: dict[str, object]) -> UpbitFixture:
    fixture = UpbitFixture()
    fixture.http.on("GET", ORDER, reply(200, found, date=DATE))
    return fixture


@pytest.mark.parametrize("shift_s", [-60, 0, 60])
def test_our_own_post_is_answered_whatever_our_calendar_says(shift_s: int) -> None:
    async def scenario() -> None:
        fixture = UpbitFixture()
        fixture.clock.shift = timedelta(seconds=shift_s)
        fixture.http.on("POST", ORDERS, reply(201, wire_order()))
        intent = replace(order(), created_at=fixture.clock.now())
        assert isinstance(await fixture.exchange.send(intent), Accepted)

    run(scenario())


@pytest.mark.parametrize("jump_s", [-60, 0, 60])
def test_a_calendar_that_jumps_makes_no_collision_of_our_order(jump_s: int) -> None:
    async def scenario() -> LookUpOutcome:
        fixture = fixture_with(wire_order())
        fixture.http.on("POST", ORDERS, SILENCE)
        intent = order()
        await fixture.exchange.look_up(intent)
        fixture.clock.shift = timedelta(seconds=jump_s)
        intent = replace(intent, created_at=fixture.clock.now())
        assert isinstance(await fixture.exchange.send(intent), Unknown)
        fixture.clock.shift = timedelta()
        return await fixture.exchange.look_up(intent)

    assert isinstance(run(scenario()), Accepted)


def test_after_a_restart_a_calendar_ahead_makes_no_collision_either() -> None:
    fixture = fixture_with(wire_order())
    fixture.clock.shift = timedelta(seconds=60)
    intent = replace(order(), created_at=fixture.clock.now())
    assert isinstance(run(fixture.exchange.look_up(intent)), Accepted)


@pytest.mark.parametrize("shift_s", [-60, 0, 60])
def test_an_order_created_before_its_intent_is_still_a_collision(shift_s: int) -> None:
    """A signal delivered again over lost rows meets the order of its first life."""

    async def scenario() -> LookUpOutcome:
        fixture = fixture_with(wire_order(created_at="2026-11-22T11:59:50+09:00"))
        fixture.http.on("POST", ORDERS, DUPLICATE)
        await fixture.exchange.look_up(order())
        fixture.clock.shift = timedelta(seconds=shift_s)
        intent = replace(order(), created_at=fixture.clock.now())
        assert isinstance(await fixture.exchange.send(intent), Unknown)
        return await fixture.exchange.look_up(intent)

    found = run(scenario())
    assert isinstance(found, ReadFailed)
    assert found.reason.startswith("collision")
