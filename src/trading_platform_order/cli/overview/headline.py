"""What the first ten seconds need: mode, state, naked value, the way out, margin, today, open ends.

Prices and margin are the running engine's (``observability/live_figures``); the counts are the
store's. What nobody told is said to be unknown, never reckoned.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from trading_platform_order.cli.console.output import age_text, krw, percent, usdt, word
from trading_platform_order.observability.live_figures import FRESH_S, LiveFigures
from trading_platform_order.words import common
from trading_platform_order.words import status as words
from trading_platform_order.words.sentences import localised
from trading_platform_order.words.text import time_text


class State(StrEnum):
    """Whether an entry would be taken now."""

    ARMED = "armed"
    STOPPED = "stopped"
    WAITING = "waiting"
    NOT_RUNNING = "not running"


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """The first lines of ``status``.

    Attributes:
        mode: of the last start; ``None`` if none ever was.
        since: of the state; ``None`` if it is not known.
        why: empty where there is nothing to say.
        live: the engine's figures while they are fresh, else ``None``.
        live_age_s: of the last ones that are known, also of old ones.
        uneven: coins without their other leg by the ledger, by symbol.
        unknown_orders: whose outcome is being looked up.
        urgent_alerts: urgent ones of the last day that nobody has acknowledged.
    """

    account: str
    mode: str | None
    state: State
    since: datetime | None
    why: str
    live: LiveFigures | None
    live_age_s: float | None
    uneven: dict[str, Decimal]
    is_flat: bool
    waiting_closes: int
    unknown_orders: int
    urgent_alerts: int

    def as_json(self) -> dict[str, Any]:
        """For programs; ``null`` is what is not known."""
        live = self.live
        return {
            "mode": self.mode,
            "state": self.state,
            "since": self.since,
            "why": self.why or None,
            "naked_krw": None if live is None else live.naked_krw,
            "naked_s": None if live is None else live.naked_s,
            "uneven_base": self.uneven,
            "exit_cost_krw": None if live is None else live.exit_cost_krw,
            "liquidation_rise": None if live is None else live.liquidation_rise,
            "usdt_to_move": None if live is None else live.usdt_to_move,
            "day_pnl_krw": None if live is None else live.day_pnl_krw,
            "day_loss_krw_max": None if live is None else live.day_loss_krw_max,
            "waiting_closes": self.waiting_closes,
            "unknown_orders": self.unknown_orders,
            "unacknowledged_alerts": self.urgent_alerts,
            "figures_age_s": self.live_age_s,
        }

    def lines(self) -> list[tuple[str, str]]:
        """Label and text, for operators."""
        state = word(words.STATES, self.state)
        if self.since is not None:
            state = words.SINCE(state=state, at=time_text(self.since))
        if self.why:
            state = words.BECAUSE(state=state, why=localised(self.why))
        account = (
            words.NEVER_STARTED(account=self.account)
            if self.mode is None
            else words.MODE(account=self.account, mode=self.mode)
        )
        open_ends = words.OPEN_ENDS(
            closes=self.waiting_closes, orders=self.unknown_orders, alarms=self.urgent_alerts
        )
        return [
            (words.ACCOUNT_LABEL(), account),
            (words.STATE_LABEL(), state),
            (words.NAKED_LABEL(), self._naked()),
            (words.EXIT_LABEL(), self._exit()),
            (words.MARGIN_LABEL(), self._margin()),
            (words.TODAY_LABEL(), self._today()),
            (words.OPEN_LABEL(), open_ends),
        ]

    def _missing(self) -> str:
        if self.live_age_s is None:
            return words.NO_ENGINE_TOLD()
        return words.FIGURES_ARE_OLD(age=age_text(self.live_age_s))

    def _naked(self) -> str:
        coins = self._by_ledger()
        if self.live is None:
            if not coins:
                return words.NOTHING_BY_LEDGER()
            return words.KRW_NOT_KNOWN(coins=coins, missing=self._missing())
        if self.live.naked_krw <= 0 and not coins:
            return common.NOTHING()
        amount = krw(self.live.naked_krw)
        naked = words.NAKED_UNDER_WAY(amount=amount)
        if self.live.naked_s:
            lasting = age_text(self.live.naked_s)
            naked = words.NAKED_LASTING(amount=amount, lasting=lasting)
        return words.NAKED_AND_COINS(naked=naked, coins=coins) if coins else naked

    def _by_ledger(self) -> str:
        coins = ", ".join(f"{amount} {base}" for base, amount in self.uneven.items())
        return words.COINS_BY_LEDGER(coins=coins) if coins else ""

    def _exit(self) -> str:
        if self.is_flat and not self.uneven:
            return words.NOTHING_HELD()
        if self.live is None:
            return self._missing()
        if self.live.exit_cost_krw is None:
            return words.NO_FRESH_PRICE()
        return words.EXIT_COSTS(amount=krw(self.live.exit_cost_krw))

    def _margin(self) -> str:
        if self.live is None:
            return words.NO_SHORT() if self.is_flat else self._missing()
        rise = self.live.liquidation_rise
        if rise is None:
            return words.NO_SHORT()
        need = self.live.usdt_to_move
        move = words.MOVE_USDT(amount=usdt(need)) if need > 0 else words.NO_MOVE()
        return words.MARGIN(rise=percent(rise), move=move)

    def _today(self) -> str:
        if self.live is None:
            return self._missing()
        limit = self.live.day_loss_krw_max
        bound = words.LIMIT_NOT_KNOWN() if limit is None else words.LIMIT(amount=krw(-limit))
        return words.TODAY(amount=krw(self.live.day_pnl_krw), bound=bound)


def fresh(live: LiveFigures | None) -> tuple[LiveFigures | None, float | None]:
    """The figures if they are fresh, and their age."""
    if live is None:
        return None, None
    age_s = live.age_s(datetime.now(UTC))
    return (live if age_s <= FRESH_S else None), age_s
