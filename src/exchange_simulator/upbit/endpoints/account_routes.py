"""The account's endpoints: balances, what may be ordered, transfers, the key, the networks."""

from datetime import timedelta
from decimal import Decimal

from exchange_simulator.clock import Clock
from exchange_simulator.decimals import plain
from exchange_simulator.upbit.accounts import Accounts, Transfer
from exchange_simulator.upbit.endpoints.queries import transfers
from exchange_simulator.upbit.endpoints.routing import Request, Routes, private
from exchange_simulator.upbit.errors import Refusal
from exchange_simulator.upbit.market_data.markets import Markets, need_market
from exchange_simulator.upbit.numbers import (
    MAX_TOTAL_KRW,
    kst_seconds,
)
from exchange_simulator.upbit.rules import Rules

_KEY_LIFE = timedelta(days=365)


class AccountRoutes:
    """The endpoints of one account and its one key.

    Attributes:
        transfers: finished deposits and withdrawals, oldest first.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        access_key: str,
        accounts: Accounts,
        markets: Markets,
        fee_rate: Decimal,
        rules: Rules,
    ) -> None:
        self._rules = rules
        self._clock = clock
        self._access_key = access_key
        self._key_ends_at = clock.now() + _KEY_LIFE
        self._accounts = accounts
        self._markets = markets
        self._fee_rate = fee_rate
        self.transfers: list[Transfer] = []

    def routes(self) -> Routes:
        """By method and path."""
        return {
            ("GET", "/v1/accounts"): private(self._get_accounts, needs="view_account"),
            ("GET", "/v1/orders/chance"): private(self._get_chance, needs="view_orders"),
            ("GET", "/v1/deposits"): private(self._get_deposits, needs="view_deposits"),
            ("GET", "/v1/deposit"): private(self._get_deposit, needs="view_deposits"),
            ("GET", "/v1/withdraws"): private(self._get_withdraws, needs="view_withdrawals"),
            ("GET", "/v1/withdraw"): private(self._get_withdraw, needs="view_withdrawals"),
            ("GET", "/v1/status/wallet"): private(self._get_wallets),
            ("GET", "/v1/api_keys"): private(self._get_keys),
        }

    def _get_accounts(self, _request: Request) -> object:
        return self._accounts.rest()

    def _get_chance(self, request: Request) -> object:
        code = need_market(self._markets, request.query.need("market")).code
        base, fee, least = (
            code.removeprefix("KRW-"),
            plain(self._fee_rate),
            plain(self._markets.min_total_krw),
        )
        common = ["best_fok", "best_ioc", "limit", "limit_fok", "limit_ioc"]
        return {
            "bid_fee": fee,
            "ask_fee": fee,
            "maker_bid_fee": fee,
            "maker_ask_fee": fee,
            "market": {
                "id": code,
                "name": f"{base}/KRW",
                "order_types": ["limit"],
                "order_sides": ["ask", "bid"],
                "bid_types": [*common, "price"],
                "ask_types": [*common, "market"],
                "bid": {"currency": "KRW", "min_total": least},
                "ask": {"currency": base, "min_total": least},
                "max_total": plain(MAX_TOTAL_KRW),
                "state": "suspended" if code in self._markets.suspended else "active",
            },
            "bid_account": self._accounts.rest_one("KRW"),
            "ask_account": self._accounts.rest_one(base),
        }

    # -- transfers ------------------------------------------------------------------------------

    def _get_deposits(self, request: Request) -> object:
        return self._list(request, "deposit")

    def _get_withdraws(self, request: Request) -> object:
        return self._list(request, "withdraw")

    def _get_deposit(self, request: Request) -> object:
        return self._one(request, "deposit")

    def _get_withdraw(self, request: Request) -> object:
        return self._one(request, "withdraw")

    def _list(self, request: Request, kind: str) -> object:
        rows = [transfer.shown() for transfer in self.transfers if transfer.kind == kind]
        return transfers(request.query, rows)

    def _one(self, request: Request, kind: str) -> object:
        """By uuid or txid, or else the latest."""
        uuid = request.query.get("uuid") or request.query.get("txid")
        rows = [transfer for transfer in self.transfers if transfer.kind == kind]
        found = [row for row in rows if uuid in {None, row.uuid}]
        if not found:
            raise Refusal(f"{kind}_not_found")
        return found[-1].shown()

    # -- the key and the networks ---------------------------------------------------------------

    def _get_keys(self, _request: Request) -> object:
        ends_at = self._rules.key_ends_at or self._key_ends_at
        return [{"access_key": self._access_key, "expire_at": kst_seconds(ends_at)}]

    def _get_wallets(self, _request: Request) -> object:
        bases = [code.removeprefix("KRW-") for code in self._markets.codes()]
        return [
            {
                "currency": base,
                "wallet_state": self._rules.wallet_states.get(base, "working"),
                "block_state": "normal",
                "block_height": 1_000_000,
                "block_updated_at": kst_seconds(self._clock.now()),
                "block_elapsed_minutes": 0,
                "net_type": base,
                "network_name": base,
            }
            for base in bases
        ]
