"""What the world around the simulated exchanges may do to them, beside sending them requests."""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from decimal import Decimal
from typing import Protocol

from exchange_simulator.binance.market_data.fed import FedBinance
from exchange_simulator.kept_state import Keeper
from exchange_simulator.market.fed_book import Latency
from exchange_simulator.ports import SimulatedVenue
from exchange_simulator.upbit.market_data.fed import FedUpbit


class Hindered(Protocol):
    """What an exchange may do that keeps orders from it."""

    def set_offline(self, *, is_offline: bool) -> None:
        """Maintenance begins or ends."""
        ...

    def symbols(self) -> list[str]:
        """Every market there is, by the exchange's own name."""
        ...

    def suspend(self, symbol: str, *, is_on: bool) -> None:
        """One market takes no orders any more, or does again; everything can still be read."""
        ...

    def ban(self, seconds: float) -> None:
        """Our address is banned: 418 to everything for so long."""
        ...

    def limit_depth(self, symbol: str, quantity: Decimal | None, *, beyond_bps: int = 0) -> None:
        """Others leave this much (base) at the best price of each side; ``None``: as ever.

        ``beyond_bps``: the rest lies so much further away; 0: there is none.
        """
        ...

    def mid(self, symbol: str) -> Decimal | None:
        """The middle of a book as it stands; ``None`` without one of its sides."""
        ...

    def revoke_key(self, *, is_revoked: bool) -> None:
        """The API key is dead, or works again."""
        ...


class TradedByHand(Protocol):
    """An account whose owner trades in the exchange's own app, too."""

    @property
    def keeper(self) -> Keeper:
        """What of it outlives the process."""
        ...

    def split_trades(self, quantity: Decimal | None) -> None:
        """From now on no trade is larger than this (base): orders have many."""
        ...

    def begin_trade_ids_anew(self) -> None:
        """As an exchange that forgot them would: the next ids were given before."""
        ...

    def undisturbed(self) -> AbstractContextManager[None]:
        """No fault of the next order strikes orders that are handled meanwhile."""
        ...

    def forget_troubles(self) -> None:
        """What a fault holds ready for the next order is forgotten."""
        ...


class SpotAccount(SimulatedVenue, TradedByHand, Hindered, Protocol):
    """What the world needs of the spot exchange besides the venue's port."""

    def fed(self, latency: Latency) -> FedUpbit:
        """From now on its markets come from outside."""
        ...

    def learn_ticks(self, code: str, prices: Iterable[Decimal]) -> None:
        """Prices that were traded meanwhile tell what the price steps were."""
        ...

    @property
    def prices(self) -> dict[str, Decimal]:
        """The last price of each market, KRW, by market code (``KRW-BTC``)."""
        ...

    @property
    def best_bids(self) -> dict[str, Decimal]:
        """The best bid of each market, KRW; zero where the bids are exhausted."""
        ...

    @property
    def totals(self) -> dict[str, Decimal]:
        """Available plus locked, by asset."""
        ...

    def deposit(self, asset: str, amount: Decimal) -> None:
        """Money or coins arrive from outside."""
        ...

    def withdraw(self, asset: str, amount: Decimal) -> None:
        """Money or coins leave; ``ValueError`` for more than is available."""
        ...

    def freeze_book(self, symbol: str, *, is_on: bool = True) -> None:
        """The book is repeated as it stands now, whatever the market does."""
        ...

    def shrink_book(self, symbol: str, quantity: Decimal, *, told: bool = False) -> None:
        """Others leave this much (base) on each side of a market, until it moves again."""
        ...

    def set_min_total(self, amount_krw: Decimal) -> None:
        """The smallest order from now on."""
        ...

    def widen_spread(self, fraction: Decimal) -> None:
        """Best bid and best ask are so far apart from the next move on, as part of the price."""
        ...

    def rename(self, coin: str, korean: str, english: str) -> None:
        """A coin is called something else from now on."""
        ...

    def warn_of(self, code: str, *events: str) -> None:
        """What the exchange warns of in a market from now on: nothing, if nothing is named."""
        ...


class MarginAccount(SimulatedVenue, TradedByHand, Hindered, Protocol):
    """What the world needs of the futures exchange besides the venue's port."""

    def fed(self, latency: Latency) -> FedBinance:
        """From now on its markets come from outside."""
        ...

    @property
    def wallet_usdt(self) -> Decimal:
        """Without unrealised profit."""
        ...

    @property
    def margin_balance_usdt(self) -> Decimal:
        """Wallet and unrealised profit."""
        ...

    def position(self, symbol: str) -> Decimal:
        """Contracts; a short is negative."""
        ...

    def transfer(self, amount_usdt: Decimal) -> None:
        """Money comes in (or, negative, goes out) by another hand."""
        ...

    def pay_special_funding(self, symbol: str, amount_usdt: Decimal) -> None:
        """The exchange settles funding of a symbol outside of the usual times."""
        ...

    def restore_short(self, symbol: str, quantity: Decimal, entry_value_usdt: Decimal) -> None:
        """Begin with a short: base quantity and entry value in USDT, both positive."""
        ...

    def freeze_book(self, symbol: str, *, is_on: bool = True) -> None:
        """The book is repeated as it stands now, whatever the market does."""
        ...

    def shrink_book(self, symbol: str, quantity: Decimal) -> None:
        """Others leave this much (base) on each side of a market, until it moves again."""
        ...

    def expire_listen_key(self) -> None:
        """The private streams fall silent now, their sockets stay open."""
        ...

    def deleverage(self, symbol: str) -> None:
        """The exchange closes this position by auto-deleveraging."""
        ...

    def close_by_hand(self, symbol: str, quantity: Decimal) -> None:
        """A person closes this much (base) of a position at the market, in the app.

        Raises:
            ValueError: the exchange refuses it.
        """
        ...

    def set_hedge_mode(self, *, is_on: bool) -> None:
        """A person switches the account's position mode."""
        ...

    def change_filters(self, symbol: str, **changes: Decimal) -> None:
        """The exchange changes a contract: ``step``, ``tick``, ``min_notional``."""
        ...

    def relist(self, symbol: str, onboard_ms: int) -> None:
        """Another contract under an old symbol."""
        ...

    def order_of_events(self, *, order_first: bool, gap_s: float) -> None:
        """Of a fill's two private events, which comes first, and how much later the other."""
        ...

    def delist(self, symbol: str, delivery_ms: int) -> None:
        """The exchange announces the end of a contract."""
        ...

    def tell_children_first(self) -> None:
        """From now on a triggered order's fill is told before its trigger."""
        ...
