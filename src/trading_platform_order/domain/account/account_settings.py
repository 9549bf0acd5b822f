"""How the hedge account is set, and what of it our arithmetic does not allow. Pure.

The limits are reckoned for one-way mode, single-asset margin, crossed positions and the configured
leverage. Every one of these can be changed in the exchange's app
while the engine runs.
"""

from collections.abc import Iterator, Mapping
from dataclasses import field

from trading_platform_order.domain.value import value


@value
class AccountSettings:
    """As the exchange tells them.

    Attributes:
        may_trade: the account is not restricted.
        leverage: by symbol; ``isolated``: symbols that are not on crossed margin.
    """

    hedge_mode: bool = False
    multi_assets: bool = False
    may_trade: bool = True
    fees_in_bnb: bool = False
    leverage: Mapping[str, int] = field(default_factory=dict)
    isolated: frozenset[str] = frozenset()


@value
class SettingFault:
    """One setting that is not as it must be.

    Attributes:
        name: stable, e.g. ``hedge_mode`` or ``leverage BTCUSDT``.
        symbol: the one it concerns; empty for the whole account.
        text: what was found, and what follows.
        remedy: what an operator has to do.
        refuses_entries: no entry is begun while it is so.
        blocks_all_orders: the exchange refuses every order of ours while it is so.
    """

    name: str
    symbol: str = ""
    text: str
    remedy: str
    refuses_entries: bool = True
    blocks_all_orders: bool = False


def faults_of(found: AccountSettings, *, leverage: int) -> Iterator[SettingFault]:
    """Everything that is not as it must be; ``leverage``: as configured."""
    if found.hedge_mode:
        yield SettingFault(
            name="hedge_mode",
            text="the account is in hedge mode: Binance refuses every order (-4061)",
            remedy="choose one-way mode in the futures preferences; Binance asks for no open "
            "position or order, so close what is open by hand first",
            blocks_all_orders=True,
        )
    if not found.may_trade:
        yield SettingFault(
            name="may_trade",
            text="the account may not trade",
            remedy="ask the exchange's support why",
            blocks_all_orders=True,
        )
    if found.multi_assets:
        yield SettingFault(
            name="multi_assets",
            text="the account is in multi-assets mode: the margin figures do not hold",
            remedy="choose single-asset mode in the futures preferences",
        )
    if found.fees_in_bnb:
        yield SettingFault(
            name="fees_in_bnb",
            text="fees are paid in BNB: each counts at its price, your BNB nowhere",
            remedy="switch 'pay fees with BNB' off in the futures preferences",
            refuses_entries=False,
        )
    for symbol in sorted(found.isolated):
        yield SettingFault(
            name=f"margin_type {symbol}",
            symbol=symbol,
            text=f"{symbol} is on isolated margin: the limits are for crossed margin",
            remedy=f"choose crossed margin for {symbol}; close its orders and position first",
        )
    yield from _leverage(found, leverage)


def _leverage(found: AccountSettings, wanted: int) -> Iterator[SettingFault]:
    """Lower takes more margin than reckoned with; higher takes less and is told only."""
    for symbol, leverage in sorted(found.leverage.items()):
        if leverage != wanted:
            yield SettingFault(
                name=f"leverage {symbol}",
                symbol=symbol,
                text=f"leverage of {symbol} is {leverage}x, the engine set {wanted}x",
                remedy=f"set it to {wanted}x in the app, or restart the engine, which sets it",
                refuses_entries=leverage < wanted,
            )
