"""What an adapter needs to know: addresses, keys, time limits and rate budgets."""

from dataclasses import dataclass, field

from trading_platform_order.domain.pair import Pairs
from trading_platform_order.domain.reviewed_pairs import REVIEWED


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """An API key pair. Neither half appears in any text made from it."""

    key: str = field(repr=False)
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class UpbitConfig:
    """Upbit's adapter settings.

    Attributes:
        rest_url: e.g. ``https://api.upbit.com``, without ``/v1`` and without trailing slash.
        ws_url: e.g. ``wss://api.upbit.com/websocket/v1``; ``/private`` is appended for private.
        orders_per_s: budget of the ``order`` group (12 today; the specification asks for 8).
        default_per_s: budget of the ``default`` group (30 today).
        quotation_per_s: budget of each quotation group (10 today).
        consume_timeout_s: how long a burned identifier is looked for before it is called absent.
    """

    rest_url: str
    ws_url: str
    credentials: Credentials
    order_timeout_s: float = 10.0
    read_timeout_s: float = 5.0
    orders_per_s: int = 8
    default_per_s: int = 30
    quotation_per_s: int = 10
    consume_timeout_s: float = 10.0
    stream_idle_s: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BinanceConfig:
    """Binance's adapter settings.

    Attributes:
        rest_url: e.g. ``https://fapi.binance.com``, without ``/fapi`` and without trailing slash.
        ws_url: e.g. ``wss://fstream.binance.com``; ``/private``, ``/public``, ``/market`` follow.
        spot_url: the spot host, which alone tells the key's rights; empty for none (demo hosts).
        recv_window_ms: how late the exchange may still accept a request.
        horizon_margin_s: added to the window before an order may be called absent.
        absence_reads: how many rounds of reads absence needs, at least.
        absence_span_s: over how long, at least.
        orders_per_10s: order budget (300 today; the specification asks for 10 a second).
        weight_per_min: request weight budget (2400 today; the specification asks for 1200).
        listen_key_renew_s: how often the stream key is extended (it lives 3600 s).
        stream_mute_s: a private stream that stays silent for so long after an accepted order is
            replaced.
        pairs: which contract hedges which coin, and how many of it one unit holds.
    """

    rest_url: str
    ws_url: str
    credentials: Credentials
    pairs: Pairs = field(default_factory=lambda: REVIEWED)
    spot_url: str = ""
    order_timeout_s: float = 10.0
    read_timeout_s: float = 5.0
    recv_window_ms: int = 2_000
    horizon_margin_s: float = 3.0
    absence_reads: int = 3
    absence_span_s: float = 2.0
    orders_per_10s: int = 100
    weight_per_min: int = 1_200
    listen_key_renew_s: float = 1_800.0
    stream_idle_s: float = 60.0
    stream_mute_s: float = 5.0
