"""Entry rules on what prices say of each other: a wrong coin, a wrong unit, a wrong rate. Pure.

They judge entries only and stand behind the review of the pair (``identity_rules``). What they let
pass was seen: the whole market at -33 % (2024-12-03) and +23 % (2021-05-19), single coins at +38 %
for days while their wallet was suspended. What they never let pass: another coin's price, a
thousandfold unit, a tenfold rate.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from math import isfinite, log
from statistics import median

from trading_platform_order.domain.pairs.market_premium import MarketPremium
from trading_platform_order.domain.refusal import Refusal, RefusalCode
from trading_platform_order.domain.value import value
from trading_platform_order.risk.entry_rules.case import Case, refuse
from trading_platform_order.risk.plausibility_limits import PlausibilityLimits


def plausible(case: Case) -> Refusal | None:
    """Rate, both prices, and the premium beside the market's."""
    view, limits = case.view, case.limits.plausibility
    implied = case.spot_mid_krw / case.hedge_mid_usdt
    rate = view.fx.krw_per_usdt
    market = case.account.premiums
    premium = implied / rate
    refusal = _rate(market, rate, limits)
    if refusal is not None:
        return refusal
    ln = _ln(premium)
    if not abs(ln) <= limits.ln_max:
        return refuse(
            RefusalCode.IMPLAUSIBLE_PREMIUM,
            f"Upbit stands {premium - 1:+.1%} beside Binance: another coin, unit or rate? "
            "Look at both prices; nothing is entered here until they agree",
            ln_ratio=round(ln, 4),
            ln_ratio_max=limits.ln_max,
        )
    if market is not None and market.median is not None:
        return _gap(case, market, premium - 1)
    if limits.needs_coins:
        return refuse(
            RefusalCode.NO_REFERENCE,
            f"{0 if market is None else market.known} of {', '.join(limits.coins)} have prices, "
            f"{limits.known_min} are needed to compare the premium; see whether streams are up",
            known=0 if market is None else market.known,
            known_min=limits.known_min,
        )
    return None


def _rate(
    market: MarketPremium | None, rate: Decimal, limits: PlausibilityLimits
) -> Refusal | None:
    """The rate beside the one that the large coins imply: Upbit's price over Binance's."""
    if market is None or market.median is None:
        return None
    ln = _ln(1 + market.median)
    if not abs(ln) <= limits.ln_max:
        return refuse(
            RefusalCode.IMPLAUSIBLE_RATE,
            f"KRW-USDT is {rate:.2f}, the large coins imply {rate * (1 + market.median):.2f}; "
            "compare with another source, entries wait",
            krw_per_usdt=rate,
            implied_krw_per_usdt=round(rate * (1 + market.median), 4),
            ln_ratio=round(ln, 4),
            ln_ratio_max=limits.ln_max,
        )
    return None


def _gap(case: Case, market: MarketPremium, premium: Decimal) -> Refusal | None:
    limits, code = case.limits.plausibility, case.plan.signal.symbol
    gap = premium - (market.median or Decimal(0))
    if abs(gap) <= limits.gap_max:
        return None
    level = market.lasting.get(code)
    if level is not None and abs(gap - level) <= limits.gap_max:
        return None
    waited_s = market.waiting_s.get(code, 0.0)
    return refuse(
        RefusalCode.PREMIUM_GAP,
        f"the premium of {code} is {premium:+.1%}, of the large coins {market.median:+.1%}; once "
        f"that has lasted {limits.lasting_s:.0f} s with trades on both sides it counts as real "
        f"({waited_s:.0f} s so far)",
        premium=round(premium, 5),
        market_premium=round(market.median or Decimal(0), 5),
        gap_max=limits.gap_max,
        lasted_s=round(waited_s, 1),
        lasting_s=limits.lasting_s,
    )


def _ln(ratio: Decimal) -> float:
    """Not a number where there is none: no comparison then holds, and the entry is refused."""
    value = float(ratio)
    return log(value) if isfinite(value) and value > 0 else float("nan")


@value
class Trades:
    """The newest trade of anyone on each side, seconds ago; ``None``: not known."""

    spot_s: float | None = None
    hedge_s: float | None = None


@dataclass(slots=True)
class _Gap:
    """A gap since when it stands near this level."""

    level: Decimal
    since_s: float


@dataclass(slots=True)
class PremiumGaps:
    """Since when which coin's premium stands apart; seconds of a clock that never jumps."""

    _gaps: dict[str, _Gap] = field(default_factory=dict)

    def seen(
        self,
        premiums: Mapping[str, Decimal],
        now_s: float,
        limits: PlausibilityLimits,
        middle: Decimal,
    ) -> None:
        """Take one look in; a coin without a premium now has to begin again."""
        for code in self._gaps.keys() - premiums.keys():
            del self._gaps[code]
        for code, premium in premiums.items():
            gap = premium - middle
            if abs(gap) <= limits.gap_max:
                self._gaps.pop(code, None)
                continue
            held = self._gaps.get(code)
            if held is None or abs(gap - held.level) > limits.gap_max:
                self._gaps[code] = _Gap(level=gap, since_s=now_s)

    def open(self) -> frozenset[str]:
        """Coins that stand apart now."""
        return frozenset(self._gaps)

    def forget(self) -> None:
        """The median is not known: what stood before says nothing."""
        self._gaps.clear()

    def waiting_s(self, now_s: float) -> dict[str, float]:
        """How long each stands apart."""
        return {code: now_s - gap.since_s for code, gap in self._gaps.items()}

    def lasting(
        self, trades: Mapping[str, Trades], now_s: float, limits: PlausibilityLimits
    ) -> dict[str, Decimal]:
        """Gaps that are real: they lasted, and operators traded at them on both sides meanwhile."""
        return {
            code: gap.level
            for code, gap in self._gaps.items()
            if now_s - gap.since_s >= limits.lasting_s
            and _traded(trades.get(code), now_s - gap.since_s, limits)
        }


def _traded(trades: Trades | None, lasted_s: float, limits: PlausibilityLimits) -> bool:
    newest = (None, None) if trades is None else (trades.spot_s, trades.hedge_s)
    oldest_s = min(limits.trade_age_s_max, lasted_s)
    return all(age_s is not None and age_s <= oldest_s for age_s in newest)


def middle_of(premiums: Mapping[str, Decimal], limits: PlausibilityLimits) -> Decimal | None:
    """The median premium of the large coins; ``None`` while too few of them have one."""
    known = [premiums[coin] for coin in limits.coins if coin in premiums]
    return median(known) if len(known) >= limits.known_min else None
