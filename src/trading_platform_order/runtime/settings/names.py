"""Names and addresses in the settings that must be so before anything is asked of anybody."""

import re
from collections import Counter
from collections.abc import Iterable
from urllib.parse import urlsplit

from trading_platform_order.runtime.settings.base import SettingsRefused

_BASE_ASSET = re.compile(r"[A-Z0-9]{1,20}")
_ACCOUNT = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_MARKETS = (re.compile(r"KRW-(.+)"), re.compile(r"(.+)-KRW"), re.compile(r"(.+)USDT"))


def check_symbols(symbols: Iterable[str]) -> None:
    """Base assets as both exchanges write them, each once.

    Raises:
        SettingsRefused: one cannot be a base asset; says what to write instead.
    """
    listed = list(symbols)
    if not listed or not all(listed):
        raise SettingsRefused("engine.symbols must name at least one base asset, e.g. BTC")
    for symbol in listed:
        meant = _meant(symbol)
        if meant == symbol:
            continue
        remedy = (
            f"write {meant}" if meant else "a base asset has letters A to Z and digits, e.g. BTC"
        )
        raise SettingsRefused(f"engine.symbols: {symbol!r} is no base asset; {remedy}")
    twice = sorted(symbol for symbol, times in Counter(listed).items() if times > 1)
    if twice:
        raise SettingsRefused(f"engine.symbols names {', '.join(twice)} more than once")


def _meant(symbol: str) -> str:
    """The base asset that was meant; empty if there is no telling."""
    text = symbol.strip().upper()
    for market in _MARKETS:
        found = market.fullmatch(text)
        if found is not None:
            text = found[1]
    return text if _BASE_ASSET.fullmatch(text) else ""


def check_account(account: str) -> None:
    """A name that stays within the store's folder.

    Raises:
        SettingsRefused: it cannot be one.
    """
    if not _ACCOUNT.fullmatch(account):
        raise SettingsRefused(
            f"engine.account {account!r} cannot be an account name: use a-z, 0-9, _ and -, at "
            "most 64, and begin with a letter or digit"
        )


def check_address(key: str, url: str, *, is_stream: bool = False, is_secret: bool = False) -> None:
    """An encrypted address; loopback needs no encryption. Empty is for the caller to judge.

    Raises:
        SettingsRefused: it is not; one that is a secret is not shown.
    """
    safe, plain = ("wss", "ws") if is_stream else ("https", "http")
    try:
        parts = urlsplit(url)
        scheme, host = parts.scheme, parts.hostname
    except ValueError:
        scheme, host = "", None
    if host and (scheme == safe or (scheme == plain and host in _LOOPBACK)):
        return
    shown = "" if is_secret else f" {url!r}"
    raise SettingsRefused(
        f"{key}{shown} must be an address that begins with {safe}:// ({plain}:// is taken on this "
        "machine's loopback only)"
    )
