"""Exit codes: what a script may rely on. A code is never given another meaning.

``docs/CLI.md`` repeats the table; a test keeps it fresh.
"""

from enum import IntEnum


class ExitCode(IntEnum):
    """How a command ended."""

    OK = 0
    BUG = 1
    USAGE = 2
    BAD_INPUT = 3
    REFUSED = 4
    CONFLICT = 5
    DUPLICATE = 6
    NOT_FOUND = 7
    NO_DATABASE = 8
    DATABASE_VERSION = 9
    DATABASE_PROBLEM = 10
    SETTINGS_REFUSED = 11
    ACCOUNT_TAKEN = 12
    ENGINE_PROBLEM = 13
    VIOLATIONS = 14
    JOURNAL_BROKEN = 15
    INBOX_FULL = 16
    NOT_READY = 17
    MADE_WAY = 18
    SHAPE_DIFFERS = 19
    NOT_FLAT = 20
    NOT_CONFIRMED = 21
    STOP_STANDS = 22
    MACHINE_REFUSED = 23
    UNKNOWN_ACCOUNT = 24
    NOT_TOLD = 25
    INTERRUPTED = 130

    @property
    def meaning(self) -> str:
        """One line for operators."""
        return _MEANINGS[self]


_MEANINGS = {
    ExitCode.OK: "Done. For `signal send`: every signal is claimed, or durable in the inbox.",
    ExitCode.BUG: "An error nobody foresaw; the traceback belongs into a bug report.",
    ExitCode.USAGE: "Unknown command or option, or an option's value that cannot be.",
    ExitCode.BAD_INPUT: "The input cannot be read or breaks its schema; the fault is named.",
    ExitCode.REFUSED: "The engine did not trade a signal; the refusal's code is named.",
    ExitCode.CONFLICT: "A signal id was used before with other content; not traded.",
    ExitCode.DUPLICATE: "Every signal is in, but one at least had been claimed before; "
    "it is not traded a second time.",
    ExitCode.NOT_FOUND: "No such signal, maintenance or delisting.",
    ExitCode.NO_DATABASE: "There is no database at that path.",
    ExitCode.DATABASE_VERSION: "The database was written by another version of this program.",
    ExitCode.DATABASE_PROBLEM: "The database cannot be read or written.",
    ExitCode.SETTINGS_REFUSED: "A setting is missing, unknown or out of bounds.",
    ExitCode.ACCOUNT_TAKEN: "Another engine runs on this account.",
    ExitCode.ENGINE_PROBLEM: "The engine or a server stopped because of something outside it.",
    ExitCode.VIOLATIONS: "A check found a violation: of the promise (`simulate`), or a ledger that "
    "differs from the exchanges (`demo`).",
    ExitCode.JOURNAL_BROKEN: "The journal is not what was written: its hash chain does not fit.",
    ExitCode.INBOX_FULL: "Too many entries wait for the engine; what is named was not stored.",
    ExitCode.NOT_READY: "`doctor` found a fault, a live engine did not start because of one, or "
    "`shadow` or `live-check` could not ask or do everything.",
    ExitCode.SHAPE_DIFFERS: "`shadow` or `live-check` went through, and an exchange's messages "
    "differ in shape from the simulators'; every difference is named.",
    ExitCode.NOT_FLAT: "`live-check` could not close what it opened, or does not know whether it "
    "did; what to do by hand is told.",
    ExitCode.NOT_CONFIRMED: "`live-check` or `close --leg` was not confirmed; nothing was placed.",
    ExitCode.MADE_WAY: "The engine ended because the watchdog or a standby took over; start it "
    "again (beside a standby with `--standby`), it waits for its turn and books what was done.",
    ExitCode.STOP_STANDS: "`resume`: what stopped trading still holds; nothing was changed.",
    ExitCode.MACHINE_REFUSED: "The machine refused something: a path, a right, room, a limit; what "
    "it is and the cure are named.",
    ExitCode.UNKNOWN_ACCOUNT: "The store has no such account; those it has are named.",
    ExitCode.NOT_TOLD: "`notify test`: a channel did not take the message, or cannot be used.",
    ExitCode.INTERRUPTED: "Interrupted from the keyboard; what was stored before stays.",
}


def exit_codes_markdown() -> str:
    """The codes as a Markdown table."""
    lines = ["| code | name | meaning |", "|---|---|---|"]
    lines += [f"| {int(code)} | `{code.name}` | {code.meaning} |" for code in ExitCode]
    return "\n".join(lines) + "\n"
