"""The server that other tests rely on keeps what was committed, whatever happens to it."""

import psycopg
import pytest

from tests.e2e.postgres_server import Postgres

pytestmark = pytest.mark.xdist_group("postgres")


def test_what_was_committed_is_there_after_it_was_killed(postgres: Postgres) -> None:
    url = postgres.url(postgres.new_database("CREATE TABLE kept (number int)"))
    with psycopg.connect(url) as connection:
        connection.execute("INSERT INTO kept VALUES (7)")
        connection.commit()
        connection.execute("INSERT INTO kept VALUES (8)")
        postgres.kill()
        postgres.start()
        with pytest.raises(psycopg.OperationalError):
            connection.commit()
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT number FROM kept").fetchall() == [(7,)]
