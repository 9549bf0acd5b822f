"""Which coin it is, and whether both prices can be of one: at the limit, inside and outside."""

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.fakes.pair import ACCOUNT, HEDGE, SPOT, VIEW, D, pair_view, signal
from tests.unit.risk.test_risk_manager import account, code, limits, plan_of
from trading_platform_order.domain.market import PairView
from trading_platform_order.domain.pairs.market_premium import MarketPremium
from trading_platform_order.domain.pairs.pair import Listing, Pair, latch_of
from trading_platform_order.domain.signal import Action
from trading_platform_order.domain.trade.trade_events import Holding
from trading_platform_order.risk.entry_rules.identity_rules import doubt_about
from trading_platform_order.risk.entry_rules.plausibility import PremiumGaps, Trades, middle_of
from trading_platform_order.risk.plausibility_limits import PlausibilityLimits
from trading_platform_order.risk.risk_manager import ApprovedPlan, check

BTC = Pair(
    code="BTC", korean_name="비트코인", english_name="Bitcoin", contract="BTCUSDT", onboard_ms=7
)
ON_UPBIT = Listing(code="KRW-BTC", names=("비트코인", "Bitcoin"))
ON_BINANCE = Listing(code="BTCUSDT", names=("BTC", "PERPETUAL"), onboard_ms=7)
KNOWN = limits(pairs={"BTC": BTC})
LIVE = limits(plausibility=PlausibilityLimits(needs_coins=True))


def listed(spot: Listing | None = ON_UPBIT, hedge: Listing | None = ON_BINANCE) -> PairView:
    return pair_view(spot=replace(SPOT, listing=spot), hedge=replace(HEDGE, listing=hedge))


def market(median: str, **more: object) -> MarketPremium:
    seen = MarketPremium(known=5, median=D(median))
    return replace(seen, **more)  # type: ignore[arg-type]


# -- identity ---------------------------------------------------------------------------------


def test_the_reviewed_coin_passes() -> None:
    assert code(view=listed(), limits=KNOWN) == "ok"


@pytest.mark.parametrize(
    "view",
    [
        listed(spot=None),
        listed(hedge=None),
        listed(spot=replace(ON_UPBIT, names=("비트코인", "Bitcoin Cash"))),
        listed(spot=replace(ON_UPBIT, names=("비트코인캐시", "Bitcoin"))),
        listed(hedge=replace(ON_BINANCE, names=("BTCST", "PERPETUAL"))),
        listed(hedge=replace(ON_BINANCE, names=("BTC", "CURRENT_QUARTER"))),
        listed(hedge=replace(ON_BINANCE, onboard_ms=8)),
        listed(hedge=replace(ON_BINANCE, code="1000BTCUSDT")),
    ],
)
def test_any_difference_refuses(view: PairView) -> None:
    assert code(view=view, limits=KNOWN) == "pair_unconfirmed"


def test_a_coin_that_is_in_no_table_or_half_reviewed() -> None:
    assert code(view=listed(), limits=limits(pairs={})) == "pair_unconfirmed"
    half = limits(pairs={"BTC": replace(BTC, onboard_ms=None)})
    assert code(view=listed(), limits=half) == "pair_unconfirmed"


def test_a_persons_word_covers_exactly_what_was_compared() -> None:
    word = frozenset({latch_of("BTC", ON_UPBIT, ON_BINANCE, D(1))})
    confirmed, nobody = account(confirmed_pairs=word), limits(pairs={})
    assert code(view=listed(), account=confirmed, limits=nobody) == "ok"
    other = replace(ON_BINANCE, onboard_ms=8)
    assert code(view=listed(hedge=other), account=confirmed, limits=nobody) == "pair_unconfirmed"
    thousand = {"BTC": replace(BTC, factor=D(1_000), onboard_ms=None)}
    assert doubt_about("BTC", ON_UPBIT, ON_BINANCE, thousand, word)
    assert doubt_about("ETH", ON_UPBIT, ON_BINANCE, {}, word)


def test_the_refusal_says_what_is_listed_and_the_remedy() -> None:
    other = replace(ON_UPBIT, names=("톤", "Toncoin"))
    doubt = doubt_about("BTC", other, ON_BINANCE, {"BTC": BTC}, frozenset())
    assert doubt is not None
    assert "Toncoin" in doubt
    assert "Bitcoin" in doubt


# -- both prices ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("percent", "expected"),
    [
        (64, "ok"),
        (65, "implausible_premium"),
        (-39, "ok"),
        (-40, "implausible_premium"),
        (203, "implausible_premium"),
        (-66, "implausible_premium"),
        (-33, "ok"),
        (23, "ok"),
        (38, "ok"),
    ],
)
def test_how_far_both_prices_may_be_apart(percent: int, expected: str) -> None:
    view = pair_view(spot_mid=D(1_400_000) * (100 + percent))
    assert code(view=view, wish=signal(quantity="0.050")) == expected


@pytest.mark.parametrize("factor", ["0.001", "1000", "1000000"])
def test_a_wrong_unit_never_passes(factor: str) -> None:
    wish = signal(quantity="0.050")
    view = pair_view(spot_mid=D(140_000_000) * D(factor))
    assert code(view=view, wish=wish, planned_on=VIEW) == "implausible_premium"


def test_a_tenfold_rate_is_named() -> None:
    view = replace(VIEW, fx=replace(VIEW.fx, krw_per_usdt=D(14_000)))
    told = account(premiums=market("-0.9"))
    assert code(view=view, account=told, planned_on=VIEW) == "implausible_rate"
    assert code(view=view, planned_on=VIEW) == "implausible_premium"


def test_an_exit_asks_none_of_it() -> None:
    view = replace(listed(spot=None), fx=replace(VIEW.fx, krw_per_usdt=D(14_000)))
    held = Holding(spot=D("0.1"), short=D("0.1"))
    told = replace(ACCOUNT, premiums=market("-0.9"), holding=held)
    wish = signal(action=Action.EXIT, quantity="0.100")
    strict = replace(LIVE, pairs={})
    plan = plan_of(wish, view, held)
    assert isinstance(check(plan, view=view, account=told, limits=strict), ApprovedPlan)


# -- beside the large coins -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("median", "expected"),
    [("0.10", "ok"), ("0.101", "premium_gap"), ("-0.10", "ok"), ("-0.101", "premium_gap")],
)
def test_ten_points_beside_the_large_coins(median: str, expected: str) -> None:
    """The pair itself stands at no premium at all."""
    assert code(account=account(premiums=market(median))) == expected


@pytest.mark.parametrize(
    ("lasting", "expected"),
    [("-0.2", "ok"), ("-0.11", "ok"), ("-0.09", "premium_gap"), ("0.2", "premium_gap")],
)
def test_a_lasting_gap_passes_near_its_level(lasting: str, expected: str) -> None:
    told = market("0.2", lasting={"BTC": D(lasting)})
    assert code(account=account(premiums=told)) == expected
    other = market("0.2", lasting={"ETH": D(lasting)})
    assert code(account=account(premiums=other)) == "premium_gap"


def test_too_few_large_coins() -> None:
    """Live refuses; a replay leaves the check out."""
    few = account(premiums=MarketPremium(known=2, median=None))
    assert code(account=few) == "ok"
    assert code() == "ok"
    assert code(account=few, limits=LIVE) == "no_reference"
    assert code(limits=LIVE) == "no_reference"
    assert code(account=account(premiums=market("0.01")), limits=LIVE) == "ok"


def test_the_median_of_at_least_three() -> None:
    limits_ = PlausibilityLimits()
    two = {"BTC": D("0.01"), "ETH": D("0.03"), "SHIB": D("0.9")}
    assert middle_of(two, limits_) is None
    assert middle_of({**two, "XRP": D("0.5")}, limits_) == D("0.03")
    four = {"BTC": D("0.01"), "ETH": D("0.03"), "XRP": D("0.05"), "SOL": D("0.5")}
    assert middle_of(four, limits_) == D("0.04")


TRADED = {"XRP": Trades(spot_s=3.0, hedge_s=3.0)}


def gap(gaps: PremiumGaps, now_s: float, premium: str, median: str = "0.01") -> None:
    gaps.seen({"XRP": D(premium)}, now_s, PlausibilityLimits(), Decimal(median))


def lasting(gaps: PremiumGaps, now_s: float, trades: dict[str, Trades] | None = None) -> set[str]:
    return set(gaps.lasting(TRADED if trades is None else trades, now_s, PlausibilityLimits()))


def test_a_gap_lasts_after_ten_minutes_with_trades_on_both_sides() -> None:
    gaps = PremiumGaps()
    for second in range(0, 601, 60):
        gap(gaps, second, "0.39")
    assert lasting(gaps, 599.9) == set()
    assert lasting(gaps, 600.0) == {"XRP"}
    assert gaps.waiting_s(600.0) == {"XRP": 600.0}


@pytest.mark.parametrize(
    "trades",
    [
        {},
        {"XRP": Trades(spot_s=3.0)},
        {"XRP": Trades(hedge_s=3.0)},
        {"XRP": Trades(spot_s=3.0, hedge_s=121.0)},
        {"XRP": Trades(spot_s=121.0, hedge_s=3.0)},
    ],
)
def test_without_trades_on_both_sides_it_never_lasts(trades: dict[str, Trades]) -> None:
    gaps = PremiumGaps()
    gap(gaps, 0.0, "0.39")
    gap(gaps, 700.0, "0.39")
    assert lasting(gaps, 700.0, trades) == set()


@pytest.mark.parametrize("between", ["0.05", "0.60", "-0.30"])
def test_what_closes_or_jumps_begins_again(between: str) -> None:
    gaps = PremiumGaps()
    gap(gaps, 0.0, "0.39")
    gap(gaps, 300.0, between)
    gap(gaps, 301.0, "0.39")
    gap(gaps, 700.0, "0.39")
    assert lasting(gaps, 700.0) == set()


def test_a_coin_without_prices_begins_again_and_so_do_all_without_a_median() -> None:
    gaps = PremiumGaps()
    gap(gaps, 0.0, "0.39")
    gaps.seen({}, 300.0, PlausibilityLimits(), D("0.01"))
    gap(gaps, 301.0, "0.39")
    assert lasting(gaps, 700.0) == set()
    gaps.forget()
    assert gaps.open() == frozenset()


def test_a_whole_market_that_moves_makes_no_gap() -> None:
    gaps = PremiumGaps()
    gap(gaps, 0.0, "-0.33", median="-0.32")
    assert gaps.open() == frozenset()


def test_a_trade_of_before_the_gap_does_not_make_it_real() -> None:
    quick = PlausibilityLimits(lasting_s=10.0, trade_age_s_max=120.0)
    gaps = PremiumGaps()
    gap(gaps, 100.0, "0.39")
    before, since = Trades(spot_s=20.0, hedge_s=3.0), Trades(spot_s=15.0, hedge_s=3.0)
    assert gaps.lasting({"XRP": before}, 115.0, quick) == {}
    assert set(gaps.lasting({"XRP": since}, 115.0, quick)) == {"XRP"}


@pytest.mark.parametrize("median", ["-1", "-2"])
def test_a_median_that_implies_no_rate_at_all_refuses(median: str) -> None:
    assert code(account=account(premiums=market(median))) == "implausible_rate"
