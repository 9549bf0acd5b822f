"""The views other repositories may read: names, columns and units. This is a contract.

``docs/STORAGE.md`` repeats it (written by :func:`views_markdown`; a test keeps it fresh) and a test
compares it with the views the migrations make. Columns are added at the end, never changed.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name and what it holds, in which unit."""

    name: str
    meaning: str


@dataclass(frozen=True, slots=True)
class View:
    """One view: what a row is, and its columns in order."""

    row: str
    columns: tuple[Column, ...]


def _view(row: str, seq: str, *columns: tuple[str, str]) -> View:
    first = (Column("account", "the trading account"), Column("seq", seq))
    return View(row, first + tuple(Column(name, meaning) for name, meaning in columns))


_TOLD = "journal row that made this row"
_AT_US = "calendar time, microseconds since 1970 UTC"
_ISO = "ISO 8601, UTC, six fractional digits"
_BASE = "decimal text, base asset"
_UNVALUED = "null if the price of `fee_asset` was not known then"
_QUOTE = "decimal text, quote asset (KRW on upbit, USDT on binance)"

VIEWS: Mapping[str, View] = {
    "v_signals": _view(
        "one signal as it was accepted or refused (an id may be refused more than once)",
        _TOLD,
        ("signal_id", "the sender's id; empty if the text had none"),
        ("strategy", "who asked"),
        ("action", "`ENTER` or `EXIT`"),
        ("symbol", "base asset, e.g. `BTC`"),
        ("created_at", f"{_ISO}; the sender's time; null if refused unread"),
        ("received_at_us", _AT_US),
        ("result", "`claimed` (fate open), `accepted` or `refused`"),
        ("code", "why refused; else null"),
        ("detail", "the same in words"),
        ("trade_id", "the pair trade; null if there is none"),
    ),
    "v_trades": _view(
        "one pair trade",
        _TOLD,
        ("trade_id", "the pair trade"),
        ("signal_id", "the signal that caused it"),
        ("strategy", "who asked"),
        ("action", "`ENTER` or `EXIT`"),
        ("symbol", "base asset"),
        ("state", "`executing`, `settled` or `halted` (an operator is needed)"),
        ("outcome", "`hedged`, `flat`, `unwound` or `leg_loss`; null until settled"),
        ("detail", "why an operator is needed, or what came late; else empty"),
        ("opened_at_us", _AT_US),
        ("settled_at_us", f"{_AT_US}; null until settled"),
        ("naked_ms", "how long the legs differed, milliseconds"),
        ("naked_krw_max", "largest difference of the legs, decimal text, KRW"),
        ("signal_to_wire_us", "signal to last byte of both orders, microseconds"),
        ("spot_base", f"{_BASE}: coins the strategy held when it settled"),
        ("short_base", f"{_BASE}: short the strategy held when it settled, positive"),
    ),
    "v_orders": _view(
        "one order intent and what is known of it",
        _TOLD,
        ("id", "UUID"),
        ("client_order_id", "the id both sides know"),
        ("trade_id", "the pair trade"),
        ("signal_id", "the signal"),
        ("strategy", "who asked"),
        ("exchange", "`upbit` or `binance`"),
        ("symbol", "`BTC-KRW` or `BTCUSDT`"),
        ("side", "`BUY` or `SELL`"),
        ("type", "`MARKET` or `LIMIT`"),
        ("quantity", f"{_BASE}: asked"),
        ("price", f"{_QUOTE}: limit price; null for market orders"),
        ("quote_amount", "decimal text, KRW to spend; Upbit market buys only"),
        ("time_in_force", "`GTC` or `IOC`; null for market orders"),
        ("reduce_only", "0 or 1"),
        ("leg", "`spot` or `hedge`"),
        ("purpose", "`open`, `close`, `complete`, `unwind`, `true_up` or `watchdog`"),
        ("attempt", "1, 2, … within trade, leg and purpose"),
        ("created_at", _ISO),
        (
            "status",
            "`PENDING`, `UNKNOWN`, `WORKING`, `FILLED`, `CANCELLED`, `REFUSED` or `ABSENT`",
        ),
        ("executed_quantity", f"{_BASE}: executed so far, as the exchange counts"),
        ("filled_quantity", f"{_BASE}: sum of the fills told so far"),
        ("exchange_order_id", "the exchange's id, once known"),
        ("detail", "reason for the present status, in words"),
        ("updated_at_us", _AT_US),
    ),
    "v_fills": _view(
        "one fill, as the exchange reported it",
        _TOLD,
        ("exchange", "`upbit` or `binance`"),
        ("symbol", "`BTC-KRW` or `BTCUSDT`"),
        (
            "exchange_trade_id",
            "the exchange's id; unique with exchange, symbol and order; `rest:…`: untold trades",
        ),
        ("client_order_id", "the order"),
        ("trade_id", "the pair trade; empty if another hand closed the hedge"),
        ("signal_id", "the signal, if any"),
        ("strategy", "who asked, if anyone"),
        ("leg", "`spot` or `hedge`"),
        ("purpose", "of its order, if it is a trade's"),
        ("side", "`BUY` or `SELL`"),
        ("quantity", _BASE),
        ("price", f"{_QUOTE}, per base"),
        ("fee", "decimal text, in `fee_asset`, positive = paid, unrounded"),
        ("fee_asset", "e.g. `KRW`, `USDT`, `BNB`"),
        ("at", f"{_ISO}; the exchange's time"),
        ("fee_quote", f"the fee in the quote asset at the fill's time; {_UNVALUED}"),
    ),
    "v_positions": _view(
        "what one strategy holds in one base asset, by the ledger",
        "journal row that changed it last",
        ("strategy", "whose"),
        ("symbol", "base asset"),
        ("spot_base", f"{_BASE}: coins held on Upbit"),
        ("short_base", f"{_BASE}: sold short on Binance, positive"),
        ("updated_at_us", _AT_US),
    ),
    "v_refusals": _view(
        "one refused signal with the figures that led to it",
        _TOLD,
        ("signal_id", "the sender's id; empty if the text had none"),
        ("strategy", "who asked; empty if unread"),
        ("action", "`ENTER`, `EXIT` or empty"),
        ("symbol", "base asset or empty"),
        ("code", "stable, snake case"),
        ("message", "the same in words"),
        ("figures", "JSON object: name to decimal text"),
        ("at_us", _AT_US),
    ),
    "v_equity": _view(
        "one valuation of the whole account",
        _TOLD,
        ("at_us", _AT_US),
        ("equity_krw", "decimal text, KRW"),
        ("figures", "JSON object: all parts of the valuation, as journalled"),
    ),
    "v_funding": _view(
        "one funding payment",
        _TOLD,
        ("symbol", "`BTCUSDT`"),
        ("transaction_id", "the exchange's id"),
        ("amount_usdt", "decimal text, USDT; positive = received"),
        ("at", f"{_ISO}; the exchange's time"),
    ),
    "v_transfers": _view(
        "one change of a balance by nothing of ours: a deposit, a withdrawal, the owner's trade",
        _TOLD,
        ("exchange", "`upbit` or `binance`"),
        ("asset", "e.g. `KRW`, `USDT`, `BTC`"),
        ("amount", "decimal text, in `asset`; positive = came in"),
        ("reason", "in words"),
        ("at_us", _AT_US),
    ),
    "v_alerts": _view(
        "one alert and its delivery",
        "outbox row",
        ("at_us", _AT_US),
        ("kind", "e.g. `entry`, `one_leg_failed`"),
        ("urgent", "0 or 1"),
        ("fields", "JSON object: name to text"),
        ("attempts", "deliveries that failed, of the channel with most"),
        ("next_at_us", f"{_AT_US}: next try; null if none failed"),
        (
            "result",
            "`sent`; `noted` (own channels); `dropped`; `silenced`; `skipped`; null: waits",
        ),
        ("acknowledged_at_us", f"{_AT_US}: an operator has seen it; null if none has"),
    ),
    "v_deliveries": _view(
        "one alert with one channel; none until the channel tried it",
        "outbox row, as in `v_alerts`",
        ("channel", "e.g. `discord`"),
        ("attempts", "deliveries that failed"),
        ("next_at_us", f"{_AT_US}: next try; null if none failed"),
        ("result", "`sent`, `dropped`, `skipped` (not for this channel); null while it waits"),
    ),
    "v_latches": _view(
        "one setting of a latch (an emergency stop, say) and its release",
        "latch row",
        ("kind", "which latch"),
        ("reason", "why it was set"),
        ("at_us", _AT_US),
        ("cleared_reason", "an operator's reason; null while it is set"),
        ("cleared_at_us", f"{_AT_US}; null while it is set"),
    ),
}


def views_markdown() -> str:
    """The views as Markdown tables, for ``docs/STORAGE.md``."""
    parts = []
    for name, view in VIEWS.items():
        lines = [f"### `{name}`", f"A row is {view.row}.", "", "| column | meaning |", "|---|---|"]
        lines += [f"| `{column.name}` | {column.meaning} |" for column in view.columns]
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"
