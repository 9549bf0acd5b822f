"""What the screens of the page read. Programs may as well; the engine is asked nothing."""

import asyncio
import json
from dataclasses import asdict
from http import HTTPStatus
from typing import Annotated, Any

from litestar import get
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromQuery, QueryParameter

from trading_platform_order.observability.live_figures import FRESH_S, LiveFigures, read_live
from trading_platform_order.runtime.settings.shown.origins import with_meanings
from trading_platform_order.runtime.settings.shown.published import read_published
from trading_platform_order.transport.clock import SystemClock
from trading_platform_order.web.page.told_figures import told_figures
from trading_platform_order.web.page.watched.surveillance import Watched
from trading_platform_order.web.problems import RequestRefused
from trading_platform_order.web.signals_api import (
    BUSY,
    SIGNAL_ID,
    UNKNOWN,
    UNREADABLE,
    UNSIGNED,
)
from trading_platform_order.web.world import WebWorld, World
from trading_platform_order.words.sentences import localised
from trading_platform_order.words.text import Language

ANSWERS: dict[int, ResponseSpec] = {400: UNREADABLE, 401: UNSIGNED, 503: BUSY}
REFUSALS_SHOWN = 20
TRADES_SHOWN = 10
MARKS_MAX = 200
US_PER_S = 1_000_000
BASE = Annotated[str | None, QueryParameter(pattern="^[A-Z0-9]{1,20}$")]


@get("/page/home", responses=ANSWERS)
async def home(world: World, lang: FromQuery[Language] = Language.EN) -> dict[str, Any]:
    """The first screen: state, naked value, the way out, margin, today, what is open."""
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    trades = await world.inbox.query("v_trades", limit=TRADES_SHOWN)
    store_ms = (loop.time() - began_s) * 1_000
    found = dict(await world.page.home(lang))
    last = [{**row, "detail": localised(str(row["detail"] or ""), lang)} for row in trades]
    return found | {
        "market": localised(str(found["market"] or ""), lang),
        "last_trades": last,
        "store_ms": round(store_ms, 2),
        "at": SystemClock().now(),
    }


@get("/page/story/{signal_id:str}", responses={**ANSWERS, 404: UNKNOWN})
async def story(
    signal_id: SIGNAL_ID, world: World, lang: FromQuery[Language] = Language.EN
) -> dict[str, Any]:
    """Every decision and fact of one signal, as `tporder explain` tells them."""
    found = await world.page.story(signal_id, lang)
    if found is None:
        raise RequestRefused(
            HTTPStatus.NOT_FOUND,
            "no_such_signal",
            "the journal has nothing of this signal",
            "check the id",
        )
    return dict(found)


@get("/page/market", responses=ANSWERS)
async def market(world: World, symbol: BASE = None) -> dict[str, Any]:
    """Premiums of the last hour and day, and what was traded; of the first symbol by default."""
    history = world.page.history
    bases = history.bases
    base = symbol or (bases[0] if bases else "")
    trades = await world.inbox.query("v_trades", limit=MARKS_MAX, where={"symbol": base})
    funding = await world.inbox.query("v_funding", limit=MARKS_MAX)
    return {
        "symbols": bases,
        "symbol": base,
        "hour": history.hour(base),
        "day": history.day(base),
        "marks": [
            {
                "at": int(row["opened_at_us"] or 0) // US_PER_S,
                "action": row["action"],
                "outcome": row["outcome"],
                "signal_id": row["signal_id"],
            }
            for row in trades
        ],
        "funding": [row for row in funding if not base or str(row["symbol"]).startswith(base)],
    }


@get("/page/risk", responses=ANSWERS)
async def risk(world: World, lang: FromQuery[Language] = Language.EN) -> dict[str, Any]:
    """How near each limit is and which are loosened, each pair's coin, and the last refusals."""
    live = await _live(world)
    refusals = await world.inbox.query("v_refusals", limit=REFUSALS_SHOWN)
    return {
        "gauges": [] if live is None else live.gauges,
        "liquidation_rise": None if live is None else live.liquidation_rise,
        "usdt_to_move": None if live is None else live.usdt_to_move,
        "profile": None if live is None else live.profile or None,
        "loosened": None
        if live is None
        else [{**asdict(one), "text": localised(one.text, lang)} for one in live.loosened],
        "pairs": await world.page.pairs(lang),
        "refusals": [
            {
                **row,
                "message": localised(str(row["message"]), lang),
                "figures": told_figures(json.loads(str(row["figures"] or "{}")), lang),
            }
            for row in refusals
        ],
    }


@get("/page/surveillance", responses=ANSWERS)
async def surveillance(world: World) -> list[Watched]:
    """What the exchanges watch in API traders, each figure beside its limit."""
    return await world.page.surveillance.ask()


@get("/page/reconcile", responses=ANSWERS)
async def reconcile(world: World, lang: FromQuery[Language] = Language.EN) -> dict[str, Any]:
    """What both exchanges held when the engine asked them last, beside what it counts."""
    live = await _live(world)
    latches = await world.inbox.latches()
    return {
        "at": None if live is None else live.compared_at,
        "rows": [] if live is None else live.compared,
        "positions": await world.inbox.query("v_positions", limit=1_000),
        "transfers": await world.inbox.query("v_transfers", limit=REFUSALS_SHOWN),
        "latches": [
            {"kind": latch.kind, "reason": localised(latch.reason, lang), "at_us": latch.at_us}
            for latch in latches
        ],
    }


@get("/page/settings", responses=ANSWERS)
async def settings(world: World, lang: FromQuery[Language] = Language.EN) -> dict[str, Any]:
    """Every setting of the engine and of this process, and where its value comes from.

    Secrets are masked. The engine tells its own at its start; ``null`` if none did.
    """
    told = await asyncio.to_thread(read_published, world.page.engine_settings)
    last = (await world.inbox.overview()).last_start
    return {
        "engine": told
        and {
            "started_at": told.started_at,
            "build": told.build,
            # Of another start than the last one in the journal: that one told nothing yet.
            "is_of_last_start": last is None or told.epoch >= last.epoch,
            "rows": with_meanings(told.settings, lang),
        },
        "server": with_meanings(world.page.settings, lang),
    }


async def _live(world: WebWorld) -> LiveFigures | None:
    """The engine's newest figures, unless they are old."""
    live = await asyncio.to_thread(read_live, world.live_file)
    return live if live is not None and live.age_s(SystemClock().now()) <= FRESH_S else None


LOOKS = [home, story, market, risk, surveillance, reconcile, settings]
