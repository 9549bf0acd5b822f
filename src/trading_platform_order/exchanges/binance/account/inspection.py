"""What the doctor asks of Binance: modes, fees, margin type, leverage and the key's rights."""

from collections.abc import Awaitable, Callable

from trading_platform_order.domain.outcome import ReadFailed, Refused, Unknown
from trading_platform_order.exchanges.base import Finding, Level
from trading_platform_order.exchanges.binance.account.settings import MarginType, Settings
from trading_platform_order.exchanges.binance.requests.answers import Failure
from trading_platform_order.exchanges.binance.requests.errors import BY_KIND, Kind
from trading_platform_order.exchanges.binance.requests.rest import RestClient
from trading_platform_order.exchanges.binance.requests.wire import AccountConfigWire, FeeBurnWire

KEY_REMEDY = (
    "in Binance's API management: the key must exist, allow futures and this machine's IP address"
)


HEDGE_REMEDY = "close all positions and orders, then choose one-way mode in the futures preferences"
ASSETS_REMEDY = (
    "close all positions and orders, then choose single-asset mode in the futures preferences"
)
_MAY_NOT = frozenset(f"binance:{code}" for code in BY_KIND[Kind.AUTH_FAILED])


async def inspect(
    *,
    rest: RestClient,
    settings: Settings,
    symbols: tuple[str, ...],
    leverage: int,
    spot_url: str,
    test_order: Callable[[str], Awaitable[Refused | Unknown | None]],
) -> tuple[Finding, ...]:
    """Every finding; reads only.

    Args:
        rest: the account's connection.
        settings: reads settings and rights.
        symbols: to be traded.
        leverage: as configured.
        spot_url: the host that tells the key's rights; empty where there is none (demo hosts).
        test_order: has a smallest order of a symbol judged without placing it.
    """
    findings = [*await _account(rest), *await _fees(rest)]
    for symbol in symbols:
        findings += await _symbol(settings, symbol, leverage)
    findings += await _orders(symbols[0], test_order)
    if spot_url:
        findings.append(await _key(settings, spot_url))
    return tuple(findings)


async def _account(rest: RestClient) -> list[Finding]:
    """How the account as a whole is set."""
    subject = "binance account"
    found = await rest.read("/fapi/v1/accountConfig", (), AccountConfigWire, weight=5)
    if isinstance(found, Failure):
        return [Finding(level=Level.FAULT, subject=subject, text=found.reason, remedy=KEY_REMEDY)]
    faults = (
        (found.dual_side_position, "the account is in hedge mode", HEDGE_REMEDY),
        (found.multi_assets_margin, "the account is in multi-assets mode", ASSETS_REMEDY),
        (not found.can_trade, "the account may not trade", "ask Binance's support why"),
    )
    findings = [
        Finding(level=Level.FAULT, subject=subject, text=text, remedy=remedy)
        for is_so, text, remedy in faults
        if is_so
    ]
    if not findings:
        text = "one-way mode, single-asset mode"
        findings.append(Finding(level=Level.OK, subject=subject, text=text))
    return findings


async def _fees(rest: RestClient) -> list[Finding]:
    burn = await rest.read("/fapi/v1/feeBurn", (), FeeBurnWire, weight=30)
    if isinstance(burn, Failure) or not burn.fee_burn:
        return []
    return [
        Finding(
            level=Level.WARNING,
            subject="binance fees",
            text="fees are paid in BNB: each counts at its price, your BNB nowhere",
            remedy='switch "pay fees with BNB" off in the futures preferences',
        )
    ]


async def _symbol(settings: Settings, symbol: str, leverage: int) -> list[Finding]:
    subject = f"binance {symbol}"
    found = await settings.of_symbol(symbol)
    if isinstance(found, ReadFailed):
        return [Finding(level=Level.FAULT, subject=subject, text=found.reason, remedy=KEY_REMEDY)]
    findings = []
    if found.margin_type.upper() != MarginType.CROSSED:
        findings.append(
            Finding(
                level=Level.FAULT,
                subject=subject,
                text=f"margin type is {found.margin_type}, the limits are for crossed margin",
                remedy=f"close the orders and the position of {symbol}, then choose cross margin",
            )
        )
    if found.leverage > leverage:
        findings.append(
            Finding(
                level=Level.WARNING,
                subject=subject,
                text=f"leverage is {found.leverage}x",
                remedy=f"the engine sets it to {leverage}x when it starts; it refuses to start if "
                "that fails",
            )
        )
    if not findings:
        text = f"crossed margin, leverage {found.leverage}x"
        findings.append(Finding(level=Level.OK, subject=subject, text=text))
    return findings


async def _orders(
    symbol: str, test_order: Callable[[str], Awaitable[Refused | Unknown | None]]
) -> list[Finding]:
    """Whether the key may order at all: a key may read everything and still place nothing."""
    subject = "binance order permission"
    judged = await test_order(symbol)
    if isinstance(judged, Unknown):
        text = f"the test order was not answered: {judged.reason}"
        return [Finding(level=Level.FAULT, subject=subject, text=text, remedy=KEY_REMEDY)]
    if isinstance(judged, Refused) and judged.code in _MAY_NOT:
        return [Finding(level=Level.FAULT, subject=subject, text=judged.message, remedy=KEY_REMEDY)]
    # Any other refusal (no money, for one) proves that the key may order.
    return []


async def _key(settings: Settings, spot_url: str) -> Finding:
    subject = "binance API key"
    rights = await settings.key_rights(spot_url)
    if isinstance(rights, ReadFailed):
        return Finding(level=Level.FAULT, subject=subject, text=rights.reason, remedy=KEY_REMEDY)
    if rights.problem is not None:
        text, _, remedy = rights.problem.partition("; ")
        return Finding(level=Level.FAULT, subject=subject, text=text, remedy=remedy)
    if not rights.is_ip_restricted:
        return Finding(
            level=Level.WARNING,
            subject=subject,
            text="the key works from any address",
            remedy="restrict it to this machine's IP address",
        )
    return Finding(level=Level.OK, subject=subject, text="futures yes, withdrawals no, IP fixed")
