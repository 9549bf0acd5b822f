"""What Upbit tells of a key's last day and of the coins' wallets: asked once, nothing is placed."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime

from trading_platform_order.domain.outcome import ReadFailed
from trading_platform_order.exchanges.upbit.requests import errors, wire
from trading_platform_order.exchanges.upbit.requests.errors import Failure
from trading_platform_order.exchanges.upbit.requests.rest import UpbitRest

KEYS_PATH, WALLETS_PATH = "/v1/api_keys", "/v1/status/wallet"
WORKING = "working"
UNREAD = "told in a way that cannot be read"


async def expiry(rest: UpbitRest, access_key: str) -> datetime | ReadFailed | None:
    """When this key ends; ``None`` if it is not among those that are told."""
    keys = await rest.read_rows(KEYS_PATH, [], wire.ApiKey, key="access_key", retry=False)
    if isinstance(keys, Failure):
        return errors.as_read_failed(keys, "expiry of the key")
    ends = next((key.expire_at for key in keys.rows if key.access_key == access_key), None)
    if ends is None and (why := keys.why_unread((access_key,))):
        return ReadFailed(reason=f"upbit expiry of the key: {why.replace(access_key, 'ours')}")
    if ends is not None and ends.tzinfo is None:
        return ReadFailed(reason="upbit expiry of the key: a time without a zone")
    return ends


async def suspended_wallets(rest: UpbitRest) -> Mapping[str, str] | ReadFailed:
    """Coins of which no network is known as ``working``, each with the states of its networks.

    A coin on several networks moves freely as long as one of them works.
    """
    rows = await rest.read_rows(WALLETS_PATH, [], wire.Wallet, key="currency", retry=False)
    if isinstance(rows, Failure):
        return errors.as_read_failed(rows, "wallets")
    states: dict[str, set[str]] = defaultdict(set)
    for name in rows.unread:
        states[name].add(UNREAD)
    for row in rows.rows:
        states[row.currency].add(row.wallet_state)
    return {
        coin: ", ".join(sorted(found)) for coin, found in states.items() if WORKING not in found
    }
