"""Logins: what a cookie is worth, for how long, and how often one may guess."""

import pytest

from trading_platform_order.web.key import Key
from trading_platform_order.web.page.login_limits import (
    ALL_TRIES_MAX,
    TRIES_MAX,
    WINDOW_S,
    LoginLimits,
)
from trading_platform_order.web.page.passwords import Passwords, hashed
from trading_platform_order.web.page.sessions import (
    SESSIONS_MAX,
    Sessions,
    cookie_of,
    has_csrf,
    is_from_page,
    token_of,
)

PASSWORD = "correct horse battery"
KEY = "k" * 32


class Clock:
    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def test_a_session_lives_while_it_is_used() -> None:
    clock = Clock()
    sessions = Sessions(idle_s=60, now_s=clock)
    token, begun = sessions.begin(Key.READER, "Kim")
    cookie = f"other=1; tporder={token}"
    clock.now_s += 59
    assert sessions.of(cookie) is begun
    clock.now_s += 59
    assert sessions.of(cookie) is begun
    clock.now_s += 61
    assert sessions.of(cookie) is None
    assert begun.who == "Kim (reader, page)"


def test_only_its_own_text_opens_a_session() -> None:
    sessions = Sessions(idle_s=60, now_s=Clock())
    token, _ = sessions.begin(Key.OPERATOR, "")
    assert sessions.of("") is None
    assert sessions.of(f"tporder={token}x") is None
    assert sessions.of("tporder=") is None
    sessions.end(f"tporder={token}")
    assert sessions.of(f"tporder={token}") is None


def test_the_oldest_session_makes_room() -> None:
    sessions = Sessions(idle_s=60, now_s=Clock())
    tokens = [sessions.begin(Key.READER, "")[0] for _ in range(SESSIONS_MAX + 1)]
    assert sessions.of(f"tporder={tokens[0]}") is None
    assert sessions.of(f"tporder={tokens[1]}") is not None


def test_the_cookie_is_out_of_reach() -> None:
    plain = cookie_of("abc", is_secure=False, age_s=60)
    over_tls = cookie_of("abc", is_secure=True, age_s=60)
    assert plain == "tporder=abc; Max-Age=60; Path=/; HttpOnly; SameSite=Strict"
    assert over_tls.startswith("__Host-tporder=abc;")
    assert over_tls.endswith("; Secure")
    assert token_of("a=b; __Host-tporder=xyz") == "xyz"


@pytest.mark.parametrize(
    ("headers", "is_ours"),
    [
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "same-site"}, False),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"origin": "http://127.0.0.1:1", "host": "127.0.0.1:1"}, True),
        ({"origin": "http://127.0.0.1:2", "host": "127.0.0.1:1"}, False),
        ({"origin": "null", "host": "127.0.0.1:1"}, False),
        ({"host": "127.0.0.1:1"}, True),
    ],
)
def test_another_site_is_told_from_the_page(headers: dict[str, str], is_ours: bool) -> None:
    assert is_from_page(headers) == is_ours


def test_only_the_text_of_this_session_counts() -> None:
    sessions = Sessions(idle_s=60, now_s=Clock())
    (_, one), (_, two) = (sessions.begin(Key.OPERATOR, "") for _ in range(2))
    assert has_csrf({"x-tporder-csrf": one.csrf}, one)
    assert not has_csrf({"x-tporder-csrf": two.csrf}, one)
    assert not has_csrf({}, one)


def test_guessing_waits() -> None:
    limits = LoginLimits()
    for second in range(TRIES_MAX):
        assert limits.wait_s("a", second) == 0
        limits.trying("a", second)
    assert limits.wait_s("a", TRIES_MAX) == pytest.approx(WINDOW_S - TRIES_MAX)
    assert limits.wait_s("b", TRIES_MAX) == 0
    assert limits.wait_s("a", WINDOW_S) == 0


def test_many_addresses_are_no_way_around_and_lock_no_operator_out() -> None:
    limits = LoginLimits()
    limits.trying("home", 0)
    limits.succeeded("home")
    for number in range(ALL_TRIES_MAX):
        limits.trying(f"stranger-{number}", 1)
    assert limits.wait_s("another", 2) > 0
    assert limits.wait_s("home", 2) == 0


def test_the_right_password_forgets_the_wrong_tries() -> None:
    limits = LoginLimits()
    for _ in range(TRIES_MAX - 1):
        limits.trying("a", 0)
    limits.trying("a", 1)
    limits.succeeded("a")
    assert limits.wait_s("a", 1) == 0


async def test_a_password_or_a_key_opens_its_own_role() -> None:
    passwords = Passwords(
        hashes={Key.READER: hashed(PASSWORD)}, secrets={Key.OPERATOR: KEY, Key.READER: "r" * 32}
    )
    assert await passwords.key_of(PASSWORD) is Key.READER
    assert await passwords.key_of(KEY) is Key.OPERATOR
    assert await passwords.key_of("r" * 32) is Key.READER
    for wrong in (PASSWORD + "x", "", "nobody", KEY[:-1]):
        assert await passwords.key_of(wrong) is None, wrong


async def test_a_damaged_hash_opens_nothing() -> None:
    passwords = Passwords(hashes={Key.OPERATOR: "$argon2id$damaged"}, secrets={})
    assert await passwords.key_of("anything") is None
