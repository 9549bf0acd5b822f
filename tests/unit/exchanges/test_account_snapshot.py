"""What both exchanges say of one account: unknown is not zero, one silence hides nothing else."""

import asyncio

from tests.fakes.exchange import FakeExchange
from tests.fakes.pair import D
from trading_platform_order.domain.account.evidence.reconciliation import Found
from trading_platform_order.domain.order import Balance
from trading_platform_order.domain.outcome import ReadFailed
from trading_platform_order.domain.rows import NAMELESS, Rows
from trading_platform_order.domain.venue import Venue
from trading_platform_order.exchanges.account_snapshot import (
    balance_of,
    read_account,
    read_at_once,
    read_in_full,
)
from trading_platform_order.exchanges.base import MarginAccount
from trading_platform_order.exchanges.pair import PairExchanges

SOME = Balance(asset="BTC", available=D(1), locked=D(2))


def exchanges() -> tuple[FakeExchange, FakeExchange, PairExchanges]:
    upbit, binance = FakeExchange(Venue.UPBIT, []), FakeExchange(Venue.BINANCE, [])
    upbit.base, binance.base = D("0.5"), D("-0.5")
    return upbit, binance, PairExchanges(spot=upbit, hedge=binance)


def test_a_row_that_cannot_be_read_is_not_nothing() -> None:
    assert balance_of(Rows([SOME]), "BTC") == SOME
    assert balance_of(Rows([SOME]), "KRW") == Balance(asset="KRW", available=D(0), locked=D(0))
    assert balance_of(Rows([SOME], {"KRW": "no number"}), "KRW") is None
    nobody = Rows([SOME], {NAMELESS: "no number"})
    assert balance_of(nobody, "KRW") is None, "it may be the nameless row"
    assert balance_of(nobody, "BTC") == SOME


def test_both_ways_to_ask_say_the_same() -> None:
    _, _, both = exchanges()
    seen = asyncio.run(read_account(both, ["BTC"]))
    assert seen == asyncio.run(read_at_once(both, ["BTC"]))
    assert (seen.balance("BTC").total, seen.short("BTC")) == (D("0.5"), D("0.5"))
    assert (seen.failed, seen.silent, seen.unread) == ((), frozenset(), {})


def test_unread_krw_are_said_to_be_unread() -> None:
    upbit, _, both = exchanges()
    upbit.unread = {"KRW": "no number"}
    seen = asyncio.run(read_at_once(both, ["BTC"]))
    assert seen.unread == {"KRW": {Venue.UPBIT: "upbit: the balance of KRW cannot be read"}}
    assert seen.balance("BTC").total == D("0.5")


def test_one_exchange_that_is_silent_hides_nothing_of_the_other() -> None:
    upbit, binance, both = exchanges()
    upbit.reads_fail = True
    margins: list[MarginAccount] = []
    seen = asyncio.run(read_account(both, ["BTC"], on_margin=margins.append))
    assert seen.silent == {Venue.UPBIT}
    assert (seen.balances, seen.short("BTC")) == (None, D("0.5"))
    assert margins == [seen.margin]
    upbit.reads_fail, binance.reads_fail = False, True
    seen = asyncio.run(read_account(both, ["BTC"], on_margin=margins.append))
    assert seen.silent == {Venue.BINANCE}
    assert seen.positions is None
    assert seen.failed == ("binance: no answer",)
    assert seen.balance("BTC").total == D("0.5")


def test_what_comes_too_late_is_not_answered() -> None:
    _, binance, both = exchanges()
    binance.read_s = 0.05
    seen = asyncio.run(read_at_once(both, ["BTC"], within_s=0.02))
    assert seen.silent == {Venue.BINANCE}
    assert seen.failed == ("binance: no answer within 0.02 s",)


def test_in_full_or_not_at_all() -> None:
    upbit, binance, both = exchanges()
    found = asyncio.run(read_in_full(both, ["BTC"]))
    assert isinstance(found, Found)
    assert (found.coins["BTC"], found.shorts) == (D("0.5"), {"BTC": D("0.5")})
    assert found.sold_for_usdt == D("0.5") * binance.entry
    upbit.unread = {"BTC": "no number"}
    found = asyncio.run(read_in_full(both, ["BTC"]))
    assert isinstance(found, Found)
    assert not found.tells_spot("BTC")
    upbit.during_balances = lambda: setattr(upbit, "reads_fail", True)
    assert isinstance(asyncio.run(read_in_full(both, ["BTC"])), ReadFailed)


def test_nothing_more_is_asked_once_a_part_is_missing() -> None:
    upbit, _, both = exchanges()
    upbit.reads_fail = True
    assert isinstance(asyncio.run(read_in_full(both, ["BTC"])), ReadFailed)
    assert asyncio.run(read_account(both, [])).positions == {}, "of no coin nothing is asked"
