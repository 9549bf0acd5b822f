"""What the doctor says of the pairs: which coin each is, and whether entries may be begun."""

from collections.abc import Sequence

from trading_platform_order.domain.order import Leg, leg_symbol
from trading_platform_order.domain.outcome import ReadFailed
from trading_platform_order.domain.pairs.pair import LATCH_PREFIX, Listing, Pairs
from trading_platform_order.exchanges.base import Finding, Level
from trading_platform_order.exchanges.pair import PairExchanges
from trading_platform_order.risk.entry_rules.identity_rules import doubt_about
from trading_platform_order.storage.base import Reader


async def confirmed_pairs(reader: Reader) -> frozenset[str]:
    """Kinds of the latches by which operators confirmed pairs."""
    latches = await reader.latches()
    return frozenset(latch.kind for latch in latches if latch.kind.startswith(LATCH_PREFIX))


async def pair_findings(
    exchanges: PairExchanges,
    codes: Sequence[str],
    pairs: Pairs,
    confirmed: frozenset[str],
) -> list[Finding]:
    """One finding a pair; a doubt is a warning: the engine runs, and begins no entry of it."""
    found = []
    for code in codes:
        spot = await _listing(exchanges, Leg.SPOT, code)
        hedge = await _listing(exchanges, Leg.HEDGE, code)
        doubt = doubt_about(code, spot, hedge, pairs, confirmed)
        text = f"{_text(spot)}; {_text(hedge)}"
        subject = f"pair {code}"
        if doubt is None:
            found.append(Finding(level=Level.OK, subject=subject, text=text))
            continue
        remedy = (
            f"run the engine, compare names and contract (`tporder pairs`), then `tporder pairs "
            f"confirm {code}`; until then no entry of {code} is begun"
        )
        found.append(
            Finding(level=Level.WARNING, subject=subject, text=f"{doubt} ({text})", remedy=remedy)
        )
    return found


async def _listing(exchanges: PairExchanges, leg: Leg, code: str) -> Listing | None:
    answer = await exchanges.of(leg).instrument(leg_symbol(leg, code))
    return None if isinstance(answer, ReadFailed) else answer.listing


def _text(listing: Listing | None) -> str:
    return "not read" if listing is None else listing.text
