"""Old journals replay for ever: what was recorded once leads to the same books as on that day."""

import json
from dataclasses import fields, is_dataclass
from typing import Any, get_args, get_type_hints

import pytest

from tests.data.recorded_journals import books_of, expected, recorded, recordings, store_of
from trading_platform_order.executor.journal.event_codec import durable_names, event_kinds
from trading_platform_order.executor.journal.replay import replay

JOURNALS = [(number, name) for number in recordings() for name in expected(number)]


@pytest.mark.parametrize(("number", "name"), JOURNALS)
async def test_a_recorded_journal_leads_to_the_same_books(number: int, name: str) -> None:
    rows = recorded(number)[name]
    store = store_of(rows)
    assert await store.verify_chain() == len(rows)
    assert books_of(await replay(store)) == expected(number)[name]
    assert await store.project() == len(rows)
    await store.close()


def test_every_kind_of_row_is_recorded() -> None:
    """A new kind needs a recording of its own, beside the old ones."""
    kinds = {
        row.kind
        for number in recordings()
        for journal in recorded(number).values()
        for row in journal
    }
    assert kinds == set(event_kinds())


def test_a_body_holds_the_written_names() -> None:
    names = durable_names()
    for number in recordings():
        for journal in recorded(number).values():
            for row in journal:
                event = event_kinds()[row.kind]
                assert set(json.loads(row.body)) <= set(names[event])


def test_names_are_written_out_for_every_value_in_a_body() -> None:
    nested: set[type] = set()
    for event in event_kinds().values():
        _values_in(event, nested)
    assert nested == set(durable_names())


def _values_in(kind: Any, found: set[type]) -> None:  # noqa: ANN401 - type hints are any object
    if isinstance(kind, type) and is_dataclass(kind):
        if kind not in found:
            found.add(kind)
            hints = get_type_hints(kind)
            for field in fields(kind):
                _values_in(hints[field.name], found)
        return
    for argument in get_args(kind):
        _values_in(argument, found)
