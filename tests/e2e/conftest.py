"""Servers that several end-to-end tests share."""

from collections.abc import Iterator

import pytest

from tests.e2e.postgres_server import Postgres, postgres_server


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A real PostgreSQL; each test makes a database of its own in it."""
    with postgres_server() as server:
        yield server
