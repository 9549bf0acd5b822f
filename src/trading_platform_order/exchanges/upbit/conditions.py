"""What Upbit tells of a key's last day and of the coins' wallets: asked once, nothing is placed."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime

from trading_platform_order.domain.outcome import ReadFailed
from trading_platform_order.exchanges.upbit import errors, wire
from trading_platform_order.exchanges.upbit.errors import Failure
from trading_platform_order.exchanges.upbit.rest import UpbitRest

KEYS_PATH, WALLETS_PATH = "/v1/api_keys", "/v1/status/wallet"
WORKING = "working"


async def expiry(rest: UpbitRest, access_key: str) -> datetime | ReadFailed | None:
    """When this key ends; ``None`` if it is not among those that are told."""
    keys = await rest.read(KEYS_PATH, [], list[wire.ApiKey], retry=False)
    if isinstance(keys, Failure):
        return errors.as_read_failed(keys, "expiry of the key")
    ends = next((key.expire_at for key in keys if key.access_key == access_key), None)
    if ends is not None and ends.tzinfo is None:
        return ReadFailed(reason="upbit expiry of the key: a time without a zone")
    return ends


async def suspended_wallets(rest: UpbitRest) -> Mapping[str, str] | ReadFailed:
    """Coins of which no network is ``working``, each with the states of its networks.

    A coin on several networks moves freely as long as one of them works.
    """
    rows = await rest.read(WALLETS_PATH, [], list[wire.Wallet], retry=False)
    if isinstance(rows, Failure):
        return errors.as_read_failed(rows, "wallets")
    states: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        states[row.currency].add(row.wallet_state)
    return {
        coin: ", ".join(sorted(found)) for coin, found in states.items() if WORKING not in found
    }
