"""How an alert reads on Discord: pure functions from the alert to an embed.

English first, a short Korean title beside it. Everything is clipped to Discord's limits (title 256,
description 4096, 25 fields of name 256 and value 1024, 6000 characters in all; Discord docs, embed
limits @2026-11), because an embed over a limit is refused as a whole and an alert would be lost.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from trading_platform_order.domain.alert import Alert, AlertKind
from trading_platform_order.notifications.channel import Message
from trading_platform_order.notifications.wording.report import report_of
from trading_platform_order.transport.clock import moment_of
from trading_platform_order.words.text import Language, locale

TITLE_MAX = 256
DESCRIPTION_MAX = 4_096
FIELDS_MAX = 25
FIELD_NAME_MAX = 256
FIELD_VALUE_MAX = 1_024
TOTAL_MAX = 6_000
CONTENT_MAX = 2_000

GREEN = 0x2E7D32
BLUE = 0x1565C0
GREY = 0x607D8B
AMBER = 0xF9A825
RED = 0xC62828


@dataclass(frozen=True, slots=True)
class Wording:
    """How one kind of alert looks."""

    colour: int
    title: str
    title_ko: str


WORDINGS: Mapping[str, Wording] = {
    AlertKind.ENTRY: Wording(GREEN, "Pair opened", "진입 완료"),
    AlertKind.EXIT: Wording(BLUE, "Pair closed", "청산 완료"),
    AlertKind.REFUSAL: Wording(GREY, "Signal refused", "신호 거절"),
    AlertKind.SIGNAL_CONFLICT: Wording(AMBER, "Same signal id, other content", "신호 ID 충돌"),
    AlertKind.ONE_LEG_FAILED: Wording(RED, "One leg failed", "한쪽 주문 실패"),
    AlertKind.ORDER_UNKNOWN: Wording(AMBER, "Order outcome unknown", "주문 결과 불명"),
    AlertKind.LATE_ORDER: Wording(RED, "Order appeared late", "뒤늦은 주문 발견"),
    AlertKind.ID_COLLISION: Wording(RED, "Order id in use by another order", "주문 ID 충돌"),
    AlertKind.TRADE_HALTED: Wording(
        RED, "Trade halted, an operator is needed", "거래 중단, 확인 필요"
    ),
    AlertKind.MISMATCH: Wording(RED, "Positions do not match", "포지션 불일치"),
    AlertKind.STRAY_ORDER: Wording(RED, "Order not in the journal", "기록에 없는 주문"),
    AlertKind.MACHINE_CHANGED: Wording(RED, "Started on another machine", "다른 서버에서 시작됨"),
    AlertKind.EMERGENCY_STOP: Wording(RED, "EMERGENCY STOP", "긴급 정지"),
    AlertKind.FLATTENING: Wording(RED, "Closing everything after the stop", "정지 후 전량 청산"),
    AlertKind.CLOSE_WAITS: Wording(RED, "Closing has to wait", "청산 대기 중, 확인 필요"),
    AlertKind.EXCHANGE_CLOSED: Wording(RED, "Exchange takes no orders", "거래소 주문 불가"),
    AlertKind.EXCHANGE_OPEN: Wording(GREEN, "Exchange takes orders again", "거래소 주문 재개"),
    AlertKind.STOP_LOSS: Wording(RED, "Stop-loss: closing the pair", "손절 청산"),
    AlertKind.STOP_LOSS_REACHED: Wording(
        RED, "STOP-LOSS REACHED: close it or keep it", "손절 한도 도달, 청산 여부 결정 필요"
    ),
    AlertKind.MARGIN_WARNING: Wording(RED, "Margin is running short", "증거금 부족 경고"),
    AlertKind.MARGIN_REDUCED: Wording(
        RED, "Reducing both legs for margin", "증거금 부족, 양쪽 포지션 축소"
    ),
    AlertKind.TAKEN_BACK: Wording(
        AMBER, "Coin paused: entries were taken back", "진입 취소 반복, 코인 일시 중지"
    ),
    AlertKind.MAINTENANCE: Wording(AMBER, "Announced maintenance", "거래소 점검 예정"),
    AlertKind.DEADLINE: Wording(AMBER, "A coin ends on an exchange", "거래지원 종료 예정"),
    AlertKind.WALLET_SUSPENDED: Wording(AMBER, "Wallet state on Upbit", "업비트 입출금 상태"),
    AlertKind.SYMBOL_NOT_READY: Wording(
        AMBER, "A symbol is not ready, its entries wait", "종목 준비 안 됨, 진입 보류"
    ),
    AlertKind.SYMBOL_READY: Wording(GREEN, "A symbol is ready again", "종목 준비 완료"),
    AlertKind.ACCOUNT_SETTING: Wording(AMBER, "Account setting changed", "계정 설정 변경"),
    AlertKind.FUNDING: Wording(AMBER, "The short pays much funding", "펀딩비 과다 지출"),
    AlertKind.KEY_EXPIRES: Wording(RED, "An API key is about to end", "API 키 만료 임박"),
    AlertKind.FROZEN_BOOK: Wording(AMBER, "A book stands still", "호가 정지"),
    AlertKind.PAIR_UNCONFIRMED: Wording(
        AMBER, "Which coin this is was not confirmed", "코인 확인 필요"
    ),
    AlertKind.RESUMED: Wording(GREEN, "Trading resumed", "거래 재개"),
    AlertKind.UNPROTECTED: Wording(RED, "The hedge has no proper stop", "헤지 보호 주문 이상"),
    AlertKind.ONE_LEG_GONE: Wording(
        RED, "One leg was closed from outside", "한쪽 포지션 외부 청산"
    ),
    AlertKind.ENGINE_SILENT: Wording(RED, "No sign of life from the engine", "엔진 무응답"),
    AlertKind.ENGINE_NOT_READY: Wording(RED, "The engine does not get ready", "엔진 준비 지연"),
    AlertKind.WATCHDOG_HOLDS: Wording(
        RED, "HELD WITHOUT AN ENGINE: start it", "엔진 없이 포지션 유지 중, 엔진 시작 필요"
    ),
    AlertKind.LOSS_UNCONFIRMED: Wording(
        RED, "Money is missing, not by our trades", "거래로 설명되지 않는 잔고 감소"
    ),
    AlertKind.ENGINE_BACK: Wording(GREEN, "The engine is back", "엔진 복귀"),
    AlertKind.WATCHDOG_SILENT: Wording(
        RED, "No sign of life from the watchdog", "감시 프로세스 무응답"
    ),
    AlertKind.WATCHDOG_BACK: Wording(GREEN, "The watchdog is back", "감시 프로세스 복귀"),
    AlertKind.WATCHDOG_ACTED: Wording(RED, "THE WATCHDOG TAKES OVER", "감시 프로세스 개입"),
    AlertKind.WATCHDOG_STUCK: Wording(
        RED, "The watchdog cannot finish", "감시 프로세스 처리 불가, 확인 필요"
    ),
    AlertKind.WATCHDOG_DONE: Wording(AMBER, "The watchdog has finished", "감시 프로세스 처리 완료"),
    AlertKind.WATCHDOG_UNFIT: Wording(
        RED, "The watchdog could not act", "감시 프로세스 키·설정 이상"
    ),
    AlertKind.LAST_RESORT_STARTED: Wording(
        RED, "THE LAST RESORT CLOSES EVERYTHING", "최후의 수단이 전부 청산 시작"
    ),
    AlertKind.LAST_RESORT_ENDED: Wording(
        RED,
        "The last resort has ended: compare both accounts",
        "최후의 수단 종료, 두 계좌 확인 필요",
    ),
    AlertKind.TAKEN_OVER: Wording(RED, "A STANDBY TOOK THE ACCOUNT OVER", "대기 엔진이 계정 인수"),
    AlertKind.HOLDER_STUCK: Wording(
        RED, "A hung engine cannot be ended: do it by hand", "멈춘 엔진 종료 불가, 직접 종료 필요"
    ),
    AlertKind.SET_ASIDE: Wording(
        RED,
        "SET ASIDE: IT ENDED TWO ENGINES, CLOSE BY HAND",
        "엔진을 두 번 중단시킨 기록 제외, 직접 청산 필요",
    ),
    AlertKind.REHEARSAL_FAILED: Wording(
        RED, "THE WAY OF A SIGNAL FAILS: STOP ENTRIES", "신호 처리 경로 오류, 진입 정지 필요"
    ),
    AlertKind.STORE_GONE: Wording(RED, "The store cannot be read", "저장소 접근 불가"),
    AlertKind.STORE_LOCKED: Wording(
        AMBER, "Another program held the database", "다른 프로그램이 데이터베이스를 잠금"
    ),
    AlertKind.CLOCK_OFF: Wording(
        RED, "The clock is wrong: no entries", "서버 시계 오차, 진입 중단"
    ),
    AlertKind.CLOCK_RIGHT: Wording(GREEN, "The clock is right again", "서버 시계 정상"),
    AlertKind.ENGINE_STARTED: Wording(GREEN, "The engine has started", "엔진 시작"),
    AlertKind.ENGINE_STOPPED: Wording(GREY, "The engine was stopped", "엔진 정지"),
    AlertKind.DAILY_REPORT: Wording(BLUE, "Daily report", "일일 보고"),
    AlertKind.TEST: Wording(GREY, "Test message", "알림 시험"),
    AlertKind.UNKNOWN_ORDERS: Wording(RED, "Orders that no journal knows", "원장에 없는 주문 발견"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Embed:
    """One Discord embed, within all limits."""

    title: str
    description: str
    colour: int
    fields: tuple[tuple[str, str], ...]
    timestamp: str

    def to_wire(self) -> dict[str, object]:
        """As Discord's API names it."""
        return {
            "title": self.title,
            "description": self.description,
            "color": self.colour,
            "timestamp": self.timestamp,
            "fields": [
                {"name": name, "value": value, "inline": len(value) <= _INLINE_CHARS_MAX}
                for name, value in self.fields
            ],
        }


_INLINE_CHARS_MAX = 40


def embed_of(message: Message) -> Embed:
    """The embed of one alert."""
    pending = message.pending
    wording = wording_of(pending.alert)
    report = report_of(message, _title(wording))
    title = clip(report.title, TITLE_MAX)
    description = clip("\n".join(report.lines), DESCRIPTION_MAX)
    left = TOTAL_MAX - _units(title) - _units(description)
    fields: list[tuple[str, str]] = []
    for name, value in report.fields[:FIELDS_MAX]:
        # Discord refuses empty names and values.
        pair = clip(name, FIELD_NAME_MAX) or "-", clip(value, FIELD_VALUE_MAX) or "-"
        left -= _units(pair[0]) + _units(pair[1])
        if left < 0:
            break
        fields.append(pair)
    at = moment_of(pending.created_at_us)
    return Embed(
        title=title,
        description=description,
        colour=wording.colour,
        fields=tuple(fields),
        timestamp=at.isoformat().replace("+00:00", "Z"),
    )


def plain_text_of(message: Message) -> str:
    """The same as plain text, for an alert whose embed Discord would not take."""
    return clip("\n".join(plain_parts_of(message)), CONTENT_MAX)


def plain_parts_of(message: Message) -> tuple[str, str]:
    """Title and body for a service that shows plain text."""
    report = report_of(message, _title(wording_of(message.pending.alert)))
    lines = [*report.lines, *(f"{name}: {value}" for name, value in report.fields)]
    return report.title, "\n".join(lines)


def wording_of(alert: Alert) -> Wording:
    """The kind's wording; a kind without one is shown by its name."""
    known = WORDINGS.get(alert.kind)
    if known is not None:
        return known
    title = alert.kind.replace("_", " ").strip().capitalize() or "Alert"
    return Wording(RED if alert.urgent else GREY, title, "알림")


def clip(text: str, longest: int) -> str:
    """Trimmed text of at most ``longest`` characters, as Discord counts them (UTF-16 units)."""
    text = text.strip()
    if _units(text) <= longest:
        return text
    while _units(text) > longest - 1:
        over = _units(text) - (longest - 1)
        text = text[: -max(1, over // 2)]
    return f"{text}…"


def _units(text: str) -> int:
    return len(text) + sum(letter > "\uffff" for letter in text)


def _title(wording: Wording) -> str:
    if locale().language is Language.KO:
        return wording.title_ko
    return f"{wording.title} · {wording.title_ko}"
