"""Every setting, typed, with its unit, its bounds and a safe default.

Three sources, the later wins: the defaults here, a TOML file (``--config``), the environment. A
name in the environment is ``TPORDER_<SECTION>_<FIELD>`` (of section ``locale`` just
``TPORDER_<FIELD>``); unknown names are refused, so that a typing error never leaves a default in
force unnoticed. ``config/.env.example`` is generated from
this file.
"""

import math
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import msgspec

from trading_platform_order.runtime.settings.base import Secret, Section, SettingsRefused
from trading_platform_order.runtime.settings.base import about as _about
from trading_platform_order.runtime.settings.faults import explained, nearest
from trading_platform_order.runtime.settings.names import (
    check_account,
    check_address,
    check_symbols,
)
from trading_platform_order.runtime.settings.profiles import lay_under
from trading_platform_order.runtime.settings.sections.doors import (
    FolderSection,
    RedisSection,
    ResearchSection,
    WebSection,
    check_doors,
)
from trading_platform_order.runtime.settings.sections.exchanges import BinanceSection, UpbitSection
from trading_platform_order.runtime.settings.sections.exporter import (
    ExporterSection,
    check_exporter,
)
from trading_platform_order.runtime.settings.sections.hindrances import (
    HindranceSection,
    check_hindrances,
)
from trading_platform_order.runtime.settings.sections.locale import LocaleSection, check_locale
from trading_platform_order.runtime.settings.sections.notify import NotifySection, check_notify
from trading_platform_order.runtime.settings.sections.observability import (
    LogSection,
    MetricsSection,
)
from trading_platform_order.runtime.settings.sections.pairs import PairsSection, check_pairs
from trading_platform_order.runtime.settings.sections.paper import (
    PaperMarket,
    PaperSection,
    check_paper,
)
from trading_platform_order.runtime.settings.sections.risk import (
    RiskSection,
    StopLossAction,
    check_risk,
    stop_losses,
)
from trading_platform_order.runtime.settings.sections.trade import TradeSection, check_trade
from trading_platform_order.runtime.settings.sections.watchdog import (
    HeartbeatSection,
    WatchdogSection,
)

__all__ = [
    "CONFIG_VARIABLE",
    "ENV_PREFIX",
    "LIVE_CONFIRMATION",
    "BinanceSection",
    "DiscordSection",
    "EngineSection",
    "FolderSection",
    "HeartbeatSection",
    "HindranceSection",
    "LocaleSection",
    "LogSection",
    "MetricsSection",
    "Mode",
    "NotifySection",
    "PairsSection",
    "PaperMarket",
    "PaperSection",
    "ProtectSection",
    "ReconcileSection",
    "RedisSection",
    "ResearchSection",
    "RiskSection",
    "Secret",
    "Section",
    "Settings",
    "SettingsRefused",
    "StopLossAction",
    "StoreSection",
    "TradeSection",
    "UpbitSection",
    "WatchdogSection",
    "WebSection",
    "env_name",
    "env_names",
    "load_settings",
    "stop_losses",
]

ENV_PREFIX = "TPORDER_"
CONFIG_VARIABLE = f"{ENV_PREFIX}CONFIG"
"""Names the settings file where a command is given none: no setting, so no file can hold it."""
LIVE_CONFIRMATION = "I understand that this trades real money"
EXPOSURE_ORDERS = 2
"""Without ``trade.exposure_krw`` the legs may differ by so many order caps while completing."""


class Mode(StrEnum):
    """What the engine trades on."""

    PAPER = "paper"
    TESTNET = "testnet"
    LIVE = "live"


class EngineSection(Section, frozen=True, kw_only=True):
    """The engine itself."""

    mode: Annotated[Mode, _about("paper, testnet or live")] = Mode.PAPER
    account: Annotated[str, _about("name of the account; one engine per account")] = "main"
    symbols: Annotated[tuple[str, ...], _about("base assets that may be traded")] = ("BTC",)
    profile: Annotated[
        str,
        _about(
            "a named set of settings below what you set yourself: strategy-3.0; empty: none, the "
            "specification's limits hold"
        ),
    ] = ""
    live_confirmation: Annotated[str, _about(f'live mode needs exactly: "{LIVE_CONFIRMATION}"')] = (
        ""
    )
    signal_ttl_s: Annotated[
        float, _about("seconds a signal without expires_at lives", gt=0, le=3600)
    ] = 5.0
    rehearse_every_ms: Annotated[
        int,
        _about(
            "how often the way of a signal is gone without effects while nothing is under way, so "
            "that caches are warm when one comes; 20 takes 3 % of a core; 0: never",
            ge=0,
            le=10_000,
        ),
    ] = 10
    clock_check_s: Annotated[
        float, _about("how often our clock is held against the exchanges'", ge=5, le=3600)
    ] = 60.0


class StoreSection(Section, frozen=True, kw_only=True):
    """Where the journal is kept."""

    path: Annotated[str, _about("SQLite file")] = "out/tporder.db"
    durability: Annotated[
        str,
        _about(
            "auto, normal or full; full survives power loss; auto: full in live, normal otherwise"
        ),
    ] = "auto"
    lock_wait_s: Annotated[
        float,
        _about("seconds a lock that another process holds is waited for", ge=5, le=600),
    ] = 60.0


class ReconcileSection(Section, frozen=True, kw_only=True):
    """Comparing with the exchanges while running."""

    interval_s: Annotated[
        float, _about("how often the ledger is compared with both exchanges", gt=0, le=3600)
    ] = 60.0
    sweep_interval_s: Annotated[
        float, _about("how often all orders of the last 24 h are asked for", gt=0, le=3600)
    ] = 300.0


class ProtectSection(Section, frozen=True, kw_only=True):
    """Conditional orders on the hedge."""

    stop: Annotated[bool, _about("whether a stop stands between entry and liquidation")] = True
    stop_way_fraction: Annotated[
        Decimal, _about("where: part of the way from the entry to the liquidation price, below 1")
    ] = Decimal("0.8")
    stop_farthest_fraction: Annotated[
        Decimal, _about("never farther above the entry than this part of it")
    ] = Decimal(3)
    stop_move_bps: Annotated[
        Decimal, _about("it is moved when it should stand elsewhere by more than this")
    ] = Decimal(100)
    check_interval_s: Annotated[
        float, _about("how often position and liquidation price are read", gt=0, le=600)
    ] = 30.0
    countdown_s: Annotated[
        float,
        _about("Binance ends our resting orders after this, unless told again", ge=3, le=600),
    ] = 30.0


class DiscordSection(Section, frozen=True, kw_only=True):
    """Where operators are told."""

    webhook_url: Annotated[Secret, _about("Discord webhook; empty for none", secret=True)] = (
        Secret()
    )


class Settings(Section, frozen=True, kw_only=True):
    """All settings."""

    engine: EngineSection = EngineSection()
    store: StoreSection = StoreSection()
    upbit: UpbitSection = UpbitSection()
    binance: BinanceSection = BinanceSection()
    trade: TradeSection = TradeSection()
    reconcile: ReconcileSection = ReconcileSection()
    risk: RiskSection = RiskSection()
    hindrances: HindranceSection = HindranceSection()
    pairs: PairsSection = PairsSection()
    protect: ProtectSection = ProtectSection()
    discord: DiscordSection = DiscordSection()
    notify: NotifySection = NotifySection()
    watchdog: WatchdogSection = WatchdogSection()
    heartbeat: HeartbeatSection = HeartbeatSection()
    paper: PaperSection = PaperSection()
    log: LogSection = LogSection()
    metrics: MetricsSection = MetricsSection()
    research: ResearchSection = ResearchSection()
    folder: FolderSection = FolderSection()
    redis: RedisSection = RedisSection()
    exporter: ExporterSection = ExporterSection()
    web: WebSection = WebSection()
    locale: LocaleSection = LocaleSection()

    @property
    def exposure_krw(self) -> Decimal:
        """Unmatched KRW up to which completion is tried: as set, else twice the order cap."""
        if self.trade.exposure_krw is not None:
            return self.trade.exposure_krw
        return self.risk.order_krw_max * EXPOSURE_ORDERS


def env_names() -> dict[str, tuple[str, str]]:
    """Environment name to (section, field)."""
    return {
        env_name(section.name, item.name): (section.name, item.name)
        for section in msgspec.structs.fields(Settings)
        for item in msgspec.structs.fields(section.type)
    }


def env_name(section: str, item: str) -> str:
    """What the setting is called in the environment."""
    name = item if section == "locale" else f"{section}_{item}"
    return f"{ENV_PREFIX}{name}".upper()


_LISTS = {
    ("engine", "symbols"),
    ("trade", "call_after_s"),
    ("risk", "cautions_allowed"),
    ("pairs", "extra"),
    ("pairs", "large_coins"),
}
_UNSET_IF_EMPTY = {("trade", "exposure_krw")}


def load_settings(config: Path | None, environment: Mapping[str, str]) -> Settings:
    """Defaults, then the profile, then the file, then the environment.

    Raises:
        SettingsRefused: unreadable file, unknown name, wrong type or out of bounds.
    """
    tree = read_toml(config) if config is not None else {}
    names = env_names()
    for name, text in environment.items():
        if not name.startswith(ENV_PREFIX) or name == CONFIG_VARIABLE:
            continue
        if name not in names:
            hint = nearest(name, list(names))
            raise SettingsRefused(f"unknown setting in the environment: {name}{hint}")
        section, item = names[name]
        inner = tree.setdefault(section, {})
        if not isinstance(inner, dict):
            raise SettingsRefused(f"[{section}] in {config} must be a table")
        if not text and (section, item) in _UNSET_IF_EMPTY:
            inner.pop(item, None)
            continue
        # An empty list has no parts, where an empty text is one.
        inner[item] = (text.split(",") if text else []) if (section, item) in _LISTS else text
    lay_under(tree)
    try:
        settings = msgspec.convert(tree, Settings, strict=False, dec_hook=_decode)
    except msgspec.ValidationError as error:
        raise SettingsRefused(explained(str(error), tree, Settings)) from None
    _check(settings)
    return settings


def read_toml(config: Path) -> dict[str, Any]:
    """The tables of a settings file.

    Raises:
        SettingsRefused: it cannot be read.
    """
    try:
        # Editors of some systems begin a file with a byte order mark.
        return tomllib.loads(config.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise SettingsRefused(
            f"cannot read {config}: {error.strerror}; tporder init writes a settings file"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsRefused(f"{config} is not TOML: {error}") from None


def _decode(kind: type, value: object) -> object:
    if kind is Secret and isinstance(value, str):
        return Secret(value)
    raise ValueError(f"expected text, not {type(value).__name__}")


def _check_numbers(settings: Settings) -> None:
    for section in msgspec.structs.fields(Settings):
        group = getattr(settings, section.name)
        for item in msgspec.structs.fields(type(group)):
            value = getattr(group, item.name)
            if isinstance(value, Decimal) and (not value.is_finite() or value < 0):
                raise SettingsRefused(
                    f"{section.name}.{item.name} must be a finite number, not below 0: {value}"
                )
            if isinstance(value, float) and not math.isfinite(value):
                raise SettingsRefused(f"{section.name}.{item.name} must be finite: {value}")


def _check(settings: Settings) -> None:
    _check_numbers(settings)
    if not 0 < settings.protect.stop_way_fraction < 1:
        raise SettingsRefused(
            "protect.stop_way_fraction must be above 0 and below 1 (1 is the liquidation price): "
            f"{settings.protect.stop_way_fraction}"
        )
    if settings.protect.stop_farthest_fraction == 0:
        raise SettingsRefused("protect.stop_farthest_fraction must be above 0")
    if settings.store.durability not in {"auto", "normal", "full"}:
        raise SettingsRefused("store.durability must be auto, normal or full")
    horizon_s = settings.binance.recv_window_ms / 1_000 + settings.binance.horizon_margin_s
    if settings.watchdog.engine_silent_s < settings.watchdog.lease_s + horizon_s:
        raise SettingsRefused(
            "watchdog.engine_silent_s must be at least watchdog.lease_s + binance.recv_window_ms "
            f"+ binance.horizon_margin_s = {settings.watchdog.lease_s + horizon_s:g} s"
        )
    if settings.watchdog.lapse_s < settings.watchdog.lease_s + 1:
        raise SettingsRefused(
            "watchdog.lapse_s must be at least watchdog.lease_s + 1 = "
            f"{settings.watchdog.lease_s + 1:g} s"
        )
    check_risk(settings.risk)
    check_trade(settings.trade)
    check_hindrances(settings.hindrances)
    check_pairs(settings.pairs)
    check_symbols(settings.engine.symbols)
    check_account(settings.engine.account)
    check_doors(settings.research, settings.web, settings.redis)
    check_exporter(settings.exporter)
    check_paper(settings.paper)
    check_locale(settings.locale)
    check_notify(settings.notify)
    _check_addresses(settings)


def _check_addresses(settings: Settings) -> None:
    secret = (
        ("discord.webhook_url", settings.discord.webhook_url),
        ("watchdog.webhook_url", settings.watchdog.webhook_url),
        ("heartbeat.engine_url", settings.heartbeat.engine_url),
        ("heartbeat.watchdog_url", settings.heartbeat.watchdog_url),
    )
    for key, url in secret:
        if url:
            check_address(key, url.reveal(), is_secret=True)
    check_address("upbit.rest_url", settings.upbit.rest_url)
    check_address("upbit.ws_url", settings.upbit.ws_url, is_stream=True)
    check_address("binance.rest_url", settings.binance.rest_url)
    check_address("binance.ws_url", settings.binance.ws_url, is_stream=True)
    if settings.web.usd_krw_url:
        check_address("web.usd_krw_url", settings.web.usd_krw_url)
    if settings.binance.spot_url:
        check_address("binance.spot_url", settings.binance.spot_url)
