"""What the local socket answers: the same as the store tells later, without reading it back."""

from collections import OrderedDict
from typing import assert_never

from msgspec.structs import replace

from trading_platform_order.client.handing_in import (
    WAITS,
    SendOutcome,
    Sent,
    conflict_answer,
    duplicate_answer,
    fault_answer,
    hold_answer,
    outcome_of,
    refused_answer,
)
from trading_platform_order.client.signal_outcome import opened_text
from trading_platform_order.domain.signal import Signal
from trading_platform_order.runtime.doors.signal_door import Taken
from trading_platform_order.signals.faults import SignalFault
from trading_platform_order.signals.research_format import Hold
from trading_platform_order.storage.base import ClaimResult, Reader

REMEMBERED_MAX = 10_000


class Answers:
    """Of one engine; a repetition is answered as the first time.

    ``reader``: for repetitions of what was sent before the start, or long ago; its own connection,
    so that it stands in front of no commit.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._first: OrderedDict[str, Sent] = OrderedDict()

    async def of(self, line: int, taken: Taken) -> Sent:
        """What its sender is told; everything in it is durable."""
        match taken.found:
            case SignalFault() as fault:
                return fault_answer(line, fault)
            case Hold():
                return hold_answer(line)
            case Signal() as signal:
                return await self._of_signal(line, signal, taken)
            case never:
                assert_never(never)

    async def _of_signal(self, line: int, signal: Signal, taken: Taken) -> Sent:
        receipt = taken.receipt
        item = Sent(line=line, signal_id=signal.id, inbox_id=0, result=SendOutcome.CLAIMED)
        if receipt is None or receipt.result is ClaimResult.CONFLICT:
            return conflict_answer(item)
        if receipt.result is ClaimResult.DUPLICATE:
            return await self._repeated(item)
        if receipt.refusal is not None:
            item = refused_answer(item, receipt.refusal)
        elif taken.trade is not None:
            item = replace(item, detail=opened_text(taken.trade))
        elif receipt.trade_id is not None:
            item = replace(item, detail=f"pair trade {receipt.trade_id} opened")
        else:
            item = replace(item, detail=WAITS)
        self._first[signal.id] = item
        if len(self._first) > REMEMBERED_MAX:
            self._first.popitem(last=False)
        return item

    async def _repeated(self, item: Sent) -> Sent:
        first = self._first.get(item.signal_id) or await outcome_of(self._reader, item.signal_id)
        if first is None:  # claimed a moment ago, and not to be seen from here yet
            return replace(duplicate_answer(item), repeated=True)
        return replace(first, line=item.line, repeated=True)
