"""Metrics: what is counted, and that no label holds a text that came from outside."""

import pytest
from prometheus_client import generate_latest

from tests.unit.cli.cli_world import CREATED, TRADE, eventful_trade, refused_of
from trading_platform_order.domain.alert import Alert, AlertKind
from trading_platform_order.domain.trade.pair_trade import PairTrade, apply
from trading_platform_order.observability.counters import Counters


def counted() -> Counters:
    """After the eventful trade: the hedge was lost, proven absent and completed."""
    counters = Counters()
    trade: PairTrade | None = None
    for event in eventful_trade():
        trade = apply(trade, event)
        counters.event(event, TRADE, trade)
    return counters


@pytest.mark.parametrize(
    ("name", "labels", "figure"),
    [
        ("signals_accepted_total", {"action": "ENTER"}, 1),
        ("orders_total", {"exchange": "binance", "purpose": "open"}, 1),
        ("orders_total", {"exchange": "binance", "purpose": "complete"}, 1),
        ("orders_unanswered_total", {"exchange": "binance"}, 1),
        ("fills_total", {"exchange": "upbit"}, 1),
        ("trades_settled_total", {"action": "ENTER", "outcome": "hedged"}, 1),
        ("trade_naked_seconds_sum", {}, 12.001),
        ("trade_naked_max_krw_sum", {}, 1_500_000.4),
        ("leg_skew_seconds_sum", {}, 12.0015),
        ("signal_to_wire_seconds_sum", {}, 0.000312),
        ("trade_fees_krw_total", {}, 750.05 + 0.54 * 1_390),
        # 0.01 at 10,000 KRW and at 10 USDT worse than the mids
        ("trade_slippage_krw_sum", {}, 100 + 0.1 * 1_390),
    ],
)
def test_a_trade_is_counted(name: str, labels: dict[str, str], figure: float) -> None:
    value = counted().registry.get_sample_value(f"tporder_{name}", labels)
    assert value == pytest.approx(figure)


def test_labels_hold_only_words_of_ours() -> None:
    counters = Counters()
    counters.event(refused_of("planted", "planted", "planted"), "", None)
    counters.event(refused_of("sig-2", "order_cap", "planted"), "", None)
    counters.alert(Alert(kind="planted", urgent=True, fields={"key": "planted"}), CREATED)
    counters.alert(Alert(kind=AlertKind.MISMATCH, urgent=True), CREATED)
    text = generate_latest(counters.registry).decode()
    assert "planted" not in text
    for labels in ('action="ENTER",code="other"', 'action="ENTER",code="order_cap"'):
        assert f"tporder_signals_refused_total{{{labels}}} 1.0" in text
    assert 'tporder_alerts_total{kind="mismatch",urgent="true"} 1.0' in text
