"""What a perpetual future's holder pays or receives at the next settlement."""

from datetime import datetime
from decimal import Decimal

from trading_platform_order.domain.value import value


@value
class FundingTerms:
    """As the exchange tells them now.

    Attributes:
        rate: of the next settlement, a fraction of notional; negative: shorts pay.
        interval_h: hours between settlements.
        next_at: when the next one is.
    """

    rate: Decimal
    interval_h: Decimal
    next_at: datetime
