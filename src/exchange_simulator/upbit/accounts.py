"""Balances of the one account: available, locked, average buy price, deposits and withdrawals."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from exchange_simulator.decimals import ZERO, plain
from exchange_simulator.upbit.numbers import kst_seconds, number


@dataclass(slots=True)
class Holding:
    """One asset; ``average_price`` is KRW paid per unit of what is held."""

    available: Decimal = ZERO
    locked: Decimal = ZERO
    average_price: Decimal = ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """One finished deposit or withdrawal."""

    kind: str
    uuid: str
    asset: str
    amount: Decimal
    at: datetime

    def shown(self) -> dict[str, Any]:
        """As GET /v1/deposits and /v1/withdraws show it."""
        is_deposit = self.kind == "deposit"
        value: dict[str, Any] = {
            "type": "deposit" if is_deposit else "withdraw",
            "uuid": self.uuid,
            "currency": self.asset,
            "net_type": None if self.asset == "KRW" else self.asset,
            "txid": self.uuid,
            "state": "ACCEPTED" if is_deposit else "DONE",
            "created_at": kst_seconds(self.at),
            "done_at": kst_seconds(self.at),
            "amount": plain(self.amount),
            "fee": "0",
            "transaction_type": "default",
        }
        if not is_deposit:
            value["is_cancelable"] = False
        return value


class Accounts:
    """All holdings, and which of them changed since last asked."""

    def __init__(self, balances: dict[str, Decimal]) -> None:
        self._holdings = {asset: Holding(available=amount) for asset, amount in balances.items()}
        self._holdings.setdefault("KRW", Holding())
        self._changed: dict[str, None] = {}

    def holdings(self) -> list[tuple[str, Holding]]:
        """Every asset there ever was."""
        return list(self._holdings.items())

    def restore(self, holdings: dict[str, Holding]) -> None:
        """Hold these and nothing else."""
        self._holdings = {"KRW": Holding(), **holdings}

    def __getitem__(self, asset: str) -> Holding:
        """The holding of an asset, zero if there never was any."""
        return self._holdings.setdefault(asset, Holding())

    def add(self, asset: str, amount: Decimal) -> None:
        """Add to (or, if negative, take from) what is available."""
        self[asset].available += amount
        self._changed[asset] = None

    def lock(self, asset: str, amount: Decimal) -> bool:
        """Set aside; false if there is not enough."""
        holding = self[asset]
        if holding.available < amount:
            return False
        holding.available -= amount
        holding.locked += amount
        self._changed[asset] = None
        return True

    def unlock(self, asset: str, amount: Decimal) -> None:
        """Give back what was set aside."""
        self.spend_locked(asset, amount)
        self[asset].available += amount

    def spend_locked(self, asset: str, amount: Decimal) -> None:
        """What was set aside leaves the account."""
        self[asset].locked -= amount
        self._changed[asset] = None

    def receive_bought(self, asset: str, volume: Decimal, *, funds_krw: Decimal) -> None:
        """Coins bought arrive, and move the average buy price."""
        holding = self[asset]
        held = holding.available + holding.locked
        paid = held * holding.average_price + funds_krw
        holding.average_price = paid / (held + volume)
        self.add(asset, volume)

    def take_changed(self) -> list[str]:
        """The assets that changed since this was last called."""
        changed = list(self._changed)
        self._changed.clear()
        return changed

    def rest(self) -> list[dict[str, Any]]:
        """GET /v1/accounts: KRW and every asset that is not zero."""
        return [
            self.rest_one(asset)
            for asset, holding in self._holdings.items()
            if asset == "KRW" or holding.available + holding.locked != 0
        ]

    def rest_one(self, asset: str) -> dict[str, Any]:
        """One row of GET /v1/accounts."""
        holding = self[asset]
        return {
            "currency": asset,
            "balance": plain(holding.available),
            "locked": plain(holding.locked),
            "avg_buy_price": plain(holding.average_price),
            "avg_buy_price_modified": asset == "KRW",
            "unit_currency": "KRW",
        }

    def stream_one(self, asset: str) -> dict[str, Any]:
        """One row of a ``myAsset`` event."""
        holding = self[asset]
        return {
            "currency": asset,
            "balance": number(holding.available),
            "locked": number(holding.locked),
        }

    def totals(self) -> dict[str, Decimal]:
        """Available plus locked, by asset."""
        return {asset: held.available + held.locked for asset, held in self._holdings.items()}

    def state(self) -> dict[str, dict[str, str]]:
        """All holdings for the control interface."""
        return {
            asset: {"available": plain(holding.available), "locked": plain(holding.locked)}
            for asset, holding in self._holdings.items()
        }
