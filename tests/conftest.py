"""What every test may use."""

import decimal
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.e2e.postgres_server import Postgres, postgres_server

# A busy machine is no fault of an example, so none has a deadline. In continuous integration the
# examples are the same for the same code; everywhere else they are new each time.
new = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("new", new)
settings.register_profile("ci", new, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "new")

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real market data beside the repository; tests skip only where it is absent.

    ``SHARED_FOLDER`` names the folder ``shared`` where it stands elsewhere.
    """
    shared = os.environ.get("SHARED_FOLDER")
    folder = (Path(shared) if shared else REPOSITORY.parent / "shared") / "data"
    if not folder.is_dir():
        pytest.skip(f"no real market data: {folder} does not exist")
    return folder


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A real PostgreSQL; each test makes a database or a schema of its own in it."""
    with postgres_server() as server:
        yield server


@pytest.fixture(autouse=True)
def _own_decimal_context() -> Iterator[None]:
    """A library may change the whole process's rounding; ccxt does when it formats numbers."""
    with decimal.localcontext(decimal.Context(prec=28, rounding=decimal.ROUND_HALF_EVEN)):
        yield
