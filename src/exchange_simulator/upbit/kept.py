"""What the simulated Upbit remembers: balances, orders with their trades, ids, transfers."""

from dataclasses import replace
from typing import Any

import msgspec

from exchange_simulator.kept_state import Records, Snapshots, plain_values
from exchange_simulator.upbit.accounts import Accounts, Holding, Transfer
from exchange_simulator.upbit.endpoints.account_routes import AccountRoutes
from exchange_simulator.upbit.endpoints.order_routes import OrderRoutes
from exchange_simulator.upbit.trading.matching import Matching
from exchange_simulator.upbit.trading.orders import SimulatedOrder

_ASSET, _ORDER, _REFUSED = "upbit/asset/", "upbit/order/", "upbit/refused/"
_TRANSFER, _MADE = "upbit/transfer/", "upbit/made"


class UpbitKeeper:
    """Sees what changes in one exchange."""

    def __init__(
        self,
        *,
        accounts: Accounts,
        matching: Matching,
        orders: OrderRoutes,
        account: AccountRoutes,
    ) -> None:
        self._accounts = accounts
        self._matching = matching
        self._orders = orders
        self._account = account
        self._small = Snapshots()
        self._touched: dict[str, SimulatedOrder] = {}
        self._refused = self._transfers = 0
        matching.on_change = self._touch

    def _touch(self, order: SimulatedOrder) -> None:
        self._touched[order.uuid] = order

    def restore(self, records: Records) -> None:
        """See ``Keeper``."""
        if _MADE not in records:
            return
        self._small.known(_MADE, records[_MADE])
        holdings: dict[str, Holding] = {}
        for name, value in records.items():
            if name.startswith(_ASSET):
                self._small.known(name, value)
                holdings[name.removeprefix(_ASSET)] = msgspec.convert(value, Holding)
            elif name.startswith(_TRANSFER):
                self._account.transfers.append(msgspec.convert(value, Transfer))
            elif name.startswith(_REFUSED):
                self._orders.refused.append(value)
        self._transfers, self._refused = len(self._account.transfers), len(self._orders.refused)
        self._accounts.restore(holdings)
        orders = (value for name, value in records.items() if name.startswith(_ORDER))
        self._matching.restore(
            [msgspec.convert(value, SimulatedOrder) for value in orders], records[_MADE]
        )
        self._orders.remember_identifiers()

    def changes(self) -> dict[str, Any]:
        """See ``Keeper``."""
        touched, self._touched = self._touched, {}
        found = {
            f"{_ORDER}{uuid}": plain_values(replace(order, shown=None))
            for uuid, order in touched.items()
        }
        found |= self._small.changed(
            {f"{_ASSET}{asset}": plain_values(held) for asset, held in self._accounts.holdings()}
            | {_MADE: list(self._matching.made)}
        )
        refused, transfers = self._orders.refused, self._account.transfers
        for number in range(self._refused, len(refused)):
            found[f"{_REFUSED}{number}"] = refused[number]
        for number in range(self._transfers, len(transfers)):
            found[f"{_TRANSFER}{number}"] = plain_values(transfers[number])
        self._refused, self._transfers = len(refused), len(transfers)
        return found
