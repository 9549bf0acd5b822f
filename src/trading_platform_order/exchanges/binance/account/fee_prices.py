"""What the assets cost that fees are paid in, so that a fee has a value at the time of its fill.

Asked only once fees are known to be paid in another asset than USDT (``feeBurn``, or a fill that
says so). A price belongs to the exchange's own time, as a fill does; one that is older than a
minute at the time of the fill values nothing: the fee is then estimated by whoever books it, and
told as such.
"""

from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import TypeVar

from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import Fill, OrderReport
from trading_platform_order.domain.outcome import Accepted, ReadFailed
from trading_platform_order.exchanges.binance.requests.answers import Failure
from trading_platform_order.exchanges.binance.requests.parse import Unreadable, finite
from trading_platform_order.exchanges.binance.requests.rest import RestClient
from trading_platform_order.exchanges.binance.requests.wire import PriceWire
from trading_platform_order.exchanges.port.stream_events import (
    OrderUpdate,
    PrivateEvent,
    PrivateSink,
)
from trading_platform_order.transport.clock import epoch_ms

_Outcome = TypeVar("_Outcome")

PRICE_PATH = "/fapi/v1/ticker/price"
QUOTE, BURNED = "USDT", "BNB"
AGE_MS_MAX = 60_000
# An hour of prices, so that a fill which is looked up late is valued by a price of its own time.
KEPT = 240


class FeePrices:
    """Prices by asset, in USDT."""

    def __init__(self, rest: RestClient) -> None:
        self._rest = rest
        self._wanted: set[str] = set()
        self._prices: dict[str, deque[tuple[int, Decimal]]] = defaultdict(
            lambda: deque(maxlen=KEPT)
        )

    def want(self, asset: str) -> None:
        """Fees are paid in this asset: its price is read from now on."""
        if asset != QUOTE:
            self._wanted.add(asset)

    async def read(self) -> ReadFailed | None:
        """Ask for the present price of each asset that is wanted; none costs nothing."""
        failed: ReadFailed | None = None
        for asset in sorted(self._wanted):
            found = await self._rest.read(
                PRICE_PATH,
                (("symbol", f"{asset}{QUOTE}"),),
                PriceWire,
                weight=1,
                is_signed=False,
                attempts=1,
            )
            if isinstance(found, Failure):
                failed = found.as_read_failed(f"price of {asset}")
                continue
            try:
                price = finite(found.price)
            except Unreadable as error:
                failed = ReadFailed(reason=f"price of {asset}: {error}")
                continue
            if price > ZERO:
                self._prices[asset].append((found.time, price))
        return failed

    def valued(self, fill: Fill) -> Fill:
        """The fill with its fee in USDT as well, if that is known."""
        if fill.fee_asset == QUOTE:
            return fill
        self.want(fill.fee_asset)
        at_ms = epoch_ms(fill.at)
        for time_ms, price in reversed(self._prices[fill.fee_asset]):
            if time_ms <= at_ms:
                if at_ms - time_ms > AGE_MS_MAX:
                    break
                return replace(fill, fee_quote=fill.fee * price)
        return fill

    def all_valued(self, fills: Iterable[Fill]) -> tuple[Fill, ...]:
        """Each of them, as :meth:`valued`."""
        return tuple([self.valued(fill) for fill in fills])

    def of_report(self, report: OrderReport) -> OrderReport:
        """The report with the fees of its fills valued."""
        if all(fill.fee_asset == QUOTE for fill in report.fills):
            return report
        return replace(report, fills=self.all_valued(report.fills))

    def of_outcome(self, outcome: _Outcome) -> _Outcome:
        """The same for what a look-up found, if it found anything."""
        if isinstance(outcome, Accepted):
            return replace(outcome, report=self.of_report(outcome.report))
        return outcome

    def through(self, sink: PrivateSink) -> PrivateSink:
        """A sink whose order events have their fees valued before they go on."""

        def deliver(event: PrivateEvent) -> None:
            if isinstance(event, OrderUpdate):
                event = replace(event, report=self.of_report(event.report))
            sink(event)

        return deliver
