"""Pre-trade checks: a plan goes in, an approved plan or a refusal with its figures comes out.

Only this module makes an ``ApprovedPlan``, and the executor accepts nothing else: no order can go
around the limits. Every check looks at both legs before either order leaves. A figure that is not
known fails closed for an ENTER; an EXIT is never held back by an entry rule.

The rules themselves are one file per family: ``state_rules``, ``identity_rules``,
``data_rules``, ``plausibility``, ``size_rules``, ``capital_rules`` and ``margin_rules``.
"""

from decimal import InvalidOperation

from trading_platform_order.domain.account.account_view import AccountView
from trading_platform_order.domain.market import PairView
from trading_platform_order.domain.refusal import Refusal, RefusalCode
from trading_platform_order.domain.signal import Action
from trading_platform_order.domain.trade.sizing import PairPlan
from trading_platform_order.risk.entry_rules import (
    capital_rules,
    data_rules,
    identity_rules,
    margin_rules,
    plausibility,
    size_rules,
    state_rules,
)
from trading_platform_order.risk.entry_rules.case import Case, Rule, refuse
from trading_platform_order.risk.limits import RiskLimits

_SEAL = object()

ENTRY_RULES: tuple[Rule, ...] = (
    state_rules.not_stopped,
    data_rules.finite,
    data_rules.positive,
    state_rules.allowed,
    identity_rules.known_coin,
    state_rules.not_hindered,
    state_rules.exchanges_ready,
    data_rules.clocks,
    data_rules.fresh,
    data_rules.alike_old,
    plausibility.plausible,
    data_rules.capital_is_fresh,
    state_rules.not_too_often,
    size_rules.sizes,
    size_rules.books,
    capital_rules.capital,
    margin_rules.funds,
    margin_rules.margin,
)


class ApprovedPlan:
    """A plan that passed every check. Made by :func:`check` only, and not to be changed."""

    __slots__ = ("_plan",)

    def __init__(self, plan: PairPlan, seal: object) -> None:
        if seal is not _SEAL:
            raise TypeError("an ApprovedPlan is made by risk_manager.check only")
        self._plan = plan

    @property
    def plan(self) -> PairPlan:
        """What was approved."""
        return self._plan


def check(
    plan: PairPlan, *, view: PairView, account: AccountView, limits: RiskLimits
) -> ApprovedPlan | Refusal:
    """Approve or refuse; the first rule that fails names the refusal."""
    if plan.signal.action is Action.EXIT:
        return check_close(plan)
    return _first_refusal(plan, view, account, limits) or ApprovedPlan(plan, _SEAL)


def check_close(plan: PairPlan) -> ApprovedPlan:
    """Approve what only closes: no limit holds it back.

    Raises:
        ValueError: it is an entry.
    """
    if plan.signal.action is not Action.EXIT:
        raise ValueError(f"an entry is checked against the limits: {plan.trade_id}")
    return ApprovedPlan(plan, _SEAL)


def _first_refusal(
    plan: PairPlan, view: PairView, account: AccountView, limits: RiskLimits
) -> Refusal | None:
    try:
        case = Case(plan=plan, view=view, account=account, limits=limits)
        for rule in ENTRY_RULES:
            refusal = rule(case)
            if refusal is not None:
                return refusal
    except (InvalidOperation, ZeroDivisionError) as fault:
        # A number that is none, deep in a book: no limit can be compared with it.
        kind = type(fault).__name__
        return refuse(RefusalCode.BAD_FIGURE, f"a figure cannot be reckoned with: {kind}")
    return None
