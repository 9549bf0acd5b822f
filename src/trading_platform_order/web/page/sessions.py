"""Who is logged in at the page: kept in memory, so the end of the process logs everybody out.

A session is known by a random text in a cookie that no script can read and no other site can make a
browser send. Whatever changes something must carry a second text as a header, which only the page
itself was told.
"""

import hashlib
import hmac
import re
import secrets
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from trading_platform_order.web.key import Key

COOKIE = "tporder"
SECURE_COOKIE = "__Host-tporder"
CSRF = "x-tporder-csrf"
SESSIONS_MAX = 64
TOKEN_BYTES = 32
NAME = re.compile(r"[^\W_][\w .@+-]{0,39}")
"""What somebody may call themselves: it stands in reasons, which are kept for good."""


@dataclass(slots=True, kw_only=True)
class Session:
    """One login.

    Attributes:
        key: what it may do.
        who: as it is written beside a reason.
        csrf: what the page must send with everything that changes something.
        until_s: it ends then, of a monotonic clock.
    """

    key: Key
    who: str
    csrf: str
    until_s: float


@dataclass(slots=True, kw_only=True)
class Sessions:
    """Those that are open; the oldest goes when there are too many.

    Attributes:
        idle_s: a session that is not used for so long ends.
        now_s: a monotonic clock.
    """

    idle_s: float
    now_s: Callable[[], float]
    _open: OrderedDict[str, Session] = field(default_factory=OrderedDict)

    def begin(self, key: Key, name: str) -> tuple[str, Session]:
        """A new session, and the text that its cookie holds."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        who = f"{name} ({key}, page)" if name else f"{key}, page"
        session = Session(
            key=key,
            who=who,
            csrf=secrets.token_urlsafe(TOKEN_BYTES),
            until_s=self.now_s() + self.idle_s,
        )
        while len(self._open) >= SESSIONS_MAX:
            self._open.popitem(last=False)
        self._open[_digest(token)] = session
        return token, session

    def of(self, cookie: str) -> Session | None:
        """The session of a request by its header `cookie`; it is used from now on."""
        token = token_of(cookie)
        session = self._open.get(_digest(token)) if token else None
        if session is None:
            return None
        now_s = self.now_s()
        if session.until_s < now_s:
            self.end(cookie)
            return None
        session.until_s = now_s + self.idle_s
        return session

    def end(self, cookie: str) -> None:
        """Log out; nothing happens if it is not known."""
        self._open.pop(_digest(token_of(cookie)), None)


def _digest(token: str) -> str:
    """Looked up by its digest: how long a look-up takes tells nothing of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def token_of(cookie: str) -> str:
    """What our cookie holds in a header `cookie`; empty if it is not there."""
    for part in cookie.split(";"):
        name, _, value = part.strip().partition("=")
        if name in {COOKIE, SECURE_COOKIE}:
            return value
    return ""


def cookie_of(token: str, *, is_secure: bool, age_s: int) -> str:
    """The header `set-cookie`; with an age of 0 it takes the cookie back."""
    name = SECURE_COOKIE if is_secure else COOKIE
    flags = "; Path=/; HttpOnly; SameSite=Strict" + ("; Secure" if is_secure else "")
    return f"{name}={token}; Max-Age={age_s}{flags}"


def is_from_page(headers: Mapping[str, str]) -> bool:
    """No other site made the browser send it, as far as the browser tells."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = headers.get("origin")
    return origin is None or origin.partition("://")[2] == headers.get("host")


def has_csrf(headers: Mapping[str, str], session: Session) -> bool:
    """It carries what only the page was told."""
    return hmac.compare_digest(headers.get(CSRF, "").encode(), session.csrf.encode())
