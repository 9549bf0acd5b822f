"""Whatever is changed in a journal row, its hash no longer fits; and no two rows share a text."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from trading_platform_order.storage.base import ChainBroken, JournalRow
from trading_platform_order.storage.hash_chain import GENESIS, check_row, row_hash

texts = st.text(st.characters(codec="utf-8"), max_size=20)
numbers = st.integers(0, 2**62)


@st.composite
def rows(draw: st.DrawFn) -> JournalRow:
    account, trade_id, kind, body, build = (draw(texts) for _ in range(5))
    at_us, version, epoch = (draw(numbers) for _ in range(3))
    return JournalRow(
        account=account,
        seq=1,
        at_us=at_us,
        trade_id=trade_id,
        kind=kind,
        version=version,
        body=body,
        prev_hash=GENESIS,
        hash=row_hash(
            GENESIS,
            account=account,
            seq=1,
            at_us=at_us,
            trade_id=trade_id,
            kind=kind,
            version=version,
            body=body,
            build=build,
            epoch=epoch,
        ),
        build=build,
        epoch=epoch,
    )


@given(one=rows(), other=rows())
def test_any_change_breaks_the_chain(one: JournalRow, other: JournalRow) -> None:
    check_row(one, seq=1, prev_hash=GENESIS)
    assume(one != other)

    with pytest.raises(ChainBroken):
        check_row(other._replace(hash=one.hash), seq=1, prev_hash=GENESIS)


@given(row=rows(), cut=st.integers(0, 20))
def test_text_cannot_move_between_columns(row: JournalRow, cut: int) -> None:
    moved = row._replace(trade_id=row.trade_id + row.kind[:cut], kind=row.kind[cut:])
    assume(moved != row)

    with pytest.raises(ChainBroken, match="changed"):
        check_row(moved, seq=1, prev_hash=GENESIS)
