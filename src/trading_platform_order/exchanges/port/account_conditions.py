"""The part of the port that tells what may keep an account from trading. Reads only.

None of these stands in front of an order: they take none of the budget kept for urgent requests,
are asked once, and a failure says nothing about the exchange.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypeVar

from trading_platform_order.domain.account.account_settings import AccountSettings
from trading_platform_order.domain.costs.funding import FundingTerms
from trading_platform_order.domain.hindrances.hindrance import Hindrance
from trading_platform_order.domain.outcome import ReadFailed
from trading_platform_order.domain.venue import Venue

Answer = TypeVar("Answer")


class AccountConditions:
    """As an exchange answers that tells nothing of the kind.

    Attributes:
        on_hindrance: told when an exchange's answer to a read that trading needs (accounts,
            positions, an order) says that it would take no order either; with its words.
    """

    venue: Venue
    on_hindrance: Callable[[Hindrance, str], None] | None = None

    def heed(self, answer: Answer) -> Answer:
        """Tell of what an answer says about orders; the answer itself goes on unchanged."""
        if isinstance(answer, ReadFailed) and answer.hindrance is not None and self.on_hindrance:
            self.on_hindrance(answer.hindrance, answer.reason)
        return answer

    async def account_settings(
        self,
        symbols: tuple[str, ...],  # noqa: ARG002 - the argument is the port's
    ) -> AccountSettings | ReadFailed | None:
        """How the account and these symbols are set; ``None`` where nothing can be set."""
        return None

    async def price_fees(self) -> ReadFailed | None:
        """Learn what an asset costs that fees are paid in, where that is not the quote asset."""
        return None

    async def key_expires_at(self) -> datetime | ReadFailed | None:
        """When our API key ends; ``None`` where keys do not end, or it is not told."""
        return None

    async def suspended_wallets(self) -> Mapping[str, str] | ReadFailed:
        """Assets that cannot be deposited and withdrawn freely now, each with its state."""
        return {}

    async def last_trade_at(
        self,
        symbol: str,
    ) -> datetime | ReadFailed:
        """When anybody traded this symbol last, the exchange's time."""
        return ReadFailed(reason=f"{self.venue} does not tell the last trade of {symbol}")

    async def funding_terms(
        self,
        symbol: str,  # noqa: ARG002 - the argument is the port's
    ) -> FundingTerms | ReadFailed | None:
        """What a position pays or receives at the next settlement; ``None`` on a spot exchange."""
        return None
