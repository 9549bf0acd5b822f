"""What a pool does with its free connections, decided from their ages."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading_platform_order.transport.http1.upkeep import (
    COLD,
    FreeConnection,
    PoolRules,
    Upkeep,
    upkeep,
)

RULES = PoolRules(spare=2, kept_max=4, silent_s_max=15.0, unused_s_max=600.0, age_s_max=1_800.0)
FRESH = FreeConnection(silent_s=1.0, unused_s=1.0, age_s=10.0)
SILENT = FreeConnection(silent_s=15.0, unused_s=60.0, age_s=60.0)
UNUSED = FreeConnection(silent_s=15.0, unused_s=600.0, age_s=600.0)
AGED = FreeConnection(silent_s=1.0, unused_s=1.0, age_s=1_800.0)


def plan(
    *free: FreeConnection,
    rules: PoolRules = RULES,
    opening: int = 0,
    busy: int = 0,
    is_pinging: bool = False,
    may_ping: bool = True,
) -> Upkeep:
    return upkeep(free, rules, opening=opening, busy=busy, is_pinging=is_pinging, may_ping=may_ping)


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (plan(), Upkeep(opens=2)),
        (plan(opening=1), Upkeep(opens=1)),
        (plan(busy=3), Upkeep(opens=1)),
        (plan(busy=9), Upkeep()),
        (plan(FRESH), Upkeep(opens=1, again_s=14.0)),
        (plan(FRESH, is_pinging=True), Upkeep(again_s=14.0)),
        (plan(FRESH, FRESH), Upkeep(again_s=14.0)),
        (plan(SILENT, FRESH), Upkeep(ping=0, again_s=14.0)),
        (plan(SILENT, SILENT._replace(silent_s=20.0)), Upkeep(ping=1)),
        (plan(SILENT, FRESH, is_pinging=True), Upkeep(again_s=14.0)),
        (plan(UNUSED, UNUSED), Upkeep(ping=0)),
        (plan(UNUSED, FRESH, FRESH), Upkeep(ends=(0,), again_s=14.0)),
        (plan(SILENT, FRESH, FRESH), Upkeep(ping=0, again_s=14.0)),
        (plan(SILENT, *[FRESH] * 3), Upkeep(ping=0, again_s=14.0)),
        (plan(SILENT, *[FRESH] * 4), Upkeep(ends=(0,), again_s=14.0)),
        (plan(SILENT._replace(unused_s=59.0), *[FRESH] * 4), Upkeep(ping=0, again_s=14.0)),
        (plan(AGED, FRESH), Upkeep(opens=1, again_s=14.0)),
        (plan(AGED, FRESH, opening=1), Upkeep(again_s=14.0)),
        (plan(AGED, FRESH, FRESH), Upkeep(ends=(0,), again_s=14.0)),
        (plan(SILENT, SILENT, may_ping=False), Upkeep(opens=2)),
        (plan(SILENT, SILENT, FRESH, FRESH, may_ping=False), Upkeep(ends=(0, 1), again_s=14.0)),
    ],
)
def test_what_is_done(made: Upkeep, expected: Upkeep) -> None:
    assert made == expected


def test_a_server_that_is_not_hot_gets_nothing_ahead_and_keeps_nothing_silent() -> None:
    assert plan(rules=COLD) == Upkeep()
    old = FreeConnection(silent_s=30.0, unused_s=30.0, age_s=40.0)
    assert plan(old, FRESH, rules=COLD) == Upkeep(ends=(0,), again_s=29.0)


_SECONDS = st.floats(0.0, 4_000.0)
_FREE = st.lists(st.builds(FreeConnection, _SECONDS, _SECONDS, _SECONDS), max_size=10)


@given(
    free=_FREE,
    rules=st.builds(lambda spare: replace(RULES, spare=spare), st.integers(0, 3)),
    opening=st.integers(0, 3),
    busy=st.integers(0, 8),
    pings=st.tuples(st.booleans(), st.booleans()),
)
def test_whatever_the_ages(
    free: list[FreeConnection], rules: PoolRules, opening: int, busy: int, pings: tuple[bool, bool]
) -> None:
    is_pinging, may_ping = pings
    made = upkeep(free, rules, opening=opening, busy=busy, is_pinging=is_pinging, may_ping=may_ping)
    left = len(free) - len(made.ends)
    assert left >= min(rules.spare, len(free)), "a warm one is ended before another is ready"
    assert made.opens == 0 or left + opening + is_pinging + busy + made.opens <= rules.kept_max
    assert made.ping is None or (made.ping not in made.ends and may_ping and not is_pinging)
    assert made.ping is None or free[made.ping].silent_s >= rules.silent_s_max
