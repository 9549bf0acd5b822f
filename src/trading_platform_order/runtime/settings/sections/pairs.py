"""Which coins are known, and how far prices may be apart, as settings."""

from decimal import Decimal
from typing import Annotated

from trading_platform_order.domain.money import parse_decimal
from trading_platform_order.domain.pairs.pair import Pair, Pairs
from trading_platform_order.domain.pairs.reviewed_pairs import REVIEWED
from trading_platform_order.risk.plausibility_limits import LARGE_COINS, PlausibilityLimits
from trading_platform_order.runtime.settings.base import Section, SettingsRefused
from trading_platform_order.runtime.settings.base import about as _about
from trading_platform_order.runtime.settings.feed import from_section

_PARTS = 6
_FORM = (
    "CODE|Korean name|English name|CONTRACT|factor|onboardDate, e.g. FLOKI|...|1000FLOKIUSDT|1000|"
)


class PairsSection(Section, frozen=True, kw_only=True):
    """Entries only: which coin is meant, and whether both prices can be of one coin."""

    extra: Annotated[
        tuple[str, ...],
        _about(
            "reviewed pairs beside the package's or instead of them, each CODE|Korean name|English "
            "name|CONTRACT|coins in one contract|onboardDate in ms (empty: to be confirmed)"
        ),
    ] = ()
    premium_ln_max: Annotated[
        float,
        _about("|ln(Upbit / (Binance x rate))| of an entry; 0.5 is -39 % to +65 %", gt=0, le=2),
    ] = 0.5
    gap_max: Annotated[
        Decimal, _about("premium minus the large coins' median, a fraction (0.10: 10 points)")
    ] = Decimal("0.10")
    gap_lasting_s: Annotated[
        float,
        _about("a larger gap that lasted so long, with trades on both sides, counts as real", ge=0),
    ] = 600.0
    trade_age_s_max: Annotated[
        float, _about("how old the last trade on each side may be for that", gt=0, le=3600)
    ] = 120.0
    large_coins: Annotated[
        tuple[str, ...], _about("coins whose median premium is the market's; watched in live mode")
    ] = LARGE_COINS
    large_coins_min: Annotated[
        int, _about("so many of them must have prices; live refuses entries otherwise", ge=1, le=20)
    ] = 3


def pair_of(text: str) -> Pair:
    """One entry of ``pairs.extra``.

    Raises:
        SettingsRefused: it is not of the form, or the factor is no power of ten.
    """
    parts = [part.strip() for part in text.split("|")]
    if len(parts) != _PARTS or not all(parts[:5]) or not parts[3].endswith("USDT"):
        raise SettingsRefused(f"pairs.extra: {text!r} is not of the form {_FORM}")
    code, korean, english, contract, factor_text, onboard = parts
    try:
        factor = parse_decimal(factor_text)
    except ValueError:
        factor = Decimal(0)
    if factor <= 0 or factor.scaleb(-factor.adjusted()) != 1:
        raise SettingsRefused(f"pairs.extra: {code}: coins in one contract must be 1, 10, 100, …")
    if onboard and not onboard.isdecimal():
        raise SettingsRefused(f"pairs.extra: {code}: onboardDate is in milliseconds: {onboard!r}")
    return Pair(
        code=code,
        korean_name=korean,
        english_name=english,
        contract=contract,
        factor=factor,
        onboard_ms=int(onboard) if onboard else None,
    )


def reviewed_pairs(section: PairsSection) -> Pairs:
    """The package's table with the settings' own rows."""
    own = [pair_of(text) for text in section.extra if text]
    return {**REVIEWED, **{pair.code: pair for pair in own}}


def plausibility_limits(section: PairsSection, *, needs_coins: bool) -> PlausibilityLimits:
    """How far prices may be apart; ``needs_coins``: an entry needs the large coins' median."""
    return from_section(
        PlausibilityLimits,
        section,
        ln_max=section.premium_ln_max,
        lasting_s=section.gap_lasting_s,
        coins=section.large_coins,
        known_min=section.large_coins_min,
        needs_coins=needs_coins,
        keeps=("price_age_s_max",),
    )


def check_pairs(section: PairsSection) -> None:
    """What no single bound can say.

    Raises:
        SettingsRefused: a row that is none, one contract for two coins, or too few large coins.
    """
    contracts: dict[str, str] = {}
    for pair in reviewed_pairs(section).values():
        other = contracts.setdefault(pair.contract, pair.code)
        if other != pair.code:
            raise SettingsRefused(f"pairs.extra: {pair.contract} hedges {other} and {pair.code}")
    if section.gap_max <= 0:
        raise SettingsRefused("pairs.gap_max must be above 0")
    if len(set(section.large_coins)) < section.large_coins_min:
        raise SettingsRefused("pairs.large_coins must name at least pairs.large_coins_min coins")
