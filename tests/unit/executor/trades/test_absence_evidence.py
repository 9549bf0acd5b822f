"""Two unknown orders that could hide each other: only the wallet tells that neither was filled."""

import asyncio
from collections.abc import Callable

import pytest

from tests.fakes.fixture import ExecutorFixture
from tests.fakes.outcomes import LOST_REQUEST
from tests.fakes.pair import D, signal
from trading_platform_order.domain.account.account_settings import AccountSettings
from trading_platform_order.domain.outcome import ProvenAbsent, ReadFailed, Transfer
from trading_platform_order.domain.signal import Action
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.transport.virtual_loop import run_virtual

BURNED = ProvenAbsent(evidence="identifier burned")


def nothing(_: ExecutorFixture) -> None:
    """The wallet is as our own count says."""


def paid(fixture: ExecutorFixture) -> None:
    """A fee, or something else that nobody lists."""
    fixture.binance.money -= D("0.5")


def deposited(fixture: ExecutorFixture) -> None:
    fixture.binance.money += D(5)
    told = Transfer(transaction_id="d", asset="USDT", amount=D(5), at=fixture.clock.now())
    fixture.binance.transfer_list.append(told)


def in_bnb(fixture: ExecutorFixture) -> None:
    """A fee would leave the wallet as it is."""
    fixture.binance.account = AccountSettings(fees_in_bnb=True)


def in_usdt(fixture: ExecutorFixture) -> None:
    fixture.binance.account = AccountSettings()


def unread(fixture: ExecutorFixture) -> None:
    fixture.binance.account = ReadFailed(reason="no answer")


@pytest.mark.parametrize(
    ("happens", "is_proven"),
    [
        (nothing, True),
        (in_usdt, True),
        (deposited, True),
        (paid, False),
        (in_bnb, False),
        (unread, False),
    ],
)
def test_an_entry_and_an_exit_at_once(
    happens: Callable[[ExecutorFixture], None], is_proven: bool
) -> None:
    async def scenario() -> None:
        async with ExecutorFixture().running() as fixture:
            await fixture.done(signal(name="a1", strategy="a", quantity="0.010"))
            fixture.binance.proof = BURNED
            fixture.binance.proof_s = 5.0
            happens(fixture)
            for name, strategy, action in (("b1", "b", Action.ENTER), ("a2", "a", Action.EXIT)):
                fixture.binance.outcomes.append(LOST_REQUEST)
                quantity = "0.010" if action is Action.ENTER else None
                wish = signal(
                    action, name=name, strategy=strategy, quantity=quantity, at=fixture.clock.now()
                )
                await fixture.signal(wish)
            await asyncio.sleep(30)
            proofs = [e for e in await fixture.events() if isinstance(e, te.OrderProvenAbsent)]
            if not is_proven:
                assert proofs == []
                assert any(trade.unresolved for trade in fixture.executor.trades.values())
                return
            assert "the wallet has paid no fee since" in proofs[0].evidence
            assert "position -0.01, by the ledger -0.01" in proofs[0].evidence
            await asyncio.sleep(60)
            assert fixture.is_even()

    run_virtual(scenario())
