"""The simulator's control interface: arm faults, step the market, look at everything.

==========  ==========================================================================
POST        /faults    one fault object or a list (see ``faults/kinds.py``)
DELETE      /faults    forget all faults
GET         /faults    all faults with ``struck`` and ``exhausted``
GET         /state     ``{"upbit", "binance", "clock", "equity_krw"}``
POST        /step      ``{"bars": n}``: advance the loaded market by up to ``n`` bars
GET         /requests  the recent order requests of each exchange
GET         /counts    requests of each exchange since the start, by outcome
POST        /account   how accounts and keys are set up: see ``AccountOrder``
POST        /transfer  ``{"venue", "asset", "amount"}``: money in, or out if negative
POST        /take-leg  ``{"symbol", "how", "quantity"?}``: ``adl`` or ``manual`` closes the hedge
==========  ==========================================================================
"""

from collections.abc import Callable, Iterator, Sequence
from http import HTTPStatus
from typing import Annotated, TypeVar

import msgspec
from aiohttp import web

from exchange_simulator.account_setup import AccountOrder, set_up
from exchange_simulator.decimals import parse_decimal
from exchange_simulator.exchanges import SimulatedWorld
from exchange_simulator.faults.kinds import FaultRefused, parse_faults
from exchange_simulator.market.market import Bar
from exchange_simulator.names import VenueName

Step = Sequence[tuple[str, Bar]]
_Order = TypeVar("_Order")


class _Refused(Exception):  # noqa: N818 - becomes an answer with this status
    def __init__(self, status: HTTPStatus, text: str) -> None:
        super().__init__(text)
        self.status = status


class _StepOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    bars: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 1


class _TransferOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    venue: VenueName
    asset: str
    amount: str


class _TakeLegOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    symbol: str
    how: str
    quantity: str | None = None


class Control:
    """Answers on the control port.

    Args:
        world: what is controlled.
        market: steps for ``POST /step``; none if the market moves by another hand.
    """

    def __init__(self, world: SimulatedWorld, market: Iterator[Step] | None = None) -> None:
        self._world = world
        self._market = market
        self._routes: dict[tuple[str, str], Callable[[bytes], object]] = {
            ("POST", "/faults"): self._arm,
            ("DELETE", "/faults"): self._clear,
            ("GET", "/faults"): self._faults,
            ("GET", "/state"): self._state,
            ("POST", "/step"): self._step,
            ("GET", "/requests"): self._requests,
            ("GET", "/counts"): self._counts,
            ("POST", "/account"): self._account,
            ("POST", "/transfer"): self._transfer,
            ("POST", "/take-leg"): self._take_leg,
        }

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Serve one request; refusals are ``{"error": text}``."""
        answer: object
        try:
            status, answer = HTTPStatus.OK, self._route(request)(await request.read())
        except _Refused as refusal:
            status, answer = refusal.status, {"error": str(refusal)}
        return web.Response(
            status=status, body=msgspec.json.encode(answer), content_type="application/json"
        )

    def _route(self, request: web.BaseRequest) -> Callable[[bytes], object]:
        route = self._routes.get((request.method, request.path))
        if route is None:
            known = ", ".join(f"{method} {path}" for method, path in self._routes)
            raise _Refused(HTTPStatus.NOT_FOUND, f"no such door; there are: {known}")
        return route

    def _arm(self, body: bytes) -> object:
        try:
            faults = parse_faults(body)
        except FaultRefused as error:
            raise _Refused(HTTPStatus.BAD_REQUEST, str(error)) from error
        for fault in faults:
            self._world.arm(fault)
        return {"armed": len(faults)}

    def _clear(self, _: bytes) -> object:
        self._world.clear_faults()
        return {"armed": 0}

    def _faults(self, _: bytes) -> object:
        return self._world.faults()

    def _state(self, _: bytes) -> object:
        return self._world.state()

    def _requests(self, _: bytes) -> object:
        return {
            venue: [record.report() for record in gateway.order_requests]
            for venue, gateway in self._world.gateways.items()
        }

    def _counts(self, _: bytes) -> object:
        return {
            venue: {"requests": gateway.requests_seen, "outcomes": dict(gateway.outcomes)}
            for venue, gateway in self._world.gateways.items()
        }

    def _step(self, body: bytes) -> object:
        order = _decode(body or b"{}", _StepOrder)
        if self._market is None:
            raise _Refused(HTTPStatus.CONFLICT, "no market is loaded: it moves by itself")
        stepped = 0
        for _ in range(order.bars):
            step = next(self._market, None)
            if step is None:
                break
            self._world.step(step)
            stepped += 1
        return {"stepped": stepped, "clock": self._world.clock.now().isoformat()}

    def _account(self, body: bytes) -> object:
        order = _decode(body, AccountOrder)
        set_up(self._world, order)
        return {"set": msgspec.to_builtins(order)}

    def _transfer(self, body: bytes) -> object:
        order = _decode(body, _TransferOrder)
        try:
            self._world.transfer(order.venue, order.asset, parse_decimal(order.amount))
        except ValueError as error:
            raise _Refused(HTTPStatus.BAD_REQUEST, str(error)) from error
        return {"moved": order.amount}

    def _take_leg(self, body: bytes) -> object:
        order = _decode(body, _TakeLegOrder)
        try:
            wanted = None if order.quantity is None else parse_decimal(order.quantity)
            left = self._world.close_leg(order.symbol, order.how, wanted)
        except ValueError as error:
            raise _Refused(HTTPStatus.BAD_REQUEST, str(error)) from error
        return {"position": format(left, "f")}


def _decode(body: bytes, kind: type[_Order]) -> _Order:
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.MsgspecError as error:
        raise _Refused(HTTPStatus.BAD_REQUEST, str(error)) from error
