"""Read models: every kind of event retold, the views as documented, and a bug that stops early."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.stores import StoreBed
from trading_platform_order.domain.account import account_events as ae
from trading_platform_order.domain.order import Fill, OrderSide
from trading_platform_order.domain.protection.leg_loss import Cause, HedgeClosed, Share
from trading_platform_order.domain.signal import Action, Signal
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.domain.venue import Venue
from trading_platform_order.executor.journal import event_codec
from trading_platform_order.storage.base import Entry, ProjectionFailed
from trading_platform_order.storage.event_body import Body
from trading_platform_order.storage.projections.registry import NOT_PROJECTED, PROJECTIONS
from trading_platform_order.storage.projections.views import VIEWS, views_markdown
from trading_platform_order.storage.relational.store import SqlStore

AT = datetime(2026, 11, 22, 1, 2, 3, tzinfo=UTC)
SIGNAL = Signal(id="s1", strategy="kimp", action=Action.ENTER, symbol="BTC", created_at=AT)
REPOSITORY = Path(__file__).parents[3]


@pytest.fixture
def store(bed: StoreBed) -> SqlStore:
    return bed.open()


async def put(store: SqlStore, *events: event_codec.Event, trade_id: str = "") -> None:
    await store.append([event_codec.entry_of(event, trade_id) for event in events], at_us=7)
    await store.project()


def raw(kind: str, trade_id: str = "t1", **body: Any) -> Entry:  # noqa: ANN401 - JSON
    return Entry(trade_id=trade_id, kind=kind, version=1, body=json.dumps(body))


def refused(code: str, signal_id: str = "s1") -> ae.SignalRefused:
    return ae.SignalRefused(
        signal_id=signal_id,
        strategy="kimp",
        action="ENTER",
        symbol="BTC",
        code=code,
        message="in words",
        figures={"equity_krw": "1000"},
        at=AT,
    )


def opened(signal_id: str) -> Entry:
    signal = {
        "id": signal_id,
        "strategy": "kimp",
        "action": "ENTER",
        "symbol": "BTC",
        "created_at": "2026-11-22T10:02:03+09:00",
    }
    return raw("trade_opened", signal=signal, orders=[])


def test_every_kind_of_event_is_projected_or_named_as_not() -> None:
    assert set(event_codec._KINDS) == set(PROJECTIONS) | NOT_PROJECTED
    assert not set(PROJECTIONS) & NOT_PROJECTED


async def test_a_claimed_signal_gets_its_outcome_in_place(store: SqlStore) -> None:
    await put(store, ae.SignalClaimed(signal=SIGNAL, at=AT))
    (row,) = await store.query("v_signals")
    assert (row["result"], row["created_at"]) == ("claimed", "2026-11-22T01:02:03.000000Z")

    await store.append([opened("s1")], at_us=9)
    await store.project()

    (row,) = await store.query("v_signals")
    assert (row["result"], row["trade_id"], row["received_at_us"]) == ("accepted", "t1", 7)


async def test_a_signal_accepted_at_once_has_one_row(store: SqlStore) -> None:
    await store.append([opened("s1")], at_us=9)
    await store.project()

    (row,) = await store.query("v_signals")
    assert (row["signal_id"], row["result"], row["code"]) == ("s1", "accepted", None)
    assert row["created_at"] == "2026-11-22T01:02:03.000000Z"


async def test_a_refusal_keeps_its_figures(store: SqlStore) -> None:
    await put(store, ae.SignalClaimed(signal=SIGNAL, at=AT), refused("expired"))

    (refusal,) = await store.query("v_refusals", where={"signal_id": "s1"})
    assert (refusal["code"], refusal["message"]) == ("expired", "in words")
    assert json.loads(str(refusal["figures"])) == {"equity_krw": "1000"}
    (signal,) = await store.query("v_signals")
    assert (signal["result"], signal["code"], signal["detail"]) == (
        "refused",
        "expired",
        "in words",
    )


async def test_a_conflict_leaves_the_other_signals_outcome_open(store: SqlStore) -> None:
    await put(store, ae.SignalClaimed(signal=SIGNAL, at=AT), refused("signal_conflict"))

    newest, first = await store.query("v_signals")
    assert (first["result"], newest["result"]) == ("claimed", "refused")


async def test_a_signal_that_could_not_be_read_is_kept(store: SqlStore) -> None:
    await store.append([raw("signal_refused", code="bad_json", message="not JSON")], at_us=1)
    await store.project()

    (row,) = await store.query("v_refusals")
    assert (row["signal_id"], row["code"], row["figures"]) == ("", "bad_json", "{}")


async def test_money_is_retold_as_plain_decimals(store: SqlStore) -> None:
    payment = ae.FundingBooked(
        symbol="BTCUSDT",
        transaction_id="9",
        amount_usdt=Decimal("-1E-7"),
        paid_at=AT,
        at=AT,
    )
    await put(
        store,
        payment,
        payment,
        ae.ForeignMovement(
            exchange=Venue.UPBIT, asset="KRW", amount=Decimal("1E+6"), reason="deposit", at=AT
        ),
        ae.PositionChanged(
            strategy="kimp",
            symbol="BTC",
            spot_base=Decimal("0.0100"),
            short_base=Decimal("0.01"),
            at=AT,
        ),
        ae.PositionChanged(
            strategy="kimp", symbol="BTC", spot_base=Decimal(0), short_base=Decimal(0), at=AT
        ),
        equity(Decimal("1.50E+3")),
    )

    (funding,) = await store.query("v_funding")
    assert (funding["amount_usdt"], funding["at"]) == (
        "-0.0000001",
        "2026-11-22T01:02:03.000000Z",
    )
    (transfer,) = await store.query("v_transfers")
    assert (transfer["exchange"], transfer["amount"]) == ("upbit", "1000000")
    (position,) = await store.query("v_positions")
    assert (position["spot_base"], position["short_base"], position["seq"]) == ("0", "0", 5)
    (valued,) = await store.query("v_equity")
    assert valued["equity_krw"] == "1500"
    assert json.loads(str(valued["figures"]))["fees_krw"] == "3"


def equity(total: Decimal) -> ae.EquityRecorded:
    return ae.EquityRecorded(
        equity_krw=total,
        trading_pnl_krw=Decimal(1),
        premium_krw=Decimal(1),
        funding_krw=Decimal(2),
        fees_krw=Decimal(3),
        fx_krw=Decimal(4),
        fx_idle_krw=Decimal(5),
        slippage_krw=Decimal(6),
        krw_per_usdt=Decimal(1400),
        at=AT,
    )


async def test_unknown_kinds_pass_and_misfits_stop_just_before(store: SqlStore) -> None:
    await store.append([raw("from_the_future", whatever=1), raw("fx_marked")], at_us=1)
    await put(store, equity(Decimal(1)))
    await store.append([raw("equity_recorded", equity_krw=1.5)], at_us=2)

    for _ in range(2):
        with pytest.raises(ProjectionFailed, match=r"row 4 \(equity_recorded version 1\).*1\.5"):
            await store.project()
    with pytest.raises(ProjectionFailed):
        await store.rebuild()

    assert len(await store.query("v_equity")) == 1
    await store.append([raw("noted")], at_us=3)  # the journal itself goes on
    assert await store.verify_chain() == 5


async def test_projecting_returns_what_it_applied_over_many_batches(store: SqlStore) -> None:
    await store.append([event_codec.entry_of(equity(Decimal(n))) for n in range(450)], at_us=1)

    assert await store.project() == 450
    assert await store.project() == 0
    assert await store.rebuild() == 450
    newest = await store.query("v_equity", limit=2)
    assert [row["equity_krw"] for row in newest] == ["449", "448"]
    assert len(await store.query("v_equity", where={"seq": "3"})) == 1


@pytest.mark.parametrize(
    ("view", "where", "limit"),
    [
        ("journal", {}, 1),
        ("v_orders; DROP TABLE journal", {}, 1),
        ("v_orders", {"1 = 1 OR account": "x"}, 1),
        ("v_orders", {}, 0),
        ("v_orders", {}, 10**9),
    ],
)
async def test_only_documented_views_can_be_asked(
    store: SqlStore, view: str, where: dict[str, str], limit: int
) -> None:
    with pytest.raises(ValueError, match=r"no view|no column|limit"):
        await store.query(view, where=where, limit=limit)


def test_views_have_exactly_the_documented_columns(store: SqlStore, bed: StoreBed) -> None:
    documented = {name: [column.name for column in view.columns] for name, view in VIEWS.items()}
    assert bed.view_columns() == documented


async def test_a_value_that_no_number_has_finds_nothing(store: SqlStore) -> None:
    await put(store, refused("too_big"))
    assert len(await store.query("v_refusals", where={"seq": "1"})) == 1
    assert await store.query("v_refusals", where={"seq": "one"}) == []


async def test_a_character_that_a_database_cannot_hold_stops_nobody(store: SqlStore) -> None:
    await put(store, refused("bad_id", signal_id="a\x00b"), refused("bad_id", signal_id="c"))
    assert await store.verify_chain() == 2
    assert [row.seq for row in await store.rows_naming("c")] == [2]
    told = {row["signal_id"] for row in await store.query("v_refusals")}
    assert told in ({"a\x00b", "c"}, {"a\ufffdb", "c"})


async def test_every_view_can_be_asked(store: SqlStore) -> None:
    for name in VIEWS:
        assert await store.query(name) == []


def test_the_documents_are_fresh() -> None:
    text = (REPOSITORY / "docs" / "STORAGE.md").read_text(encoding="utf-8")

    assert views_markdown() in text, "run make generated"


@pytest.mark.parametrize(
    ("getter", "value"),
    [
        ("text", 1),
        ("text", None),
        ("whole", True),
        ("whole", "1"),
        ("flag", 1),
        ("amount", 1.5),
        ("amount", True),
        ("amount", "NaN"),
        ("amount", "much"),
        ("time", "2026-11-22T01:02:03"),
        ("time", "soon"),
        ("child", []),
        ("children", {}),
        ("children", [1]),
    ],
)
def test_a_body_that_does_not_fit_names_its_field(getter: str, value: object) -> None:
    with pytest.raises(ValueError, match=r"field|number|isoformat"):
        getattr(Body({"field": value}), getter)("field")


async def test_what_somebody_else_executed_is_told_as_fills(store: SqlStore) -> None:
    fill = Fill(
        exchange=Venue.BINANCE,
        symbol="BTCUSDT",
        client_order_id="adl_autoclose",
        trade_id="77",
        side=OrderSide.BUY,
        quantity=Decimal("0.003"),
        price=Decimal(100),
        fee=Decimal("0.03"),
        fee_asset="USDT",
        at=AT,
    )
    rest = replace(fill, quantity=Decimal("0.001"), fee=Decimal("0.01"))
    prices = te.DecisionPrices(
        spot_mid_krw=Decimal(1),
        hedge_mid_usdt=Decimal(1),
        krw_per_usdt=Decimal(1),
        fx_source="x",
        at=AT,
    )
    closed = HedgeClosed(
        event_id="1-1",
        base="BTC",
        cause=Cause.ADL,
        shares=(
            Share(strategy="a", quantity=Decimal("0.003"), fill=fill),
            Share(strategy="b", quantity=Decimal("0.001"), fill=rest),
            Share(strategy="b", quantity=Decimal("0.002")),
        ),
        decision=prices,
        at=AT,
    )
    await put(store, closed)
    read = te.HedgePositionRead(
        short_before=Decimal("0.002"), short_now=Decimal(0), fills=(rest,), at=AT
    )
    await put(store, read, trade_id="trade-1")

    (row,) = await store.query("v_fills")
    assert (row["quantity"], row["fee"], row["strategy"]) == ("0.005", "0.05", None)
    assert row["client_order_id"] == "adl_autoclose"
