"""How an account stands: all that ``status`` tells, to be read or shown."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from trading_platform_order.cli.console.store_location import Place, reading
from trading_platform_order.cli.history.alerts import unacknowledged
from trading_platform_order.cli.history.pair_figures import PARTS, OpenPairFigures, read_open_pairs
from trading_platform_order.cli.history.views import Rows
from trading_platform_order.cli.overview import protective_stops
from trading_platform_order.cli.overview.headline import Headline, State, fresh
from trading_platform_order.cli.overview.waiting_closes import WaitingClose, read_waiting_closes
from trading_platform_order.domain.account.account_events import EngineStarted
from trading_platform_order.domain.order import OrderStatus
from trading_platform_order.domain.protection.protective_stop import ProtectiveStopOrder
from trading_platform_order.domain.trade.pair_trade import TradeState
from trading_platform_order.executor.journal.event_codec import event_of
from trading_platform_order.observability.live_figures import LiveFigures, live_path, read_live
from trading_platform_order.observability.loosened import Loosened
from trading_platform_order.observability.usd_krw import read_usd_krw, usd_krw_path
from trading_platform_order.risk.monitors.emergency_stop import STOP_LATCH
from trading_platform_order.signals.arrival.wakeup import knock_at, wake_path
from trading_platform_order.storage.base import ChainBroken, Latch, Overview, Reader
from trading_platform_order.storage.lease import Lease
from trading_platform_order.storage.sqlite.writers.lease import lease_of
from trading_platform_order.transport.clock import moment_of

TRADES_MAX = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Everything one page tells.

    Attributes:
        chain: ``verified``, ``not checked``, or what does not fit.
        engine_listens: a running engine heard a knock on its socket.
        lease: whose the account is; ``None`` if it never was anybody's.
        equity: the last valuation with its parts, if there is one.
        live: the running engine's figures while they are fresh; ``live_age_s`` and
            ``told_at`` are of the last ones, also of old ones.
        profile: of the running engine, else of the settings at hand; ``loosened``: the
            specification's limits that those loosen.
    """

    overview: Overview
    chain: str
    engine_listens: bool
    latches: tuple[Latch, ...]
    trades: Rows
    positions: list[OpenPairFigures]
    stops: tuple[ProtectiveStopOrder, ...]
    closes: tuple[WaitingClose, ...]
    lease: Lease | None
    equity: dict[str, str] | None
    live: LiveFigures | None
    live_age_s: float | None
    told_at: datetime | None
    unknown_orders: int
    urgent_alerts: int
    account: str
    profile: str = ""
    loosened: tuple[Loosened, ...] = ()

    @property
    def headline(self) -> Headline:
        """What the first ten seconds need."""
        state, since, why = self._state()
        uneven: dict[str, Decimal] = {}
        for pair in self.positions:
            spot, short = (Decimal(str(pair.row[n])) for n in ("spot_base", "short_base"))
            if spot != short:
                base = str(pair.row["symbol"])
                uneven[base] = uneven.get(base, Decimal(0)) + abs(spot - short)
        return Headline(
            account=self.account,
            mode=None if self.start is None else self.start.mode,
            state=state,
            since=since,
            why=why,
            live=self.live,
            live_age_s=self.live_age_s,
            uneven=uneven,
            is_flat=not self.positions,
            waiting_closes=len(self.closes),
            unknown_orders=self.unknown_orders,
            urgent_alerts=self.urgent_alerts,
        )

    def _state(self) -> tuple[State, datetime | None, str]:
        stop = self.stop
        if not self.engine_listens and self.live is None:
            why = "" if stop is None else f"the emergency stop is set: {stop.reason}"
            return State.NOT_RUNNING, self.told_at, why
        if stop is not None:
            return State.STOPPED, moment_of(stop.at_us), stop.reason
        if self.live is None:
            return State.WAITING, None, "it listens and has told no figures yet"
        if self.live.waits_for:
            return State.WAITING, self.live.since, f"for {self.live.waits_for}"
        return State.ARMED, self.live.since, ""

    @property
    def start(self) -> EngineStarted | None:
        """The engine's last start."""
        row = self.overview.last_start
        event = None if row is None else event_of(row)
        return event if isinstance(event, EngineStarted) else None

    @property
    def stop(self) -> Latch | None:
        """The emergency stop, if it is set."""
        return next((latch for latch in self.latches if latch.kind == STOP_LATCH), None)

    @property
    def chain_broken(self) -> bool:
        """The journal is not what was written."""
        return self.chain not in {VERIFIED, NOT_CHECKED}


VERIFIED = "verified"
NOT_CHECKED = "not checked"


async def read_standing(place: Place, *, check_chain: bool, stops: bool = True) -> Standing:
    """Read it all; without ``stops`` it costs what is open, however long the journal.

    Then no engine is knocked at either that tells its figures: whoever looks all the time costs it
    nothing.
    """
    async with reading(place) as reader:
        overview = await reader.overview()
        told = read_live(live_path(place.db, place.account))
        live, live_age_s = fresh(told)
        unknown = {"status": OrderStatus.UNKNOWN.value}
        return Standing(
            overview=overview,
            chain=await _chain(reader) if check_chain else NOT_CHECKED,
            engine_listens=(live is not None and not stops)
            or knock_at(wake_path(place.db, place.account)),
            latches=tuple(await reader.latches()),
            trades=[
                row
                for state in (TradeState.HALTED, TradeState.EXECUTING)
                for row in await reader.query("v_trades", limit=TRADES_MAX, where={"state": state})
            ],
            positions=await read_open_pairs(reader, told, read_usd_krw(usd_krw_path(place.db))),
            stops=await protective_stops.read_stops(reader) if stops else (),
            closes=await read_waiting_closes(reader),
            lease=lease_of(place.db, account=place.account),
            equity=await _equity(reader),
            live=live,
            live_age_s=live_age_s,
            told_at=None if told is None else told.at,
            unknown_orders=len(await reader.query("v_orders", limit=TRADES_MAX, where=unknown)),
            urgent_alerts=len(await unacknowledged(reader)),
            account=place.account,
            profile=place.profile if live is None else live.profile,
            loosened=place.loosened if live is None else live.loosened,
        )


async def _chain(reader: Reader) -> str:
    try:
        await reader.verify_chain()
    except ChainBroken as broken:
        return str(broken)
    return VERIFIED


async def _equity(reader: Reader) -> dict[str, str] | None:
    rows = await reader.query("v_equity", limit=1)
    if not rows:
        return None
    figures: dict[str, str] = json.loads(str(rows[0]["figures"]))
    return figures


# -- for programs ---------------------------------------------------------------------------------


def standing_json(place: Place, standing: Standing) -> dict[str, Any]:
    """The whole page for programs; `tporder web` serves the same."""
    overview, start, stop = standing.overview, standing.start, standing.stop
    return {
        "now": standing.headline.as_json(),
        "account": place.account,
        "database": str(place.db),
        "engine": {
            "listens": standing.engine_listens,
            "mode": None if start is None else start.mode,
            "market": None if start is None else start.market,
            "build": None if start is None else start.build,
            "started_at": None if start is None else start.at,
            "predecessor_closed_clean": None if start is None else start.clean,
        },
        "held_by": _holder_json(standing.lease),
        "stop": {
            "set": stop is not None,
            "reason": None if stop is None else stop.reason,
            "since": None if stop is None else moment_of(stop.at_us),
        },
        "limits": limits_json(standing.profile, standing.loosened),
        "latches": [
            {"kind": latch.kind, "reason": latch.reason, "since": moment_of(latch.at_us)}
            for latch in standing.latches
        ],
        "trades": standing.trades,
        "positions": [pair.as_json() for pair in standing.positions],
        "stops": [protective_stops.as_json(stop) for stop in standing.stops],
        "waiting_closes": [close.as_json() for close in standing.closes],
        "equity": _equity_json(standing.equity),
        "journal": {
            "last_seq": overview.head_seq,
            "projected_seq": overview.projected_seq,
            "chain": standing.chain,
        },
        "waiting": {
            "signals": overview.waiting_signals,
            "commands": overview.waiting_commands,
            "alerts": overview.waiting_alerts,
            "urgent_alerts": overview.waiting_urgent_alerts,
        },
    }


def limits_json(profile: str, loosened: Sequence[Loosened]) -> dict[str, Any]:
    """The profile in force, and the specification's limits that are loosened."""
    return {"profile": profile or None, "loosened": [asdict(one) for one in loosened]}


def _holder_json(lease: Lease | None) -> dict[str, Any] | None:
    if lease is None:
        return None
    return {
        "epoch": lease.epoch,
        "process": lease.holder.pid or None,
        "machine": lease.holder.machine or None,
        "since": moment_of(lease.at_us),
        "why": lease.reason,
        "let_go": lease.is_released,
    }


def _equity_json(figures: dict[str, str] | None) -> dict[str, Any] | None:
    if figures is None:
        return None
    return {
        "at": figures["at"],
        "equity_krw": figures["equity_krw"],
        "krw_per_usdt": figures["krw_per_usdt"],
        "pnl_krw": {
            "total": str(total_of(figures)),
            "trading": figures["trading_pnl_krw"],
            **{part: figures[f"{part}_krw"] for part in PARTS},
        },
    }


def total_of(figures: dict[str, str]) -> Decimal:
    """All parts of the last valuation, KRW."""
    return sum((Decimal(figures[f"{part}_krw"]) for part in PARTS), Decimal(0))
