"""Mode, account and figures for every alert at the moment it is sent."""

import asyncio
from pathlib import Path

from trading_platform_order.domain.alert import AlertKind, PendingAlert
from trading_platform_order.notifications.situation import Figures, Situation
from trading_platform_order.observability.live_look import LiveLook
from trading_platform_order.observability.settled_money import settled_money
from trading_platform_order.runtime.assembly import executor_settings
from trading_platform_order.runtime.engine import Engine
from trading_platform_order.runtime.paper.paper_market import mode_words
from trading_platform_order.runtime.settings.settings import Mode, Settings
from trading_platform_order.storage.base import SchemaMismatch, StoreUnavailable
from trading_platform_order.storage.sqlite.store import open_reader
from trading_platform_order.transport.clock import Clock


def situation_of(settings: Settings) -> Situation:
    """Without an engine."""
    return Situation(
        mode=settings.engine.mode.value,
        mode_words=mode_words(settings),
        account=settings.engine.account,
        # On the testnet one leg is play money and the other simulated.
        is_real=settings.engine.mode is Mode.LIVE,
    )


class EngineSituation:
    """Of one running engine; ``path``: its store, read beside it for the money of trades."""

    def __init__(self, settings: Settings, engine: Engine, *, clock: Clock, path: Path) -> None:
        self._base = situation_of(settings)
        self._clock = clock
        self._path = path
        self._executor = engine.executor
        self._look = LiveLook(
            executor=engine.executor,
            market=engine.market,
            settings=executor_settings(settings),
            bases=engine.bases,
            leverage=settings.binance.leverage,
        )

    async def __call__(self, pending: PendingAlert) -> Situation:
        """At this moment."""
        live = self._look.figures(self._clock.now())
        book = self._executor.book
        return Situation(
            mode=self._base.mode,
            mode_words=self._base.mode_words,
            account=self._base.account,
            is_real=self._base.is_real,
            figures=Figures(
                naked_krw=live.naked_krw,
                naked_s=live.naked_s,
                is_flat=not any(h.spot or h.short for h in book.ledger.holdings.values()),
                exit_cost_krw=live.exit_cost_krw,
                liquidation_rise=live.liquidation_rise,
                usdt_to_move=live.usdt_to_move,
            ),
            details=await self._details(pending),
        )

    async def _details(self, pending: PendingAlert) -> dict[str, str]:
        fields = pending.alert.fields
        names = [fields.get(name, "") for name in ("strategy", "signal_id", "symbol")]
        if pending.alert.kind not in {AlertKind.ENTRY, AlertKind.EXIT} or not all(names):
            return {}
        # In a thread with a reader of its own: what is read for a message holds up nothing.
        return await asyncio.to_thread(asyncio.run, self._read_money(*names))

    async def _read_money(self, strategy: str, signal_id: str, base: str) -> dict[str, str]:
        try:
            reader = open_reader(self._path, account=self._base.account)
        except (StoreUnavailable, SchemaMismatch):
            return {}  # the alert is sent without
        try:
            return await settled_money(reader, strategy=strategy, signal_id=signal_id, base=base)
        except StoreUnavailable:
            return {}
        finally:
            await reader.close()
