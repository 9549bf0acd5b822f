"""Does the account hold what the journal says? The comparison alone."""

from collections.abc import Mapping
from dataclasses import field
from decimal import Decimal

from trading_platform_order.domain.account.ledger import Ledger
from trading_platform_order.domain.money import ZERO, plain
from trading_platform_order.domain.order import Leg
from trading_platform_order.domain.rows import NAMELESS
from trading_platform_order.domain.value import value

KRW_TOLERANCE = Decimal("0.01")

USDT_TOLERANCE = Decimal("0.0001")

ENTRY_PRICE_STEP_USDT = Decimal("0.00001")
"""Binance rounds the entry price it tells (GET /fapi/v3/positionRisk: five digits)."""


@value
class Found:
    """What the exchanges answered.

    Attributes:
        coins: on the spot exchange, available plus locked, by asset.
        wallet_usdt: Binance wallet, without unrealised profit.
        shorts: base units short on Binance, by base asset; negative for a long.
        sold_for_usdt: what all shorts were sold for as Binance averages it; ``None`` if not asked.
        open_orders: client order ids of all open orders.
        unread: assets and base assets of which something could not be read, and why: nothing is
            said about them. :data:`NAMELESS` is whoever has no row.
        orders_unread: the same of open orders.
    """

    coins: Mapping[str, Decimal]
    wallet_usdt: Decimal
    shorts: Mapping[str, Decimal]
    sold_for_usdt: Decimal | None = None
    open_orders: frozenset[str] = frozenset()
    unread: Mapping[str, str] = field(default_factory=dict)
    orders_unread: Mapping[str, str] = field(default_factory=dict)

    def tells_spot(self, asset: str) -> bool:
        """Whether the balance of this asset is known; a missing row is none of it."""
        return not (asset in self.unread or (NAMELESS in self.unread and asset not in self.coins))


@value
class Verdict:
    """What to record, and what is wrong beyond recording.

    Attributes:
        moved: (exchange, asset, amount) of money that another hand moved.
        mismatches: a line each.
        gone: (base asset, line) of a leg that is smaller than ours. ``leg_loss`` books it, together
            with the money that moved with it, and has the other leg closed.
    """

    moved: tuple[tuple[Leg, str, Decimal], ...]
    mismatches: tuple[str, ...]
    gone: tuple[tuple[str, str], ...] = ()

    @property
    def is_clean(self) -> bool:
        """The ledger equals both exchanges."""
        return not self.moved and not self.mismatches and not self.gone

    def lines(self) -> list[str]:
        """For operators."""
        moved = [
            f"{venue} {asset}: {plain(amount)} unexplained" for venue, asset, amount in self.moved
        ]
        return [*moved, *(line for _, line in self.gone), *self.mismatches]


def compare(ledger: Ledger, found: Found, *, prefix: str) -> Verdict:
    """Judge the difference between our count and the exchanges', with nothing of ours under way.

    Args:
        ledger: our count.
        found: theirs.
        prefix: beginning of every client order id of this mode.
    """
    owned = {base: ledger.owned_coins(base) for base in sorted({b for _, b in ledger.holdings})}
    short_of = [
        base
        for base, ours in owned.items()
        if found.tells_spot(base) and found.coins.get(base, ZERO) < ours
    ]
    moved = []
    for asset in sorted({*found.coins, *ledger.coins, "KRW"}):
        ours = ledger.krw if asset == "KRW" else ledger.coins.get(asset, ZERO)
        delta = found.coins.get(asset, ZERO) - ours
        tolerance = KRW_TOLERANCE if asset == "KRW" else ZERO
        if abs(delta) > tolerance and asset not in short_of and found.tells_spot(asset):
            moved.append((Leg.SPOT, asset, delta))
    averaged_usdt, rounding_usdt = _averaged_otherwise(ledger, found)
    usdt = found.wallet_usdt - ledger.usdt - averaged_usdt
    if abs(usdt) > USDT_TOLERANCE + rounding_usdt:
        moved.append((Leg.HEDGE, "USDT", usdt))
    gone = [
        (base, f"{base}: {plain(found.coins.get(base, ZERO))} on Upbit, {plain(owned[base])} ours")
        for base in short_of
    ]
    mismatches = []
    for base in sorted({*ledger.shorts, *found.shorts} - found.unread.keys()):
        ours = ledger.shorts[base].quantity if base in ledger.shorts else ZERO
        theirs = found.shorts.get(base, ZERO)
        line = f"{base} short: {plain(theirs)} on Binance, ours is {plain(ours)}"
        if theirs < ours and ours > 0:
            gone.append((base, line))
        elif ours != theirs:
            mismatches.append(line)
    mismatches += [
        f"order {name} is open, but the journal has no unresolved order"
        for name in sorted(found.open_orders)
        if name.startswith(prefix)
    ]
    return Verdict(moved=tuple(moved), mismatches=tuple(mismatches), gone=tuple(gone))


def _averaged_otherwise(ledger: Ledger, found: Found) -> tuple[Decimal, Decimal]:
    """By how much the wallet differs because the same fills came in another order; its rounding.

    What a short realises depends on the average entry at that moment. Fills of two strategies may
    become known in another order than they happened in: until the symbol is flat the wallet then
    has realised more or less than the ledger, and the position was sold for as much less or more.
    Wallet and entry value together are what was taken in and paid, in any order. So only the rest
    is another hand's: recorded as a whole, that difference would come back as money once the symbol
    is flat. USDT.
    """
    if found.sold_for_usdt is None:
        return ZERO, ZERO
    ours = {base: short.quantity for base, short in ledger.shorts.items() if short.quantity}
    if ours != {base: quantity for base, quantity in found.shorts.items() if quantity}:
        return ZERO, ZERO
    sold_for = sum((short.entry_value_usdt for short in ledger.shorts.values()), ZERO)
    rounding = sum(ours.values(), ZERO) * ENTRY_PRICE_STEP_USDT
    averaged = sold_for - found.sold_for_usdt
    return (averaged, rounding) if abs(averaged) > rounding else (ZERO, ZERO)
