"""How an alert reads on Discord: pure functions from the alert to an embed.

English first, a short Korean title beside it. Everything is clipped to Discord's limits (title 256,
description 4096, 25 fields of name 256 and value 1024, 6000 characters in all; Discord docs, embed
limits @2026-11), because an embed over a limit is refused as a whole and an alert would be lost.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from trading_platform_order.domain.alert import Alert, AlertKind
from trading_platform_order.notifications.channel import Message
from trading_platform_order.notifications.report import report_of
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """How one kind of alert looks."""

    title: str
    title_ko: str
    colour: int


WORDINGS: Mapping[str, Wording] = {
    AlertKind.ENTRY: Wording(title="Pair opened", title_ko="진입 완료", colour=GREEN),
    AlertKind.EXIT: Wording(title="Pair closed", title_ko="청산 완료", colour=BLUE),
    AlertKind.REFUSAL: Wording(title="Signal refused", title_ko="신호 거절", colour=GREY),
    AlertKind.SIGNAL_CONFLICT: Wording(
        title="Same signal id, other content", title_ko="신호 ID 충돌", colour=AMBER
    ),
    AlertKind.ONE_LEG_FAILED: Wording(
        title="One leg failed", title_ko="한쪽 주문 실패", colour=RED
    ),
    AlertKind.ORDER_UNKNOWN: Wording(
        title="Order outcome unknown", title_ko="주문 결과 불명", colour=AMBER
    ),
    AlertKind.LATE_ORDER: Wording(
        title="Order appeared late", title_ko="뒤늦은 주문 발견", colour=RED
    ),
    AlertKind.ID_COLLISION: Wording(
        title="Order id in use by another order", title_ko="주문 ID 충돌", colour=RED
    ),
    AlertKind.TRADE_HALTED: Wording(
        title="Trade halted, an operator is needed", title_ko="거래 중단, 확인 필요", colour=RED
    ),
    AlertKind.MISMATCH: Wording(
        title="Positions do not match", title_ko="포지션 불일치", colour=RED
    ),
    AlertKind.STRAY_ORDER: Wording(
        title="Order not in the journal", title_ko="기록에 없는 주문", colour=RED
    ),
    AlertKind.MACHINE_CHANGED: Wording(
        title="Started on another machine", title_ko="다른 서버에서 시작됨", colour=RED
    ),
    AlertKind.EMERGENCY_STOP: Wording(title="EMERGENCY STOP", title_ko="긴급 정지", colour=RED),
    AlertKind.FLATTENING: Wording(
        title="Closing everything after the stop", title_ko="정지 후 전량 청산", colour=RED
    ),
    AlertKind.CLOSE_WAITS: Wording(
        title="Closing has to wait", title_ko="청산 대기 중, 확인 필요", colour=RED
    ),
    AlertKind.EXCHANGE_CLOSED: Wording(
        title="Exchange takes no orders", title_ko="거래소 주문 불가", colour=RED
    ),
    AlertKind.EXCHANGE_OPEN: Wording(
        title="Exchange takes orders again", title_ko="거래소 주문 재개", colour=GREEN
    ),
    AlertKind.STOP_LOSS: Wording(
        title="Stop-loss: closing the pair", title_ko="손절 청산", colour=RED
    ),
    AlertKind.STOP_LOSS_REACHED: Wording(
        title="STOP-LOSS REACHED: close it or keep it",
        title_ko="손절 한도 도달, 청산 여부 결정 필요",
        colour=RED,
    ),
    AlertKind.MARGIN_WARNING: Wording(
        title="Margin is running short", title_ko="증거금 부족 경고", colour=RED
    ),
    AlertKind.MARGIN_REDUCED: Wording(
        title="Reducing both legs for margin", title_ko="증거금 부족, 양쪽 포지션 축소", colour=RED
    ),
    AlertKind.TAKEN_BACK: Wording(
        title="Coin paused: entries were taken back",
        title_ko="진입 취소 반복, 코인 일시 중지",
        colour=AMBER,
    ),
    AlertKind.MAINTENANCE: Wording(
        title="Announced maintenance", title_ko="거래소 점검 예정", colour=AMBER
    ),
    AlertKind.DEADLINE: Wording(
        title="A coin ends on an exchange", title_ko="거래지원 종료 예정", colour=AMBER
    ),
    AlertKind.WALLET_SUSPENDED: Wording(
        title="Wallet state on Upbit", title_ko="업비트 입출금 상태", colour=AMBER
    ),
    AlertKind.SYMBOL_NOT_READY: Wording(
        title="A symbol is not ready, its entries wait",
        title_ko="종목 준비 안 됨, 진입 보류",
        colour=AMBER,
    ),
    AlertKind.SYMBOL_READY: Wording(
        title="A symbol is ready again", title_ko="종목 준비 완료", colour=GREEN
    ),
    AlertKind.ACCOUNT_SETTING: Wording(
        title="Account setting changed", title_ko="계정 설정 변경", colour=AMBER
    ),
    AlertKind.FUNDING: Wording(
        title="The short pays much funding", title_ko="펀딩비 과다 지출", colour=AMBER
    ),
    AlertKind.KEY_EXPIRES: Wording(
        title="An API key is about to end", title_ko="API 키 만료 임박", colour=RED
    ),
    AlertKind.FROZEN_BOOK: Wording(title="A book stands still", title_ko="호가 정지", colour=AMBER),
    AlertKind.PAIR_UNCONFIRMED: Wording(
        title="Which coin this is was not confirmed", title_ko="코인 확인 필요", colour=AMBER
    ),
    AlertKind.RESUMED: Wording(title="Trading resumed", title_ko="거래 재개", colour=GREEN),
    AlertKind.UNPROTECTED: Wording(
        title="The hedge has no proper stop", title_ko="헤지 보호 주문 이상", colour=RED
    ),
    AlertKind.ONE_LEG_GONE: Wording(
        title="One leg was closed from outside",
        title_ko="한쪽 포지션 외부 청산",
        colour=RED,
    ),
    AlertKind.ENGINE_SILENT: Wording(
        title="No sign of life from the engine", title_ko="엔진 무응답", colour=RED
    ),
    AlertKind.ENGINE_NOT_READY: Wording(
        title="The engine does not get ready", title_ko="엔진 준비 지연", colour=RED
    ),
    AlertKind.WATCHDOG_HOLDS: Wording(
        title="HELD WITHOUT AN ENGINE: start it",
        title_ko="엔진 없이 포지션 유지 중, 엔진 시작 필요",
        colour=RED,
    ),
    AlertKind.LOSS_UNCONFIRMED: Wording(
        title="Money is missing, not by our trades",
        title_ko="거래로 설명되지 않는 잔고 감소",
        colour=RED,
    ),
    AlertKind.ENGINE_BACK: Wording(title="The engine is back", title_ko="엔진 복귀", colour=GREEN),
    AlertKind.WATCHDOG_SILENT: Wording(
        title="No sign of life from the watchdog", title_ko="감시 프로세스 무응답", colour=RED
    ),
    AlertKind.WATCHDOG_BACK: Wording(
        title="The watchdog is back", title_ko="감시 프로세스 복귀", colour=GREEN
    ),
    AlertKind.WATCHDOG_ACTED: Wording(
        title="THE WATCHDOG TAKES OVER", title_ko="감시 프로세스 개입", colour=RED
    ),
    AlertKind.WATCHDOG_STUCK: Wording(
        title="The watchdog cannot finish",
        title_ko="감시 프로세스 처리 불가, 확인 필요",
        colour=RED,
    ),
    AlertKind.WATCHDOG_DONE: Wording(
        title="The watchdog has finished", title_ko="감시 프로세스 처리 완료", colour=AMBER
    ),
    AlertKind.WATCHDOG_UNFIT: Wording(
        title="The watchdog could not act", title_ko="감시 프로세스 키·설정 이상", colour=RED
    ),
    AlertKind.LAST_RESORT_STARTED: Wording(
        title="THE LAST RESORT CLOSES EVERYTHING",
        title_ko="최후의 수단이 전부 청산 시작",
        colour=RED,
    ),
    AlertKind.LAST_RESORT_ENDED: Wording(
        title="The last resort has ended: compare both accounts",
        title_ko="최후의 수단 종료, 두 계좌 확인 필요",
        colour=RED,
    ),
    AlertKind.TAKEN_OVER: Wording(
        title="A STANDBY TOOK THE ACCOUNT OVER", title_ko="대기 엔진이 계정 인수", colour=RED
    ),
    AlertKind.HOLDER_STUCK: Wording(
        title="A hung engine cannot be ended: do it by hand",
        title_ko="멈춘 엔진 종료 불가, 직접 종료 필요",
        colour=RED,
    ),
    AlertKind.SET_ASIDE: Wording(
        title="SET ASIDE: IT ENDED TWO ENGINES, CLOSE BY HAND",
        title_ko="엔진을 두 번 중단시킨 기록 제외, 직접 청산 필요",
        colour=RED,
    ),
    AlertKind.REHEARSAL_FAILED: Wording(
        title="THE WAY OF A SIGNAL FAILS: STOP ENTRIES",
        title_ko="신호 처리 경로 오류, 진입 정지 필요",
        colour=RED,
    ),
    AlertKind.STORE_GONE: Wording(
        title="The store cannot be read", title_ko="저장소 접근 불가", colour=RED
    ),
    AlertKind.STORE_LOCKED: Wording(
        title="Another program held the database",
        title_ko="다른 프로그램이 데이터베이스를 잠금",
        colour=AMBER,
    ),
    AlertKind.CLOCK_OFF: Wording(
        title="The clock is wrong: no entries", title_ko="서버 시계 오차, 진입 중단", colour=RED
    ),
    AlertKind.CLOCK_RIGHT: Wording(
        title="The clock is right again", title_ko="서버 시계 정상", colour=GREEN
    ),
    AlertKind.ENGINE_STARTED: Wording(
        title="The engine has started", title_ko="엔진 시작", colour=GREEN
    ),
    AlertKind.ENGINE_STOPPED: Wording(
        title="The engine was stopped", title_ko="엔진 정지", colour=GREY
    ),
    AlertKind.DAILY_REPORT: Wording(title="Daily report", title_ko="일일 보고", colour=BLUE),
    AlertKind.TEST: Wording(title="Test message", title_ko="알림 시험", colour=GREY),
    AlertKind.UNKNOWN_ORDERS: Wording(
        title="Orders that no journal knows", title_ko="원장에 없는 주문 발견", colour=RED
    ),
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
    return Wording(title=title, title_ko="알림", colour=RED if alert.urgent else GREY)


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
