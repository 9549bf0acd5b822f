"""What the simulated Binance remembers: wallet, positions, settings, orders, stops, income, ids."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import msgspec

from exchange_simulator.binance.margin.account import Account, Income, SimulatedPosition
from exchange_simulator.binance.market_data.market import Market
from exchange_simulator.binance.trading.algo import AlgoOrders
from exchange_simulator.binance.trading.algo_order import SimulatedAlgo
from exchange_simulator.binance.trading.matching import Matching
from exchange_simulator.binance.trading.order import SimulatedOrder
from exchange_simulator.kept_state import Records, Snapshots, plain_values

_POSITION, _ORDER, _ALGO = "binance/position/", "binance/order/", "binance/algo/"
_INCOME, _MADE = "binance/income/", "binance/made"
_WALLET, _SETTINGS, _ADVANCED = "binance/wallet", "binance/settings", "binance/advanced_ms"


class _Settings(msgspec.Struct, kw_only=True):
    leverage: dict[str, int]
    hedge_mode: bool
    multi_assets: bool
    burns_bnb: bool
    isolated: set[str]
    isolated_wallets: dict[str, str]


class BinanceKeeper:
    """Sees what changes in one exchange."""

    def __init__(
        self, *, account: Account, matching: Matching, algo: AlgoOrders, market: Market
    ) -> None:
        self._account = account
        self._matching = matching
        self._algo = algo
        self._market = market
        self._small = Snapshots()
        self._orders: dict[str, SimulatedOrder] = {}
        self._algos: dict[int, SimulatedAlgo] = {}
        self._income = 0
        matching.on_change = self._touch
        algo.on_change = self._touch_algo

    def _touch(self, order: SimulatedOrder) -> None:
        self._orders[f"{order.symbol}/{order.order_id}"] = order

    def _touch_algo(self, algo: SimulatedAlgo) -> None:
        self._algos[algo.algo_id] = algo

    def restore(self, records: Records) -> None:
        """See ``Keeper``."""
        if _WALLET not in records:
            return
        for name in (_WALLET, _SETTINGS, _MADE):
            self._small.known(name, records.get(name))
        positions: dict[str, SimulatedPosition] = {}
        for name, value in records.items():
            if name.startswith(_POSITION):
                self._small.known(name, value)
                positions[name.removeprefix(_POSITION)] = msgspec.convert(value, SimulatedPosition)
            elif name.startswith(_INCOME):
                self._account.income.append(msgspec.convert(value, Income))
        self._income = len(self._account.income)
        self._account.positions |= positions
        self._restore_account(records)
        orders = [
            msgspec.convert(value, SimulatedOrder)
            for name, value in records.items()
            if name.startswith(_ORDER)
        ]
        self._matching.restore(orders, records.get(_MADE, {}))
        self._algo.restore(
            [
                msgspec.convert(value, SimulatedAlgo)
                for name, value in records.items()
                if name.startswith(_ALGO)
            ]
        )
        self._market.resume(records.get(_ADVANCED))

    def _restore_account(self, records: Records) -> None:
        account, settings = self._account, msgspec.convert(records[_SETTINGS], _Settings)
        account.wallet, account.bnb = map(Decimal, records[_WALLET])
        account.leverage = dict(settings.leverage)
        account.hedge_mode, account.multi_assets = settings.hedge_mode, settings.multi_assets
        account.burns_bnb, account.isolated = settings.burns_bnb, set(settings.isolated)
        account.isolated_wallets = {
            name: Decimal(amount) for name, amount in settings.isolated_wallets.items()
        }

    def changes(self) -> dict[str, Any]:
        """See ``Keeper``."""
        orders, self._orders = self._orders, {}
        algos, self._algos = self._algos, {}
        found = {
            f"{_ORDER}{name}": plain_values(replace(order, shown=None))
            for name, order in orders.items()
        }
        found |= {
            f"{_ALGO}{name}": plain_values(replace(algo, child=None))
            for name, algo in algos.items()
        }
        income = self._account.income
        for number in range(self._income, len(income)):
            found[f"{_INCOME}{number}"] = plain_values(income[number])
        self._income = len(income)
        found |= self._small.changed(self._small_values())
        if found:
            # Settlements up to here are paid; those of a time without us are paid at the start.
            found[_ADVANCED] = self._market.advanced_ms
        return found

    def _small_values(self) -> dict[str, Any]:
        account = self._account
        settings = {
            "leverage": dict(account.leverage),
            "hedge_mode": account.hedge_mode,
            "multi_assets": account.multi_assets,
            "burns_bnb": account.burns_bnb,
            "isolated": sorted(account.isolated),
            "isolated_wallets": plain_values(account.isolated_wallets),
        }
        positions = {
            f"{_POSITION}{holding}": plain_values(position)
            for holding, position in account.positions.items()
            if position.update_ms or position.quantity
        }
        return {
            _WALLET: [str(account.wallet), str(account.bnb)],
            _SETTINGS: settings,
            _MADE: dict(self._matching.made),
            **positions,
        }
