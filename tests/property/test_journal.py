"""The journal is the truth: every event comes back as it was, a replay gives the same books."""

import asyncio
import json
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.anything import anything
from tests.fakes.pair import START, D, pair_view, signal
from tests.fakes.pair_exchange import PairExchange
from tests.fakes.pair_run import PairRun
from tests.fakes.script import Script
from trading_platform_order.domain.account import account_events as ae
from trading_platform_order.domain.account.account_book import AccountBook
from trading_platform_order.domain.account.ledger import Ledger
from trading_platform_order.domain.signal import Action
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.domain.trade.pair_trade import PairTrade, apply
from trading_platform_order.domain.venue import Venue
from trading_platform_order.executor.journal.event_codec import (
    JournalUnreadable,
    entry_of,
    event_kinds,
    event_of,
)
from trading_platform_order.executor.journal.replay import Replayed, replay
from trading_platform_order.storage.base import Entry, JournalRow
from trading_platform_order.storage.sqlite.store import SqliteStore

EXACT = Decimal("1e-9")
seeds = st.integers(0, 2**32)


def row_of(entry: Entry, seq: int = 1) -> JournalRow:
    return JournalRow(
        account="main",
        seq=seq,
        at_us=0,
        trade_id=entry.trade_id,
        kind=entry.kind,
        version=entry.version,
        body=entry.body,
        prev_hash="",
        hash="",
        build="",
        epoch=1,
    )


# -- one event ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", sorted(event_kinds()))
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_every_kind_of_event_comes_back_as_it_was(kind: str, data: st.DataObject) -> None:
    event = data.draw(anything(event_kinds()[kind]))
    entry = entry_of(event, "t")
    assert (entry.kind, entry.version, entry.trade_id) == (kind, 1, "t")
    assert event_of(row_of(entry)) == event
    assert _no_amount_is_a_json_number(event, json.loads(entry.body))


def _no_amount_is_a_json_number(event: object, body: Any) -> bool:  # noqa: ANN401 - parsed JSON
    """Amounts are text: a reader in another language must not make a binary float of them."""
    for name, value in body.items():
        was = getattr(event, name, None)
        if isinstance(was, Decimal | datetime) and not isinstance(value, str):
            return False
    return True


def test_what_this_program_does_not_know_is_not_guessed() -> None:
    entry = entry_of(te.TradeHalted(reason="x", at=START), "t")
    for broken in (
        replace(entry, kind="trade_paused"),
        replace(entry, version=2),
        replace(entry, body='{"reason": "x"}'),
        replace(entry, body='{"reason": 1, "at": "2026-11-22T03:00:00Z"}'),
    ):
        with pytest.raises(JournalUnreadable, match="journal row 1"):
            event_of(row_of(broken))


# -- a whole journal ------------------------------------------------------------------------------


class AccountBooks:
    """Books every event as it happens and writes it to the journal, as the executor does."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.book = AccountBook()
        self.trades: dict[str, PairTrade] = {}

    def account(self, event: ae.AccountEvent) -> None:
        self.entries.append(entry_of(event))
        self.book.book_account(event)

    def trade(self, events: list[te.TradeEvent]) -> None:
        trade: PairTrade | None = None
        for event in events:
            after = apply(trade, event)
            self.entries.append(entry_of(event, after.trade_id))
            self.book.book_trade(trade, after, event)
            trade = after
        assert trade is not None
        self.trades[trade.trade_id] = trade


def played(seed: int) -> tuple[AccountBooks, tuple[Decimal, Decimal]]:
    """A few trades of two strategies with funding and rates between them, and what is really held.

    Orders meet every fate, but nobody else trades in the account.
    """
    random = Random(seed)  # noqa: S311 - a reproducible run, not a secret
    books = AccountBooks()
    books.account(
        ae.AccountOpened(
            krw=D(100_000_000), usdt=D(50_000), coins={"BTC": D(1)}, krw_per_usdt=D(1_400), at=START
        )
    )
    held = {"a": te.Holding(), "b": te.Holding()}
    for number in range(random.randrange(1, 6)):
        strategy = random.choice("ab")
        enter = held[strategy].short < D("0.001")
        wish = signal(
            Action.ENTER if enter else Action.EXIT,
            name=f"s{number}",
            strategy=strategy,
            quantity=f"0.{random.randrange(2, 99):03}" if enter else None,
        )
        fx = replace(pair_view().fx, krw_per_usdt=D(random.randrange(1_300, 1_500)))
        script = Script(wish, start=held[strategy], view=pair_view(fx=fx))
        exchange = PairExchange(
            random,
            spot=held[strategy].spot,
            short=held[strategy].short,
            bad_outcomes=random.randrange(0, 8),
            series=f"{number}-",
        )
        run = PairRun(script.opened, exchange, random)
        run.to_the_end()
        books.trade(run.events)
        held[strategy] = run.trade.holding
        between(books, random)
    total = [held["a"].spot + held["b"].spot, held["a"].short + held["b"].short]
    return books, (total[0], total[1])


def between(books: AccountBooks, random: Random) -> None:
    for number in range(random.randrange(3)):
        amount = D(random.randrange(-500, 500)) / 100
        books.account(
            ae.FundingBooked(
                symbol="BTCUSDT",
                transaction_id=f"f{len(books.entries)}-{number}",
                amount_usdt=amount,
                paid_at=START,
                at=START,
            )
        )
    rate = D(random.randrange(1_300, 1_500))
    books.account(ae.FxMarked(krw_per_usdt=rate, source="test", at=START))
    if random.random() < 0.3:
        books.account(
            ae.ForeignMovement(
                exchange=Venue.UPBIT, asset="KRW", amount=D(1_000), reason="deposit", at=START
            )
        )


def same(one: Ledger, other: Ledger) -> bool:
    return (one.krw, one.usdt, dict(one.coins), one.holdings, dict(one.fee_assets)) == (
        other.krw,
        other.usdt,
        dict(other.coins),
        other.holdings,
        dict(other.fee_assets),
    ) and {b: (p.quantity, p.entry_value) for b, p in one.shorts.items() if p.quantity} == {
        b: (p.quantity, p.entry_value) for b, p in other.shorts.items() if p.quantity
    }


async def written_and_replayed(entries: list[Entry]) -> Replayed:
    store = SqliteStore(":memory:", build="test", durability="normal")
    await store.append(entries, at_us=0)
    replayed = await replay(store)
    await store.close()
    return replayed


@settings(max_examples=60, deadline=None)
@given(seeds)
def test_a_replayed_journal_gives_the_same_books_and_trades(seed: int) -> None:
    books, (spot, short) = played(seed)
    replayed = asyncio.run(written_and_replayed(books.entries))
    assert replayed.trades == books.trades
    assert same(replayed.book.ledger, books.book.ledger)
    assert replayed.book.parts() == books.book.parts()
    assert replayed.book.equity_krw() == books.book.equity_krw()
    assert replayed.rows == len(books.entries)
    ledger = books.book.ledger
    assert ledger.owned_coins("BTC") == spot
    assert ledger.coins["BTC"] == 1 + spot
    assert (ledger.shorts["BTC"].quantity if "BTC" in ledger.shorts else 0) == short


@settings(max_examples=60, deadline=None)
@given(seeds)
def test_equity_less_transfers_is_what_the_parts_say(seed: int) -> None:
    books, _ = played(seed)
    book = books.book
    equity = book.equity_krw()
    assert equity is not None
    made = equity - book.opened_equity_krw - book.transfers_krw
    assert abs(made - book.parts().total) < EXACT
    snapshot = book.snapshot(START)
    assert snapshot is not None
    assert snapshot.equity_krw == equity
    assert snapshot.trading_pnl_krw == book.parts().trading
