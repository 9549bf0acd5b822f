"""From a signal to both first orders: sizes, refusals, dust, collars."""

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.fakes.pair import HEDGE, POLICY, RULES, SPOT, START, VIEW, D, holding, pair_view, signal
from trading_platform_order.domain.market import Book, Level, PairView
from trading_platform_order.domain.money import plain
from trading_platform_order.domain.order import Leg, OrderSide, OrderType, Purpose, TimeInForce
from trading_platform_order.domain.refusal import Refusal, RefusalCode
from trading_platform_order.domain.signal import Action, Signal
from trading_platform_order.domain.trade.closing import Gate, Waits
from trading_platform_order.domain.trade.sizing import PairPlan, SizingRules, plan_pair
from trading_platform_order.domain.trade.trade_events import ExecutionStyle, Holding

EQUITY = D(100_000_000)


def planned(
    wish: Signal,
    *,
    held: Holding | None = None,
    view: PairView = VIEW,
    equity_krw: Decimal | None = EQUITY,
    rules: SizingRules = RULES,
    style: ExecutionStyle = ExecutionStyle.MARKET,
) -> PairPlan | Refusal | Waits:
    return plan_pair(
        wish,
        view=view,
        holding=held or Holding(),
        equity_krw=equity_krw,
        rules=rules,
        policy=replace(POLICY, style=style),
    )


def plan(wish: Signal, **more: object) -> PairPlan:
    made = planned(wish, **more)  # type: ignore[arg-type]
    assert isinstance(made, PairPlan), made
    return made


def refusal(wish: Signal, **more: object) -> Refusal:
    made = planned(wish, **more)  # type: ignore[arg-type]
    assert isinstance(made, Refusal), made
    return made


@pytest.mark.parametrize(
    ("wish", "quantity"),
    [
        (signal(quantity="0.0109999"), "0.010"),
        (signal(notional_krw="1400100"), "0.010"),  # exactly ten steps at the ask
        (signal(notional_krw="1400099"), "0.009"),
        (signal(fraction="0.05"), "0.035"),  # 5,000,000 KRW
        (signal(), "0.071"),  # the default of 10 %: 10,000,000 KRW
    ],
)
def test_every_size_becomes_whole_hedge_steps_rounded_down(wish: Signal, quantity: str) -> None:
    made = plan(wish)
    assert made.quantity == D(quantity)
    assert made.target == holding(quantity, quantity)
    assert made.start == Holding()
    assert {order.leg: order.quantity for order in made.orders} == dict.fromkeys(Leg, D(quantity))


def test_the_default_size_is_capped_but_never_one_that_a_signal_names() -> None:
    small = replace(RULES, default_krw_max=D(1_400_100))
    assert plan(signal(), rules=small).quantity == D("0.010")
    assert plan(signal(fraction="0.05"), rules=small).quantity == D("0.035")
    assert plan(signal(notional_krw="5000000"), rules=small).quantity == D("0.035")


def test_an_entry_buys_spot_for_whole_krw_and_sells_the_hedge() -> None:
    made = plan(signal(quantity="0.010"))
    spot, hedge = made.orders
    assert (spot.leg, spot.side, spot.type) == (Leg.SPOT, OrderSide.BUY, OrderType.MARKET)
    assert (spot.quote_amount, spot.price, spot.time_in_force) == (D(1_400_100), None, None)
    assert (spot.symbol, spot.exchange, spot.purpose) == ("BTC-KRW", "upbit", Purpose.OPEN)
    assert (hedge.leg, hedge.side, hedge.type) == (Leg.HEDGE, OrderSide.SELL, OrderType.MARKET)
    assert (hedge.symbol, hedge.exchange) == ("BTCUSDT", "binance")
    assert hedge.quote_amount is None
    assert not spot.reduce_only
    assert not hedge.reduce_only
    assert (made.spot_value_krw, made.hedge_value_usdt) == (D(1_400_000), D(1_000))
    assert made.decision.at == START
    assert all(order.signal_id == "s1" and order.attempt == 1 for order in made.orders)


def test_the_krw_amount_walks_the_asks_and_rounds_down() -> None:
    levels = (
        Level(price=D(140_010_001), quantity=D("0.004")),
        Level(price=D(140_020_000), quantity=D("0.003")),
    )
    thin = replace(VIEW, spot_book=Book(symbol="BTC-KRW", bids=levels, asks=levels, at=START))
    amount = plan(signal(quantity="0.010"), view=thin).orders[0].quote_amount
    # 0.004 x 140,010,001 + 0.003 x 140,020,000, and the unseen rest at the last price seen
    assert amount == D("560040") + D("840120")


def test_an_exit_sells_all_coins_and_buys_the_short_back_reduce_only() -> None:
    made = plan(signal(Action.EXIT), held=holding("0.01000002", "0.010"))
    spot, hedge = made.orders
    assert (spot.side, spot.quantity, spot.quote_amount) == (OrderSide.SELL, D("0.01000002"), None)
    assert (hedge.side, hedge.quantity, hedge.reduce_only) == (OrderSide.BUY, D("0.010"), True)
    assert spot.purpose is hedge.purpose is Purpose.CLOSE
    assert made.target == Holding()


@pytest.mark.parametrize(
    ("wish", "target"),
    [
        (signal(Action.EXIT, quantity="0.0045"), holding("0.00600002", "0.006")),
        (signal(Action.EXIT, notional_krw="560040"), holding("0.00600002", "0.006")),
        (signal(Action.EXIT, fraction="0.0056004"), holding("0.00600002", "0.006")),
        (signal(Action.EXIT, quantity="0.010"), Holding()),
        (signal(Action.EXIT, quantity="5"), Holding()),
    ],
)
def test_a_partial_exit_closes_whole_steps_and_never_more_than_all(
    wish: Signal, target: Holding
) -> None:
    assert plan(wish, held=holding("0.01000002", "0.010")).target == target


def test_an_exit_closes_whatever_one_leg_still_holds() -> None:
    made = plan(signal(Action.EXIT), held=holding("0.010", "0"))
    assert [order.leg for order in made.orders] == [Leg.SPOT]
    made = plan(signal(Action.EXIT), held=holding("0", "0.001"))
    assert [order.leg for order in made.orders] == [Leg.HEDGE]


@pytest.mark.parametrize(
    ("dust", "spot_quantity", "hedge_quantity"),
    [
        (holding("0.00003", "0"), "0.00997", "0.010"),
        (holding("0", "0.0004"), "0.0104", "0.010"),
    ],
)
def test_dust_is_carried_into_the_next_entry(
    dust: Holding, spot_quantity: str, hedge_quantity: str
) -> None:
    made = plan(signal(quantity="0.010"), held=dust)
    assert {order.leg: plain(order.quantity) for order in made.orders} == {
        Leg.SPOT: plain(D(spot_quantity)),
        Leg.HEDGE: plain(D(hedge_quantity)),
    }
    assert made.target.spot == made.target.short


def test_an_open_pair_is_added_to_only_where_configured() -> None:
    held = holding("0.010", "0.010")
    no = refusal(signal(quantity="0.005"), held=held)
    assert no.code is RefusalCode.ALREADY_OPEN
    assert no.figures == {"spot_base": "0.01", "short_base": "0.01"}
    made = plan(signal(quantity="0.005"), held=held, rules=replace(RULES, add_to_open=True))
    assert made.target == holding("0.015", "0.015")
    assert made.quantity == D("0.005")


@pytest.mark.parametrize(
    ("wish", "held", "code"),
    [
        (signal(quantity="0.0009"), Holding(), RefusalCode.BELOW_MINIMUM),
        (signal(notional_krw="1"), Holding(), RefusalCode.BELOW_MINIMUM),
        (signal(quantity="0.001"), Holding(), RefusalCode.BELOW_MINIMUM),  # 100 USDT is under 102
        (signal(Action.EXIT), Holding(), RefusalCode.NOTHING_OPEN),
        (signal(Action.EXIT), holding("0.00003", "0.0009"), RefusalCode.NOTHING_OPEN),
        (
            signal(Action.EXIT, quantity="0.0009"),
            holding("0.010", "0.010"),
            RefusalCode.BELOW_MINIMUM,
        ),
    ],
)
def test_what_cannot_be_traded_is_refused_with_its_figures(
    wish: Signal, held: Holding, code: RefusalCode
) -> None:
    no = refusal(wish, held=held)
    assert no.code is code
    assert no.figures
    assert no.message


def test_the_leg_under_its_minimum_is_named() -> None:
    no = refusal(signal(quantity="0.001"))
    assert no.message == "under the exchange's minimum: hedge"
    dear = pair_view(spot=replace(SPOT, min_notional=D(10_000_000)))
    no = refusal(signal(quantity="0.010"), view=dear)
    assert no.message == "under the exchange's minimum: spot"


@pytest.mark.parametrize("wish", [signal(), signal(fraction="0.5")])
def test_a_fraction_of_unknown_capital_is_refused(wish: Signal) -> None:
    assert refusal(wish, equity_krw=None).code is RefusalCode.NO_CAPITAL_FIGURE


@pytest.mark.parametrize(
    "wish", [signal(quantity="0.010"), signal(notional_krw="1400100"), signal(Action.EXIT)]
)
def test_other_sizes_need_no_capital_figure(wish: Signal) -> None:
    held = holding("0.010", "0.010") if wish.action is Action.EXIT else Holding()
    assert plan(wish, equity_krw=None, held=held).quantity == D("0.010")


def test_an_entry_over_the_maximum_is_left_for_risk_to_refuse() -> None:
    small = pair_view(hedge=replace(HEDGE, max_quantity=D("0.004")))
    assert plan(signal(quantity="0.010"), view=small).quantity == D("0.010")
    part = plan(signal(Action.EXIT), view=small, held=holding("0.010", "0.010"))
    assert part.quantity == D("0.004")
    assert part.target == Holding()


# -- limit_ioc ------------------------------------------------------------------------------------


def test_limit_orders_take_exact_quantities_at_collars_rounded_to_less_exposure() -> None:
    made = plan(signal(quantity="0.010"), style=ExecutionStyle.LIMIT_IOC)
    spot, hedge = made.orders
    # 15 bps over 140,000,000 is on the tick; 15 bps under 100,000 too
    assert (spot.price, hedge.price) == (D(140_210_000), D(99_850))
    assert spot.quantity == hedge.quantity == D("0.010")
    for order in made.orders:
        assert order.type is OrderType.LIMIT
        assert order.time_in_force is TimeInForce.IOC
        assert order.quote_amount is None


@pytest.mark.parametrize(
    ("action", "spot_price", "hedge_price"),
    [
        (Action.ENTER, "140210000", "99860"),  # buy: down from 140,210,001.5; sell: up
        (Action.EXIT, "139791000", "100140"),  # sell: up from 139,790,001.5; buy: down
    ],
)
def test_collars_are_rounded_to_the_tick_towards_the_mid(
    action: Action, spot_price: str, hedge_price: str
) -> None:
    coarse = pair_view(
        spot_mid=D(140_000_001), hedge=replace(HEDGE, price_tick=D(20)), hedge_mid=D(100_000)
    )
    held = holding("0.010", "0.010") if action is Action.EXIT else Holding()
    size = "0.010" if action is Action.ENTER else None
    made = plan(
        signal(action, quantity=size), view=coarse, held=held, style=ExecutionStyle.LIMIT_IOC
    )
    assert [order.price for order in made.orders] == [D(spot_price), D(hedge_price)]
    assert made.orders[1].reduce_only is (action is Action.EXIT)


def test_the_same_signal_always_gives_the_same_orders() -> None:
    assert plan(signal(quantity="0.010")) == plan(signal(quantity="0.010"))
    names = {order.client_order_id for order in plan(signal(quantity="0.010")).orders}
    assert names.isdisjoint(o.client_order_id for o in plan(signal(name="s2")).orders)


@pytest.mark.parametrize(
    ("walked_s", "steady_s", "widens", "goes"),
    [
        (0.0, 60.0, True, False),
        (19.9, 60.0, True, False),
        (20.0, 60.0, True, True),
        (60.0, 19.0, True, False),
        (60.0, 60.0, False, False),
    ],
)
def test_a_close_that_waits_for_depth_walks_further_with_time(
    walked_s: float, steady_s: float, widens: bool, goes: bool
) -> None:
    mid = VIEW.spot_book.mid
    far = Book(
        symbol=VIEW.spot_book.symbol,
        bids=(Level(mid * D("0.97"), D(1)),),
        asks=(Level(mid * D("1.03"), D(1)),),
        at=VIEW.spot_book.at,
    )
    found = plan_pair(
        signal(Action.EXIT),
        view=replace(VIEW, spot_book=far),
        holding=holding("0.01", "0.010"),
        equity_krw=None,
        rules=RULES,
        policy=replace(POLICY, walk_widens=widens),
        gate=Gate(steady_s=steady_s),
        walked_s=walked_s,
    )
    assert isinstance(found, PairPlan) is goes
    assert goes or (isinstance(found, Waits) and found.for_depth)


@pytest.mark.parametrize(
    ("leg", "held", "quantity", "figures"),
    [
        (Leg.HEDGE, "0.0004", None, {"held_base": "0.0004", "wish_base": "0.0004"}),
        (Leg.HEDGE, "0.010", "0.0005", {"held_base": "0.01", "wish_base": "0.0005"}),
        (Leg.SPOT, "0.00000001", None, {"held_base": "0.00000001", "wish_base": "0.00000001"}),
    ],
)
def test_too_little_of_one_leg_to_close(
    leg: Leg, held: str, quantity: str | None, figures: dict[str, str]
) -> None:
    wish = replace(signal(Action.EXIT, quantity=quantity), leg=leg)
    refused = refusal(wish, held=holding(held, held))
    assert refused.code is RefusalCode.BELOW_MINIMUM
    assert refused.message == f"kimchi holds too little of BTC on {leg} to close"
    assert refused.figures == figures


def test_a_size_below_one_step_and_an_exit_of_nothing_say_so() -> None:
    small = refusal(signal(quantity="0.0009"))
    assert small.code is RefusalCode.BELOW_MINIMUM
    assert small.message == "the size is below one step of the hedge"
    assert small.figures == {"wish_base": "0.0009", "step_base": "0.001"}
    nothing = refusal(signal(Action.EXIT), held=holding("0.00001", "0.0004"))
    assert nothing.code is RefusalCode.NOTHING_OPEN
    assert nothing.message == "kimchi holds nothing tradable in BTC"
    assert nothing.figures == {"spot_base": "0.00001", "short_base": "0.0004"}
