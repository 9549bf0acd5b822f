"""Both simulated exchanges, their gateways and their common market."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from exchange_simulator.binance.venue import SimulatedBinance
from exchange_simulator.clock import Clock, MarketClock
from exchange_simulator.decimals import ZERO
from exchange_simulator.faults.armed import ArmedFault
from exchange_simulator.faults.kinds import Fault
from exchange_simulator.gateway.delays import CountingScheduler
from exchange_simulator.gateway.gateway import Gateway
from exchange_simulator.kept_state import KeptWorld, StateFile
from exchange_simulator.market.listings import coin_of, contract_of, in_coins, symbol_of
from exchange_simulator.market.market import DEFAULT_FUNDING_RATE, Bar, ticks_of
from exchange_simulator.names import BINANCE, UPBIT
from exchange_simulator.ports import MarketTick
from exchange_simulator.upbit.venue import SimulatedUpbit


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What the accounts hold when the world opens.

    Attributes:
        krw: on Upbit; ``coins`` besides, by asset.
        usdt: in Binance's futures wallet.
        shorts: (base quantity, entry value in USDT) by symbol, e.g. ``BTCUSDT``; positive.
    """

    krw: Decimal
    usdt: Decimal
    coins: Mapping[str, Decimal] = field(default_factory=dict)
    shorts: Mapping[str, tuple[Decimal, Decimal]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatorKeys:
    """The API keys the simulated exchanges know. They open nothing but a simulator."""

    upbit_access_key: str = field(default="simulated-upbit-access-key-0000000000001", repr=False)
    upbit_secret_key: str = field(default="simulated-upbit-secret-key-0000000000001", repr=False)
    binance_api_key: str = field(default="simulated-binance-api-key-" + "0" * 38, repr=False)
    binance_secret_key: str = field(default="simulated-binance-secret-key-" + "0" * 35, repr=False)


class SimulatedWorld:
    """One market, two exchanges. Use inside a running event loop.

    Args:
        clock: a :class:`MarketClock` is set to each step's time; any other clock runs by itself.
        upbit: the spot exchange.
        binance: the futures exchange.
        scheduler: the ``Schedule`` both exchanges were made with.
        latency_s: each way, to both exchanges.
        funding_rate: of every step.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        upbit: SimulatedUpbit,
        binance: SimulatedBinance,
        scheduler: CountingScheduler,
        latency_s: float = 0.0,
        funding_rate: Decimal = DEFAULT_FUNDING_RATE,
    ) -> None:
        self.clock = clock
        self.upbit = upbit
        self.binance = binance
        self.gateways: Mapping[str, Gateway] = {
            UPBIT: Gateway(upbit, clock=clock, latency_s=latency_s),
            BINANCE: Gateway(binance, clock=clock, latency_s=latency_s),
        }
        self._scheduler = scheduler
        self._funding_rate = funding_rate
        self._after: Callable[[], None] = _nothing

    def step(self, bars: Sequence[tuple[str, Bar]]) -> None:
        """Close these bars: set the clock to their close and move both exchanges.

        Raises:
            ValueError: the bars do not close at the same moment.
        """
        self.show(ticks_of(bars, funding_rate=self._funding_rate))

    def show(self, ticks: Sequence[MarketTick]) -> None:
        """Move both exchanges to these prices."""
        if isinstance(self.clock, MarketClock):
            self.clock.set(ticks[0].at)
        self.upbit.advance(ticks)
        self.binance.advance(ticks)
        self._after()

    def pass_over(self, base: str, bar: Bar) -> None:
        """A bar that nobody is shown and that moves nothing; its prices tell of price steps."""
        self.upbit.learn_ticks(f"KRW-{base}", (bar.up_high, bar.up_low, bar.up_close))

    def after_move(self) -> None:
        """Something moved the exchanges from outside: keep what has changed by it."""
        self._after()

    def keep(self, file: StateFile) -> KeptWorld:
        """Begin with what the file holds, and have every change in it from now on."""
        kept = KeptWorld(file, (self.upbit.keeper, self.binance.keeper))
        self._after = kept.save
        self._scheduler.after = kept.save
        for gateway in self.gateways.values():
            gateway.after_handling = kept.save
        return kept

    def arm(self, fault: Fault) -> ArmedFault:
        """Arm a fault on its exchange; what is returned counts its strikes."""
        return self.gateways[fault.venue].arm(fault)

    def clear_faults(self) -> None:
        """Forget all faults of both exchanges."""
        for gateway in self.gateways.values():
            gateway.faults.clear()
        self.upbit.forget_troubles()
        self.binance.forget_troubles()

    def faults(self) -> list[dict[str, Any]]:
        """All faults with their strikes, JSON-ready."""
        return [row for gateway in self.gateways.values() for row in gateway.faults.report()]

    def idle(self) -> bool:
        """Nothing is on its way to, from or inside the exchanges."""
        return self._scheduler.idle() and all(gate.idle() for gate in self.gateways.values())

    def orders_are_idle(self) -> bool:
        """As :meth:`idle`, but for questions and news: no order is on its way, or held anywhere."""
        gateways = self.gateways.values()
        return self._scheduler.idle() and not any(gate.orders_in_flight for gate in gateways)

    def state(self) -> dict[str, Any]:
        """Both exchanges' balances, positions and orders, the time and the equity; JSON-ready."""
        rate = self.upbit.prices.get("KRW-USDT")
        return {
            "upbit": self.upbit.state(),
            "binance": self.binance.state(),
            "clock": self.clock.now().isoformat(),
            "equity_krw": None if rate is None else format(self.equity(rate), "f"),
        }

    def accounts(self) -> dict[str, Any]:
        """Both exchanges' part of :meth:`state`, contracts in coins: what checkers judge by."""
        return {"upbit": self.upbit.state(), "binance": in_coins(self.binance.state())}

    def equity(self, krw_per_usdt: Decimal) -> Decimal:
        """KRW worth of both accounts, from the exchanges' own balances and nothing else.

        Upbit's KRW, its coins at the best bid (at the last price where the bids are used up), and
        Binance's margin balance, which holds unrealised profit already, at ``krw_per_usdt``.
        """
        bids, prices = self.upbit.best_bids, self.upbit.prices
        total = ZERO
        for asset, quantity in self.upbit.totals.items():
            if asset == "KRW":
                total += quantity
            elif quantity:
                code = f"KRW-{asset}"
                total += quantity * (bids.get(code) or prices.get(code, ZERO))
        return total + self.binance.margin_balance_usdt * krw_per_usdt

    def transfer(self, venue: str, asset: str, amount: Decimal) -> None:
        """Money moves in (positive) or out (negative) by another hand.

        Raises:
            ValueError: more than is there, or an asset the exchange does not move.
        """
        if venue == BINANCE:
            if asset != "USDT":
                raise ValueError(f"only USDT moves in and out of binance, not {asset}")
            self.binance.transfer(amount)
        elif amount >= 0:
            self.upbit.deposit(asset, amount)
        else:
            self.upbit.withdraw(asset, -amount)

    def close_leg(self, symbol: str, how: str, quantity: Decimal | None) -> Decimal:
        """Take a part of a futures position away without the engine; returns what is left.

        Args:
            symbol: e.g. ``BTCUSDT``.
            how: ``adl`` (the whole position) or ``manual``.
            quantity: base, of a manual close; ``None``: all of it.

        Raises:
            ValueError: nothing is held, another word, or the exchange refuses.
        """
        held = self.position(symbol)
        if not held:
            raise ValueError(f"{symbol} is flat")
        if how == "adl":
            self.binance.deleverage(symbol)
        elif how == "manual":
            self.binance.close_by_hand(symbol, abs(held) if quantity is None else quantity)
        else:
            raise ValueError(f"how must be adl or manual, not {how!r}")
        return self.position(symbol)

    def position(self, symbol: str) -> Decimal:
        """Coins on Binance, by ``<coin>USDT`` or the contract's symbol; a short is negative."""
        contract, factor = symbol_of(symbol)
        if contract == symbol:
            contract, factor = symbol, coin_of(symbol)[1]
        return self.binance.position(contract) * factor

    def hedge_mid(self, base: str) -> Decimal | None:
        """The middle of Binance's book, USDT for one coin; ``None`` without one of its sides."""
        contract, factor = contract_of(base)
        mid = self.binance.mid(f"{contract}USDT")
        return None if mid is None else mid / factor

    def close(self) -> None:
        """End all streams and forget what was planned."""
        for gateway in self.gateways.values():
            gateway.close_streams("the simulator ends")
        self._scheduler.close()


def open_world(
    *,
    clock: Clock,
    keys: SimulatorKeys,
    opening: Opening,
    latency_s: float = 0.0,
    funding_rate: Decimal = DEFAULT_FUNDING_RATE,
    raise_limits: bool = True,
    ids_from: int = 0,
    learns_ticks: bool = False,
) -> SimulatedWorld:
    """Both exchanges with these accounts.

    Args:
        clock: calendar and stopwatch of both exchanges.
        keys: the API keys they accept.
        opening: what the accounts hold.
        latency_s: each way.
        funding_rate: fraction of notional per settlement.
        raise_limits: answer 429 and 418 when request limits are broken.
        ids_from: so many ids of each kind may have been given before.
        learns_ticks: what is shown are candles of another time, when Upbit's price steps may have
            been finer than today's.
    """
    scheduler = CountingScheduler()
    binance = SimulatedBinance(
        clock=clock,
        schedule=scheduler,
        api_key=keys.binance_api_key,
        secret_key=keys.binance_secret_key,
        wallet_usdt=opening.usdt,
        raise_limits=raise_limits,
        ids_from=ids_from,
    )
    for symbol, (quantity, entry_value_usdt) in opening.shorts.items():
        binance.restore_short(symbol, quantity, entry_value_usdt)
    return SimulatedWorld(
        clock=clock,
        upbit=SimulatedUpbit(
            clock=clock,
            schedule=scheduler,
            access_key=keys.upbit_access_key,
            secret_key=keys.upbit_secret_key,
            balances={"KRW": opening.krw, **opening.coins},
            raise_limits=raise_limits,
            ids_from=ids_from,
            learns_ticks=learns_ticks,
        ),
        binance=binance,
        scheduler=scheduler,
        latency_s=latency_s,
        funding_rate=funding_rate,
    )


def _nothing() -> None:
    """Nobody keeps anything."""
