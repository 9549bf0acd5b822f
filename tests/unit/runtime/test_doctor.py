"""The doctor: every fault is found before the first order, with its cure."""

import asyncio
import dataclasses
from collections.abc import Container
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from trading_platform_order.domain.account.ledger import Ledger
from trading_platform_order.domain.order import Balance, Fill, Order, Position
from trading_platform_order.domain.outcome import ReadFailed
from trading_platform_order.domain.rows import Rows
from trading_platform_order.domain.venue import Venue
from trading_platform_order.exchanges.base import (
    Finding,
    HedgeExchange,
    Level,
    MarginAccount,
    SpotExchange,
)
from trading_platform_order.exchanges.pair import PairExchanges
from trading_platform_order.runtime.host.holder import this_process
from trading_platform_order.runtime.settings.settings import (
    EngineSection,
    Mode,
    RiskSection,
    Secret,
    Settings,
    StopLossAction,
    TradeSection,
    UpbitSection,
)
from trading_platform_order.runtime.startup.doctor import examine, faults_of, holder_finding
from trading_platform_order.storage.lease import Holder, Lease

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


class FixedClock:
    def now(self) -> datetime:
        return NOW

    def monotonic(self) -> float:
        return 0.0

    def boottime(self) -> float:
        return 0.0


class FakeExchange(SpotExchange, HedgeExchange):
    """Answers reads from attributes; sending anything is a fault of the test."""

    def __init__(self, venue: Venue) -> None:
        self.venue = venue
        self.time: datetime | ReadFailed = NOW + timedelta(milliseconds=3)
        self.held = Decimal(0)
        self.assets: tuple[Balance, ...] | ReadFailed = ()
        self.found: tuple[Finding, ...] = ()

    def send(self, order: Any) -> Any:  # noqa: ANN401 - must not be called
        raise AssertionError("the doctor places no order")

    async def look_up(self, order: Any) -> Any:  # noqa: ANN401 - as above
        raise AssertionError

    async def prove_absence(self, order: Any, **named: Any) -> Any:  # noqa: ANN401 - as above
        raise AssertionError

    async def cancel(self, order: Any) -> Any:  # noqa: ANN401 - as above
        raise AssertionError

    async def prepare_account(self) -> ReadFailed | None:
        raise AssertionError("the doctor changes nothing")

    async def prepare_symbol(self, symbol: str, *, leverage: int) -> ReadFailed | None:
        raise AssertionError("the doctor changes nothing")

    async def run_private_stream(self, sink: Any) -> None:  # noqa: ANN401 - as above
        raise AssertionError

    async def run_market_stream(self, symbols: Any, sink: Any) -> None:  # noqa: ANN401 - as above
        raise AssertionError

    async def open_orders(self, *symbols: str) -> Rows[Any]:
        return Rows()

    async def orders_since(self, since: datetime, *symbols: str) -> Rows[Any]:
        return Rows()

    async def find_order(self, symbol: str, client_order_id: str) -> ReadFailed:
        return ReadFailed(reason="not asked for")

    async def balances(self) -> Rows[Balance] | ReadFailed:
        return self.assets if isinstance(self.assets, ReadFailed) else Rows(self.assets)

    async def position(self, symbol: str) -> Position:
        return Position(
            exchange=self.venue,
            symbol=symbol,
            quantity=self.held,
            entry_price=Decimal(0),
            mark_price=Decimal(0),
            liquidation_price=Decimal(0),
        )

    async def executions(
        self, symbol: str, *, since: datetime, known: Container[str]
    ) -> tuple[Fill, ...]:
        return ()

    async def margin(self) -> MarginAccount:
        zero = Decimal(0)
        return MarginAccount(
            wallet_usdt=zero,
            unrealised_usdt=zero,
            margin_balance_usdt=zero,
            maintenance_usdt=zero,
            available_usdt=zero,
        )

    async def funding(self, since: datetime) -> Rows[Any]:
        return Rows()

    async def instrument(self, symbol: str) -> ReadFailed:
        return ReadFailed(reason="not asked for")

    async def test_order(self, order: Order) -> None:
        return None

    async def order_book(self, symbol: str) -> ReadFailed:
        return ReadFailed(reason="not asked for")

    async def server_time(self) -> datetime | ReadFailed:
        return self.time

    async def inspect(self, symbols: tuple[str, ...], *, leverage: int) -> tuple[Finding, ...]:
        return self.found

    async def close(self) -> None:
        """Nothing to close."""


@pytest.fixture
def exchanges() -> dict[Venue, FakeExchange]:
    return {venue: FakeExchange(venue) for venue in Venue}


def look(
    exchanges: dict[Venue, FakeExchange],
    *,
    settings: Settings | None = None,
    ledger: Ledger | None = None,
) -> list[Finding]:
    return asyncio.run(
        examine(
            settings=settings or Settings(),
            exchanges=PairExchanges(spot=exchanges[Venue.UPBIT], hedge=exchanges[Venue.BINANCE]),
            clock=FixedClock(),
            ledger=ledger,
            prefix="tp-",
        )
    )


def test_a_sound_account_has_no_fault(exchanges: dict[Venue, FakeExchange]) -> None:
    findings = look(exchanges)
    assert faults_of(findings) == []
    assert {finding.level for finding in findings} == {Level.OK}
    assert "sqlite" in {finding.subject for finding in findings}


@pytest.mark.parametrize(
    ("off_s", "level"),
    [(3.0, Level.FAULT), (-3.0, Level.FAULT), (0.7, Level.WARNING), (0.1, Level.OK)],
)
def test_the_clock_is_compared(
    exchanges: dict[Venue, FakeExchange], off_s: float, level: Level
) -> None:
    exchanges[Venue.BINANCE].time = NOW + timedelta(seconds=off_s, microseconds=1)
    (finding,) = [f for f in look(exchanges) if f.subject == "clock against binance"]
    assert finding.level is level
    if level is not Level.OK:
        assert "synchronisation" in finding.remedy


def test_an_exchange_that_does_not_answer_is_a_fault(
    exchanges: dict[Venue, FakeExchange],
) -> None:
    exchanges[Venue.UPBIT].time = ReadFailed(reason="HTTP 503")
    assert [f.text for f in faults_of(look(exchanges))] == ["HTTP 503"]


def test_a_position_that_nobody_owns_is_a_fault(exchanges: dict[Venue, FakeExchange]) -> None:
    exchanges[Venue.BINANCE].held = Decimal("-0.5")
    (fault,) = faults_of(look(exchanges))
    assert "0.5 on Binance" in fault.text
    assert "close by hand" in fault.remedy


def test_what_the_exchange_itself_finds_counts(exchanges: dict[Venue, FakeExchange]) -> None:
    hedge_mode = Finding(level=Level.FAULT, subject="position mode", text="hedge", remedy="switch")
    exchanges[Venue.BINANCE].found = (hedge_mode,)
    assert faults_of(look(exchanges)) == [hedge_mode]


def test_live_needs_the_confirmation_that_upbit_cannot_give(
    exchanges: dict[Venue, FakeExchange],
) -> None:
    live = Settings(engine=EngineSection(mode=Mode.LIVE))
    (fault,) = faults_of(look(exchanges, settings=live))
    assert "TPORDER_UPBIT_NO_WITHDRAWALS_CONFIRMED" in fault.remedy
    upbit = UpbitSection(no_withdrawals_confirmed=True, access_key=Secret("k"))
    assert faults_of(look(exchanges, settings=Settings(engine=live.engine, upbit=upbit))) == []


def test_unreadable_balances_are_a_fault(exchanges: dict[Venue, FakeExchange]) -> None:
    exchanges[Venue.UPBIT].assets = ReadFailed(reason="out_of_scope")
    (fault,) = faults_of(look(exchanges))
    assert fault.text == "out_of_scope"


def test_what_follows_from_other_settings_is_told_as_it_is_in_force(
    exchanges: dict[Venue, FakeExchange],
) -> None:
    (finding,) = [f for f in look(exchanges) if f.subject == "limits"]
    assert "2,000,000 KRW" in finding.text
    assert "twice the order cap of 1,000,000 KRW" in finding.text
    assert "5.00% closes the pair" in finding.text
    changed = Settings(
        trade=TradeSection(exposure_krw=Decimal(7_000_000)),
        risk=RiskSection(stop_loss_action=StopLossAction.ALERT),
    )
    (finding,) = [f for f in look(exchanges, settings=changed) if f.subject == "limits"]
    assert "7,000,000 KRW" in finding.text
    assert "twice" not in finding.text
    assert "only tells you" in finding.text


HOLDER = Holder(boot="b", pid_namespace="pid:[1]", pid=4711, started=7, has_lock=True)


def held(holder: Holder, *, is_released: bool = False) -> Lease:
    return Lease(epoch=3, holder=holder, renewal=1, reason="", at_us=1, is_released=is_released)


def test_the_doctor_says_that_a_standby_elsewhere_could_not_end_a_hung_engine() -> None:
    container = holder_finding(held(HOLDER), dataclasses.replace(HOLDER, pid_namespace="pid:[2]"))
    assert container.level is Level.WARNING
    assert "could not end it if it hung: it runs in another PID namespace" in container.text
    assert "one PID namespace" in container.remedy


def test_the_doctor_names_who_holds_the_account() -> None:
    here = this_process(has_lock=True)
    for lease, text in (
        (None, "held by nobody"),
        (held(HOLDER, is_released=True), "held by nobody"),
        (held(HOLDER), "of before this machine's start: gone"),
        (held(here), f"held by process {here.pid}, epoch 3"),
    ):
        found = holder_finding(lease, here)
        assert found.level is Level.OK
        assert text in found.text
