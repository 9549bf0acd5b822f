"""Exit codes: what a script may rely on. A code is never given another meaning.

``docs/CLI.md`` repeats the table; a test keeps it fresh.
"""

from enum import IntEnum
from typing import Self


class ExitCode(IntEnum):
    """How a command ended; ``meaning`` is one line for operators."""

    meaning: str

    def __new__(cls, code: int, meaning: str = "") -> Self:
        """A code with its meaning."""
        member = int.__new__(cls, code)
        member._value_ = code
        member.meaning = meaning
        return member

    OK = 0, "Done. For `signal send`: every signal is claimed, or durable in the inbox."
    BUG = 1, "An error nobody foresaw; the traceback belongs into a bug report."
    USAGE = 2, "Unknown command or option, or an option's value that cannot be."
    BAD_INPUT = 3, "The input cannot be read or breaks its schema; the fault is named."
    REFUSED = 4, "The engine did not trade a signal; the refusal's code is named."
    CONFLICT = 5, "A signal id was used before with other content; not traded."
    DUPLICATE = (
        6,
        (
            "Every signal is in, but one at least had been claimed before; it is not traded a "
            "second time."
        ),
    )
    NOT_FOUND = 7, "No such signal, maintenance or delisting."
    NO_DATABASE = 8, "There is no database at that path."
    DATABASE_VERSION = 9, "The database was written by another version of this program."
    DATABASE_PROBLEM = 10, "The database cannot be read or written."
    SETTINGS_REFUSED = 11, "A setting is missing, unknown or out of bounds."
    ACCOUNT_TAKEN = 12, "Another engine runs on this account."
    ENGINE_PROBLEM = 13, "The engine or a server stopped because of something outside it."
    VIOLATIONS = (
        14,
        (
            "A check found a violation: of the promise (`simulate`), or a ledger that differs "
            "from the exchanges (`demo`)."
        ),
    )
    JOURNAL_BROKEN = 15, "The journal is not what was written: its hash chain does not fit."
    INBOX_FULL = 16, "Too many entries wait for the engine; what is named was not stored."
    NOT_READY = (
        17,
        (
            "`doctor` found a fault, a live engine did not start because of one, or `shadow` "
            "or `live-check` could not ask or do everything."
        ),
    )
    MADE_WAY = (
        18,
        (
            "The engine ended because the watchdog or a standby took over; start it again "
            "(beside a standby with `--standby`), it waits for its turn and books what was "
            "done."
        ),
    )
    SHAPE_DIFFERS = (
        19,
        (
            "`shadow` or `live-check` went through, and an exchange's messages differ in "
            "shape from the simulators'; every difference is named."
        ),
    )
    NOT_FLAT = (
        20,
        (
            "`live-check` could not close what it opened, or does not know whether it did; "
            "what to do by hand is told."
        ),
    )
    NOT_CONFIRMED = 21, "`live-check` or `close --leg` was not confirmed; nothing was placed."
    STOP_STANDS = 22, "`resume`: what stopped trading still holds; nothing was changed."
    MACHINE_REFUSED = (
        23,
        (
            "The machine refused something: a path, a right, room, a limit; what it is and "
            "the cure are named."
        ),
    )
    UNKNOWN_ACCOUNT = 24, "The store has no such account; those it has are named."
    NOT_TOLD = 25, "`notify test`: a channel did not take the message, or cannot be used."
    INTERRUPTED = 130, "Interrupted from the keyboard; what was stored before stays."


def exit_codes_markdown() -> str:
    """The codes as a Markdown table."""
    lines = ["| code | name | meaning |", "|---|---|---|"]
    lines += [f"| {int(code)} | `{code.name}` | {code.meaning} |" for code in ExitCode]
    return "\n".join(lines) + "\n"
