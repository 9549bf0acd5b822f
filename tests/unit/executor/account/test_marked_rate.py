"""The rate at which the USDT wallet is valued is journalled when it changed, and only then."""

from tests.fakes.fixture import ExecutorFixture
from tests.fakes.pair import D
from tests.fakes.virtual_time import in_virtual_time
from trading_platform_order.domain.account.account_events import FxMarked


@in_virtual_time
async def test_only_another_rate_is_marked() -> None:
    async with ExecutorFixture().running() as fixture:
        account = fixture.executor.account
        known = account.book.pnl.krw_per_usdt
        assert known == D(1_400)
        await account.mark_fx(known, "the same")
        await account.mark_fx(D(1_410), "another")
        at = fixture.clock.now()
        marked = [e for e in await fixture.events() if isinstance(e, FxMarked)]
        assert [(e.krw_per_usdt, e.source) for e in marked] == [(D(1_410), "another")]
        assert abs((marked[0].at - at).total_seconds()) < 1
        assert account.book.pnl.krw_per_usdt == D(1_410)
