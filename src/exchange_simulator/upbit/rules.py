"""What may be switched on one simulated Upbit: the key, the calendar of changes, the connections.

Every switch may be turned while the exchange runs; it counts from the next request on.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

#: names of the official SDK's permission enumeration
ALL_PERMISSIONS = frozenset(
    {
        "view_account",
        "view_orders",
        "make_orders",
        "view_withdrawals",
        "withdraw",
        "view_deposits",
        "deposit",
        "transfer",
        "manage_pockets",
    }
)


@dataclass(slots=True, kw_only=True)
class Rules:
    """The switches, by default those of an open exchange and a good key today.

    Attributes:
        permissions: what the key may do; anything else is ``out_of_scope``.
        is_ip_allowed: whether requests come from an address the key allows.
        is_key_expired: keys live one year.
        is_offline: maintenance: ``market_offline`` on everything private, and on handshakes.
        has_default_smp: the change of 2026-11-09: ``smp_type`` left out means ``cancel_maker``,
            ``none`` exists, and every order shows one.
        market_events: what is up by market code: ``warning``, or the name of a caution, which may
            tell its level (``PRICE_FLUCTUATIONS:danger``).
        names: Korean and English name by coin, where they are not the usual ones.
        wallet_states: by coin, where it is not ``working``.
        key_ends_at: when the key ends; ``None``: a year after the exchange began.
        trades_listed_max: so many trades of an order are listed, the oldest; ``None``: all.
        idle_close_s: a stream without any message of the client for so long is closed.
        connection_life_s: no stream lives longer.
    """

    permissions: frozenset[str] = ALL_PERMISSIONS
    is_ip_allowed: bool = True
    is_key_expired: bool = False
    is_offline: bool = False
    has_default_smp: bool = True
    market_events: Mapping[str, frozenset[str]] = field(default_factory=dict)
    names: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    wallet_states: Mapping[str, str] = field(default_factory=dict)
    key_ends_at: datetime | None = None
    trades_listed_max: int | None = None
    idle_close_s: float = 120.0
    connection_life_s: float = 86_400.0
