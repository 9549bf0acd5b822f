"""What the command line shows as JSON: the status, and the documented views (docs/STORAGE.md)."""

import asyncio
from http import HTTPStatus
from typing import Annotated, Any

from litestar import Response, get, head
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromQuery, QueryParameter

from trading_platform_order.web.signals_api import BUSY, UNREADABLE, UNSIGNED
from trading_platform_order.web.world import World

Rows = list[dict[str, str | int | None]]
ROWS_MAX = 1_000
POSITIONS_MAX = 10_000
BY_SIGNAL = ("trades", "orders", "fills", "refusals")
PLAIN = ("alerts", "equity", "funding", "transfers", "latches")
LIMIT = Annotated[int, QueryParameter(ge=1, le=ROWS_MAX, description="most rows, the newest first")]
ANSWERS = {400: UNREADABLE, 401: UNSIGNED, 503: BUSY}


@get("/v1/status", responses=ANSWERS)
async def status(world: World) -> dict[str, Any]:
    """Engine, stop, trades, positions and money, as `tporder status --json` (without the chain)."""
    return dict(await world.status())


@get("/v1/positions", responses=ANSWERS)
async def positions(
    world: World,
    flat_too: Annotated[
        bool, QueryParameter(name="all", description="also those that hold nothing now")
    ] = False,
) -> Rows:
    """What each strategy holds by the ledger, as of its last settled trade."""
    rows = await world.inbox.query("v_positions", limit=POSITIONS_MAX)
    return [row for row in rows if flat_too or not _is_flat(row)]


def _is_flat(row: dict[str, str | int | None]) -> bool:
    return all(not str(row[name]).strip("-0.") for name in ("spot_base", "short_base"))


def _of_signals(name: str) -> HTTPRouteHandler:
    async def rows(
        world: World, limit: LIMIT = 50, signal_id: FromQuery[str | None] = None
    ) -> Rows:
        where = {} if signal_id is None else {"signal_id": signal_id}
        return await world.inbox.query(f"v_{name}", limit=limit, where=where)

    rows.__doc__ = f"Rows of the view `v_{name}` (docs/STORAGE.md), all or of one signal."
    return get(f"/v1/{name}", operation_id=f"list_{name}", responses=ANSWERS)(rows)


def _plain(name: str) -> HTTPRouteHandler:
    async def rows(world: World, limit: LIMIT = 50) -> Rows:
        return await world.inbox.query(f"v_{name}", limit=limit)

    rows.__doc__ = f"Rows of the view `v_{name}` (docs/STORAGE.md)."
    return get(f"/v1/{name}", operation_id=f"list_{name}", responses=ANSWERS)(rows)


@get("/health", responses={503: BUSY})
async def health(world: World) -> Response[dict[str, str]]:
    """Whether the store can be read, and whether an engine listens. It tells nothing else."""
    await world.inbox.latches()
    now_s = asyncio.get_running_loop().time()
    engine = "listens" if world.listening.ask(world.knock, now_s) else "silent"
    return Response({"store": "readable", "engine": engine}, status_code=HTTPStatus.OK)


@head("/ping")
async def ping() -> None:
    """This process answers."""


READS = [
    status,
    positions,
    health,
    ping,
    *(_of_signals(name) for name in BY_SIGNAL),
    *(_plain(name) for name in PLAIN),
]
