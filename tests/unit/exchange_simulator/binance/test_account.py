"""Money of the simulated Binance: margin, profit, funding, settings."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange_simulator.binance.margin.account import SimulatedPosition
from tests.unit.exchange_simulator.binance.fixture import BinanceFixture


@pytest.fixture
def fixture() -> BinanceFixture:
    fixture = BinanceFixture()
    fixture.tick()
    return fixture


def test_short_and_back_realises_profit_less_fees(fixture: BinanceFixture) -> None:
    fixture.order(side="SELL", quantity="0.1")
    fixture.tick("90000")
    account = fixture.call("GET", "/fapi/v3/account")
    assert account["totalUnrealizedProfit"] == "1000"
    assert account["totalWalletBalance"] == "9995"
    assert account["totalMarginBalance"] == "10995"
    assert account["totalMaintMargin"] == "36"
    assert account["totalInitialMargin"] == "450"
    assert account["availableBalance"] == "10545"
    assert account["positions"][0]["positionAmt"] == "-0.1"
    fixture.order(side="BUY", quantity="0.1", reduceOnly="true")
    state = fixture.venue.state()
    assert state["positions"] == {}
    # 10000 - 5 + 999.99 (the ask is one tick above 90000) - 4.500005
    assert state["wallet_usdt"] == "10990.489995"
    assert state["margin_balance_usdt"] == state["wallet_usdt"]
    kinds = [row["incomeType"] for row in state["income"]]
    assert kinds == ["COMMISSION", "REALIZED_PNL", "COMMISSION"]
    assert len({row["tranId"] for row in state["income"]}) == 3


def test_position_risk_lists_only_what_is_held_or_open(fixture: BinanceFixture) -> None:
    assert fixture.call("GET", "/fapi/v3/positionRisk") == []
    fixture.order(side="SELL", quantity="0.1")
    row = fixture.call("GET", "/fapi/v3/positionRisk", symbol="BTCUSDT")[0]
    assert row["positionAmt"] == "-0.1"
    assert row["entryPrice"] == "100000"
    assert row["notional"] == "-10000"
    assert "leverage" not in row
    # at this price wallet 9995 + (100000 - p) * 0.1 equals 0.004 * 0.1 * p
    liquidation = Decimal(row["liquidationPrice"])
    balance = 9_995 + (100_000 - liquidation) / 10
    assert abs(balance - liquidation * Decimal("0.0004")) < Decimal("0.001")
    assert fixture.call("GET", "/fapi/v3/positionRisk", symbol="ETHUSDT") == []
    fixture.tick("4000", base="ETH")
    fixture.order(symbol="ETHUSDT", type="LIMIT", quantity="1", price="3900")
    rows = fixture.call("GET", "/fapi/v3/positionRisk")
    assert [row["symbol"] for row in rows] == ["BTCUSDT", "ETHUSDT"]
    assert rows[1]["openOrderInitialMargin"] == "195"
    assert fixture.code("GET", "/fapi/v3/positionRisk", symbol="NOPEUSDT") == -1121


def test_leverage_bounds_the_position(fixture: BinanceFixture) -> None:
    assert fixture.order_code(side="SELL", quantity="2.1") == -2019
    answer = fixture.call("POST", "/fapi/v1/leverage", symbol="BTCUSDT", leverage="2")
    assert answer["leverage"] == 2
    assert fixture.order_code(side="SELL", quantity="0.3") == -2019
    fixture.order(side="SELL", quantity="0.19")
    assert fixture.order_code(side="SELL", quantity="0.1") == -2019
    config = fixture.call("GET", "/fapi/v1/symbolConfig", symbol="BTCUSDT")
    assert (config[0]["leverage"], config[0]["marginType"]) == (2, "CROSSED")
    assert fixture.code("POST", "/fapi/v1/leverage", symbol="BTCUSDT", leverage="0") == -4028
    assert fixture.code("POST", "/fapi/v1/leverage", symbol="BTCUSDT", leverage="126") == -4028
    assert fixture.code("POST", "/fapi/v1/leverage", symbol="BTCUSDT") == -1102


def test_leverage_is_twenty_until_set(fixture: BinanceFixture) -> None:
    config = fixture.call("GET", "/fapi/v1/symbolConfig")
    assert {row["leverage"] for row in config} == {20}


def test_modes_answer_no_change_with_their_codes(fixture: BinanceFixture) -> None:
    path = "/fapi/v1/positionSide/dual"
    assert fixture.call("GET", path) == {"dualSidePosition": False}
    assert fixture.code("POST", path, dualSidePosition="false") == -4059
    fixture.order(type="LIMIT", price="99000")
    assert fixture.code("POST", path, dualSidePosition="true") == -4067
    fixture.call("DELETE", "/fapi/v1/allOpenOrders", symbol="BTCUSDT")
    fixture.order()
    assert fixture.code("POST", path, dualSidePosition="true") == -4068
    fixture.order(side="SELL", reduceOnly="true")
    fixture.call("POST", path, dualSidePosition="true")
    assert fixture.call("GET", "/fapi/v1/accountConfig")["dualSidePosition"] is True
    assert fixture.order_code() == -4061
    margin = "/fapi/v1/marginType"
    assert fixture.code("POST", margin, symbol="BTCUSDT", marginType="CROSSED") == -4046
    fixture.call("POST", margin, symbol="BTCUSDT", marginType="ISOLATED")
    (row,) = fixture.call("GET", "/fapi/v1/symbolConfig", symbol="BTCUSDT")
    assert row["marginType"] == "ISOLATED"


def test_funding_is_paid_by_longs_and_received_by_shorts(fixture: BinanceFixture) -> None:
    fixture.order(side="SELL", quantity="0.1")
    wallet = Decimal(fixture.venue.state()["wallet_usdt"])
    fixture.clock.passed_s = 7 * 3_600 - 1
    fixture.tick("100000", rate="0.0001")
    events, _ = fixture.listen()
    fixture.clock.passed_s = 7 * 3_600  # 08:00 UTC
    fixture.tick("110000", rate="0.0009")
    rows = fixture.call("GET", "/fapi/v1/income", incomeType="FUNDING_FEE")
    assert [row["income"] for row in rows] == ["1.1"]
    assert rows[0]["symbol"] == "BTCUSDT"
    assert rows[0]["time"] == 1_756_713_600_000
    assert Decimal(fixture.venue.state()["wallet_usdt"]) == wallet + Decimal("1.1")
    update = next(event for event in events if event["e"] == "ACCOUNT_UPDATE")
    assert update["a"]["m"] == "FUNDING_FEE"
    assert update["a"]["S"] == "BTCUSDT"
    assert update["a"]["B"][0]["bc"] == "1.1"
    assert update["a"]["P"] == []
    fixture.tick("110000")
    assert len(fixture.call("GET", "/fapi/v1/income", incomeType="FUNDING_FEE")) == 1


def test_every_funding_time_that_was_passed_is_settled(fixture: BinanceFixture) -> None:
    fixture.order(quantity="0.1")
    fixture.clock.passed_s = 24 * 3_600
    fixture.tick()
    rows = [row for row in fixture.venue.state()["income"] if row["incomeType"] == "FUNDING_FEE"]
    assert [row["income"] for row in rows] == ["-1"] * 3
    assert len({row["tranId"] for row in rows}) == 3


def test_funding_can_be_switched_off() -> None:
    fixture = BinanceFixture(funding=False)
    fixture.tick()
    fixture.order(quantity="0.1")
    fixture.clock.passed_s = 24 * 3_600
    fixture.tick()
    assert all(row["incomeType"] != "FUNDING_FEE" for row in fixture.venue.state()["income"])


def test_transfers_are_income_of_their_own_kind(fixture: BinanceFixture) -> None:
    events, _ = fixture.listen()
    fixture.venue.transfer(Decimal("-250.5"))
    assert fixture.call("GET", "/fapi/v3/balance")[0]["balance"] == "9749.5"
    row = fixture.call("GET", "/fapi/v1/income")[0]
    assert (row["incomeType"], row["income"]) == ("TRANSFER", "-250.5")
    assert events[0]["a"]["m"] == "WITHDRAW"


def test_income_is_filtered(fixture: BinanceFixture) -> None:
    fixture.order()
    fixture.clock.passed_s += 10
    fixture.venue.transfer(Decimal(1))
    start = str(1_756_688_400_000 + 5_000)
    assert len(fixture.call("GET", "/fapi/v1/income", startTime=start)) == 1
    assert len(fixture.call("GET", "/fapi/v1/income", symbol="BTCUSDT")) == 1
    assert len(fixture.call("GET", "/fapi/v1/income", limit="1")) == 1
    assert fixture.call("GET", "/fapi/v1/income", endTime="1") == []


def test_rates_and_brackets(fixture: BinanceFixture) -> None:
    rate = fixture.call("GET", "/fapi/v1/commissionRate", symbol="BTCUSDT")
    assert (rate["takerCommissionRate"], rate["makerCommissionRate"]) == ("0.0005", "0.0002")
    bracket = fixture.call("GET", "/fapi/v1/leverageBracket", symbol="BTCUSDT")[0]["brackets"][0]
    assert bracket["maintMarginRatio"] == 0.004
    assert len(fixture.call("GET", "/fapi/v1/rateLimit/order")) == 2


cents = st.decimals(min_value="1", max_value="1000", places=1)
steps = st.integers(min_value=-50, max_value=50).filter(bool)


@given(st.lists(st.tuples(steps, cents), min_size=1, max_size=30), cents)
def test_realised_profit_of_a_closed_position_is_exact(
    trades: list[tuple[int, Decimal]], last: Decimal
) -> None:
    position = SimulatedPosition()
    cash = realised = Decimal(0)
    for steps_of_quantity, price in trades:
        change = Decimal(steps_of_quantity) / 1_000
        realised += position.apply(change, price)
        cash -= change * price
    change = -position.quantity
    realised += position.apply(change, last)
    cash -= change * last
    assert position.quantity == 0
    assert position.cost == 0
    assert realised == cash


def test_fees_are_a_tenth_smaller_in_bnb_and_fall_back_to_usdt(fixture: BinanceFixture) -> None:
    fee_usdt = Decimal("1000.001") * Decimal("0.0005")
    fee_bnb = fee_usdt * Decimal("0.9") / 600
    fixture.venue.account.prefer(burns_bnb=True, bnb=fee_bnb.quantize(Decimal("0.00000001")))
    wallet = fixture.venue.wallet_usdt
    fixture.order()
    assert fixture.venue.wallet_usdt == wallet
    assert fixture.venue.state()["wallet_bnb"] in {"0", "0E-8", "0.00000000"}
    fixture.order()
    assert fixture.venue.wallet_usdt == wallet - round(fee_usdt, 8)
    told = fixture.call("GET", "/fapi/v1/userTrades", symbol="BTCUSDT")
    assert [row["commissionAsset"] for row in told] == ["BNB", "USDT"]
    income = fixture.call("GET", "/fapi/v1/income", incomeType="COMMISSION")
    assert [row["asset"] for row in income] == ["BNB", "USDT"]


def test_bnb_is_a_balance_of_its_own(fixture: BinanceFixture) -> None:
    fixture.venue.account.prefer(bnb=Decimal(2))
    assert [row["asset"] for row in fixture.call("GET", "/fapi/v3/balance")] == ["USDT", "BNB"]
    assets = fixture.call("GET", "/fapi/v3/account")["assets"]
    assert [(row["asset"], row["walletBalance"]) for row in assets][1] == ("BNB", "2")
