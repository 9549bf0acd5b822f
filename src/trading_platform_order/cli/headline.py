"""What the first ten seconds need: mode, state, naked value, the way out, margin, today, open ends.

Prices and margin are the running engine's (``observability/live_figures``); the counts are the
store's. What nobody told is said to be unknown, never reckoned.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from trading_platform_order.cli.output import age_text, krw, percent, usdt, utc_text
from trading_platform_order.observability.live_figures import FRESH_S, LiveFigures


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
        since = "" if self.since is None else f" since {utc_text(self.since)}"
        why = f": {self.why}" if self.why else ""
        mode = "never started" if self.mode is None else f"{self.mode} mode"
        open_ends = f"{self.waiting_closes} waiting closes, {self.unknown_orders} unknown orders"
        open_ends += f", {self.urgent_alerts} unacknowledged alarms"
        return [
            ("account", f"{self.account}, {mode}"),
            ("state", f"{self.state.upper()}{since}{why}"),
            ("naked", self._naked()),
            ("exit now", self._exit()),
            ("margin", self._margin()),
            ("today", self._today()),
            ("open", open_ends),
        ]

    def _missing(self) -> str:
        if self.live_age_s is None:
            return "not known: no running engine has told figures"
        return f"not known: the engine's last figures are {age_text(self.live_age_s)} old"

    def _naked(self) -> str:
        if self.live is not None:
            if self.live.naked_krw <= 0 and not self.uneven:
                return "nothing"
            lasting = f" for {age_text(self.live.naked_s)}" if self.live.naked_s else ""
            return f"{krw(self.live.naked_krw)}{lasting} under way{self._by_ledger(', ')}"
        ledger = self._by_ledger("")
        return f"{ledger}; KRW {self._missing()}" if ledger else "nothing by the ledger"

    def _by_ledger(self, before: str) -> str:
        if not self.uneven:
            return ""
        coins = ", ".join(f"{amount} {base}" for base, amount in self.uneven.items())
        return f"{before}{coins} by the ledger"

    def _exit(self) -> str:
        if self.is_flat and not self.uneven:
            return "nothing is held"
        if self.live is None:
            return self._missing()
        if self.live.exit_cost_krw is None:
            return "not known: a held coin has no fresh price"
        return f"costs {krw(self.live.exit_cost_krw)} (spreads, depth and fees of both legs)"

    def _margin(self) -> str:
        if self.live is None:
            return "no short" if self.is_flat else self._missing()
        rise = self.live.liquidation_rise
        if rise is None:
            return "no short"
        need = self.live.usdt_to_move
        move = f"move {usdt(need)} to Binance" if need > 0 else "no USDT need be moved"
        return f"liquidation after a rise of {percent(rise)}; {move}"

    def _today(self) -> str:
        if self.live is None:
            return self._missing()
        limit = self.live.day_loss_krw_max
        bound = "limit not known" if limit is None else f"limit {krw(-limit)}"
        return f"{krw(self.live.day_pnl_krw)} trading profit since 00:00 KST; {bound}"


def fresh(live: LiveFigures | None) -> tuple[LiveFigures | None, float | None]:
    """The figures if they are fresh, and their age."""
    if live is None:
        return None, None
    age_s = live.age_s(datetime.now(UTC))
    return (live if age_s <= FRESH_S else None), age_s
