"""The report as data: the same figures for programs, money as decimal text."""

from typing import Any

from trading_platform_order.domain.account.profit.pair_money import prices_of
from trading_platform_order.domain.money import plain
from trading_platform_order.domain.order import Leg
from trading_platform_order.operations.demo.report import Spread
from trading_platform_order.operations.report.executions import Shortfall, TradeExecution
from trading_platform_order.operations.report.figures import ReportFigures


def report_json(figures: ReportFigures) -> dict[str, Any]:
    """JSON-ready; times as ISO 8601, costs positive where a fill was worse."""
    trades = figures.trades
    return {
        "account": figures.account,
        "mode": figures.mode,
        "market": figures.market,
        "from": figures.begin.isoformat(),
        "to": figures.end.isoformat(),
        "valued": bool(figures.equity),
        "trading_krw": plain(figures.trading),
        "parts_krw": {name: plain(value) for name, value in figures.parts.items()},
        "fx_idle_krw": plain(figures.fx_idle),
        "total_krw": plain(figures.trading + figures.fx_idle),
        "shortfall": {
            leg.value: {
                "decision_mid": _shortfall(figures.shortfall(leg, "decision")),
                "signal": _shortfall(figures.shortfall(leg, "signal")),
                "fees_krw": plain(figures.fees_krw[leg]),
            }
            for leg in Leg
        },
        "signal_age_ms": Spread.of([one.signal_age_ms for one in trades]).to_json(),
        "signal_to_wire_us": Spread.of(
            [n for one in trades if (n := one.signal_to_wire_us) is not None]
        ).to_json(),
        "leg_skew_ms": Spread.of(
            [abs(one.skew_ms) for one in trades if one.skew_ms is not None]
        ).to_json(),
        "settled_ms": Spread.of(
            [n for one in trades if (n := one.settled_ms) is not None]
        ).to_json(),
        "naked_ms": Spread.of([one.trade.naked_ms for one in trades]).to_json(),
        "outcomes": figures.outcomes,
        "funding_usdt": {name: plain(value) for name, value in figures.funding_usdt.items()},
        "funding_payments": figures.funding_count,
        "refusals": {
            code: {"count": found.count, "message": found.message}
            for code, found in figures.refusals.items()
        },
        "unreadable_rows": figures.unreadable,
        "trades": [_trade(one) for one in trades],
        "equity": [
            {
                "at": row.at.isoformat(),
                "equity_krw": plain(row.equity_krw),
                "trading_krw": plain(row.trading_pnl_krw),
                "fx_idle_krw": plain(row.fx_idle_krw),
            }
            for row in figures.equity
        ],
    }


def _shortfall(found: Shortfall | None) -> dict[str, str | None] | None:
    if found is None:
        return None
    bps = found.bps
    return {"krw": plain(found.krw), "bps": None if bps is None else f"{bps:.4f}"}


def _trade(one: TradeExecution) -> dict[str, Any]:
    trade, prices = one.trade, prices_of(one.trade)
    return {
        "trade_id": trade.trade_id,
        "signal_id": trade.signal.id,
        "strategy": trade.signal.strategy,
        "symbol": trade.base,
        "action": trade.action.value,
        "outcome": (trade.outcome or trade.state).value,
        "at": trade.decision.at.isoformat(),
        "premium": None if prices.premium is None else f"{prices.premium:.6f}",
        "realised_krw": None if one.realised is None else plain(one.realised.total),
        "legs": {
            leg.value: {
                "quantity_base": plain(found.quantity),
                "decision_mid": _shortfall(found.against_decision),
                "signal": _shortfall(found.against_signal),
                "fee_krw": plain(found.fee_krw),
            }
            for leg, found in one.legs.items()
        },
        "skew_ms": one.skew_ms,
        "signal_age_ms": one.signal_age_ms,
        "signal_to_wire_us": one.signal_to_wire_us,
        "settled_ms": one.settled_ms,
        "naked_ms": trade.naked_ms,
        "naked_krw_max": plain(trade.naked_krw_max),
    }
