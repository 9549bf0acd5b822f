"""``tporder``: the only door for operators and scripts.

The commands' modules are imported when a command is called, so that ``--help`` and a mistyped
command answer at once. What a command does stands in its own module.
"""

import importlib
import os
from dataclasses import dataclass
from typing import Any

import click
from click.shell_completion import CompletionItem

from trading_platform_order import __version__
from trading_platform_order.cli.console.operator_locale import early_locale
from trading_platform_order.cli.console.terminal import show_what_can_be_shown
from trading_platform_order.runtime.host.umask import UMASK
from trading_platform_order.words.text import using


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a command is found: ``room.module:attribute`` in this package; its line in the help."""

    target: str
    line: str


COMMANDS = {
    "init": Entry("services.init:init", "Settings files for a new installation. 설정 파일 작성"),
    "demo": Entry("checks.demo:demo", "The whole job on a replayed market, play money. 데모"),
    "run": Entry("services.run:run", "The engine as a service: paper, testnet, live. 엔진 실행"),
    "watchdog": Entry(
        "services.watchdog:watchdog", "A second pair of eyes on the engine. 감시 프로세스"
    ),
    "exporter": Entry(
        "services.exporter:exporter", "Orders, fills, positions to PostgreSQL. DB 내보내기"
    ),
    "web": Entry("services.web:web", "The page and the HTTP API. 화면과 HTTP API 서버"),
    "password": Entry("services.password:password", "A password for the page. 화면 비밀번호"),
    "doctor": Entry("checks.doctor:doctor", "Is everything set up to trade? 사전 점검"),
    "shadow": Entry(
        "checks.live_check:shadow", "Look at the real exchanges, place nothing. 실거래소 관찰"
    ),
    "live-check": Entry(
        "checks.live_check:live_check", "One smallest real round trip. 최소 실거래 점검"
    ),
    "signal": Entry(
        "control.signal_commands:signal", "Hand in signals, print their schema. 신호 전송"
    ),
    "status": Entry("overview.status:status", "Engine, stop, trades, positions, money. 현재 상태"),
    "top": Entry("overview.top:top", "State and money, live; q ends it. 실시간 화면"),
    "positions": Entry(
        "overview.positions:positions", "What is held, its premium and profit. 보유 포지션"
    ),
    "trades": Entry("history.trades:trades", "How trades ended and what they brought. 거래 결과"),
    "pnl": Entry("history.pnl:pnl", "Profit of a day or a period by part. 기간 손익"),
    "alerts": Entry("history.alerts:alerts", "What operators were told; acknowledge. 알림 확인"),
    "notify": Entry("checks.notify:notify", "Do alerts arrive? Send a test message. 알림 시험"),
    "orders": Entry("history.views:orders", "Orders and what is known of them. 주문 내역"),
    "fills": Entry("history.views:fills", "Fills as the exchanges reported them. 체결 내역"),
    "explain": Entry(
        "history.explain:explain", "Everything that happened to one signal. 신호 추적"
    ),
    "stop": Entry(
        "control.emergency_stop:stop", "No entries from now on; exits pass. 신규 진입 정지"
    ),
    "resume": Entry("control.emergency_stop:resume", "Lift the stop, with a reason. 정지 해제"),
    "close": Entry("control.close:close", "Close a pair, or one leg, by hand. 수동 청산"),
    "protect": Entry(
        "control.protect:protect", "A trailing stop on a pair's hedge. 추적 손절 주문"
    ),
    "maintenance": Entry(
        "control.maintenance:maintenance", "Maintenance that an exchange announced. 점검 일정"
    ),
    "store": Entry(
        "history.store_commands:store", "Ask the database, back it up. 저장소 조회·백업"
    ),
    "delisting": Entry(
        "control.delisting:delisting", "The end of a coin that an exchange announced. 거래지원 종료"
    ),
    "pairs": Entry("control.pairs:pairs", "Which coin each pair is; confirm one. 코인 확인"),
    "simulate": Entry(
        "checks.simulate:simulate", "The engine against faults, judged. 장애 시뮬레이션"
    ),
    "drill": Entry("checks.drill:drill", "Emergency stop and watchdog, measured. 비상 훈련"),
    "simulator": Entry(
        "services.simulator_commands:simulator", "Both exchanges on the loopback. 모의 거래소"
    ),
    "completion": Entry("services.completion:completion", "Completion for a shell. 자동 완성"),
}


class LazyGroup(click.Group):
    """A group that imports a command when it is called."""

    def main(self, *args: Any, **named: Any) -> Any:  # noqa: ANN401 - as click declares it
        """Run; files are made for their owner alone, and output shows what can be shown."""
        before = os.umask(UMASK)
        show_what_can_be_shown()
        try:
            with using(early_locale(os.environ)):
                return super().main(*args, **named)
        finally:
            os.umask(before)

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """In the order a new user needs them."""
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import it."""
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        module, _, attribute = entry.target.partition(":")
        command = getattr(importlib.import_module(f"{__package__}.{module}"), attribute)
        assert isinstance(command, click.Command)  # noqa: S101 - for the type checker
        command.short_help = entry.line
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Commands and options that begin so, without importing a command."""
        commands = [
            CompletionItem(name, help=entry.line)
            for name, entry in COMMANDS.items()
            if name.startswith(incomplete)
        ]
        return commands + click.Command.shell_complete(self, ctx, incomplete)

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list without importing anything."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.line) for name, entry in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="tporder")
def main() -> None:
    """Kimchi-premium pair trades: buy on Upbit, short the same quantity on Binance.

    Hedged or flat after every signal, whatever fails in between. Settings: TPORDER_… in the
    environment or a TOML file by --config (see config/.env.example). Exit codes: docs/CLI.md.

    김치 프리미엄 페어 트레이딩 주문 실행기.
    """


if __name__ == "__main__":
    main()
