"""What one message says, whatever the channel: mode and account first, then the case. Pure.

The order of the lines is that of the questions of whoever is woken by it: is it real money, what is
the case, what does the engine do, am I needed, and what would it cost to get out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from trading_platform_order.domain.alarms.incident import FIRST_US, OPERATOR, REMINDER, REMINDER_OF
from trading_platform_order.domain.alert import Alert, PendingAlert
from trading_platform_order.notifications.channel import Message
from trading_platform_order.notifications.situation import Situation
from trading_platform_order.notifications.wording.guidance import Need, guidance_of
from trading_platform_order.notifications.wording.texts import Text
from trading_platform_order.words.sentences import localised

MESSAGE_FIELD = "message"
"""Shown among the sentences, not among the fields."""
_IN_SENTENCES = frozenset(
    {MESSAGE_FIELD, REMINDER, REMINDER_OF, FIRST_US, OPERATOR, "naked_krw", "attempt", "since"}
)
REFUSALS_SHOWN = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One message, before a channel clips it.

    Attributes:
        lines: sentences, in the order of what matters.
        fields: the alert's figures, name to text.
    """

    title: str
    lines: tuple[str, ...]
    fields: tuple[tuple[str, str], ...]


def report_of(message: Message, title: str) -> Report:
    """The message under its kind's title."""
    alert, situation = message.pending.alert, message.situation
    template = Text.TITLE_URGENT if alert.urgent else Text.TITLE
    shown = {**alert.fields, **situation.details}
    fields = tuple((name, text) for name, text in shown.items() if name not in _IN_SENTENCES)
    return Report(
        title=template.format(mode=situation.mode.upper(), account=situation.account, title=title),
        lines=tuple(localised(line) for line in _lines(message)),
        fields=() if message.others else tuple((localised(n), localised(t)) for n, t in fields),
    )


def _lines(message: Message) -> list[str]:
    alert, situation = message.pending.alert, message.situation
    head = Text.REAL_MONEY if situation.is_real else Text.NO_REAL_MONEY
    lines = [head.format(mode_words=situation.mode_words, account=situation.account)]
    lines += _repeat(message.pending, message.now_us)
    if message.others:
        return lines + _refusals((message.pending, *message.others))
    if alert.fields.get(MESSAGE_FIELD):
        lines.append(alert.fields[MESSAGE_FIELD])
    lines += _case(alert)
    lines += _needed(alert)
    if alert.urgent and situation.figures is not None:
        lines += _way_out(situation)
    return lines


def _repeat(pending: PendingAlert, now_us: int) -> list[str]:
    fields = pending.alert.fields
    if REMINDER not in fields:
        return []
    first_us = int(fields.get(FIRST_US, pending.created_at_us))
    age = duration(max(0, now_us - first_us) / 1_000_000)
    return [Text.REMINDER.format(number=fields[REMINDER], of=fields[REMINDER_OF], age=age)]


def _case(alert: Alert) -> list[str]:
    number, _, unit = alert.fields.get("since", "").partition(" ")
    since = duration(float(number)) if unit == "s" and number.isdecimal() else ""
    naked = _decimal(alert.fields.get("naked_krw"))
    if naked:
        return [Text.NAKED.format(naked_krw=f"{naked:,.0f}", naked=since or "less than 1 s")]
    return [Text.LASTS.format(since=since)] if since else []


def _needed(alert: Alert) -> list[str]:
    guidance = guidance_of(alert)
    if guidance is None:
        return []
    lines = []
    attempt = alert.fields.get("attempt")
    if attempt and guidance.doing:
        lines.append(Text.ENGINE_ATTEMPT.format(doing=guidance.doing, attempt=attempt))
    elif guidance.doing:
        lines.append(Text.ENGINE.format(doing=guidance.doing))
    texts: Mapping[Need, Text] = {
        Need.NOW: Text.OPERATOR_NOW,
        Need.IF_IT_LASTS: Text.OPERATOR_IF,
        Need.NOT: Text.OPERATOR_NOT,
    }
    text = texts[guidance.need]
    return [*lines, text.format(deadline=guidance.deadline, action=guidance.action)]


def _way_out(situation: Situation) -> list[str]:
    figures = situation.figures
    assert figures is not None  # noqa: S101 - asked before
    if figures.is_flat:
        return [Text.NOTHING_HELD.format()]
    lines = []
    if figures.usdt_to_move > 0 and figures.liquidation_rise is not None:
        rise, usdt = f"{figures.liquidation_rise:.2%}", f"{figures.usdt_to_move:,.2f}"
        lines.append(Text.LIQUIDATION.format(rise=rise, usdt_to_move=usdt))
    if figures.exit_cost_krw is None:
        return [*lines, Text.EXIT_UNKNOWN.format()]
    return [*lines, Text.EXIT_COST.format(exit_cost_krw=f"{figures.exit_cost_krw:,.0f}")]


def _refusals(refused: tuple[PendingAlert, ...]) -> list[str]:
    lines = [Text.REFUSALS.format(count=len(refused))]
    names = ("symbol", "action", "strategy", "code", "signal_id")
    for pending in refused[:REFUSALS_SHOWN]:
        values = {name: pending.alert.fields.get(name, "-") for name in names}
        lines.append(Text.REFUSED.format(**values))
    if len(refused) > REFUSALS_SHOWN:
        lines.append(Text.REFUSED_MORE.format(count=len(refused) - REFUSALS_SHOWN))
    return lines


def duration(seconds: float) -> str:
    """``95 s``, ``12 min``, ``3 h 5 min``."""
    whole = round(seconds)
    if whole < 120:  # noqa: PLR2004 - two minutes
        return f"{whole} s"
    minutes = whole // 60
    if minutes < 120:  # noqa: PLR2004 - two hours
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"


def _decimal(text: str | None) -> Decimal:
    return Decimal(text) if text and text.replace(".", "", 1).isdecimal() else Decimal(0)
