"""Which refusals say that no order is taken at all, and which are about the one order."""

from decimal import Decimal

import pytest

from tests.unit.exchanges.binance.fakes import Rig, error, ok
from tests.unit.exchanges.upbit.fixture import NOW, UpbitFixture, order, refusal, reply, run
from trading_platform_order.domain.account.account_settings import AccountSettings, faults_of
from trading_platform_order.domain.costs.funding import FundingTerms
from trading_platform_order.domain.hindrances.hindrance import Hindrance
from trading_platform_order.domain.outcome import ReadFailed
from trading_platform_order.exchanges.binance.requests.errors import ApiError, hindrance_of
from trading_platform_order.exchanges.upbit.requests.errors import as_order_outcome, of_response
from trading_platform_order.transport.http import HttpResponse


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (400, -2019, None),
        (400, -2022, None),
        (400, -4131, None),
        (400, -1121, Hindrance.SUSPENDED),
        (400, -4141, Hindrance.SUSPENDED),
        (400, -4108, Hindrance.SUSPENDED),
        (400, -4061, Hindrance.ACCOUNT_SETTING),
        (401, -2015, Hindrance.KEY),
        (401, None, Hindrance.KEY),
        (400, -2014, Hindrance.KEY),
        (418, None, Hindrance.BANNED),
        (429, -1003, Hindrance.BANNED),
        (400, -1016, Hindrance.MAINTENANCE),
    ],
)
def test_binance(status: int, code: int | None, expected: Hindrance | None) -> None:
    assert hindrance_of(ApiError(status=status, code=code, message="")) is expected


@pytest.mark.parametrize(
    ("status", "name", "expected"),
    [
        (400, "insufficient_funds_ask", None),
        (400, "volume_too_large", None),
        (403, "market_offline", Hindrance.MAINTENANCE),
        (400, "notfoundmarket", Hindrance.SUSPENDED),
        (401, "no_authorization_ip", Hindrance.KEY),
        (403, "out_of_scope", Hindrance.KEY),
        (418, "", Hindrance.BANNED),
        (429, "", Hindrance.BANNED),
    ],
)
def test_upbit(status: int, name: str, expected: Hindrance | None) -> None:
    body = f'{{"error":{{"name":"{name}","message":""}}}}'.encode()
    outcome = as_order_outcome(of_response(HttpResponse(status=status, headers={}, body=body)))
    assert getattr(outcome, "hindrance", None) is expected


# -- what reads tell of the key --------------------------------------------------------------------


def test_a_dead_upbit_key_is_heard_from_the_reads_that_trading_needs() -> None:
    fixture = UpbitFixture()
    told: list[tuple[Hindrance, str]] = []
    fixture.exchange.on_hindrance = lambda hindrance, reason: told.append((hindrance, reason))
    dead = refusal(401, "expired_access_key")
    for path in (
        "/v1/accounts",
        "/v1/order",
        "/v1/api_keys",
        "/v1/status/wallet",
        "/v1/deposits",
        "/v1/withdraws",
    ):
        fixture.http.on("GET", path, dead, dead)
    for read in (fixture.exchange.key_expires_at, fixture.exchange.suspended_wallets):
        answer = run(read())
        assert isinstance(answer, ReadFailed)
        assert answer.hindrance is None
    run(fixture.exchange.transfers("KRW", NOW))
    assert told == [], "a key may lack what trading does not need"
    run(fixture.exchange.balances())
    run(fixture.exchange.look_up(order()))
    assert [hindrance for hindrance, _ in told] == [Hindrance.KEY, Hindrance.KEY]
    assert "expired_access_key" in told[0][1]


def test_an_upbit_read_that_only_fails_says_nothing_of_the_key() -> None:
    fixture = UpbitFixture()
    told: list[Hindrance] = []
    fixture.exchange.on_hindrance = lambda hindrance, _: told.append(hindrance)
    fixture.http.on("GET", "/v1/accounts", *[refusal(500, "x")] * 4)
    assert isinstance(run(fixture.exchange.balances()), ReadFailed)
    assert told == []


@pytest.mark.parametrize(
    ("status", "code", "is_dead"),
    [(401, -2015, True), (401, -2014, True), (400, -1021, False), (403, None, False)],
)
async def test_a_dead_binance_key_is_heard_from_the_reads_that_trading_needs(
    status: int, code: int | None, is_dead: bool
) -> None:
    rig = Rig()
    told: list[Hindrance] = []
    rig.exchange.on_hindrance = lambda hindrance, _: told.append(hindrance)
    answer = error(code, status=status) if code else HttpResponse(status=status, body=b"<html>")
    paths = ("v3/balance", "v3/positionRisk", "v3/account", "v1/order", "v1/accountConfig")
    for path in paths:
        rig.http.on(f"GET /fapi/{path}", *[answer] * 4)
    settings = await rig.exchange.account_settings(("BTCUSDT",))
    assert isinstance(settings, ReadFailed)
    assert told == []
    await rig.exchange.balances()
    await rig.exchange.position("BTCUSDT")
    await rig.exchange.margin()
    await rig.exchange.look_up(rig.order())
    assert told == ([Hindrance.KEY] * 4 if is_dead else [])


async def test_the_settings_and_the_funding_of_binance() -> None:
    rig = Rig()
    config = {"dualSidePosition": True, "multiAssetsMargin": False, "canTrade": True}
    rig.http.on("GET /fapi/v1/accountConfig", ok(config))
    rig.http.on("GET /fapi/v1/feeBurn", ok({"feeBurn": True}))
    rows = [
        {"symbol": "BTCUSDT", "marginType": "ISOLATED", "leverage": 5},
        {"symbol": "ETHUSDT", "marginType": "CROSSED", "leverage": 2},
        {"symbol": "XRPUSDT", "marginType": "ISOLATED", "leverage": 20},
    ]
    rig.http.on("GET /fapi/v1/symbolConfig", ok(rows))
    found = await rig.exchange.account_settings(("BTCUSDT", "ETHUSDT"))
    assert all(urgent for _, _, urgent in rig.limiter.taken), "a proof of absence waits for them"
    assert found == AccountSettings(
        hedge_mode=True,
        fees_in_bnb=True,
        leverage={"BTCUSDT": 5, "ETHUSDT": 2},
        isolated=frozenset({"BTCUSDT"}),
    )
    faults = {fault.name: fault for fault in faults_of(found, leverage=2)}
    assert list(faults) == ["hedge_mode", "fees_in_bnb", "margin_type BTCUSDT", "leverage BTCUSDT"]
    assert [name for name, fault in faults.items() if fault.blocks_all_orders] == ["hedge_mode"]
    entries = [name for name, fault in faults.items() if fault.refuses_entries]
    assert entries == ["hedge_mode", "margin_type BTCUSDT"], "a higher leverage is only told"

    index = {"symbol": "BTCUSDT", "lastFundingRate": "-0.00038", "nextFundingTime": 0}
    rig.http.on("GET /fapi/v1/premiumIndex", ok(index), ok(index))
    info = [{"symbol": "BTCUSDT", "fundingIntervalHours": 4}]
    rig.http.on("GET /fapi/v1/fundingInfo", ok(info), ok([]))
    terms = await rig.exchange.funding_terms("BTCUSDT")
    assert isinstance(terms, FundingTerms)
    assert (terms.rate, terms.interval_h) == (Decimal("-0.00038"), Decimal(4))
    usual = await rig.exchange.funding_terms("BTCUSDT")
    assert isinstance(usual, FundingTerms)
    assert usual.interval_h == 8


def test_wallets_are_suspended_only_where_no_network_works() -> None:
    fixture = UpbitFixture()
    rows = [
        {"currency": "BTC", "wallet_state": "working", "net_type": "BTC"},
        {"currency": "USDT", "wallet_state": "paused", "net_type": "TRX"},
        {"currency": "USDT", "wallet_state": "working", "net_type": "ETH"},
        {"currency": "XRP", "wallet_state": "paused", "net_type": "XRP"},
        {"currency": "ETH", "wallet_state": "withdraw_only", "net_type": "ETH"},
        {"currency": "ETH", "wallet_state": "paused", "net_type": "ARB"},
    ]
    fixture.http.on("GET", "/v1/status/wallet", reply(200, rows))
    assert run(fixture.exchange.suspended_wallets()) == {
        "XRP": "paused",
        "ETH": "paused, withdraw_only",
    }
