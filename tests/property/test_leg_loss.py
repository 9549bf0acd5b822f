"""Whatever is taken away is shared out exactly, on the step, and each execution counts once."""

from datetime import timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.pair import START, D
from trading_platform_order.domain.money import floor_to_step
from trading_platform_order.domain.order import Fill, OrderSide
from trading_platform_order.domain.protection.leg_loss import LegLossBook, shares_of, split, taken
from trading_platform_order.domain.venue import Venue

STEP = D("0.001")
amounts = st.integers(0, 500).map(lambda n: n * STEP)
holdings = st.dictionaries(st.sampled_from("abcd"), amounts, min_size=1)


def total(values: object) -> Decimal:
    return sum(values, D(0))  # type: ignore[call-overload,no-any-return]


def execution(number: int, quantity: Decimal, side: OrderSide = OrderSide.BUY) -> Fill:
    return Fill(
        exchange=Venue.BINANCE,
        symbol="BTCUSDT",
        client_order_id="web_1",
        trade_id=str(number),
        side=side,
        quantity=quantity,
        price=D(100_000) + number,
        fee=quantity * 50,
        fee_asset="USDT",
        at=START + timedelta(seconds=number),
    )


executions = st.lists(
    st.tuples(st.integers(1, 200).map(lambda n: n * STEP), st.sampled_from(OrderSide)), max_size=6
).map(lambda rows: [execution(n, quantity, side) for n, (quantity, side) in enumerate(rows)])


@given(holdings, st.data(), st.sampled_from([STEP, None]))
def test_the_loss_is_shared_exactly_and_nobody_loses_more_than_is_held(
    held: dict[str, Decimal], data: st.DataObject, step: Decimal | None
) -> None:
    everything = total(held.values())
    lost_base = data.draw(st.integers(0, int(everything / STEP))) * STEP
    lost = split(lost_base, held, step)
    assert total(lost.values()) == lost_base
    for name, amount in lost.items():
        assert 0 < amount <= held[name]
        assert amount == floor_to_step(amount, STEP)
        if step is not None:
            fair = lost_base * held[name] / everything
            assert amount >= floor_to_step(fair, STEP)


@given(executions, amounts, st.data())
def test_what_is_taken_is_never_more_than_is_missing_or_than_was_executed(
    rows: list[Fill], missing: Decimal, data: st.DataObject
) -> None:
    booked = {
        (row.symbol, row.trade_id): data.draw(st.integers(0, int(row.quantity / STEP))) * STEP
        for row in rows
    }
    found = taken(missing, rows, booked)
    free = {
        row.trade_id: row.quantity - booked[row.symbol, row.trade_id]
        for row in rows
        if row.side is OrderSide.BUY
    }
    assert total(fill.quantity for fill in found) == min(missing, total(free.values()))
    assert [fill.at for fill in found] == sorted(fill.at for fill in found)
    for fill in found:
        assert 0 < fill.quantity <= free[fill.trade_id]
        assert abs(fill.fee - fill.quantity * 50) < D("1e-20")


@given(holdings, executions, st.data())
def test_shares_add_up_to_loss_and_executions(
    held: dict[str, Decimal], rows: list[Fill], data: st.DataObject
) -> None:
    everything = total(held.values())
    lost_base = data.draw(st.integers(0, int(everything / STEP))) * STEP
    fills = taken(lost_base, rows, {})
    lost = split(lost_base, held, STEP)
    shares = shares_of(lost, fills)
    assert total(share.quantity for share in shares) == lost_base
    for name, amount in lost.items():
        assert total(s.quantity for s in shares if s.strategy == name) == amount
    priced = [share.fill for share in shares if share.fill is not None]
    assert total(f.quantity for f in priced) == total(f.quantity for f in fills)
    assert abs(total(f.fee for f in priced) - total(f.fee for f in fills)) < D("1e-20")


@given(executions, st.lists(amounts, min_size=1, max_size=5))
def test_an_execution_is_never_booked_beyond_its_quantity(
    rows: list[Fill], losses: list[Decimal]
) -> None:
    book = LegLossBook()
    for missing in losses:
        for fill in taken(missing, rows, book.booked):
            book.note(fill)
    executed = {(row.symbol, row.trade_id): row.quantity for row in rows}
    assert all(quantity <= executed[key] for key, quantity in book.booked.items())
