"""An account that is set up wrongly is found before the first order, with the cure."""

import asyncio
import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from exchange_simulator.binance import SimulatedBinance
from exchange_simulator.clock import MarketClock
from exchange_simulator.exchanges import Opening, SimulatorKeys, open_world
from exchange_simulator.upbit import SimulatedUpbit
from trading_platform_order.domain.venue import Venue
from trading_platform_order.exchanges.base import Finding, Level
from trading_platform_order.exchanges.config import BinanceConfig, Credentials, UpbitConfig
from trading_platform_order.market.generated import generate_bars
from trading_platform_order.operations.live_check import rehearsal
from trading_platform_order.operations.live_check.wire_log import WireLog
from trading_platform_order.operations.live_check.wire_shapes import Shapes
from trading_platform_order.runtime.assembly import Network, make_exchanges
from trading_platform_order.runtime.paper.in_process_transport import (
    InProcessHttp,
    InProcessWebSockets,
)
from trading_platform_order.runtime.settings.settings import (
    EngineSection,
    Mode,
    Settings,
    UpbitSection,
)
from trading_platform_order.runtime.startup.doctor import examine, faults_of
from trading_platform_order.transport.clock import Clock
from trading_platform_order.transport.virtual_loop import run_virtual

START = datetime(2026, 11, 22, tzinfo=UTC)
UPBIT, BINANCE = "https://upbit.invalid", "https://binance.invalid"
VIEW_ONLY = frozenset({"view_account", "view_orders"})
Spoil = Callable[[SimulatedUpbit, SimulatedBinance], None]


class ShiftedClock:
    """This machine's clock, off by some seconds against the exchanges'."""

    def __init__(self, clock: Clock, off_s: float) -> None:
        self._clock = clock
        self._off = timedelta(seconds=off_s)

    def now(self) -> datetime:
        return self._clock.now() + self._off

    def monotonic(self) -> float:
        return self._clock.monotonic()

    def boottime(self) -> float:
        return self._clock.boottime()


async def look(
    spoil: Spoil,
    *,
    off_s: float = 0.0,
    opening: Opening | None = None,
    settings: Settings | None = None,
) -> list[Finding]:
    loop = asyncio.get_running_loop()
    clock = MarketClock(START, loop.time)
    keys = SimulatorKeys()
    fresh = Opening(krw=Decimal(10_000_000), usdt=Decimal(5_000))
    world = open_world(clock=clock, keys=keys, opening=opening or fresh)
    world.step([("BTC", generate_bars(seed=1, bars=1, symbol="BTC")[0])])
    assert isinstance(world.upbit, SimulatedUpbit)
    assert isinstance(world.binance, SimulatedBinance)
    spoil(world.upbit, world.binance)
    ours = ShiftedClock(clock, off_s)
    routes = {UPBIT: world.gateways[Venue.UPBIT], BINANCE: world.gateways[Venue.BINANCE]}
    nonces = itertools.count()
    exchanges = make_exchanges(
        network=Network(
            http=InProcessHttp(routes),
            websockets=InProcessWebSockets(routes),
            clock=ours,
            nonce=lambda: f"nonce-{next(nonces)}",
        ),
        upbit_config=UpbitConfig(
            rest_url=UPBIT,
            ws_url=UPBIT,
            credentials=Credentials(key=keys.upbit_access_key, secret=keys.upbit_secret_key),
        ),
        binance_config=BinanceConfig(
            rest_url=BINANCE,
            ws_url=BINANCE,
            spot_url=BINANCE,
            credentials=Credentials(key=keys.binance_api_key, secret=keys.binance_secret_key),
        ),
    )
    findings = await examine(
        settings=settings or Settings(), exchanges=exchanges, clock=ours, ledger=None, prefix="tp-"
    )
    world.close()
    return findings


def nothing(_upbit: SimulatedUpbit, _binance: SimulatedBinance) -> None:
    """Leave both as they are."""


def hedge_mode(_upbit: SimulatedUpbit, binance: SimulatedBinance) -> None:
    binance.set_hedge_mode(is_on=True)


def isolated(_upbit: SimulatedUpbit, binance: SimulatedBinance) -> None:
    binance.account.prefer(isolated=frozenset({"BTCUSDT"}))


def multi_assets(_upbit: SimulatedUpbit, binance: SimulatedBinance) -> None:
    binance.account.prefer(multi_assets=True)


def no_futures(_upbit: SimulatedUpbit, binance: SimulatedBinance) -> None:
    binance.door.may_trade_futures = False


def may_withdraw(_upbit: SimulatedUpbit, binance: SimulatedBinance) -> None:
    binance.door.may_withdraw = True


def binance_address(_upbit: SimulatedUpbit, binance: SimulatedBinance) -> None:
    binance.door.is_ip_allowed = False


def binance_expired(_upbit: SimulatedUpbit, binance: SimulatedBinance) -> None:
    binance.door.is_expired = True


def cannot_order(upbit: SimulatedUpbit, _binance: SimulatedBinance) -> None:
    upbit.rules.permissions = VIEW_ONLY


def upbit_address(upbit: SimulatedUpbit, _binance: SimulatedBinance) -> None:
    upbit.rules.is_ip_allowed = False


def upbit_expired(upbit: SimulatedUpbit, _binance: SimulatedBinance) -> None:
    upbit.rules.is_key_expired = True


@pytest.mark.parametrize(
    ("spoil", "text", "remedy"),
    [
        (hedge_mode, "hedge mode", "one-way mode"),
        (isolated, "margin type is ISOLATED", "choose cross margin"),
        (multi_assets, "multi-assets mode", "single-asset mode"),
        (no_futures, "-2015", "allow futures"),
        (may_withdraw, "may withdraw", "make one without that right"),
        (binance_address, "-2015", "IP address"),
        (binance_expired, "-2015", "the key must exist"),
        (cannot_order, "may not place orders", "make orders"),
        (upbit_address, "no_authorization_ip", "allowed addresses"),
        (upbit_expired, "expired_access_key", "make a new key"),
    ],
)
def test_a_wrong_setting_is_a_fault_with_its_remedy(spoil: Spoil, text: str, remedy: str) -> None:
    faults = faults_of(run_virtual(look(spoil)))
    told = [(fault.text, fault.remedy) for fault in faults]
    assert any(text in said and remedy in mend for said, mend in told), told


def test_a_sound_account_has_no_fault_and_is_told_of_the_default_leverage() -> None:
    findings = run_virtual(look(nothing))
    assert faults_of(findings) == []
    assert [f.text for f in findings if f.level is Level.WARNING] == ["leverage is 20x"]


@pytest.mark.parametrize(("off_s", "word"), [(3.0, "ahead"), (-3.0, "behind")])
def test_a_clock_three_seconds_off_is_found_on_both_exchanges(off_s: float, word: str) -> None:
    faults = faults_of(run_virtual(look(nothing, off_s=off_s)))
    clocks = {fault.subject: fault for fault in faults if "clock" in fault.subject}
    assert set(clocks) == {"clock against binance", "clock against upbit"}
    assert all(word in fault.text for fault in clocks.values())
    assert all("time synchronisation" in fault.remedy for fault in clocks.values())


def test_twenty_times_leverage_is_told_set_to_ours_at_the_start_and_read_back() -> None:
    async def play() -> tuple[str, int]:
        async with rehearsal._simulated() as world:
            exchange = rehearsal._contact(world, WireLog(None, Shapes({}))).exchanges[Venue.BINANCE]
            told = [f.text for f in await exchange.inspect(("BTCUSDT",), leverage=2)]
            assert await exchange.prepare(("BTCUSDT",), leverage=2) is None
            assert isinstance(world.binance, SimulatedBinance)
            return " ".join(told), world.binance._core.account.leverage_of("BTCUSDT")

    told, leverage = run_virtual(play())
    assert "leverage is 20x" in told
    assert leverage == 2


def test_fees_in_bnb_are_told() -> None:
    def burn(_upbit: SimulatedUpbit, binance: SimulatedBinance) -> None:
        binance.account.prefer(burns_bnb=True)

    findings = run_virtual(look(burn))
    assert faults_of(findings) == []
    (fees,) = [finding for finding in findings if finding.subject == "binance fees"]
    assert "switch" in fees.remedy


@pytest.mark.parametrize("is_confirmed", [False, True])
def test_what_upbit_does_not_tell_the_operator_confirms_once(*, is_confirmed: bool) -> None:
    settings = Settings(
        engine=EngineSection(mode=Mode.LIVE),
        upbit=UpbitSection(no_withdrawals_confirmed=is_confirmed),
    )
    faults = faults_of(run_virtual(look(nothing, settings=settings)))
    told = [fault for fault in faults if "withdraw" in fault.subject]
    assert bool(told) != is_confirmed
    assert all("TPORDER_UPBIT_NO_WITHDRAWALS_CONFIRMED" in fault.remedy for fault in told)


def test_a_position_nobody_owns_is_found() -> None:
    opening = Opening(
        krw=Decimal(10_000_000),
        usdt=Decimal(5_000),
        shorts={"BTCUSDT": (Decimal("0.01"), Decimal(1_000))},
    )
    (fault,) = faults_of(run_virtual(look(nothing, opening=opening)))
    assert "BTC short" in fault.text
