"""Who the exchange lets in: what the key may do, whence it may come, and whether it is open at all.

What a key may do is told by GET /sapi/v1/account/apiRestrictions on the spot host; the futures
host only answers -2015, whatever the reason.
"""

from dataclasses import dataclass
from typing import Any

from exchange_simulator.binance.errors import Rejection


@dataclass(slots=True, kw_only=True)
class Door:
    """Settings of the door; change them at any time.

    Attributes:
        may_trade_futures: otherwise -2015 on everything signed on the futures host.
        may_withdraw: the key could move money out; a client should refuse to work with it.
        is_ip_allowed: the caller's address is on the key's list.
        is_ip_restricted: the key has such a list at all.
        is_expired: the key has been deleted or has expired; an account's second key lives on.
        is_closed: maintenance; everything gets 503.
        is_overloaded: orders are throttled with -1008, but for those that only reduce.
    """

    may_trade_futures: bool = True
    may_withdraw: bool = False
    is_ip_allowed: bool = True
    is_ip_restricted: bool = True
    is_expired: bool = False
    is_closed: bool = False
    is_overloaded: bool = False

    def check_open(self) -> None:
        """Refuse everything during maintenance; -1016 with 503."""
        if self.is_closed:
            raise Rejection(-1016)

    def check_load(self, *, reduces: bool) -> None:
        """Refuse what does not reduce while the system protects itself; -1008."""
        if self.is_overloaded and not reduces:
            raise Rejection(-1008)

    def check_key(self, *, is_futures: bool, is_second: bool = False) -> None:
        """Refuse a key that is known but may not do this; -2015."""
        if (self.is_expired and not is_second) or not self.is_ip_allowed:
            raise Rejection(-2015)
        if is_futures and not self.may_trade_futures:
            raise Rejection(-2015)

    def restrictions(self, created_ms: int) -> dict[str, Any]:
        """GET apiRestrictions."""
        return {
            "ipRestrict": self.is_ip_restricted,
            "createTime": created_ms,
            "enableReading": True,
            "enableWithdrawals": self.may_withdraw,
            "enableInternalTransfer": False,
            "enableMargin": False,
            "enableFutures": self.may_trade_futures,
            "permitsUniversalTransfer": False,
            "enableVanillaOptions": False,
            "enableFixApiTrade": False,
            "enableFixReadOnly": False,
            "enableSpotAndMarginTrading": False,
            "enablePortfolioMarginTrading": False,
        }
