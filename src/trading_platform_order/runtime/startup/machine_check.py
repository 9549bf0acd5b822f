"""What this machine must give, and what it must keep from others, before a service starts."""

from collections.abc import Callable
from pathlib import Path

from trading_platform_order.exchanges.base import Finding, Level
from trading_platform_order.runtime.host.files.private_files import exposed, store_files
from trading_platform_order.runtime.host.files.stop_file import stop_file_path
from trading_platform_order.runtime.host.machine_limits import require_limits
from trading_platform_order.runtime.settings.settings import Mode, Settings
from trading_platform_order.runtime.startup.doctor import NotReady, faults_of


def check_machine(settings: Settings, config: Path | None, announce: Callable[[str], None]) -> None:
    """Look before anything is opened; says what others may read or write.

    Raises:
        MachineRefused: a limit is too low to work with.
        NotReady: live, and others may write the store or the settings.
    """
    require_limits()
    findings = private_findings(settings, config)
    for finding in findings:
        announce(f"warning: {finding.subject}: {finding.text}; {finding.remedy}")
    faults = faults_of(findings)
    if faults:
        lines = (f"{fault.text}; cure: {fault.remedy}" for fault in faults)
        raise NotReady("not started: " + " | ".join(lines))


def private_findings(settings: Settings, config: Path | None) -> list[Finding]:
    """Files of the store and of the settings that are not their owner's alone."""
    store = Path(settings.store.path)
    account = settings.engine.account
    stop_file = stop_file_path(settings.risk.stop_file, store, account)
    paths = [*store_files(store, account, stop_file), *([] if config is None else [config])]
    if settings.folder.path:
        paths.append(Path(settings.folder.path))  # who puts a file there trades
    is_live = settings.engine.mode is Mode.LIVE
    return [
        Finding(
            level=Level.FAULT if one.writable and is_live else Level.WARNING,
            subject="private files",
            text=one.text,
            remedy=one.remedy,
        )
        for one in exposed(paths)
    ]
