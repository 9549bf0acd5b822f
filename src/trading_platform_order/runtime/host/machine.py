"""Which machine this is, and since which boot: what the store's record of writers holds."""

from pathlib import Path

from trading_platform_order.storage.relational.epochs import Place

MACHINE_ID = Path("/etc/machine-id")
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def this_place(machine_id: Path = MACHINE_ID, boot_id: Path = BOOT_ID) -> Place:
    """As the operating system tells it; empty where it does not."""
    return Place(machine=_line(machine_id), boot=_line(boot_id))


def _line(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""
