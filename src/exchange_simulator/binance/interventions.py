"""What the world does to the exchange: transfers, suspensions, bans, thin books, closes by hand.

No request of a client leads here; whoever plays the world calls it.
"""

from dataclasses import replace
from decimal import Decimal

from exchange_simulator.binance.endpoints.routes import Core
from exchange_simulator.binance.errors import Rejection
from exchange_simulator.binance.margin.account import Account
from exchange_simulator.binance.margin.liquidation import ForcedClosing
from exchange_simulator.binance.requests.access import Door
from exchange_simulator.binance.requests.admission import Admission
from exchange_simulator.binance.streaming import events
from exchange_simulator.binance.trading.order import NewOrder


class Interventions:
    """The part of the simulated exchange that stands beyond its port."""

    door: Door
    _core: Core
    _admission: Admission
    _forced: ForcedClosing

    def transfer(self, amount_usdt: Decimal) -> None:
        """Money comes in (or, negative, goes out) by another hand."""
        core, now_ms = self._core, self._core.now_ms()
        core.account.book("", "TRANSFER", amount_usdt, time_ms=now_ms)
        reason = "DEPOSIT" if amount_usdt > 0 else "WITHDRAW"
        core.emit(events.account_update(core.account, reason, now_ms, balance_change=amount_usdt))

    def pay_special_funding(self, symbol: str, amount_usdt: Decimal) -> None:
        """The exchange settles funding of a symbol outside of the usual times."""
        core, now_ms = self._core, self._core.now_ms()
        core.account.fund_specially(symbol, amount_usdt, now_ms)
        core.emit(
            events.account_update(
                core.account, "FUNDING_FEE", now_ms, holding=symbol, balance_change=amount_usdt
            )
        )

    def restore_short(self, symbol: str, quantity: Decimal, entry_value_usdt: Decimal) -> None:
        """Begin with a short: base quantity and entry value in USDT, both positive."""
        self._core.account.restore(symbol, -quantity, -entry_value_usdt)

    def set_hedge_mode(self, *, is_on: bool) -> None:
        """Switch the account's position mode, as a person would in the preferences."""
        self._core.account.hedge_mode = is_on

    @property
    def account(self) -> Account:
        """Its money and preferences."""
        return self._core.account

    def expire_listen_key(self) -> None:
        """The private streams fall silent now, their sockets stay open."""
        self._core.hub.expire_key()

    def deleverage(self, symbol: str) -> None:
        """The exchange closes this position by auto-deleveraging."""
        self._forced.deleverage(symbol)

    def freeze_book(self, symbol: str, *, is_on: bool = True) -> None:
        """The book is repeated as it stands now, whatever the market does."""
        if is_on:
            self._core.market.frozen.add(symbol)
        else:
            self._core.market.frozen.discard(symbol)

    def shrink_book(self, symbol: str, quantity: Decimal, *, beyond_bps: int = 0) -> None:
        """Others leave this much (base) on each side of a market, until it moves again."""
        self._core.market.book(symbol).shrink(quantity, beyond_bps=beyond_bps)

    def close_by_hand(self, symbol: str, quantity: Decimal) -> None:
        """A person closes this much (base) of a position at the market, in the app.

        Raises:
            ValueError: the exchange refuses it.
        """
        held = self._core.account.position(symbol).quantity
        wish = NewOrder(
            symbol=symbol,
            side="SELL" if held > 0 else "BUY",
            type="MARKET",
            time_in_force="GTC",
            quantity=quantity,
            price=None,
            reduce_only=True,
            client_order_id=None,
            stp_mode="NONE",
        )
        try:
            self._core.matching.place(wish, self._core.market.rules_of(symbol))
        except Rejection as refusal:
            raise ValueError(f"{refusal.code}: {refusal.message}") from None

    def set_offline(self, *, is_offline: bool) -> None:
        """Maintenance begins or ends."""
        self.door.is_closed = is_offline

    def symbols(self) -> list[str]:
        """Every contract there is."""
        return list(self._core.market.rules)

    def step_of(self, symbol: str) -> Decimal:
        """What a quantity of this contract is a multiple of, in the contract's own unit."""
        return self._core.market.rules_of(symbol).step

    def suspend(self, symbol: str, *, is_on: bool) -> None:
        """This contract takes no orders any more, or does again; everything can still be read."""
        rules = self._core.market.rules
        rules[symbol] = replace(rules[symbol], status="PENDING_TRADING" if is_on else "TRADING")

    def mid(self, symbol: str) -> Decimal | None:
        """The middle of a book as it stands."""
        return self._core.market.book(symbol).mid

    def change_filters(self, symbol: str, **changes: Decimal) -> None:
        """The exchange changes a contract: ``step``, ``tick``, ``min_notional``."""
        rules = self._core.market.rules
        rules[symbol] = replace(rules[symbol], **changes)  # type: ignore[arg-type]

    def relist(self, symbol: str, onboard_ms: int) -> None:
        """Another contract under an old symbol: it began on this day, epoch milliseconds."""
        rules = self._core.market.rules
        rules[symbol] = replace(rules[symbol], onboard_ms=onboard_ms)

    def delist(self, symbol: str, delivery_ms: int) -> None:
        """The exchange announces the end of a contract."""
        rules = self._core.market.rules
        rules[symbol] = replace(rules[symbol], delivery_ms=delivery_ms)

    def revoke_key(self, *, is_revoked: bool) -> None:
        """The API key is dead, or works again; the account's second key always works."""
        self.door.is_expired = is_revoked

    def ban(self, seconds: float) -> None:
        """Our address is banned: 418 to everything for so long."""
        self._admission.ban(seconds)

    def limit_depth(self, symbol: str, quantity: Decimal | None, *, beyond_bps: int = 0) -> None:
        """Others leave this much (base) at the best price of each side; ``None``: as ever."""
        market = self._core.market
        if quantity is None:
            market.depth_max.pop(symbol, None)
            return
        market.depth_max[symbol] = quantity, beyond_bps
        self.shrink_book(symbol, quantity, beyond_bps=beyond_bps)

    def split_trades(self, quantity: Decimal | None) -> None:
        """From now on no trade is larger than this (base): orders have many."""
        self._core.matching.trade_quantity_max = quantity

    def begin_trade_ids_anew(self) -> None:
        """As an exchange that forgot them would: the next ids were given before."""
        self._core.matching.begin_trade_ids_anew()

    def order_of_events(self, *, order_first: bool, gap_s: float) -> None:
        """Of a fill's two private events, which comes first, and how much later the other."""
        events = self._core.matching.user_events
        events.order_first, events.gap_s = order_first, gap_s

    def tell_children_first(self) -> None:
        """From now on a triggered order's fill is told before its trigger."""
        self._core.algo.child_first = True
