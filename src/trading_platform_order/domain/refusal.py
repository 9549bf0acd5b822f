"""Why a signal is not traded: stable codes, each with the figures that led to it."""

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum

from trading_platform_order.domain.value import value


class RefusalCode(StrEnum):
    """Stable names; ``docs/RISK_MANAGEMENT.md`` lists them, generated from here."""

    INVALID_SIGNAL = "invalid_signal"
    SIGNAL_CONFLICT = "signal_conflict"
    EXPIRED = "expired"
    STOPPED = "stopped"
    SYMBOL_NOT_ALLOWED = "symbol_not_allowed"
    ALREADY_OPEN = "already_open"
    NOTHING_OPEN = "nothing_open"
    UNRESOLVED_TRADE = "unresolved_trade"
    STRAY_ORDER = "stray_order"
    NO_MARKET_DATA = "no_market_data"
    STALE_MARKET_DATA = "stale_market_data"
    STREAM_DOWN = "stream_down"
    NOT_TRADING = "not_trading"
    BELOW_MINIMUM = "below_minimum"
    ABOVE_MAXIMUM = "above_maximum"
    THIN_BOOK = "thin_book"
    SLIPPAGE = "slippage"
    POSITION_LIMIT = "position_limit"
    LEVERAGE_LIMIT = "leverage_limit"
    MARGIN_RATIO = "margin_ratio"
    DAILY_LOSS = "daily_loss"
    HOURLY_LOSS = "hourly_loss"
    ORDER_CAP = "order_cap"
    DAILY_TURNOVER = "daily_turnover"
    INSUFFICIENT_KRW = "insufficient_krw"
    INSUFFICIENT_MARGIN = "insufficient_margin"
    NO_CAPITAL_FIGURE = "no_capital_figure"
    QUEUE_FULL = "queue_full"
    BAD_FIGURE = "bad_figure"
    CLOCK = "clock"
    FUTURE_SIGNAL = "future_signal"
    STALE_CAPITAL = "stale_capital"
    MARKET_WARNING = "market_warning"
    ENTRY_RATE = "entry_rate"
    REPEATED = "repeated"
    TRADE_CAP = "trade_cap"
    SYMBOL_LIMIT = "symbol_limit"
    DUST_LIMIT = "dust_limit"
    PRICE_COLLAR = "price_collar"
    MARGIN_RUNWAY = "margin_runway"
    EXCHANGE_FAILING = "exchange_failing"
    RATE_BUDGET = "rate_budget"
    TAKEN_BACK = "taken_back"
    MAINTENANCE = "maintenance"
    WALLET_SUSPENDED = "wallet_suspended"
    ACCOUNT_SETTING = "account_setting"
    FUNDING = "funding"
    EXCHANGE_CLOSED = "exchange_closed"
    SYMBOL_NOT_READY = "symbol_not_ready"
    CLOSE_WAITS = "close_waits"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"
    ROWS_LOST = "rows_lost"
    PAIR_UNCONFIRMED = "pair_unconfirmed"
    IMPLAUSIBLE_RATE = "implausible_rate"
    IMPLAUSIBLE_PREMIUM = "implausible_premium"
    PREMIUM_GAP = "premium_gap"
    NO_REFERENCE = "no_reference"

    @property
    def meaning(self) -> str:
        """One line for operators."""
        return _MEANINGS[self]


_MEANINGS: dict["RefusalCode", str] = {
    RefusalCode.INVALID_SIGNAL: "The signal broke the schema; the field is named.",
    RefusalCode.SIGNAL_CONFLICT: "The signal id was used before with another content.",
    RefusalCode.EXPIRED: "The signal was too old to be begun.",
    RefusalCode.STOPPED: "The emergency stop is latched; only risk-reducing orders pass.",
    RefusalCode.SYMBOL_NOT_ALLOWED: "The symbol is not on the allow-list.",
    RefusalCode.ALREADY_OPEN: "The strategy already holds this pair, and adding is not configured.",
    RefusalCode.NOTHING_OPEN: "EXIT, but the strategy's ledger holds nothing tradable here.",
    RefusalCode.UNRESOLVED_TRADE: "A halted trade of this symbol waits for an operator.",
    RefusalCode.STRAY_ORDER: "An order that the journal does not know makes this one unsafe.",
    RefusalCode.NO_MARKET_DATA: "No book or no KRW-USDT rate has been seen yet.",
    RefusalCode.STALE_MARKET_DATA: "A book or the KRW-USDT rate is older than allowed.",
    RefusalCode.STREAM_DOWN: "A private stream is not connected, so fills could be missed.",
    RefusalCode.NOT_TRADING: "An exchange does not accept orders in the symbol.",
    RefusalCode.BELOW_MINIMUM: "A leg would be under its exchange's minimum.",
    RefusalCode.ABOVE_MAXIMUM: "A leg would be over its exchange's maximum.",
    RefusalCode.THIN_BOOK: "The visible book cannot fill this size.",
    RefusalCode.SLIPPAGE: "The expected price is worse than the reference by more than allowed.",
    RefusalCode.POSITION_LIMIT: "Position value after the trade over its part of total capital.",
    RefusalCode.LEVERAGE_LIMIT: "Hedge notional over margin balance after the trade too high.",
    RefusalCode.MARGIN_RATIO: "Maintenance over margin balance after the trade too high.",
    RefusalCode.DAILY_LOSS: "Trading loss since 00:00 KST beyond its part of capital.",
    RefusalCode.HOURLY_LOSS: "Trading loss of the last hour beyond the absolute cap.",
    RefusalCode.ORDER_CAP: "One order's value over the absolute cap.",
    RefusalCode.DAILY_TURNOVER: "Value traded today over the absolute cap.",
    RefusalCode.INSUFFICIENT_KRW: "Not enough free KRW on Upbit, fee included.",
    RefusalCode.INSUFFICIENT_MARGIN: "Not enough free margin on Binance, fee included.",
    RefusalCode.NO_CAPITAL_FIGURE: "Total capital is not known, so nothing can be sized by it.",
    RefusalCode.QUEUE_FULL: "Too many signals wait for this symbol.",
    RefusalCode.BAD_FIGURE: "A figure the limits need is not a finite, positive number.",
    RefusalCode.CLOCK: "Our clock is off an exchange's by more than allowed.",
    RefusalCode.FUTURE_SIGNAL: "The signal was created after now, by more than allowed.",
    RefusalCode.STALE_CAPITAL: "Capital rests on prices of held assets that are too old.",
    RefusalCode.MARKET_WARNING: "An exchange warns of this market or will end its trading.",
    RefusalCode.ENTRY_RATE: "Too many entries were begun within a minute.",
    RefusalCode.REPEATED: "The same strategy, symbol, action and size came too often.",
    RefusalCode.TRADE_CAP: "Both legs' value together over the absolute cap.",
    RefusalCode.SYMBOL_LIMIT: "Value of the symbol's pairs over its part of total capital.",
    RefusalCode.DUST_LIMIT: "Unmatched remains in the symbol are worth more than allowed.",
    RefusalCode.PRICE_COLLAR: "A reference or book price is too far from the live mid.",
    RefusalCode.MARGIN_RUNWAY: "A rise of the coin would not be survived without a transfer.",
    RefusalCode.EXCHANGE_FAILING: "Private calls of an exchange fail in a row.",
    RefusalCode.RATE_BUDGET: "An exchange's request budget is nearly used up.",
    RefusalCode.TAKEN_BACK: "Entries of the symbol were taken back in a row; it is paused.",
    RefusalCode.MAINTENANCE: "Announced maintenance of an exchange is near or under way.",
    RefusalCode.WALLET_SUSPENDED: "Deposits or withdrawals of the coin are suspended on Upbit.",
    RefusalCode.ACCOUNT_SETTING: "The hedge account is not set as the limits need it.",
    RefusalCode.FUNDING: "A short of the symbol would pay too much funding in 24 h.",
    RefusalCode.EXCHANGE_CLOSED: "An exchange takes no orders now: maintenance, ban, key, setting.",
    RefusalCode.SYMBOL_NOT_READY: "The symbol cannot be set up, or a row of it cannot be read.",
    RefusalCode.CLOSE_WAITS: "A close of the same strategy waits in this symbol.",
    RefusalCode.SUPERSEDED: "EXIT, but the pair was opened by a later ENTER of the strategy.",
    RefusalCode.WITHDRAWN: "A close that waited was taken back by an operator.",
    RefusalCode.ROWS_LOST: "ENTER of before a start after lost rows: it may have been traded.",
    RefusalCode.PAIR_UNCONFIRMED: "Nobody confirmed that both exchanges mean one coin.",
    RefusalCode.IMPLAUSIBLE_RATE: "The KRW-USDT rate is far from what the large coins imply.",
    RefusalCode.IMPLAUSIBLE_PREMIUM: "Both prices are too far apart to be of one coin.",
    RefusalCode.PREMIUM_GAP: "The premium left the large coins' and not for long enough yet.",
    RefusalCode.NO_REFERENCE: "Too few large coins have prices to compare the premium with.",
}


@value
class Refusal:
    """A signal that was not traded.

    Attributes:
        figures: the numbers the decision rests on, as text, with units in their names.
    """

    code: RefusalCode
    message: str
    figures: Mapping[str, str] = field(default_factory=dict)
