"""The faults that are armed on one exchange, and what they make of a request or a message.

Each moment a fault could strike is offered to every armed fault in the order they were armed. An
armed fault tells how often it struck, and how often while an order was in flight.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import attrs
import msgspec

from exchange_simulator.faults.kinds import (
    CutStream,
    DelayRequest,
    DelayResponse,
    DelayStream,
    DropRequest,
    DropResponse,
    DuplicateStream,
    ExpireKey,
    Fault,
    HoldOrder,
    HttpStatus,
    LagReads,
    LoseMessage,
    MessageFault,
    MuteStream,
    OddAnswer,
    OddStream,
    OrderFault,
    RefuseConnection,
    RefuseOrder,
    RequestFault,
    RestampStream,
    Silence,
    SwapStream,
    ThinBook,
    VenueFault,
)
from exchange_simulator.wire import HttpRequest, HttpResponse


@dataclass(slots=True, kw_only=True)
class RequestPlan:
    """What shall happen to one request."""

    never_leaves: bool = False
    request_lost: Silence | None = None
    response_lost: Silence | None = None
    request_delay_s: float = 0.0
    response_delay_s: float = 0.0
    answer: HttpResponse | None = None
    is_odd: bool = False
    odd_base: str = ""
    execute: bool = True
    act_after_s: float = 0.0
    refusals: list[RefuseOrder] = field(default_factory=list)
    effects: list[VenueFault] = field(default_factory=list)
    cuts: list[CutStream] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class MessagePlan:
    """What shall happen to one stream message."""

    mute: bool = False
    is_followed: bool = False
    copies: int = 1
    delay_s: float = 0.0
    swap_within_s: float | None = None
    ahead_s: float = 0.0


UNHARMED_REQUEST = RequestPlan()
UNHARMED_MESSAGE = MessagePlan()
_STRIKES_REQUESTS = (RequestFault, OrderFault, RefuseOrder)


@dataclass(slots=True, kw_only=True)
class ArmedFault:
    """One fault and its strikes.

    Attributes:
        struck: how often it struck.
        struck_in_flight: how often of these an order was in flight.
        until_s: loop time until which an ``http_status`` that lasts answers everything.
        struck_orders_s: loop times at which it struck an order request.
        cleared_s: loop time at which it was forgotten.
    """

    fault: Fault
    passed: int = 0
    struck: int = 0
    struck_in_flight: int = 0
    until_s: float = 0.0
    struck_orders_s: list[float] = field(default_factory=list)
    cleared_s: float | None = None

    @property
    def is_exhausted(self) -> bool:
        """It has struck as often as it may."""
        return self.struck >= self.fault.count

    @property
    def is_over(self) -> bool:
        """It will do nothing more; one that lasts goes on after its last strike."""
        return self.is_exhausted and not (isinstance(self.fault, HttpStatus) and self.fault.lasts_s)

    def strikes(self, *, in_flight: bool, is_order: bool = False, now_s: float = 0.0) -> bool:
        """Count one matching moment; whether the fault strikes at it."""
        if self.is_exhausted:
            return False
        if self.passed < self.fault.skip:
            self.passed += 1
            return False
        self.struck += 1
        self.struck_in_flight += in_flight
        if is_order:
            self.struck_orders_s.append(now_s)
        return True


@attrs.define(eq=False, repr=False)
class ArmedFaults:
    """The faults of one exchange, in the order they were armed.

    Args:
        in_flight: whether an order is in flight at this moment.
        now_s: the stopwatch that strikes are noted by.

    Attributes:
        history: every fault that was ever armed, also those that were forgotten since.
    """

    _in_flight: Callable[[], bool] = lambda: False
    _now_s: Callable[[], float] = lambda: 0.0
    history: list[ArmedFault] = attrs.field(factory=list, init=False)
    _armed: list[ArmedFault] = attrs.field(factory=list, init=False)
    #: those that may still do something
    _alive: list[ArmedFault] = attrs.field(factory=list, init=False)

    def arm(self, fault: Fault) -> ArmedFault:
        """Add a fault behind those that are armed."""
        armed = ArmedFault(fault=fault)
        self._armed.append(armed)
        self.history.append(armed)
        self._alive.append(armed)
        return armed

    def clear(self) -> None:
        """Forget all faults, struck or not."""
        for armed in self._armed:
            armed.cleared_s = self._now_s()
        self._armed.clear()
        self._alive.clear()

    def report(self) -> list[dict[str, Any]]:
        """Every fault as it was armed, with ``struck`` and ``exhausted``; JSON-ready."""
        return [
            msgspec.to_builtins(armed.fault)
            | {"struck": armed.struck, "exhausted": armed.is_exhausted}
            for armed in self._armed
        ]

    def on_request(self, request: HttpRequest, *, is_order: bool) -> RequestPlan:
        """Offer a request to the faults."""
        plan = UNHARMED_REQUEST
        for armed in self._alive:
            if self._strikes(armed, request, is_order=is_order):
                plan = RequestPlan() if plan is UNHARMED_REQUEST else plan
                if isinstance(armed.fault, CutStream):
                    plan.cuts.append(armed.fault)
                else:
                    _add_to_plan(plan, armed.fault)
        if plan is not UNHARMED_REQUEST:
            self._bury()
        return plan

    def _bury(self) -> None:
        self._alive = [armed for armed in self._alive if not armed.is_over]

    def _strikes(self, armed: ArmedFault, request: HttpRequest, *, is_order: bool) -> bool:
        fault = armed.fault
        if isinstance(fault, HttpStatus) and _lasts(armed, fault):
            return True
        if isinstance(fault, CutStream):
            is_meant = is_order and fault.when == "next_order"
        else:
            is_meant = isinstance(fault, _STRIKES_REQUESTS) and fault.match.fits(
                request, is_order=is_order
            )
        if not is_meant or not armed.strikes(
            in_flight=is_order or self._in_flight(),
            is_order=is_order,
            now_s=self._now_s(),
        ):
            return False
        if isinstance(fault, HttpStatus) and fault.lasts_s:
            armed.until_s = asyncio.get_running_loop().time() + fault.lasts_s
        return True

    def on_message(self, target: str, text: str) -> MessagePlan:
        """Offer a stream message to the faults; ``target`` is the stream's path with query."""
        plan = UNHARMED_MESSAGE
        for armed in self._alive:
            fault = armed.fault
            if (
                not isinstance(fault, MessageFault)
                or not fault.match.fits(target, text)
                or not armed.strikes(in_flight=self._in_flight())
            ):
                continue
            plan = MessagePlan() if plan is UNHARMED_MESSAGE else plan
            _add_to_message(plan, fault)
        if plan is not UNHARMED_MESSAGE:
            self._bury()
        return plan

    def cuts_now(self) -> list[CutStream]:
        """The ``now`` cuts that may still strike, struck once each."""
        return [
            armed.fault
            for armed in self._armed
            if isinstance(armed.fault, CutStream)
            and armed.fault.when == "now"
            and armed.strikes(in_flight=self._in_flight())
        ]


def _add_to_message(plan: MessagePlan, fault: Fault) -> None:
    match fault:
        case MuteStream():
            plan.mute = True
        case LoseMessage():
            plan.copies = 0
        case RestampStream():
            plan.ahead_s += fault.ahead_s
        case DuplicateStream():
            plan.copies *= 2
        case DelayStream():
            plan.delay_s += fault.delay_s
        case OddStream():
            plan.is_followed = True
        case SwapStream():
            plan.swap_within_s = fault.wait_s
        case _:
            pass


def _lasts(armed: ArmedFault, fault: HttpStatus) -> bool:
    return fault.lasts_s > 0 and asyncio.get_running_loop().time() < armed.until_s


def _add_to_plan(plan: RequestPlan, fault: Fault) -> None:
    match fault:
        case RefuseConnection():
            plan.never_leaves = True
        case DropRequest():
            plan.request_lost = plan.request_lost or fault.how
        case DropResponse():
            plan.response_lost = plan.response_lost or fault.how
        case DelayRequest():
            plan.request_delay_s += fault.delay_s
        case DelayResponse():
            plan.response_delay_s += fault.delay_s
        case HttpStatus():
            _answer_instead(plan, fault)
        case OddAnswer():
            plan.is_odd, plan.odd_base = True, fault.of
        case RefuseOrder():
            plan.refusals.append(fault)
        case ThinBook() | HoldOrder() | LagReads() | ExpireKey():
            plan.effects.append(fault)


def _answer_instead(plan: RequestPlan, fault: HttpStatus) -> None:
    if plan.answer is None:
        plan.answer = HttpResponse(
            status=fault.status,
            headers={name.lower(): value for name, value in fault.headers.items()},
            body=fault.body.encode(),
        )
        plan.execute, plan.act_after_s = fault.execute, fault.act_after_s
