"""What closing now would cost: spread, depth and fees of both legs, in KRW."""

from tests.fakes.pair import VIEW, D
from trading_platform_order.domain.account.recent_activity import OpenPair
from trading_platform_order.risk.monitors.exit_cost import exit_cost_krw


def test_spread_and_fees_of_both_legs() -> None:
    pair = OpenPair(
        strategy="kimchi",
        base="BTC",
        position_id="p1",
        spot=D("0.1"),
        short=D("0.1"),
        spot_cost_krw=D(1),
        short_value_usdt=D(1),
    )
    spread = D("0.1") * (10_000 + 5 * 1_400)
    fees = D("0.1") * D("0.0005") * (139_990_000 + 100_005 * 1_400)
    assert exit_cost_krw(pair, VIEW) == spread + fees
