"""Accounts and keys of a running simulator set up well or wrongly, as a person would on the web."""

from datetime import datetime

import msgspec

from exchange_simulator.binance.venue import SimulatedBinance
from exchange_simulator.decimals import parse_decimal
from exchange_simulator.exchanges import SimulatedWorld
from exchange_simulator.names import UPBIT, VenueName
from exchange_simulator.upbit.venue import SimulatedUpbit


class AccountOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Accounts and keys set up well or wrongly; what is left out stays as it is.

    Attributes:
        upbit_suspended: market codes that take no orders (others do again).
        binance_suspended: the same by symbol.
        banned_s: by exchange, everything is answered 418 for so long from now.
        depth_max: by market code or symbol, base quantity at the best price of each side.
        trade_quantity_max: by exchange, no trade is larger (base); ``null``: as large as it can be.
        upbit_trades_listed: so many trades of an order are listed, the oldest.
        upbit_wallet_states: by coin, where it is not ``working``.
        upbit_market_events: by market code, ``warning`` or names of cautions, also at a
            level: ``PRICE_FLUCTUATIONS:danger``.
        bnb: in the futures wallet, for fees where ``burns_bnb`` is on.
        isolated: symbols with isolated margin; ``leverage``: by symbol.
    """

    upbit_permissions: frozenset[str] | None = None
    upbit_ip_allowed: bool | None = None
    upbit_key_expired: bool | None = None
    upbit_offline: bool | None = None
    upbit_wallet_states: dict[str, str] | None = None
    upbit_key_ends_at: datetime | None = None
    upbit_market_events: dict[str, frozenset[str]] | None = None
    binance_may_trade_futures: bool | None = None
    binance_may_withdraw: bool | None = None
    binance_ip_allowed: bool | None = None
    binance_key_expired: bool | None = None
    binance_closed: bool | None = None
    binance_overloaded: bool | None = None
    upbit_suspended: frozenset[str] | None = None
    upbit_min_total_krw: str | None = None
    binance_suspended: frozenset[str] | None = None
    banned_s: dict[VenueName, float] | None = None
    depth_max: dict[str, str | None] | None = None
    trade_quantity_max: dict[VenueName, str | None] | None = None
    upbit_trades_listed: int | None = None
    hedge_mode: bool | None = None
    multi_assets: bool | None = None
    burns_bnb: bool | None = None
    bnb: str | None = None
    isolated: frozenset[str] | None = None
    leverage: dict[str, int] | None = None


def set_up(world: SimulatedWorld, order: AccountOrder) -> None:
    """Set what the order names; it counts from the next request on."""
    if isinstance(world.upbit, SimulatedUpbit):
        _set(
            world.upbit.rules,
            permissions=order.upbit_permissions,
            is_ip_allowed=order.upbit_ip_allowed,
            is_key_expired=order.upbit_key_expired,
            is_offline=order.upbit_offline,
            market_events=order.upbit_market_events,
            wallet_states=order.upbit_wallet_states,
            key_ends_at=order.upbit_key_ends_at,
            trades_listed_max=order.upbit_trades_listed,
        )
    _hinder(world, order)
    if isinstance(world.binance, SimulatedBinance):
        _set(
            world.binance.door,
            may_trade_futures=order.binance_may_trade_futures,
            may_withdraw=order.binance_may_withdraw,
            is_ip_allowed=order.binance_ip_allowed,
            is_expired=order.binance_key_expired,
            is_closed=order.binance_closed,
            is_overloaded=order.binance_overloaded,
        )
        if order.hedge_mode is not None:
            world.binance.set_hedge_mode(is_on=order.hedge_mode)
        world.binance.account.prefer(
            multi_assets=order.multi_assets,
            burns_bnb=order.burns_bnb,
            bnb=None if order.bnb is None else parse_decimal(order.bnb),
            isolated=order.isolated,
            leverage=order.leverage,
        )


def _hinder(world: SimulatedWorld, order: AccountOrder) -> None:
    for account, symbols in (
        (world.upbit, order.upbit_suspended),
        (world.binance, order.binance_suspended),
    ):
        for symbol in account.symbols() if symbols is not None else ():
            account.suspend(symbol, is_on=symbol in (symbols or ()))
    for venue, seconds in (order.banned_s or {}).items():
        (world.upbit if venue == UPBIT else world.binance).ban(seconds)
    for venue, most in (order.trade_quantity_max or {}).items():
        split = None if most is None else parse_decimal(most)
        (world.upbit if venue == UPBIT else world.binance).split_trades(split)
    for symbol, text in (order.depth_max or {}).items():
        account = world.upbit if symbol in world.upbit.symbols() else world.binance
        account.limit_depth(symbol, None if text is None else parse_decimal(text))
    if order.upbit_min_total_krw is not None:
        world.upbit.set_min_total(parse_decimal(order.upbit_min_total_krw))


def _set(rules: object, **values: object) -> None:
    for name, value in values.items():
        if value is not None:
            setattr(rules, name, value)
