"""Reads what the account is worth now and then, and says when the day's loss passes its limit.

The day's first reading becomes its baseline only after a running engine has had time to journal
what another hand had moved before: a deposit that stands in the reading and is journalled later
would look like a loss of the same size.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

import attrs
import msgspec

from trading_platform_order.domain.money import ZERO, plain
from trading_platform_order.exchanges.account_snapshot import AccountSnapshot, read_at_once
from trading_platform_order.storage.replica import Replica
from trading_platform_order.transport.clock import epoch_us
from trading_platform_order.transport.running_time import RunningTime
from trading_platform_order.watchdog.journal_snapshot import JournalSnapshot
from trading_platform_order.watchdog.loss_limit.loss import (
    Reading,
    day_of,
    flows_in,
    loss_krw,
    passes_limit,
    traded_loss_krw,
    trades_pass_limit,
    transfers_in,
)
from trading_platform_order.watchdog.ports import OwnedStore, WatchdogPorts, WatchdogSettings

SETTLES_S = 130.0
"""The engine compares its ledger with the exchanges every minute, and believes two looks."""
SETTLES_S_MAX = 900.0
"""After so long what moves is taken as it is."""

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Reading)


@dataclass(frozen=True, slots=True, kw_only=True)
class LossFound:
    """The limit is passed, and has been for long enough.

    Attributes:
        is_confirmed: by both counts; one alone is told and nothing is closed for it.
        loss_krw: the larger of both counts.
        since_s: for so long the limit has been passed.
    """

    day: str
    reason: str
    is_confirmed: bool
    loss_krw: Decimal
    since_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    """A reading that may become the day's baseline.

    Attributes:
        read_at_s: monotonic; ``first_at_s``: of the first candidate of this wait.
    """

    reading: Reading
    read_at_s: float
    first_at_s: float


@attrs.define(kw_only=True, eq=False, repr=False)
class LossWatch:
    """Counts from the day's first reading, which is durable.

    ``running``: the time in which the watchdog runs and looks.
    """

    _ports: WatchdogPorts
    _settings: WatchdogSettings
    _running: RunningTime
    _beyond_since: dict[bool, float] = attrs.field(factory=dict, init=False)
    _candidate: _Candidate | None = attrs.field(default=None, init=False)

    async def look(
        self, store: OwnedStore, replica: Replica, journal: JournalSnapshot, *, engine_runs: bool
    ) -> LossFound | None:
        """Read once. Nothing is said while an order is under way or an exchange does not answer."""
        if not engine_runs:
            self._candidate = None
        if journal.unresolved or journal.awaits_fills:
            return None
        seen = await read_at_once(self._ports.exchanges, journal.bases)
        now = self._ports.clock.now()
        await replica.follow(store.inbox)
        if (
            seen.margin is None
            or seen.failed
            or seen.unread
            or replica.head_seq != journal.head_seq
        ):
            return None
        reading = self._reading(journal, seen, now)
        if reading is None:
            return None
        baseline = await self._baseline(store, replica, reading, engine_runs=engine_runs)
        if baseline is None:
            self._beyond_since = {}
            return None
        return self._judge(baseline, reading, replica)

    def _judge(self, baseline: Reading, reading: Reading, replica: Replica) -> LossFound | None:
        fraction = self._settings.loss_fraction
        transfers = transfers_in(replica.query("v_transfers"), since_us=epoch_us(baseline.at))
        flows = flows_in(
            replica.fills_after(baseline.head_seq),
            replica.query("v_funding"),
            since_seq=baseline.head_seq,
        )
        # Coins of ours that another hand moved are no trading loss; their proceeds are foreign KRW.
        gone_krw = _gone_krw(replica, since_seq=baseline.head_seq)
        transfers = replace(transfers, krw=transfers.krw - gone_krw)
        flows = replace(flows, krw=flows.krw + gone_krw)
        by_balances = passes_limit(baseline, reading, transfers, fraction=fraction)
        by_trades = trades_pass_limit(baseline, reading, flows, fraction=fraction)
        if not (by_balances or by_trades):
            self._beyond_since = {}
            return None
        is_confirmed = by_balances and by_trades
        now_s = self._running.seconds()
        self._beyond_since = {
            is_confirmed: self._beyond_since.get(is_confirmed, now_s),
        }
        since_s = now_s - self._beyond_since[is_confirmed]
        if since_s < self._settings.loss_persist_s:
            return None
        lost = loss_krw(baseline, reading, transfers)
        traded = traded_loss_krw(baseline, reading, flows)
        reason = (
            f"the day's loss by the watchdog's own count is {_whole(lost)} KRW of "
            f"{_whole(baseline.equity_krw)} by the balances and "
            f"{'not known' if traded is None else _whole(traded)} by the trades, limit "
            f"{fraction:.2%}"
        )
        return LossFound(
            day=day_of(reading.at),
            reason=reason,
            is_confirmed=is_confirmed,
            loss_krw=_larger(lost, traded),
            since_s=since_s,
        )

    def _reading(
        self, journal: JournalSnapshot, seen: AccountSnapshot, now: datetime
    ) -> Reading | None:
        coins_krw, short_usdt, rate = ZERO, ZERO, None
        for base in sorted(journal.bases | set(self._settings.symbols)):
            view = self._ports.market.view(base, now)
            coins = journal.owned_coins(base)
            if view is None or (coins and view.books_age_s > self._settings.book_age_s_max):
                # A book that stands while the other moves on would be a loss that nobody made.
                return None
            rate = view.fx.krw_per_usdt
            coins_krw += coins * view.spot_book.bids[0].price
            short_usdt += journal.counted_short(base) * view.hedge_book.asks[0].price
        if rate is None or seen.margin is None:
            return None
        return Reading(
            krw=seen.balance("KRW").total,
            coins_krw=coins_krw,
            margin_usdt=seen.margin.margin_balance_usdt,
            krw_per_usdt=rate,
            at=now,
            short_usdt=short_usdt,
            head_seq=journal.head_seq,
        )

    async def _baseline(
        self, store: OwnedStore, replica: Replica, reading: Reading, *, engine_runs: bool
    ) -> Reading | None:
        day = day_of(reading.at)
        body = await store.watch.baseline(day)
        if body is not None:
            return _decoder.decode(body)
        settled = self._settled(replica, reading) if engine_runs else None
        if settled is None:
            return None
        text = _encoder.encode(settled).decode()
        await store.watch.set_baseline(day, text, at_us=epoch_us(settled.at))
        return settled

    def _settled(self, replica: Replica, reading: Reading) -> Reading | None:
        """The day's first reading, once nothing that moved before can be journalled any more."""
        now_s = self._ports.clock.monotonic()
        present = self._candidate
        if present is None or day_of(present.reading.at) != day_of(reading.at):
            self._candidate = _Candidate(reading=reading, read_at_s=now_s, first_at_s=now_s)
            return None
        since_us = epoch_us(present.reading.at)
        rows = replica.query("v_transfers")
        if any(int(row["at_us"] or 0) > since_us for row in rows):
            present = replace(present, reading=reading, read_at_s=now_s)
            self._candidate = present
        is_settled = now_s - present.read_at_s >= SETTLES_S
        return (
            present.reading if is_settled or now_s - present.first_at_s >= SETTLES_S_MAX else None
        )


def _gone_krw(replica: Replica, *, since_seq: int) -> Decimal:
    """KRW that coins were worth which another hand sold or moved."""
    gone = ZERO
    for body in replica.bodies("coins_gone", after_seq=since_seq):
        price = Decimal(body.amount("price_krw"))
        gone += sum(
            (Decimal(share.amount("quantity")) * price for share in body.children("shares")), ZERO
        )
    return gone


def _larger(*losses_krw: Decimal | None) -> Decimal:
    known = [loss for loss in losses_krw if loss is not None and loss.is_finite()]
    return max(known, default=ZERO)


def _whole(amount_krw: Decimal) -> str:
    return plain(amount_krw.to_integral_value())
