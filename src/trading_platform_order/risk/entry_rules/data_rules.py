"""Entry rules on the inputs themselves: figures must be numbers, and young enough.

What is missing, stale, from the future or not finite fails closed: a limit compared with such a
figure proves nothing.
"""

from decimal import Decimal
from math import isfinite

from trading_platform_order.domain.market import STREAMED
from trading_platform_order.domain.refusal import Refusal, RefusalCode
from trading_platform_order.risk.entry_rules.case import Case, refuse


def finite(case: Case) -> Refusal | None:
    """Every figure the other rules compare is a finite number (NaN and infinity are not)."""
    account, view, plan = case.account, case.view, case.plan
    signal, spot, hedge = plan.signal, view.spot, view.hedge
    figures: list[Decimal | None] = [
        account.equity_krw,
        account.krw_available,
        account.margin_balance_usdt,
        account.margin_available_usdt,
        account.hedge_notional_usdt,
        account.maintenance_usdt,
        account.pair_value_krw,
        account.symbol_value_krw,
        account.symbol_dust_krw,
        account.day_pnl_krw,
        account.hour_pnl_krw,
        account.day_turnover_krw,
        view.fx.krw_per_usdt,
        plan.spot_value_krw,
        plan.hedge_value_usdt,
        signal.spot_price_krw,
        signal.hedge_price_usdt,
        signal.max_slippage_bps,
        *(spot.min_quantity, spot.max_quantity, spot.min_notional, spot.max_notional),
        spot.taker_fee_rate,
        *(hedge.min_quantity, hedge.max_quantity, hedge.min_notional, hedge.max_notional),
        hedge.taker_fee_rate,
        *(case.spot_mid_krw, case.hedge_mid_usdt),
    ]
    figures += [order.quantity for order in plan.orders]
    for place, value in enumerate(figures):
        if value is not None and not value.is_finite():
            return _not_finite(place, value, case)
    return None


_FIGURES = (
    *("equity_krw", "krw_available", "margin_balance_usdt", "margin_available_usdt"),
    *("hedge_notional_usdt", "maintenance_usdt", "pair_value_krw", "symbol_value_krw"),
    *("symbol_dust_krw", "day_pnl_krw", "hour_pnl_krw", "day_turnover_krw", "krw_per_usdt"),
    *("spot_value_krw", "hedge_value_usdt"),
    *("reference_price_krw", "reference_price_usdt", "max_slippage_bps"),
    *("spot_min_quantity_base", "spot_max_quantity_base", "spot_min_quote", "spot_max_quote"),
    "spot_taker_fee_rate",
    *("hedge_min_quantity_base", "hedge_max_quantity_base", "hedge_min_quote", "hedge_max_quote"),
    *("hedge_taker_fee_rate", "spot_mid", "hedge_mid"),
)
"""What :func:`finite` looks at, in its order; behind them, the quantity of each order."""


def _not_finite(place: int, value: Decimal, case: Case) -> Refusal:
    names = [*_FIGURES, *(f"{order.leg}_quantity_base" for order in case.plan.orders)]
    name = names[place]
    return refuse(RefusalCode.BAD_FIGURE, f"{name} is {value}", **{name: str(value)})


def positive(case: Case) -> Refusal | None:
    """Prices and the rate are above zero."""
    prices = (
        ("spot_bid_krw", case.view.spot_book.bids[0].price),
        ("hedge_bid_usdt", case.view.hedge_book.bids[0].price),
        ("krw_per_usdt", case.view.fx.krw_per_usdt),
    )
    for name, price in prices:
        if price <= 0:
            return refuse(RefusalCode.BAD_FIGURE, f"{name} is {price}", **{name: price})
    return None


def fresh(case: Case) -> Refusal | None:
    """Books and rate are young enough, and come from living streams.

    What had to be asked for is a second old, and one question a second is no market to enter by.
    """
    view, limits = case.view, case.limits
    book_age_s_max = min(limits.book_age_s_max, limits.entry_book_age_s_max)
    for name, source in zip(
        ("spot book", "hedge book", "KRW-USDT rate"), view.sources, strict=True
    ):
        if source not in STREAMED:
            return refuse(
                RefusalCode.STALE_MARKET_DATA, f"the {name} was asked for: its stream is silent"
            )
    for name, age_s, age_max_s in (
        ("spot_book_age_s", view.ages.spot_s, book_age_s_max),
        ("hedge_book_age_s", view.ages.hedge_s, book_age_s_max),
        ("fx_age_s", view.ages.fx_s, limits.fx_age_s_max),
    ):
        if age_s > age_max_s:
            return refuse(
                RefusalCode.STALE_MARKET_DATA,
                f"{name.removesuffix('_s')} {age_s:.1f} s is over {age_max_s} s",
                **{name: round(age_s, 3), f"{name}_max": age_max_s},
            )
    return None


def alike_old(case: Case) -> Refusal | None:
    """Both books are of the same moment, as near as that: else their premium never was."""
    ages, limits = case.view.ages, case.limits
    apart_s = abs(ages.spot_s - ages.hedge_s)
    if not apart_s <= limits.books_apart_s_max:
        return refuse(
            RefusalCode.STALE_MARKET_DATA,
            f"one book is {apart_s:.1f} s older than the other",
            books_apart_s=round(apart_s, 3),
            books_apart_s_max=limits.books_apart_s_max,
        )
    return None


def capital_is_fresh(case: Case) -> Refusal | None:
    """Capital and open positions are valued at young prices of *all* held assets."""
    age_s, age_s_max = case.account.prices_age_s, case.limits.capital_age_s_max
    if age_s is None:
        return refuse(RefusalCode.STALE_CAPITAL, "an asset we hold has no price")
    if not (isfinite(age_s) and age_s <= age_s_max):
        return refuse(
            RefusalCode.STALE_CAPITAL,
            f"an asset we hold was last priced {age_s:.1f} s ago",
            prices_age_s=round(age_s, 3),
            prices_age_s_max=age_s_max,
        )
    return None


def clocks(case: Case) -> Refusal | None:
    """Our calendar is the exchanges', and nobody tells of a time that has not come.

    No age depends on our calendar; what a signal says of its time does. Stamps are held against
    the exchange's own time.
    """
    view, limits = case.view, case.limits
    off_s = case.account.clock_off_s
    if not abs(off_s) <= limits.clock_off_s_max:
        return refuse(
            RefusalCode.CLOCK,
            f"our clock is {off_s:+.1f} s off an exchange's",
            clock_off_s=round(off_s, 3),
            clock_off_s_max=limits.clock_off_s_max,
        )
    for name, ahead_s in (
        ("spot book", view.ages.spot_ahead_s),
        ("hedge book", view.ages.hedge_ahead_s),
        ("KRW-USDT rate", view.ages.fx_ahead_s),
    ):
        if ahead_s > limits.ahead_s_max:
            return refuse(
                RefusalCode.CLOCK,
                f"the {name} is stamped {ahead_s:.1f} s ahead of its exchange's time",
                ahead_s=round(ahead_s, 3),
                ahead_s_max=limits.ahead_s_max,
            )
    ahead_s = (case.plan.signal.created_at - view.now).total_seconds()
    if ahead_s > limits.ahead_s_max:
        return refuse(
            RefusalCode.FUTURE_SIGNAL,
            f"created_at is {ahead_s:.1f} s ahead of our clock",
            ahead_s=round(ahead_s, 3),
            ahead_s_max=limits.ahead_s_max,
        )
    return None
