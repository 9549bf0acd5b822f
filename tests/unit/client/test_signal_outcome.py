"""What the command line says of a signal: figures and cures of a refusal, sizes, outcomes."""

import re
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from tests.unit.cli.cli_world import TRADE, eventful_trade
from trading_platform_order.client.signal_outcome import refusal_remedy, refusal_text, trade_text
from trading_platform_order.domain.account.account_events import SignalRefused
from trading_platform_order.domain.refusal import RefusalCode
from trading_platform_order.domain.signal import Signal
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.signals.schema import parse_signal

REPOSITORY = Path(__file__).parents[3]


def test_a_refusal_says_its_figures() -> None:
    event = SignalRefused(
        signal_id="s",
        strategy="kimp",
        action="ENTER",
        symbol="BTC",
        code="order_cap",
        message="an order would be over its cap",
        figures={"order_krw": "1200000", "cap_krw": "1000000"},
        at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    assert refusal_text(event) == (
        "an order would be over its cap (order_krw 1200000, cap_krw 1000000)"
    )


def test_a_trade_says_how_it_ended_and_how_much_of_the_asked_size_fitted() -> None:
    events = eventful_trade()
    opened = events[0]
    assert isinstance(opened, te.TradeOpened)
    told = trade_text(TRADE, events[:1])
    assert told.startswith(f"pair trade {TRADE} opened")
    asked = replace(opened, signal=replace(opened.signal, notional_krw=Decimal(99_000_000)))
    assert "99,000,000 KRW were asked, " in trade_text(TRADE, [asked])
    assert "quantity steps allow" in trade_text(TRADE, [asked])
    settled = [event for event in events if isinstance(event, te.TradeSettled)]
    ended = trade_text(TRADE, events)
    assert f"is {settled[-1].outcome.value}: " in ended
    assert "KRW traded on Upbit" in ended


@pytest.mark.parametrize("code", list(RefusalCode))
def test_every_refusal_has_a_remedy(code: RefusalCode) -> None:
    assert len(refusal_remedy(code)) > 10


@pytest.mark.parametrize("name", ["README.md", "README.ko.md"])
def test_the_example_of_the_readme_is_a_signal_of_now(name: str, tmp_path: Path) -> None:
    text = (REPOSITORY / name).read_text(encoding="utf-8")
    (script,) = re.findall(r"```sh\n(cat > signal\.json.*?)```", text, flags=re.DOTALL)
    subprocess.run(["sh", "-c", script], cwd=tmp_path, check=True)  # noqa: S603, S607 - our own text
    found = parse_signal((tmp_path / "signal.json").read_bytes())
    assert isinstance(found, Signal), found
    assert found.notional_krw == Decimal(500_000)
    assert abs((datetime.now(UTC) - found.created_at).total_seconds()) < 5
    assert found.expires_at is not None
    assert found.expires_at >= found.created_at
