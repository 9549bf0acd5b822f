"""Account settings that are not as they must be: each is named, with what follows and a cure."""

from trading_platform_order.domain.account.account_settings import (
    AccountSettings,
    SettingFault,
    faults_of,
)

WRONG = AccountSettings(
    hedge_mode=True,
    multi_assets=True,
    may_trade=False,
    fees_in_bnb=True,
    leverage={"ETHUSDT": 1, "BTCUSDT": 5, "XRPUSDT": 2},
    isolated=frozenset({"BTCUSDT"}),
)


def test_an_account_as_it_must_be_has_none() -> None:
    assert list(faults_of(AccountSettings(leverage={"BTCUSDT": 2}), leverage=2)) == []


def test_every_fault_is_named_with_its_remedy() -> None:
    assert list(faults_of(WRONG, leverage=2)) == [
        SettingFault(
            name="hedge_mode",
            text="the account is in hedge mode: Binance refuses every order (-4061)",
            remedy="choose one-way mode in the futures preferences; Binance asks for no open "
            "position or order, so close what is open by hand first",
            blocks_all_orders=True,
        ),
        SettingFault(
            name="may_trade",
            text="the account may not trade",
            remedy="ask the exchange's support why",
            blocks_all_orders=True,
        ),
        SettingFault(
            name="multi_assets",
            text="the account is in multi-assets mode: the margin figures do not hold",
            remedy="choose single-asset mode in the futures preferences",
        ),
        SettingFault(
            name="fees_in_bnb",
            text="fees are paid in BNB: each counts at its price, your BNB nowhere",
            remedy="switch 'pay fees with BNB' off in the futures preferences",
            refuses_entries=False,
        ),
        SettingFault(
            name="margin_type BTCUSDT",
            symbol="BTCUSDT",
            text="BTCUSDT is on isolated margin: the limits are for crossed margin",
            remedy="choose crossed margin for BTCUSDT; close its orders and position first",
        ),
        SettingFault(
            name="leverage BTCUSDT",
            symbol="BTCUSDT",
            text="leverage of BTCUSDT is 5x, the engine set 2x",
            remedy="set it to 2x in the app, or restart the engine, which sets it",
            refuses_entries=False,
        ),
        SettingFault(
            name="leverage ETHUSDT",
            symbol="ETHUSDT",
            text="leverage of ETHUSDT is 1x, the engine set 2x",
            remedy="set it to 2x in the app, or restart the engine, which sets it",
        ),
    ]
