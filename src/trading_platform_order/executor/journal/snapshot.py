"""A snapshot of the replayed state: what a start reads instead of the rows it stands for.

It is a cache and never a truth. It is used only if it is whole, was made by this very code, and
names a row by the hash that the journal has for it, which stands for every row before. Everything
else (none, a half, another program's, one that is ahead of a restored journal) is dropped, and the
journal is replayed from its first row. What it says is held against such a replay in the background
(:func:`verify`).

It is made by folding the rows since the last one, never from an engine's memory: the loop has no
work with it, and an error of the engine's own bookkeeping cannot get into it.
"""

import hashlib
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

import trading_platform_order
from trading_platform_order.domain.account.account_book import AccountBook
from trading_platform_order.domain.account.evidence.row_loss import RowLoss
from trading_platform_order.domain.trade.last_trades import LastTrades
from trading_platform_order.executor.journal.replay import Replayed, catch_up, put_aside
from trading_platform_order.executor.journal.state_codec import NotKept, decode_state, encode_state
from trading_platform_order.executor.set_aside import NOTHING_ASIDE, SetAside
from trading_platform_order.storage.base import Reader
from trading_platform_order.storage.hash_chain import GENESIS
from trading_platform_order.storage.side_files.snapshots import SnapshotPlace

FORMAT = 1
MANY_ROWS = 5_000
"""So many are folded in some 0.3 s."""
_HEADER_BYTES_MAX = 4_096
_FOLDING_CODE = ("domain", "executor/journal")


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """What a snapshot says of itself, on its first line.

    Attributes:
        code: digest of the code that folded it; any other code may fold the same rows otherwise.
        seq: the last row that is in it; ``hash`` is that row's.
        rows_lost_in: the writer's number before which rows may have been lost, as known then.
        sha256: of what follows.
    """

    format: int
    code: str
    account: str
    seq: int
    hash: str
    rows_lost_in: int
    sha256: str


@lru_cache(maxsize=1)
def code_digest() -> str:
    """Of every source file that says what rows come to."""
    digest = hashlib.sha256(f"{FORMAT}".encode())
    home = Path(trading_platform_order.__file__).parent
    for folder in _FOLDING_CODE:
        for path in sorted((home / folder).rglob("*.py")):
            digest.update(path.relative_to(home).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def pack(state: Replayed, *, account: str, rows_lost_in: int) -> bytes:
    """A state as a snapshot.

    Raises:
        NotKept: something in it cannot be carried exactly, or does not come back as it was.
    """
    kept = encode_state(_parts(state))
    if encode_state(decode_state(kept)) != kept:
        raise NotKept("the state does not come back as it was")
    header = Header(
        format=FORMAT,
        code=code_digest(),
        account=account,
        seq=state.rows,
        hash=state.head_hash,
        rows_lost_in=rows_lost_in,
        sha256=hashlib.sha256(kept).hexdigest(),
    )
    return msgspec.json.encode(header) + b"\n" + kept


def _parts(state: Replayed) -> tuple[Any, ...]:
    return (
        *(state.book, state.trades, state.last_trades, state.recorded),
        *(state.unresolved_signals, state.epoch, state.last_row_at, state.row_loss),
    )


def _header_of(content: bytes) -> tuple[Header, bytes]:
    """The first line and the rest.

    Raises:
        NotKept: it is not whole, or another program's.
    """
    end = content.find(b"\n", 0, _HEADER_BYTES_MAX)
    try:
        header = msgspec.json.decode(content[: max(end, 0)], type=Header)
    except msgspec.MsgspecError as error:
        raise NotKept("its first line cannot be read") from error
    if header.format != FORMAT or header.code != code_digest():
        raise NotKept("another version of the program made it")
    kept = content[end + 1 :]
    if hashlib.sha256(kept).hexdigest() != header.sha256:
        raise NotKept("it is damaged or incomplete")
    return header, kept


def _unpack(header: Header, kept: bytes) -> Replayed:
    match decode_state(kept):
        case (
            AccountBook() as book,
            dict(trades),
            LastTrades() as last_trades,
            dict(recorded),
            dict(unresolved),
            int(epoch),
            (datetime() | None) as last_row_at,
            (RowLoss() | None) as row_loss,
        ):
            return Replayed(
                keeps_settled=False,
                book=book,
                trades=trades,
                last_trades=last_trades,
                recorded=recorded,
                unresolved_signals=unresolved,
                rows=header.seq,
                snapshot_rows=header.seq,
                head_hash=header.hash,
                epoch=epoch,
                last_row_at=last_row_at,
                row_loss=row_loss,
            )
    raise NotKept("it holds something else than a state")


async def _restored(content: bytes, reader: Reader, rows_lost_in: int | None) -> Replayed:
    """The state a snapshot holds, if it belongs to this journal.

    Args:
        content: the file.
        reader: reads the journal.
        rows_lost_in: the writer before which rows may have been lost; ``None``: whoever asks does
            not mind, the state is taken as it is.

    Raises:
        NotKept: it is no snapshot, is of another journal, or knows of another loss of rows.
    """
    header, kept = _header_of(content)
    named = await reader.journal(header.seq - 1, limit=1)
    if not named or named[0].seq != header.seq:
        raise NotKept(f"it is ahead of the journal, which has no row {header.seq}")
    if (named[0].account, named[0].hash) != (header.account, header.hash):
        raise NotKept(f"row {header.seq} of the journal is another one")
    state = _unpack(header, kept)
    if rows_lost_in is None:
        return state
    if state.epoch < rows_lost_in:
        state.row_loss = None  # it was found after all these rows were written
    elif rows_lost_in != header.rows_lost_in:
        raise NotKept("it does not know of the same loss of rows")
    return state


async def replay_quickly(
    reader: Reader,
    place: SnapshotPlace | None,
    *,
    rows_lost_in: int = 0,
    tell: Callable[[str], None] = lambda _: None,
    aside: SetAside = NOTHING_ASIDE,
) -> Replayed:
    """The state of the journal, without its settled trades: from the snapshot and the rows since.

    Args:
        reader: whose journal.
        place: where the snapshot lies; without one the whole journal is replayed.
        rows_lost_in: as of :func:`~trading_platform_order.executor.journal.replay.replay`.
        tell: told in one line why a snapshot is not used.
        aside: what is not looked at; then no snapshot is used, and none is left behind.

    Raises:
        JournalUnreadable: a row of an unknown kind or version.
        IllegalTransition: a sequence that cannot have happened.
    """
    state = Replayed(keeps_settled=False)
    content = None if place is None or aside else place.read()
    if place is not None and content is not None:
        try:
            state = await _restored(content, reader, rows_lost_in)
        except NotKept as problem:
            tell(f"the snapshot is not used: {problem}; the journal is replayed from its first row")
            place.drop()
    await catch_up(state, reader, rows_lost_in=rows_lost_in, aside=aside)
    put_aside(state, aside)
    return state


async def book_of(reader: Reader, place: SnapshotPlace) -> AccountBook:
    """The account's book, for whoever asks beside an engine; the snapshot stays as it is.

    Raises:
        JournalUnreadable: a row of an unknown kind or version.
        IllegalTransition: a sequence that cannot have happened.
    """
    state = Replayed(keeps_settled=False)
    content = place.read()
    if content is not None:
        with suppress(NotKept):
            state = await _restored(content, reader, None)
    await catch_up(state, reader)
    return state.book


async def book_at_start(
    reader: Reader,
    place: SnapshotPlace,
    *,
    account: str,
    rows_lost_in: int,
    tell: Callable[[str], None] = lambda _: None,
    aside: SetAside = NOTHING_ASIDE,
) -> AccountBook:
    """The account's book before the engine is made, so that nobody folds many rows twice.

    Arguments and errors as of :func:`replay_quickly`; ``account``: whose journal.
    """
    state = await replay_quickly(reader, place, rows_lost_in=rows_lost_in, tell=tell, aside=aside)
    if not aside and state.rows - state.snapshot_rows >= MANY_ROWS:
        with suppress(NotKept):
            place.write(pack(state, account=account, rows_lost_in=rows_lost_in))
    return state.book


async def renew(
    reader: Reader,
    place: SnapshotPlace,
    *,
    account: str,
    rows_lost_in: int = 0,
    tell: Callable[[str], None] = lambda _: None,
) -> int:
    """Bring the snapshot up to the journal's head; returns the row it stands for now.

    Nothing of a failed attempt remains but the snapshot of before.

    Raises:
        NotKept: the state cannot be carried exactly.
        JournalUnreadable: a row of an unknown kind or version.
        IllegalTransition: a sequence that cannot have happened.
    """
    state = await replay_quickly(reader, place, rows_lost_in=rows_lost_in, tell=tell)
    if state.rows:
        problem = place.write(pack(state, account=account, rows_lost_in=rows_lost_in))
        if problem is not None:
            tell(problem)
    return state.rows


async def verify(reader: Reader, place: SnapshotPlace) -> str | None:
    """How the snapshot differs from a replay of the whole journal; ``None`` if it does not.

    None is told of one that no start would use: it does no harm.
    """
    content = place.read()
    if content is None:
        return None
    try:
        header, kept = _header_of(content)
        await _restored(content, reader, header.rows_lost_in)
    except NotKept:
        return None
    state = Replayed(keeps_settled=False)
    await catch_up(state, reader, rows_lost_in=header.rows_lost_in, up_to=header.seq)
    if state.head_hash == GENESIS or encode_state(_parts(state)) == kept:
        return None
    return f"the snapshot says otherwise than the journal up to row {header.seq}"
