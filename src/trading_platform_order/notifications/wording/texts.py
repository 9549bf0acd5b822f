"""The sentences of alerts, one template each: English, with values by name.

Nothing is put together from pieces, so that a catalogue can give the same sentence in another
language. Titles stand beside the kinds (``messages.WORDINGS``), what an operator does about an
alert in ``guidance.py``.
"""

from enum import StrEnum


class Text(StrEnum):
    """A template; ``str.format`` fills in the values."""

    TITLE = "{mode} · {account} · {title}"
    TITLE_URGENT = "{mode} · {account} · 🚨 {title}"
    REAL_MONEY = "REAL MONEY: {mode_words}, account {account}."
    NO_REAL_MONEY = "No real money: {mode_words}, account {account}."
    REMINDER = (
        "Repeat {number} of alert {of}, first told {age} ago and not acknowledged: "
        "tporder alerts ack {of}"
    )
    NAKED = "Without its other leg: {naked_krw} KRW, for {naked}."
    LASTS = "It has lasted for {since}."
    ENGINE = "Engine: {doing}."
    ENGINE_ATTEMPT = "Engine: {doing}; attempt {attempt}."
    OPERATOR_NOW = "An operator is needed NOW: {action}."
    OPERATOR_IF = "An operator is needed {deadline}: {action}."
    OPERATOR_NOT = "Nothing has to be done: {action}."
    LIQUIDATION = "Binance liquidates after a rise of {rise}; move {usdt_to_move} USDT there."
    EXIT_COST = "Closing everything now would cost {exit_cost_krw} KRW."
    EXIT_UNKNOWN = "What closing now would cost is not known: a held coin has no fresh price."
    NOTHING_HELD = "Nothing is held: there is nothing to close."
    REFUSALS = "{count} signals were refused:"
    REFUSED = "{symbol} {action} of {strategy}: {code} ({signal_id})"
    REFUSED_MORE = "… and {count} more: tporder alerts list"
