"""Two unknown orders that could hide each other: only the wallet tells that neither was filled."""

import asyncio
from collections.abc import Callable

import pytest

from tests.fakes.desk import Desk
from tests.fakes.fates import LOST_REQUEST
from tests.fakes.pair import D, signal
from trading_platform_order.domain.account.account_settings import AccountSettings
from trading_platform_order.domain.outcome import ProvenAbsent, ReadFailed, Transfer
from trading_platform_order.domain.signal import Action
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.simulation.testbed.virtual_loop import run_virtual

BURNED = ProvenAbsent(evidence="identifier burned")


def nothing(_: Desk) -> None:
    """The wallet is as our own count says."""


def paid(desk: Desk) -> None:
    """A fee, or something else that nobody lists."""
    desk.binance.money -= D("0.5")


def deposited(desk: Desk) -> None:
    desk.binance.money += D(5)
    told = Transfer(transaction_id="d", asset="USDT", amount=D(5), at=desk.clock.now())
    desk.binance.transfer_list.append(told)


def in_bnb(desk: Desk) -> None:
    """A fee would leave the wallet as it is."""
    desk.binance.account = AccountSettings(fees_in_bnb=True)


def in_usdt(desk: Desk) -> None:
    desk.binance.account = AccountSettings()


def unread(desk: Desk) -> None:
    desk.binance.account = ReadFailed(reason="no answer")


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
def test_an_entry_and_an_exit_at_once(happens: Callable[[Desk], None], is_proven: bool) -> None:
    async def scenario() -> None:
        async with Desk().running() as desk:
            await desk.done(signal(name="a1", strategy="a", quantity="0.010"))
            desk.binance.proof = BURNED
            desk.binance.proof_s = 5.0
            happens(desk)
            for name, strategy, action in (("b1", "b", Action.ENTER), ("a2", "a", Action.EXIT)):
                desk.binance.fates.append(LOST_REQUEST)
                quantity = "0.010" if action is Action.ENTER else None
                wish = signal(
                    action, name=name, strategy=strategy, quantity=quantity, at=desk.clock.now()
                )
                await desk.signal(wish)
            await asyncio.sleep(30)
            proofs = [e for e in await desk.events() if isinstance(e, te.OrderProvenAbsent)]
            if not is_proven:
                assert proofs == []
                assert any(trade.unresolved for trade in desk.executor.trades.values())
                return
            assert "the wallet has paid no fee since" in proofs[0].evidence
            assert "position -0.01, by the ledger -0.01" in proofs[0].evidence
            await asyncio.sleep(60)
            assert desk.is_even()

    run_virtual(scenario())
