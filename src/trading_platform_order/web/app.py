"""The application put together: handlers, problems, the document, and the signature around all."""

from typing import Any

from litestar import Litestar, get
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.openapi.config import OpenAPIConfig
from litestar.types import ASGIApp

from trading_platform_order.storage.base import InboxFull, StoreUnavailable
from trading_platform_order.web import problems
from trading_platform_order.web.auth import Signatures, SignedOnly
from trading_platform_order.web.commands_api import COMMANDS
from trading_platform_order.web.events_api import all_events
from trading_platform_order.web.metrics import metrics
from trading_platform_order.web.openapi import TITLE, VERSION, completed
from trading_platform_order.web.page.alerts_api import ALERTS
from trading_platform_order.web.page.assets import favicon, index, static
from trading_platform_order.web.page.login_api import LOGIN
from trading_platform_order.web.page.looks_api import LOOKS
from trading_platform_order.web.page.records_api import RECORDS
from trading_platform_order.web.page.texts import words
from trading_platform_order.web.problems import RequestRefused
from trading_platform_order.web.reads_api import READS
from trading_platform_order.web.signals_api import send_signal, signal_events, signal_outcome
from trading_platform_order.web.world import WebWorld


def make_app(world: WebWorld, signatures: Signatures) -> ASGIApp:
    """The API of one account."""
    document: dict[str, Any] = {}

    @get("/openapi.json", include_in_schema=False, sync_to_thread=False)
    def openapi() -> dict[str, Any]:
        return document

    app = Litestar(
        [
            index,
            favicon,
            static,
            words,
            *LOGIN,
            *LOOKS,
            *RECORDS,
            *ALERTS,
            send_signal,
            signal_outcome,
            signal_events,
            all_events,
            metrics,
            *READS,
            *COMMANDS,
            openapi,
        ],
        dependencies={"world": Provide(lambda: world, sync_to_thread=False)},
        exception_handlers={
            RequestRefused: problems.of_handler,
            HTTPException: problems.of_framework,
            StoreUnavailable: problems.of_store,
            InboxFull: problems.of_store,
        },
        openapi_config=OpenAPIConfig(title=TITLE, version=VERSION, use_handler_docstrings=True),
        logging_config=None,
        debug=False,
    )
    document |= completed(app.openapi_schema.to_schema())
    return SignedOnly(
        app,
        signatures,
        sessions=world.page.sessions,
        unread_s=world.unread_s,
        counters=world.counters,
    )
