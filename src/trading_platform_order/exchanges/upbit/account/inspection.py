"""What the doctor asks of Upbit: whether the key reads, may order, and how long it lives."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from trading_platform_order.domain.order import Leg, Order, OrderSide, OrderType, Purpose
from trading_platform_order.domain.outcome import Refused, Unknown
from trading_platform_order.domain.venue import Venue
from trading_platform_order.exchanges.base import Finding, Level
from trading_platform_order.exchanges.upbit.requests import wire
from trading_platform_order.exchanges.upbit.requests.errors import Failure
from trading_platform_order.exchanges.upbit.requests.rest import UpbitRest

SUBJECT = "upbit API key"
EXPIRES_SOON = timedelta(days=30)

_REMEDIES = {
    "out_of_scope": "give the key the permissions to view accounts, view orders and make orders",
    "no_authorization_ip": "add this machine's IP address to the key's allowed addresses",
    "expired_access_key": "make a new key; Upbit's keys live one year and cannot be extended",
    "invalid_access_key": "copy the access key again",
    "jwt_verification": "copy the secret key again",
}
_OTHER_REMEDY = "look at the key on upbit.com: it must exist, be valid and allow this IP address"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """One look at the account.

    Attributes:
        test_order: has Upbit judge a smallest order without placing it.
    """

    rest: UpbitRest
    now: datetime
    access_key: str
    test_order: Callable[[], Awaitable[Refused | Unknown | None]]

    async def findings(self) -> tuple[Finding, ...]:
        """Every finding; nothing is placed."""
        accounts = await self.rest.read_rows("/v1/accounts", [], wire.Account, key="currency")
        if isinstance(accounts, Failure):
            return (_key_fault(accounts.code, accounts.text),)
        return (*await self._orders(), await self._expiry())

    async def _orders(self) -> tuple[Finding, ...]:
        outcome = await self.test_order()
        if isinstance(outcome, Unknown):
            return (_key_fault("", f"the test order was not answered: {outcome.reason}"),)
        if isinstance(outcome, Refused) and outcome.code in _REMEDIES:
            return (_key_fault(outcome.code, f"may not place orders ({outcome.code})"),)
        # Any other refusal (no money, for one) proves that the key may order.
        return ()

    async def _expiry(self) -> Finding:
        keys = await self.rest.read_rows("/v1/api_keys", [], wire.ApiKey, key="access_key")
        if isinstance(keys, Failure):
            text = f"its expiry is not told ({keys.text})"
            return Finding(level=Level.WARNING, subject=SUBJECT, text=text, remedy=_OTHER_REMEDY)
        ends = next((key.expire_at for key in keys.rows if key.access_key == self.access_key), None)
        if ends is None:
            return Finding(level=Level.OK, subject=SUBJECT, text="reads and orders")
        left = ends - self.now
        if left < EXPIRES_SOON:
            return Finding(
                level=Level.WARNING,
                subject=SUBJECT,
                text=f"ends in {max(left.days, 0)} days",
                remedy=_REMEDIES["expired_access_key"],
            )
        return Finding(level=Level.OK, subject=SUBJECT, text=f"reads and orders, {left.days} days")


def _key_fault(code: str, text: str) -> Finding:
    return Finding(
        level=Level.FAULT, subject=SUBJECT, text=text, remedy=_REMEDIES.get(code, _OTHER_REMEDY)
    )


def smallest_order(symbol: str, now: datetime) -> Order:
    """A market buy of a little over the minimum, to be judged and never placed."""
    return Order(
        id="",
        client_order_id="test",
        exchange=Venue.UPBIT,
        symbol=symbol,
        side=OrderSide.BUY,
        type=OrderType.MARKET,
        quantity=Decimal(0),
        quote_amount=Decimal(6_000),
        leg=Leg.SPOT,
        purpose=Purpose.OPEN,
        attempt=1,
        signal_id="",
        created_at=now,
    )
