"""What every pre-trade rule looks at, and how a rule says no. No rule is in here."""

from collections.abc import Callable
from decimal import Decimal

from trading_platform_order.domain.account.account_view import AccountView
from trading_platform_order.domain.market import PairView
from trading_platform_order.domain.money import plain
from trading_platform_order.domain.order import Leg
from trading_platform_order.domain.refusal import Refusal, RefusalCode
from trading_platform_order.domain.trade.sizing import PairPlan
from trading_platform_order.risk.limits import RiskLimits


class Case:
    """One plan, and all that it is judged by; what several rules ask for is reckoned once.

    Attributes:
        spot_mid_krw: of the view's book; ``hedge_mid_usdt``: the same.
        hedge_value_krw: expected value of the hedge order.
    """

    __slots__ = (
        *("plan", "view", "account", "limits"),
        *("spot_mid_krw", "hedge_mid_usdt", "hedge_value_krw"),
    )

    def __init__(
        self, *, plan: PairPlan, view: PairView, account: AccountView, limits: RiskLimits
    ) -> None:
        """Raises ``ArithmeticError`` where a price or a value is no number."""
        self.plan = plan
        self.view = view
        self.account = account
        self.limits = limits
        self.spot_mid_krw = view.spot_book.mid
        self.hedge_mid_usdt = view.hedge_book.mid
        self.hedge_value_krw = plan.hedge_value_usdt * view.fx.krw_per_usdt

    @property
    def pair_value_krw(self) -> Decimal:
        """What the trade adds to the open pairs: its larger leg."""
        return max(self.plan.spot_value_krw, self.hedge_value_krw)

    def mid(self, leg: Leg) -> Decimal:
        """Halfway between the best bid and the best ask of the book a leg trades on."""
        return self.spot_mid_krw if leg is Leg.SPOT else self.hedge_mid_usdt


Rule = Callable[[Case], Refusal | None]


def refuse(code: RefusalCode, message: str, **figures: object) -> Refusal:
    """A refusal with its figures as text, units in their names."""
    texts = {k: plain(v) if isinstance(v, Decimal) else str(v) for k, v in figures.items()}
    return Refusal(code=code, message=message, figures=texts)
