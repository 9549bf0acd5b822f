"""The page's texts in both languages, from the one catalogue that the commands read too."""

from functools import cache

from litestar import Response, get

from trading_platform_order.notifications.wording.messages import WORDINGS
from trading_platform_order.web.page.assets import SAFE_HEADERS
from trading_platform_order.words import (
    actions,
    common,
    explain,
    notices,
    page,
    page_figures,
    status,
)
from trading_platform_order.words.text import Language, Text, placeholders

TABLES: dict[str, dict[str, Text]] = {
    "page": page.PAGE,
    "gauge": page.GAUGES,
    "surveillance": page.SURVEILLANCE,
    "surveillance_note": page.SURVEILLANCE_NOTES,
    "outcome": page.OUTCOMES,
    "state": status.STATES,
    "trade_state": status.TRADE_STATES,
    "part": common.PARTS,
    "action": common.ACTIONS,
    "leg": common.LEGS,
    "side": common.SIDES,
    "venue": common.VENUES,
    "purpose": explain.PURPOSES,
    "order": explain.STATUSES,
    "alert_result": actions.ALERT_RESULTS | page_figures.DELIVERIES,
    "result": page_figures.RESULTS,
    "kind": page_figures.KINDS,
    "pair": notices.STATES,
    "column": page.COLUMNS,
}


@cache
def texts() -> dict[str, dict[str, str]]:
    """By language: ``table.key`` and its text."""
    found: dict[str, dict[str, str]] = {}
    for language in Language:
        own = {
            f"{table}.{key}": text.within(language, **_kept(text))
            for table, entries in TABLES.items()
            for key, text in entries.items()
        }
        titles = {
            f"alert.{kind}": wording.title if language is Language.EN else wording.title_ko
            for kind, wording in WORDINGS.items()
        }
        found[language] = own | titles
    return found


def _kept(text: Text) -> dict[str, str]:
    """Placeholders stay as they are: the page fills them in."""
    return {name: f"{{{name}}}" for name in placeholders(text.en)}


@get("/page/words", include_in_schema=False, sync_to_thread=False)
def words() -> Response[dict[str, dict[str, str]]]:
    """All of them; they tell nothing of the account."""
    return Response(texts(), headers=SAFE_HEADERS)
