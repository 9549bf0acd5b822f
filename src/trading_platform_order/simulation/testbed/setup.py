"""What a simulated world begins with."""

from dataclasses import dataclass, field
from decimal import Decimal

from exchange_simulator.exchanges import Opening
from trading_platform_order.executor.ports import ExecutorSettings
from trading_platform_order.runtime.assembly import executor_settings
from trading_platform_order.runtime.settings.settings import (
    EngineSection,
    HindranceSection,
    RiskSection,
    Settings,
)
from trading_platform_order.simulation.testbed.prices import BASE

_OPENING = Opening(krw=Decimal(20_000_000), usdt=Decimal(15_000))

NO_PAUSES = HindranceSection(
    taken_back_in_a_row=1_000,
    taken_back_stop_count=1_000,
    taken_back_stop_krw=Decimal(1_000_000_000),
)
"""Faults take entries back one after the other: what follows from that has scenarios of its own."""


def bed_settings(*bases: str, hindrances: HindranceSection | None = None) -> ExecutorSettings:
    """The defaults, with caps that let some trades pass."""
    return executor_settings(
        Settings(
            # In virtual time all caches are warm; a run that wants rehearsals asks for them.
            engine=EngineSection(symbols=bases or (BASE,), rehearse_every_ms=0),
            risk=RiskSection(
                order_krw_max=Decimal(10_000_000),
                trade_krw_max=Decimal(20_000_000),
                entries_per_minute_max=1_000,
                daily_turnover_krw_max=Decimal(1_000_000_000),
                hourly_loss_krw_max=Decimal(10_000_000),
            ),
            hindrances=hindrances or NO_PAUSES,
        )
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class TestBedSetup:
    """What a world begins with.

    Attributes:
        bases: assets with a market on both exchanges.
        settings: of every engine that lives here.
        latency_s: each way.
        leverage: what the engine sets on Binance.
    """

    bases: tuple[str, ...] = (BASE,)
    settings: ExecutorSettings = field(default_factory=bed_settings)
    opening: Opening = _OPENING
    latency_s: float = 0.004
    leverage: int = 2
