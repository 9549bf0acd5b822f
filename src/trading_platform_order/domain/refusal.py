"""Why a signal is not traded: stable codes, each with the figures that led to it."""

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
from typing import Self

from trading_platform_order.domain.value import value


class RefusalCode(StrEnum):
    """Stable names; ``docs/RISK_MANAGEMENT.md`` lists them, generated from here.

    Attributes:
        meaning: one line for operators.
    """

    meaning: str

    def __new__(cls, code: str, meaning: str = "") -> Self:
        """A code with its meaning."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.meaning = meaning
        return member

    INVALID_SIGNAL = "invalid_signal", "The signal broke the schema; the field is named."
    SIGNAL_CONFLICT = "signal_conflict", "The signal id was used before with another content."
    EXPIRED = "expired", "The signal was too old to be begun."
    STOPPED = "stopped", "The emergency stop is latched; only risk-reducing orders pass."
    SYMBOL_NOT_ALLOWED = "symbol_not_allowed", "The symbol is not on the allow-list."
    ALREADY_OPEN = (
        "already_open",
        "The strategy already holds this pair, and adding is not configured.",
    )
    NOTHING_OPEN = "nothing_open", "EXIT, but the strategy's ledger holds nothing tradable here."
    UNRESOLVED_TRADE = (
        "unresolved_trade",
        "A trade of this symbol is not finished: it is halted, or its legs are not even yet.",
    )
    STRAY_ORDER = "stray_order", "An order that the journal does not know makes this one unsafe."
    NO_MARKET_DATA = "no_market_data", "No book or no KRW-USDT rate has been seen yet."
    STALE_MARKET_DATA = "stale_market_data", "A book or the KRW-USDT rate is older than allowed."
    STREAM_DOWN = "stream_down", "A private stream is not connected, so fills could be missed."
    NOT_TRADING = "not_trading", "An exchange does not accept orders in the symbol."
    BELOW_MINIMUM = "below_minimum", "A leg would be under its exchange's minimum."
    ABOVE_MAXIMUM = "above_maximum", "A leg would be over its exchange's maximum."
    THIN_BOOK = "thin_book", "The visible book cannot fill this size."
    SLIPPAGE = "slippage", "The expected price is worse than the reference by more than allowed."
    POSITION_LIMIT = (
        "position_limit",
        "Position value after the trade over its part of total capital.",
    )
    LEVERAGE_LIMIT = (
        "leverage_limit",
        "Hedge notional over margin balance after the trade too high.",
    )
    MARGIN_RATIO = "margin_ratio", "Maintenance over margin balance after the trade too high."
    DAILY_LOSS = "daily_loss", "Trading loss since 00:00 KST beyond its part of capital."
    HOURLY_LOSS = "hourly_loss", "Trading loss of the last hour beyond the absolute cap."
    ORDER_CAP = "order_cap", "One order's value over the absolute cap."
    DAILY_TURNOVER = "daily_turnover", "Value traded today over the absolute cap."
    INSUFFICIENT_KRW = "insufficient_krw", "Not enough free KRW on Upbit, fee included."
    INSUFFICIENT_MARGIN = "insufficient_margin", "Not enough free margin on Binance, fee included."
    NO_CAPITAL_FIGURE = (
        "no_capital_figure",
        "Total capital is not known, so nothing can be sized by it.",
    )
    QUEUE_FULL = "queue_full", "Too many signals wait for this symbol."
    BAD_FIGURE = "bad_figure", "A figure the limits need is not a finite, positive number."
    CLOCK = "clock", "Our clock is off an exchange's by more than allowed."
    FUTURE_SIGNAL = "future_signal", "The signal was created after now, by more than allowed."
    STALE_CAPITAL = "stale_capital", "Capital rests on prices of held assets that are too old."
    MARKET_WARNING = "market_warning", "An exchange warns of this market or will end its trading."
    ENTRY_RATE = "entry_rate", "Too many entries were begun within a minute."
    REPEATED = "repeated", "The same strategy, symbol, action and size came too often."
    TRADE_CAP = "trade_cap", "Both legs' value together over the absolute cap."
    SYMBOL_LIMIT = "symbol_limit", "Value of the symbol's pairs over its part of total capital."
    DUST_LIMIT = "dust_limit", "Unmatched remains in the symbol are worth more than allowed."
    PRICE_COLLAR = "price_collar", "A reference or book price is too far from the live mid."
    MARGIN_RUNWAY = "margin_runway", "A rise of the coin would not be survived without a transfer."
    EXCHANGE_FAILING = "exchange_failing", "Private calls of an exchange fail in a row."
    RATE_BUDGET = "rate_budget", "An exchange's request budget is nearly used up."
    TAKEN_BACK = "taken_back", "Entries of the symbol were taken back in a row; it is paused."
    MAINTENANCE = "maintenance", "Announced maintenance of an exchange is near or under way."
    WALLET_SUSPENDED = (
        "wallet_suspended",
        "Deposits or withdrawals of the coin are suspended on Upbit.",
    )
    ACCOUNT_SETTING = "account_setting", "The hedge account is not set as the limits need it."
    FUNDING = "funding", "A short of the symbol would pay too much funding in 24 h."
    EXCHANGE_CLOSED = (
        "exchange_closed",
        "An exchange takes no orders now: maintenance, ban, key, setting.",
    )
    SYMBOL_NOT_READY = (
        "symbol_not_ready",
        "The symbol cannot be set up, or a row of it cannot be read.",
    )
    CLOSE_WAITS = "close_waits", "A close of the same strategy waits in this symbol."
    SUPERSEDED = "superseded", "EXIT, but the pair was opened by a later ENTER of the strategy."
    WITHDRAWN = "withdrawn", "A close that waited was taken back by an operator."
    ROWS_LOST = "rows_lost", "ENTER of before a start after lost rows: it may have been traded."
    PAIR_UNCONFIRMED = "pair_unconfirmed", "Nobody confirmed that both exchanges mean one coin."
    IMPLAUSIBLE_RATE = (
        "implausible_rate",
        "The KRW-USDT rate is far from what the large coins imply.",
    )
    IMPLAUSIBLE_PREMIUM = "implausible_premium", "Both prices are too far apart to be of one coin."
    PREMIUM_GAP = "premium_gap", "The premium left the large coins' and not for long enough yet."
    NO_REFERENCE = "no_reference", "Too few large coins have prices to compare the premium with."


@value
class Refusal:
    """A signal that was not traded.

    Attributes:
        figures: the numbers the decision rests on, as text, with units in their names.
    """

    code: RefusalCode
    message: str
    figures: Mapping[str, str] = field(default_factory=dict)
