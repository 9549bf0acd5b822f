"""What a refused signal says, word by word and figure by figure, for every rule.

    python -m tests.data.recorded_refusals

writes ``refusals.txt`` anew; read the difference before it is committed. An operator decides at
night by these words, and programs read the figures by their names.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from tests.fakes.pair import (
    HEDGE,
    HEDGE_MID,
    SPOT,
    SPOT_MID,
    START,
    VIEW,
    D,
    pair_view,
    seconds,
    signal,
)
from tests.unit.risk.test_entry_inputs import FIGURES, changed_books
from tests.unit.risk.test_every_rule import ROWS, STATES, name_of
from tests.unit.risk.test_hindrance_rules import WINDOW, entries
from tests.unit.risk.test_plausibility import (
    BTC,
    KNOWN,
    LIVE,
    ON_BINANCE,
    ON_UPBIT,
    listed,
    market,
)
from tests.unit.risk.test_risk_manager import account, limits, refusal
from trading_platform_order.domain.costs.funding import FundingTerms
from trading_platform_order.domain.market import Ages, Source, Sources
from trading_platform_order.domain.order import Leg
from trading_platform_order.domain.refusal import Refusal
from trading_platform_order.risk.hindrances import announced_maintenance, funding_bleed
from trading_platform_order.risk.hindrances.announced_maintenance import MaintenanceLimits
from trading_platform_order.risk.hindrances.funding_bleed import FundingLimits
from trading_platform_order.risk.monitors import taken_back
from trading_platform_order.risk.monitors.taken_back import TakenBackLimits

INSTRUMENT_FIGURES = (
    "min_quantity",
    "max_quantity",
    "min_notional",
    "max_notional",
    "taker_fee_rate",
)
RECORDED = Path(__file__).with_name("refusals.txt")
Case = tuple[str, Refusal | None]


def cases() -> Iterator[Case]:
    """Every refusal, with a name for it."""
    yield from ((f"limit {name_of(row)}", refusal(**row.outside)) for row in ROWS)
    for number, (code, change) in enumerate(STATES):
        yield f"state {number} {code.value}", refusal(**change)
    yield from _ages()
    yield from _figures()
    yield from _identity()
    yield from _plausibility()
    yield from _hindrances()
    yield from _sizes()


def _ages() -> Iterator[Case]:
    for what in ("spot", "hedge", "fx"):
        for kind, age_s in (("", 60.1234), ("_ahead", 5.1234)):
            ages = Ages()._replace(**{f"{what}{kind}_s": age_s})
            yield f"age {what}{kind}", refusal(view=replace(VIEW, ages=ages))
        asked = Sources()._replace(**{what: Source.ASKED})
        yield f"asked for {what}", refusal(view=replace(VIEW, sources=asked))
    yield "age of capital", refusal(account=account(prices_age_s=60.1234))


def _figures() -> Iterator[Case]:
    for figure in FIGURES:
        yield f"no figure {figure}", refusal(account=account(**{figure: D("NaN")}))
    for figure in ("spot_price_krw", "hedge_price_usdt", "max_slippage_bps"):
        wish = replace(signal(quantity="0.100"), **{figure: D("NaN")})  # type: ignore[arg-type]
        yield f"no figure of the signal {figure}", refusal(wish=wish)
    for leg, known in ((Leg.SPOT, SPOT), (Leg.HEDGE, HEDGE)):
        for figure in INSTRUMENT_FIGURES:
            broken = replace(known, **{figure: D("NaN")})  # type: ignore[arg-type]
            view = pair_view(spot=broken) if leg is Leg.SPOT else pair_view(hedge=broken)
            yield f"no figure {leg} {figure}", refusal(view=view, planned_on=VIEW)
    for number, view in enumerate((*changed_books(D("NaN"), D(1)), *changed_books(D(0), D(1)))):
        yield f"no price in book {number}", refusal(view=view, planned_on=VIEW)
    spot, _ = changed_books(SPOT_MID, D("sNaN"))
    _, hedge = changed_books(HEDGE_MID, D("sNaN"))
    yield "no depth on spot", refusal(view=spot, planned_on=VIEW)
    yield "no depth on hedge", refusal(view=hedge, planned_on=VIEW)
    for rate in ("0", "-1"):
        view = replace(VIEW, fx=replace(VIEW.fx, krw_per_usdt=D(rate)))
        yield f"rate {rate}", refusal(view=view, planned_on=VIEW)


def _identity() -> Iterator[Case]:
    odd = (
        ("spot not read", listed(spot=None), KNOWN),
        ("hedge not read", listed(hedge=None), KNOWN),
        ("spot differs", listed(spot=replace(ON_UPBIT, names=("톤", "Toncoin"))), KNOWN),
        ("hedge differs", listed(hedge=replace(ON_BINANCE, code="1000BTCUSDT")), KNOWN),
        ("first day differs", listed(hedge=replace(ON_BINANCE, onboard_ms=86_400_000)), KNOWN),
        ("no table", listed(), limits(pairs={})),
        ("half reviewed", listed(), limits(pairs={"BTC": replace(BTC, onboard_ms=None)})),
    )
    for name, view, allowed in odd:
        yield f"identity {name}", refusal(view=view, limits=allowed)


def _plausibility() -> Iterator[Case]:
    far = pair_view(spot_mid=D(140_000_000) * 2)
    yield "premium of another coin", refusal(view=far, wish=signal(quantity="0.050"))
    tenfold = replace(VIEW, fx=replace(VIEW.fx, krw_per_usdt=D(14_000)))
    told = account(premiums=market("-0.9"))
    yield "tenfold rate", refusal(view=tenfold, account=told, planned_on=VIEW)
    waiting = market("0.2", waiting_s={"BTC": 12.34})
    yield "premium gap", refusal(account=account(premiums=waiting))
    yield "premium gap just seen", refusal(account=account(premiums=market("0.2")))
    yield "no reference", refusal(limits=LIVE)
    few = replace(market("0.2"), known=2, median=None)
    yield "few references", refusal(account=account(premiums=few), limits=LIVE)


def _hindrances() -> Iterator[Case]:
    begins = _at(5_400)
    yield "maintenance", announced_maintenance.objection((WINDOW,), begins, MaintenanceLimits())
    terms = FundingTerms(rate=D("-0.00167"), interval_h=D(8), next_at=START)
    yield "funding", funding_bleed.objection("BTC", terms, FundingLimits())
    lost = entries(("BTC", True, 0, 1), ("BTC", True, 10, 1))
    yield "taken back", taken_back.pause(lost, "BTC", _at(11), TakenBackLimits())


def _sizes() -> Iterator[Case]:
    small = replace(HEDGE, min_notional=D(10_001))
    yield "hedge minimum", refusal(view=pair_view(hedge=small), planned_on=VIEW)
    large = replace(SPOT, max_notional=D(13_999_999))
    yield "spot maximum", refusal(view=pair_view(spot=large), planned_on=VIEW)
    own = replace(signal(quantity="0.100"), spot_price_krw=D(139_000_000), max_slippage_bps=D(5))
    yield "slippage beside the reference", refusal(wish=own)
    asked = replace(signal(quantity="0.100"), hedge_price_usdt=D(102_000))
    yield "collar of the hedge", refusal(wish=asked)
    yield "no margin", refusal(account=account(margin_balance_usdt=D(5)))


def _at(after_s: float) -> datetime:
    return START + seconds(after_s)


def text() -> str:
    """All of them as the file has them."""
    parts = []
    for name, refused in cases():
        if refused is None:
            raise LookupError(f"{name} is not refused")
        figures = [f"    {key} = {value}" for key, value in refused.figures.items()]
        parts.append("\n".join([f"[{name}] {refused.code}", f"    {refused.message}", *figures]))
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    RECORDED.write_text(text(), encoding="utf-8")
