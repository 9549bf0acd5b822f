"""What a route of the simulated exchange is, and the parts every route may use."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum, auto
from typing import Any

from exchange_simulator.binance.margin.account import Account
from exchange_simulator.binance.market_data.market import Market
from exchange_simulator.binance.requests.access import Door
from exchange_simulator.binance.requests.request import ParsedRequest
from exchange_simulator.binance.streaming.streams import StreamHub
from exchange_simulator.binance.trading.algo import AlgoOrders
from exchange_simulator.binance.trading.matching import Emit, Matching
from exchange_simulator.ports import Schedule


@dataclass(slots=True, kw_only=True)
class Core:
    """The parts of one simulated exchange, as its routes see them.

    Attributes:
        read_lag_ms: reads do not see orders and trades younger than this.
        countdowns: how often each symbol's countdown was set; an older one no longer counts.
    """

    account: Account
    algo: AlgoOrders
    door: Door
    matching: Matching
    market: Market
    hub: StreamHub
    schedule: Schedule
    emit: Emit
    now_ms: Callable[[], int]
    taker_fee_rate: Decimal
    maker_fee_rate: Decimal
    countdowns: dict[str, int] = field(default_factory=dict)
    read_lag_ms: int = 0

    def is_unseen(self, time_ms: int) -> bool:
        """Whether reads do not see yet what happened at this time."""
        return 0 <= self.now_ms() - time_ms < self.read_lag_ms

    def see_all(self) -> None:
        """Reads see everything again."""
        self.read_lag_ms = 0


class Security(Enum):
    """Who may call."""

    NONE = auto()
    KEY = auto()
    SIGNED = auto()


Handler = Callable[[Core, ParsedRequest], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One endpoint.

    Attributes:
        weight: request weight.
        weight_all: its weight when ``symbol`` is not given, where that differs.
        weigh: its weight from the request, where neither is enough.
    """

    handler: Handler
    security: Security = Security.SIGNED
    weight: int = 1
    weight_all: int | None = None
    weigh: Callable[[ParsedRequest], int] | None = None
    needs_key: bool = field(init=False)
    is_signed: bool = field(init=False)

    def __post_init__(self) -> None:
        # Asked of every request; what an enumeration holds is slow to look up.
        object.__setattr__(self, "needs_key", self.security is not Security.NONE)
        object.__setattr__(self, "is_signed", self.security is Security.SIGNED)

    def weight_of(self, request: ParsedRequest) -> int:
        """Request weight (Binance docs, 2026-11)."""
        if self.weigh is not None:
            return self.weigh(request)
        if self.weight_all is not None and not request.params.get("symbol"):
            return self.weight_all
        return self.weight


Routes = Mapping[tuple[str, str], Route]
