"""Entry rule: both exchanges list the very coin that was reviewed, or that an operator confirmed.

Names, symbol, kind of contract, its first day: one that differs, or could not be read, refuses. No
price can stand in for it: a wrong coin at a plausible price is bought and sold alike.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

from trading_platform_order.domain.money import ONE
from trading_platform_order.domain.pairs.pair import Listing, Pair, Pairs, latch_of
from trading_platform_order.domain.refusal import Refusal, RefusalCode
from trading_platform_order.risk.entry_rules.case import Case, refuse


def known_coin(case: Case) -> Iterator[Refusal]:
    """The pair is reviewed and unchanged, or an operator confirmed what is listed now."""
    pairs = case.limits.pairs
    if pairs is None:
        return
    code = case.plan.signal.symbol
    spot, hedge = case.view.spot.listing, case.view.hedge.listing
    doubt = doubt_about(code, spot, hedge, pairs, case.account.confirmed_pairs)
    if doubt is not None:
        yield refuse(
            RefusalCode.PAIR_UNCONFIRMED,
            f"{code}: {doubt}; compare with `tporder pairs`, then `tporder pairs confirm {code}`",
            upbit="not read" if spot is None else spot.text,
            binance="not read" if hedge is None else hedge.text,
        )


def doubt_about(
    code: str,
    spot: Listing | None,
    hedge: Listing | None,
    pairs: Pairs,
    confirmed: frozenset[str],
) -> str | None:
    """Why no entry of this pair is begun; ``None`` if it is the coin that was reviewed.

    Args:
        code: Upbit's code.
        spot: what Upbit lists now.
        hedge: what Binance does.
        pairs: the reviewed table.
        confirmed: kinds of the latches by which operators confirmed pairs.
    """
    if spot is None or hedge is None:
        return f"what {'Upbit' if spot is None else 'Binance'} lists is not read yet"
    pair = pairs.get(code)
    doubt = "it is not in the reviewed table" if pair is None else _difference(pair, spot, hedge)
    if doubt is None or latch_of(code, spot, hedge, factor_of(code, pairs)) in confirmed:
        return None
    return doubt


def factor_of(code: str, pairs: Pairs) -> Decimal:
    """Coins in one unit of the contract that hedges this code."""
    return pairs[code].factor if code in pairs else ONE


def _difference(pair: Pair, spot: Listing, hedge: Listing) -> str | None:
    for where, (code, names), told in (
        ("Upbit", pair.spot, spot),
        ("Binance", pair.hedge, hedge),
    ):
        if (told.code, told.names) != (code, names):
            return f"{where} lists {told.text}, reviewed was {code} ({', '.join(names)})"
    if pair.onboard_ms is None:
        return f"the first day of its contract, {_day(hedge.onboard_ms)}, was not reviewed"
    if pair.onboard_ms != hedge.onboard_ms:
        began, reviewed = _day(hedge.onboard_ms), _day(pair.onboard_ms)
        return f"its contract began on {began}, reviewed was {reviewed}"
    return None


def _day(epoch_ms: int) -> str:
    return f"{datetime.fromtimestamp(epoch_ms / 1_000, UTC):%Y-%m-%d %H:%M}"
