"""The store's tests run on every kind of store."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.stores import PostgresBed, SqliteBed, StoreBed

POSTGRES = pytest.param("postgresql", marks=pytest.mark.xdist_group("postgres"))


@pytest.fixture(params=["sqlite", POSTGRES])
async def bed(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[StoreBed]:
    """A store that nobody has opened yet."""
    made: StoreBed
    if request.param == "sqlite":
        made = SqliteBed(tmp_path / "store.db")
    else:
        made = PostgresBed(request.getfixturevalue("postgres").url())
    yield made
    await made.close()
