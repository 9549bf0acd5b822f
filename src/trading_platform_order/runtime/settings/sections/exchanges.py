"""Addresses, keys and budgets of the two exchanges."""

from typing import Annotated

from trading_platform_order.runtime.settings.base import Secret, Section
from trading_platform_order.runtime.settings.base import about as _about


class UpbitSection(Section, frozen=True, kw_only=True):
    """Upbit."""

    rest_url: Annotated[str, _about("address without /v1")] = "https://api.upbit.com"
    ws_url: Annotated[str, _about("address of the public stream")] = (
        "wss://api.upbit.com/websocket/v1"
    )
    access_key: Annotated[Secret, _about("API access key", secret=True)] = Secret()
    secret_key: Annotated[Secret, _about("API secret key", secret=True)] = Secret()
    no_withdrawals_confirmed: Annotated[
        bool, _about("you looked, and the key cannot withdraw; live needs it, Upbit does not tell")
    ] = False
    order_timeout_s: Annotated[float, _about("wait for the answer to an order", gt=0, le=60)] = 10.0
    read_timeout_s: Annotated[float, _about("wait for the answer to a read", gt=0, le=60)] = 5.0
    orders_per_s: Annotated[int, _about("order budget (exchange: 12 a second)", ge=1, le=12)] = 8
    default_per_s: Annotated[int, _about("read budget (exchange: 30 a second)", ge=1, le=30)] = 30


class BinanceSection(Section, frozen=True, kw_only=True):
    """Binance USDS-M futures."""

    rest_url: Annotated[str, _about("address without /fapi")] = "https://fapi.binance.com"
    ws_url: Annotated[str, _about("address of the streams")] = "wss://fstream.binance.com"
    spot_url: Annotated[
        str, _about("spot host, which tells the key's rights; empty: they are not checked")
    ] = "https://api.binance.com"
    api_key: Annotated[Secret, _about("API key", secret=True)] = Secret()
    secret_key: Annotated[Secret, _about("API secret key", secret=True)] = Secret()
    order_timeout_s: Annotated[float, _about("wait for the answer to an order", gt=0, le=60)] = 10.0
    read_timeout_s: Annotated[float, _about("wait for the answer to a read", gt=0, le=60)] = 5.0
    recv_window_ms: Annotated[
        int, _about("how late the exchange may accept a request", ge=500, le=10_000)
    ] = 2_000
    horizon_margin_s: Annotated[
        float, _about("added before an order may be called absent", ge=1, le=60)
    ] = 3.0
    orders_per_10s: Annotated[int, _about("order budget (exchange: 300)", ge=1, le=300)] = 100
    weight_per_min: Annotated[int, _about("weight budget (exchange: 2400)", ge=10, le=2400)] = 1200
    leverage: Annotated[
        int, _about("leverage setting per symbol (spec: at most 2)", ge=1, le=2)
    ] = 2
