"""Reads what the account is worth now and then, and says when the day's loss passes its limit."""

from dataclasses import dataclass
from datetime import datetime

import msgspec

from trading_platform_order.domain.money import ZERO, plain
from trading_platform_order.domain.outcome import ReadFailed
from trading_platform_order.storage.replica import Replica
from trading_platform_order.transport.clock import epoch_us
from trading_platform_order.watchdog.books import Books
from trading_platform_order.watchdog.eyes import Seen, look
from trading_platform_order.watchdog.loss import (
    Reading,
    day_of,
    loss_krw,
    passes_limit,
    transfers_in,
)
from trading_platform_order.watchdog.ports import StoreSeat, WatchdogPorts, WatchdogSettings

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Reading)


@dataclass(frozen=True, slots=True, kw_only=True)
class LossFound:
    """The limit is passed, and has been for long enough."""

    day: str
    reason: str


class LossWatch:
    """Counts from the day's first reading, which is durable."""

    def __init__(self, *, ports: WatchdogPorts, settings: WatchdogSettings) -> None:
        self._ports = ports
        self._settings = settings
        self._beyond_since: float | None = None

    async def look(self, store: StoreSeat, replica: Replica, books: Books) -> LossFound | None:
        """Read once. Nothing is said while an order is under way or an exchange does not answer."""
        if books.unresolved:
            return None
        seen = await look(self._ports.exchanges, books.bases)
        now = self._ports.clock.now()
        await replica.follow(store.inbox)
        if isinstance(seen, ReadFailed) or replica.head_seq != books.head_seq:
            return None
        reading = self._reading(books, seen, now)
        if reading is None:
            return None
        baseline = await self._baseline(store, reading)
        transfers = transfers_in(replica.query("v_transfers"), since_us=epoch_us(baseline.at))
        beyond = passes_limit(baseline, reading, transfers, fraction=self._settings.loss_fraction)
        if not beyond:
            self._beyond_since = None
            return None
        monotonic = self._ports.clock.monotonic()
        if self._beyond_since is None:
            self._beyond_since = monotonic
        if monotonic - self._beyond_since < self._settings.loss_persist_s:
            return None
        lost = plain(loss_krw(baseline, reading, transfers).to_integral_value())
        capital = plain(baseline.equity_krw.to_integral_value())
        reason = (
            f"the day's loss by the watchdog's own count is {lost} KRW of {capital}, limit "
            f"{self._settings.loss_fraction:.2%}"
        )
        return LossFound(day=day_of(now), reason=reason)

    def _reading(self, books: Books, seen: Seen, now: datetime) -> Reading | None:
        coins_krw, rate = ZERO, None
        for base in sorted(books.bases | set(self._settings.symbols)):
            view = self._ports.market.view(base, now)
            if view is None:
                return None
            rate = view.fx.krw_per_usdt
            coins_krw += books.owned_coins(base) * view.spot_book.bids[0].price
        if rate is None:
            return None
        return Reading(
            krw=seen.balance("KRW").total,
            coins_krw=coins_krw,
            margin_usdt=seen.margin.margin_balance_usdt,
            krw_per_usdt=rate,
            at=now,
        )

    @staticmethod
    async def _baseline(store: StoreSeat, reading: Reading) -> Reading:
        day = day_of(reading.at)
        body = await store.watch.baseline(day)
        if body is None:
            text = _encoder.encode(reading).decode()
            await store.watch.set_baseline(day, text, at_us=epoch_us(reading.at))
            return reading
        return _decoder.decode(body)
