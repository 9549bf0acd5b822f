"""What every pre-trade rule looks at, and how a rule says no. No rule is in here."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from trading_platform_order.domain.account.account_view import AccountView
from trading_platform_order.domain.market import PairView
from trading_platform_order.domain.money import plain
from trading_platform_order.domain.refusal import Refusal, RefusalCode
from trading_platform_order.domain.trade.sizing import PairPlan
from trading_platform_order.risk.limits import RiskLimits


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One plan, and all that it is judged by."""

    plan: PairPlan
    view: PairView
    account: AccountView
    limits: RiskLimits

    @property
    def hedge_value_krw(self) -> Decimal:
        """Expected value of the hedge order."""
        return self.plan.hedge_value_usdt * self.view.fx.krw_per_usdt

    @property
    def pair_value_krw(self) -> Decimal:
        """What the trade adds to the open pairs: its larger leg."""
        return max(self.plan.spot_value_krw, self.hedge_value_krw)


Rule = Callable[[Case], Iterator[Refusal]]


def refuse(code: RefusalCode, message: str, **figures: object) -> Refusal:
    """A refusal with its figures as text, units in their names."""
    texts = {k: plain(v) if isinstance(v, Decimal) else str(v) for k, v in figures.items()}
    return Refusal(code=code, message=message, figures=texts)
