"""What every door reads: the strict form or research's own, told apart by their shape.

A broken signal of either form is named by the same codes. Never raises for what a text holds.
"""

from trading_platform_order.domain.signal import Signal
from trading_platform_order.signals.faults import FaultCode, Misfit, SignalFault
from trading_platform_order.signals.fields import MAX_BYTES
from trading_platform_order.signals.research_format import (
    Hold,
    ResearchRules,
    is_research,
    translated,
)
from trading_platform_order.signals.schema import (
    fault_of,
    read_values,
    signal_from_values,
    signal_to_json,
)

Found = Signal | Hold | SignalFault
NO_RULES = ResearchRules()


def read_any(raw: bytes | str, rules: ResearchRules = NO_RULES) -> Found:
    """Read one signal from the text of one JSON object."""
    values = read_values(raw)
    if not isinstance(values, dict):
        return values
    if not is_research(values):
        return signal_from_values(values)
    try:
        strict = translated(values, rules)
    except Misfit as misfit:
        return fault_of(misfit, values)
    found = strict if isinstance(strict, Hold) else signal_from_values(strict)
    if isinstance(found, Signal) and len(signal_to_json(found).encode()) > MAX_BYTES:
        text = f"over {MAX_BYTES} bytes as a signal of the schema"
        return SignalFault(field="", code=FaultCode.TOO_LARGE, message=text, signal_id=found.id)
    return found
