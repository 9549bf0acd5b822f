"""The claim that a signal makes: whoever makes it first has the signal, and a repetition shows."""

from trading_platform_order.domain.signal import Signal
from trading_platform_order.signals.content import content_hash
from trading_platform_order.storage.base import Claim


def claim_for(signal: Signal, *, inbox_id: int | None = None) -> Claim:
    """The claim of a signal; ``inbox_id``: of the row it came by, if it came by the inbox."""
    return Claim(
        signal_id=signal.id,
        content_hash=content_hash(signal),
        strategy=signal.strategy,
        symbol=signal.symbol,
        action=signal.action.value,
        inbox_id=inbox_id,
    )
