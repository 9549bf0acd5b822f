"""What Upbit warns of in its markets: one list of all of them, read again once it is old.

``warning`` says that the market's trading may end; five lesser ``caution`` flags come and go. What
is not known counts as a warning: no entry is begun on it, and exits do not ask.
"""

from collections.abc import Mapping
from dataclasses import replace

from trading_platform_order.domain.market import Instrument
from trading_platform_order.domain.pairs.pair import Listing
from trading_platform_order.domain.rows import NAMELESS
from trading_platform_order.exchanges.upbit.requests import parse, wire
from trading_platform_order.exchanges.upbit.requests.errors import Failure
from trading_platform_order.exchanges.upbit.requests.rest import MARKET, UpbitRest
from trading_platform_order.transport.clock import Clock

READ_AGAIN_S = 50.0
KEPT_S = 600.0
ENDING = "its trading may end"


class MarketAlerts:
    """The alerts of all markets, as last read."""

    def __init__(self, *, rest: UpbitRest, clock: Clock) -> None:
        self._rest = rest
        self._clock = clock
        self._rows: Mapping[str, wire.ListedMarket] = {}
        self._unread: Mapping[str, str] = {}
        self._read_at_s: float | None = None
        self._last: dict[str, Instrument] = {}

    async def put_on(self, instrument: Instrument) -> Instrument:
        """The instrument with what Upbit warns of in its market now."""
        await self._refresh()
        told = self._told(instrument)
        # The same object while nothing changes: a view of the market is kept by it.
        if self._last.get(told.symbol) != told:
            self._last[told.symbol] = told
        return self._last[told.symbol]

    async def _refresh(self) -> None:
        age_s = self._age_s()
        if age_s is not None and age_s < READ_AGAIN_S:
            return
        rows = await self._rest.read_rows(
            "/v1/market/all",
            [("is_details", "true")],
            wire.ListedMarket,
            key="market",
            group=MARKET,
            retry=age_s is None,
        )
        if not isinstance(rows, Failure):
            self._rows = {row.market: row for row in rows.rows}
            self._unread = rows.unread
            self._read_at_s = self._clock.boottime()

    def _age_s(self) -> float | None:
        read_at_s = self._read_at_s
        return None if read_at_s is None else self._clock.boottime() - read_at_s

    def _told(self, instrument: Instrument) -> Instrument:
        age_s = self._age_s()
        if age_s is None or age_s >= KEPT_S:
            return replace(instrument, warning="its market alerts could not be read")
        market = parse.to_wire(instrument.symbol)
        row = self._rows.get(market)
        if market in self._unread or (row is None and NAMELESS in self._unread):
            return replace(instrument, warning="its market alerts could not be read")
        if row is None:
            return replace(instrument, warning="it is not listed", listing=None)
        listing = Listing(code=row.market, names=(row.korean_name, row.english_name))
        if listing != instrument.listing:
            instrument = replace(instrument, listing=listing)
        if row.market_event is None:
            return replace(instrument, warning="its market alerts are not told")
        cautions = tuple(sorted(name for name, is_up in row.market_event.caution.items() if is_up))
        warning = ENDING if row.market_event.warning else ""
        if (warning, cautions) == (instrument.warning, instrument.cautions):
            return instrument
        return replace(instrument, warning=warning, cautions=cautions)
