"""Account, instruments, funding and preparation on Binance."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.unit.exchanges.binance.fakes import START, Rig, error, ok
from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import Balance
from trading_platform_order.domain.outcome import ReadFailed, Refused
from trading_platform_order.exchanges.base import MarginAccount
from trading_platform_order.exchanges.binance import budgets
from trading_platform_order.exchanges.config import BinanceConfig, Credentials
from trading_platform_order.transport.clock import epoch_ms
from trading_platform_order.transport.http import HttpResult, MaybeSent, NotSent

BALANCE = "GET /fapi/v3/balance"
POSITION = "GET /fapi/v3/positionRisk"
ACCOUNT = "GET /fapi/v3/account"
INCOME = "GET /fapi/v1/income"
INFO = "GET /fapi/v1/exchangeInfo"
FEES = "GET /fapi/v1/commissionRate"
MODE = "GET /fapi/v1/positionSide/dual"
LEVERAGE = "POST /fapi/v1/leverage"
MARGIN_TYPE = "POST /fapi/v1/marginType"
CONFIG = "GET /fapi/v1/symbolConfig"

FILTERS = [
    {"filterType": "PRICE_FILTER", "tickSize": "0.10", "minPrice": "556.80", "maxPrice": "4529764"},
    {"filterType": "LOT_SIZE", "stepSize": "0.001", "maxQty": "1000", "minQty": "0.001"},
    {"filterType": "MARKET_LOT_SIZE", "minQty": "0.002", "stepSize": "0.002", "maxQty": "120"},
    {"filterType": "MAX_NUM_ORDERS", "limit": 200},
    {"filterType": "MIN_NOTIONAL", "notional": "50"},
    {
        "filterType": "PERCENT_PRICE",
        "multiplierUp": "1.0500",
        "multiplierDown": "0.9500",
        "multiplierDecimal": "4",
    },
    {"filterType": "POSITION_RISK_CONTROL", "positionControlSide": "NONE"},
]


def listed(**changes: Any) -> HttpResult:  # noqa: ANN401 - any field of a symbol
    symbol = {"symbol": "BTCUSDT", "status": "TRADING", "filters": FILTERS}
    return ok({"timezone": "UTC", "symbols": [symbol | changes]})


def instruments(rig: Rig) -> None:
    rig.http.on(INFO, listed())
    rig.http.on(
        FEES,
        ok(
            {
                "symbol": "BTCUSDT",
                "makerCommissionRate": "0.0002",
                "takerCommissionRate": "0.0005",
            }
        ),
    )


def position_row(**changes: object) -> dict[str, object]:
    fields: dict[str, object] = {
        "symbol": "BTCUSDT",
        "positionSide": "BOTH",
        "positionAmt": "-0.002",
        "entryPrice": "107000.5",
        "markPrice": "107100",
        "liquidationPrice": "190000",
    }
    return fields | changes


async def test_balances_total_the_wallet() -> None:
    rig = Rig()
    rows = [
        {"asset": "USDT", "balance": "1000.5", "availableBalance": "900"},
        {"asset": "BNB", "balance": "0.00000000", "availableBalance": "0.00000000"},
    ]
    rig.http.on(BALANCE, ok(rows))
    found = await rig.exchange.balances()
    assert found == (Balance(asset="USDT", available=Decimal(900), locked=Decimal("100.5")),)
    assert await rig.exchange.get_balance() == {"USDT": Decimal(900)}


async def test_position_is_signed_and_flat_without_a_row() -> None:
    rig = Rig()
    rig.http.on(POSITION, ok([position_row()]), ok([]))
    short = await rig.exchange.get_position("BTCUSDT")
    assert (short.quantity, short.liquidation_price) == (Decimal("-0.002"), Decimal(190000))
    flat = await rig.exchange.get_position("BTCUSDT")
    assert (flat.quantity, flat.entry_price) == (ZERO, ZERO)


async def test_positions_of_several_symbols_are_one_request() -> None:
    rig = Rig()
    rig.http.on(POSITION, ok([position_row()]))
    found = await rig.exchange.positions(["ETHUSDT", "BTCUSDT"])
    assert isinstance(found, tuple)
    assert [(one.symbol, one.quantity) for one in found if not isinstance(one, ReadFailed)] == [
        ("ETHUSDT", ZERO),
        ("BTCUSDT", Decimal("-0.002")),
    ]
    assert len(rig.http.calls(POSITION)) == 1


async def test_fees_are_read_once_by_all_who_ask_at_once() -> None:
    """Whoever prepares a symbol and whoever reads its filters begin together at a start."""
    rig = Rig()
    instruments(rig)
    found = await asyncio.gather(*(rig.exchange.instrument("BTCUSDT") for _ in range(2)))
    assert found[0] == found[1]
    assert len(rig.http.calls(FEES)) == 1
    rig.exchange.forget_filters("BTCUSDT")
    await rig.exchange.instrument("BTCUSDT")
    assert len(rig.http.calls(FEES)) == 2


async def test_positions_in_hedge_mode_or_unanswered_say_nothing() -> None:
    rig = Rig()
    rig.http.on(POSITION, ok([position_row(positionSide="SHORT")]), error(-2015, status=401))
    found = await rig.exchange.positions(["ETHUSDT", "BTCUSDT"])
    assert isinstance(found, tuple)
    assert [isinstance(one, ReadFailed) for one in found] == [False, True]
    assert isinstance(await rig.exchange.positions(["ETHUSDT", "BTCUSDT"]), ReadFailed)


async def test_position_of_hedge_mode_is_not_taken_for_flat() -> None:
    rig = Rig()
    rig.http.on(POSITION, ok([position_row(positionSide="SHORT")]))
    found = await rig.exchange.position("BTCUSDT")
    assert isinstance(found, ReadFailed)
    assert "one-way" in found.reason


async def test_margin() -> None:
    rig = Rig()
    rig.http.on(
        ACCOUNT,
        ok(
            {
                "totalMaintMargin": "1.5",
                "totalWalletBalance": "126.72469206",
                "totalUnrealizedProfit": "-2",
                "totalMarginBalance": "124.72469206",
                "availableBalance": "100",
                "assets": [],
            }
        ),
    )
    assert await rig.exchange.margin() == MarginAccount(
        wallet_usdt=Decimal("126.72469206"),
        unrealised_usdt=Decimal(-2),
        margin_balance_usdt=Decimal("124.72469206"),
        maintenance_usdt=Decimal("1.5"),
        available_usdt=Decimal(100),
    )
    assert all(urgent for _, _, urgent in rig.limiter.taken), "liquidation hangs on it"


@pytest.mark.parametrize("bad", ["NaN", "Infinity"])
async def test_numbers_that_are_none_are_not_read(bad: str) -> None:
    rig = Rig()
    rig.http.on(POSITION, ok([position_row(positionAmt=bad)]))
    rig.http.on(BALANCE, ok([{"asset": "USDT", "balance": bad, "availableBalance": "1"}]))
    assert isinstance(await rig.exchange.position("BTCUSDT"), ReadFailed)
    found = await rig.exchange.balances()
    assert not isinstance(found, ReadFailed)
    assert (list(found), list(found.unread)) == ([], ["USDT"])


async def test_reads_are_tried_three_times_at_most() -> None:
    rig = Rig()
    rig.http.on(BALANCE, MaybeSent(reason="reset"), error(None, status=502), ok([]))
    assert await rig.exchange.balances() == ()
    rig.http.on(BALANCE, NotSent(reason="refused"))
    rig.http.seen.clear()
    assert isinstance(await rig.exchange.balances(), ReadFailed)
    assert len(rig.http.calls(BALANCE)) == 3


async def test_a_refused_read_is_not_repeated() -> None:
    rig = Rig()
    rig.http.on(BALANCE, error(-2015, status=401))
    found = await rig.exchange.balances()
    assert isinstance(found, ReadFailed)
    assert "-2015" in found.reason
    assert len(rig.http.calls(BALANCE)) == 1


async def test_a_skewed_read_measures_the_clock_and_goes_on() -> None:
    rig = Rig()
    rig.http.server_shift = timedelta(seconds=40)
    rig.http.on(BALANCE, error(-1021), ok([]))
    assert await rig.exchange.balances() == ()
    first, second = (int(seen.params["timestamp"]) for seen in rig.http.calls(BALANCE))
    assert second - first > 39_000


async def test_a_read_without_budget_ends() -> None:
    rig = Rig(read_timeout_s=0.005)
    rig.limiter.wait_s = 1.0
    found = await rig.exchange.balances()
    assert isinstance(found, ReadFailed)
    assert "budget" in found.reason
    assert rig.http.seen == []


async def test_a_full_line_for_budget_is_a_failed_read() -> None:
    rig = Rig()
    rig.limiter.is_full = True
    assert isinstance(await rig.exchange.position("BTCUSDT"), ReadFailed)
    assert isinstance(await rig.exchange.cancel(rig.order()), Refused)
    assert rig.http.seen == []


async def test_used_weight_is_told_to_the_limiter() -> None:
    rig = Rig()
    rig.http.on(BALANCE, ok([], x_mbx_used_weight_1m="123"))
    await rig.exchange.balances()
    assert rig.limiter.used == [("weight", 123)]
    assert rig.limiter.taken == [("weight", 5, False)]


async def test_instrument_takes_the_stricter_filters_and_is_remembered() -> None:
    rig = Rig()
    instruments(rig)
    found = await rig.exchange.instrument("BTCUSDT")
    assert not isinstance(found, ReadFailed)
    assert found.price_tick == Decimal("0.10")
    assert found.quantity_step == Decimal("0.002")
    assert (found.min_quantity, found.max_quantity) == (Decimal("0.002"), Decimal(120))
    assert (found.min_notional, found.max_notional) == (Decimal(50), ZERO)
    assert found.taker_fee_rate == Decimal("0.0005")
    assert found.is_trading
    await rig.exchange.instrument("BTCUSDT")
    assert len(rig.http.calls(INFO)) == 1


@pytest.mark.parametrize(
    ("delivery_ms", "warning"),
    [
        (4_133_404_800_000, ""),  # 2100-12-25: perpetual
        (4_102_444_800_000, ""),
        (4_102_444_799_999, "it will be delisted on 2099-12-31"),
        (1_798_790_400_000, "it will be delisted on 2027-01-01"),
        (0, ""),
    ],
)
async def test_a_contract_with_an_end_is_warned_of(delivery_ms: int, warning: str) -> None:
    rig = Rig()
    instruments(rig)
    rig.http.on(INFO, listed(deliveryDate=delivery_ms))
    found = await rig.exchange.instrument("BTCUSDT")
    assert not isinstance(found, ReadFailed)
    assert found.warning == warning


async def test_room_is_the_least_of_orders_and_weight() -> None:
    rig = Rig()
    assert rig.exchange.rate_room() == 1.0
    rig.limiter.rooms = {"orders": 0.5, "weight": 0.2}
    assert rig.exchange.rate_room() == 0.2


async def test_instrument_that_is_missing_or_incomplete() -> None:
    rig = Rig()
    instruments(rig)
    missing = await rig.exchange.instrument("NOUSDT")
    assert isinstance(missing, ReadFailed)
    rig.http.on(INFO, listed(filters=FILTERS[:1]))
    assert isinstance(await rig.exchange.instrument("BTCUSDT"), ReadFailed)


def funding_row(number: int, at_ms: int, **others: str) -> dict[str, object]:
    return {
        "symbol": "BTCUSDT",
        "incomeType": "FUNDING_FEE",
        "income": f"-0.{number:04d}",
        "asset": "USDT",
        "time": at_ms,
        "tranId": number,
        "tradeId": "",
        **others,
    }


async def test_funding_is_told_once_and_oldest_first() -> None:
    rig = Rig()
    begin = epoch_ms(START)
    first = [funding_row(number, begin + number) for number in range(1_000)]
    second = [funding_row(number, begin + number) for number in (999, 1_000)]
    rig.http.on(INCOME, ok(first), ok(second), ok([]))
    found = await rig.exchange.funding(START)
    assert not isinstance(found, ReadFailed)
    assert [payment.transaction_id for payment in found] == [str(n) for n in range(1_001)]
    assert found[7].amount_usdt == Decimal("-0.0007")
    pages = [seen.params for seen in rig.http.calls(INCOME)]
    assert [int(page["startTime"]) - begin for page in pages] == [0, 999, 0]
    kinds = [page["incomeType"] for page in pages]
    assert kinds == ["FUNDING_FEE", "FUNDING_FEE", "SPECIAL_FUNDING_FEE"]


async def test_payments_of_one_id_are_told_apart_by_symbol_and_kind() -> None:
    rig = Rig()
    at_ms = epoch_ms(START)
    usual = [funding_row(7, at_ms), funding_row(7, at_ms, symbol="ETHUSDT")]
    special = [funding_row(7, at_ms, incomeType="SPECIAL_FUNDING_FEE")]
    rig.http.on(INCOME, ok(usual), ok(special))
    found = await rig.exchange.funding(START)
    assert not isinstance(found, ReadFailed)
    assert {(payment.symbol, payment.transaction_id) for payment in found} == {
        ("BTCUSDT", "7"),
        ("ETHUSDT", "7"),
        ("BTCUSDT", "SPECIAL_FUNDING_FEE/7"),
    }


async def test_a_moment_that_fills_a_page_is_a_failed_read() -> None:
    rig = Rig()
    same = ok([funding_row(number, epoch_ms(START)) for number in range(1_000)])
    rig.http.on(INCOME, same, same)
    assert isinstance(await rig.exchange.funding(START), ReadFailed)
    assert len(rig.http.calls(INCOME)) == 2


async def test_server_time() -> None:
    rig = Rig()
    rig.http.on("GET /fapi/v1/time", ok({"serverTime": epoch_ms(START) + 1_500}))
    assert await rig.exchange.server_time() == START + timedelta(milliseconds=1_500)


def set_up(margin_type: str = "CROSSED", leverage: int = 2) -> HttpResult:
    row = {"symbol": "BTCUSDT", "marginType": margin_type, "leverage": leverage}
    return ok([row])


async def test_prepare_sets_margin_type_and_leverage_reads_them_back_and_corrects_the_clock() -> (
    None
):
    rig = Rig()
    instruments(rig)
    rig.http.server_shift = timedelta(seconds=-20)
    rig.http.on(MODE, ok({"dualSidePosition": False}))
    rig.http.on(CONFIG, set_up("ISOLATED", 20), set_up())
    rig.http.on(MARGIN_TYPE, ok({"code": 200, "msg": "success"}))
    rig.http.on(LEVERAGE, ok({"leverage": 2, "maxNotionalValue": "1", "symbol": "BTCUSDT"}))
    assert await rig.exchange.prepare(("BTCUSDT",), leverage=2) is None
    (asked,) = rig.http.calls(LEVERAGE)
    assert (asked.params["symbol"], asked.params["leverage"]) == ("BTCUSDT", "2")
    assert int(asked.params["timestamp"]) < epoch_ms(rig.clock.now()) - 19_000
    (asked,) = rig.http.calls(MARGIN_TYPE)
    assert asked.params["marginType"] == "CROSSED"
    assert len(rig.http.calls(CONFIG)) == 2


async def test_what_is_set_already_is_not_set_again() -> None:
    rig = Rig()
    instruments(rig)
    rig.http.on(MODE, ok({"dualSidePosition": False}))
    rig.http.on(CONFIG, set_up())
    assert await rig.exchange.prepare(("BTCUSDT",), leverage=2) is None
    assert rig.http.calls(LEVERAGE) == rig.http.calls(MARGIN_TYPE) == []
    assert len(rig.http.calls(CONFIG)) == 1


async def test_the_listing_is_read_once_for_all_symbols() -> None:
    rig = Rig()
    rig.http.on(INFO, listed())
    rig.http.on(MODE, ok({"dualSidePosition": False}))
    rig.http.on(CONFIG, set_up())
    rig.http.on(FEES, ok({"makerCommissionRate": "0.0002", "takerCommissionRate": "0.0005"}))
    problem = await rig.exchange.prepare(("BTCUSDT", "ETHUSDT"), leverage=2)
    assert isinstance(problem, ReadFailed)  # ETH is neither set up nor listed here
    assert len(rig.http.calls(INFO)) == 1


@pytest.mark.parametrize(
    ("route", "answer", "word"),
    [
        (MODE, ok({"dualSidePosition": True}), "one-way"),
        (LEVERAGE, ok({"leverage": 20}), "is 20 after asking for 2; set it by hand"),
        (LEVERAGE, error(-4028), "-4028"),
        (LEVERAGE, ok({"leverage": 2}), "is 20, asked for 2; set it by hand"),
        (CONFIG, set_up("ISOLATED"), "is ISOLATED, asked for CROSSED; close its orders"),
        (CONFIG, error(None, status=500), "symbol settings"),
        (MARGIN_TYPE, error(-4048), "-4048"),
        (INFO, ok({"symbols": []}), "not listed"),
        ("GET /fapi/v1/time", error(None, status=500), "clock"),
    ],
)
async def test_prepare_names_what_is_wrong(route: str, answer: HttpResult, word: str) -> None:
    rig = Rig()
    instruments(rig)
    rig.http.on(MODE, ok({"dualSidePosition": False}))
    stays = route == LEVERAGE and "asked for" in word
    rig.http.on(
        CONFIG,
        set_up("ISOLATED" if route == MARGIN_TYPE else "CROSSED", 20 if route == LEVERAGE else 2),
        set_up("CROSSED", 20 if stays else 2),
    )
    rig.http.on(MARGIN_TYPE, error(-4046))
    rig.http.on(LEVERAGE, ok({"leverage": 2}))
    rig.http.on(route, answer)
    problem = await rig.exchange.prepare(("BTCUSDT",), leverage=2)
    assert isinstance(problem, ReadFailed)
    assert word in problem.reason


async def test_unanswered_margin_is_a_failed_read() -> None:
    rig = Rig()
    rig.http.on(ACCOUNT, MaybeSent(reason="reset"))
    assert isinstance(await rig.exchange.margin(), ReadFailed)
    await rig.exchange.close()


def test_budgets_keep_a_part_for_urgent_requests() -> None:
    config = BinanceConfig(
        rest_url="", ws_url="", credentials=Credentials(key="k", secret="s"), orders_per_10s=100
    )
    orders = budgets(config)["orders"]
    assert (orders.limit, orders.window_s, orders.reserved) == (100, 10.0, 20)
    assert budgets(config)["weight"].window_s == 60


async def test_a_server_time_that_cannot_be_is_no_time() -> None:
    rig = Rig()
    rig.http.on("GET /fapi/v1/time", ok({"serverTime": 10**18}))
    found = await rig.exchange.server_time()
    assert isinstance(found, ReadFailed)
    assert "cannot be" in found.reason
