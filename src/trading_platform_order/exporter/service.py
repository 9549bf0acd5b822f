"""From settings to a running exporter. Only here is a database named that can be exported to."""

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path

from trading_platform_order.exporter.destination import DestinationUnfit, ExportedElsewhere
from trading_platform_order.exporter.figures import Figures, served
from trading_platform_order.exporter.layout import Layout
from trading_platform_order.exporter.layout_1_0 import Layout10
from trading_platform_order.exporter.layout_3_0 import Layout30
from trading_platform_order.exporter.postgres import PostgresStorage
from trading_platform_order.exporter.stop_exchange import StopExchange
from trading_platform_order.exporter.worker import Exporter
from trading_platform_order.runtime.settings.sections.exporter import StorageLayout
from trading_platform_order.runtime.settings.settings import Settings, SettingsRefused
from trading_platform_order.signals.arrival.wakeup import knock_at, wake_path
from trading_platform_order.storage.base import StoreUnavailable
from trading_platform_order.storage.postgres.address import Address
from trading_platform_order.transport.clock import SystemClock

__all__ = ["DestinationUnfit", "ExportedElsewhere", "run_exporter"]

_LAYOUTS: dict[StorageLayout, type[Layout]] = {
    StorageLayout.V1_0: Layout10,
    StorageLayout.V3_0: Layout30,
}
FLAG_OFF = "exporter.emergency_flag is off"


async def run_exporter(
    settings: Settings, announce: Callable[[str], None], stop: asyncio.Event
) -> None:
    """Run until ``stop`` is set. It needs no engine, and waits for a store and for a database.

    Raises:
        SettingsRefused: no database is named.
        DestinationUnfit: the database cannot take the layout, or refused a row.
        ExportedElsewhere: it holds the export of another journal, or has another exporter.
        ChainBroken: the journal is not what was written.
        JournalUnreadable: another version of this program wrote it.
    """
    section, account = settings.exporter, settings.engine.account
    if not section.url:
        raise SettingsRefused("exporter.url is empty: name the storage database")
    path = Path(settings.store.path)
    layout = _LAYOUTS[section.layout](account)
    clock, figures = SystemClock(), Figures()
    knock = partial(knock_at, wake_path(path, account))
    stops = StopExchange(path=path, account=account, clock=clock, knock=knock)
    if not section.emergency_flag:
        try:
            await stops.forget(FLAG_OFF)
        except StoreUnavailable as problem:
            announce(f"warning: {problem}")
    address = Address(
        url=section.url,
        username=section.username,
        password=section.password.reveal(),
        schema=section.schema,
        program="tporder exporter",
    )
    exporter = Exporter(
        path=path,
        account=account,
        destination=PostgresStorage(address, account=account),
        layout=layout,
        stops=stops if section.emergency_flag else None,
        clock=clock,
        poll_s=section.poll_s,
        batch_rows=section.batch_rows,
        figures=figures,
        tell=announce,
    )
    with served(figures, section.metrics_port):
        announce(f"exporter ready: account {account}, layout {layout.version}")
        async with asyncio.TaskGroup() as group:
            running = group.create_task(exporter.run(), name="exporter")
            await stop.wait()
            running.cancel()
