"""Why a signal cannot be read: stable codes, each with its meaning.

``docs/SIGNALS.md`` repeats the table (a test keeps it fresh). A code is never renamed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class FaultCode(StrEnum):
    """What is wrong with a signal's text."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    BAD_ENCODING = "bad_encoding"
    BAD_JSON = "bad_json"
    TRUNCATED = "truncated"
    TOO_DEEP = "too_deep"
    NOT_AN_OBJECT = "not_an_object"
    DUPLICATE_FIELD = "duplicate_field"
    UNKNOWN_FIELD = "unknown_field"
    MISSING_FIELD = "missing_field"
    WRONG_TYPE = "wrong_type"
    FLOAT_AMOUNT = "float_amount"
    NOT_A_NUMBER = "not_a_number"
    NOT_FINITE = "not_finite"
    TOO_PRECISE = "too_precise"
    NOT_POSITIVE = "not_positive"
    OUT_OF_RANGE = "out_of_range"
    BAD_TIME = "bad_time"
    NAIVE_TIME = "naive_time"
    EXPIRES_TOO_EARLY = "expires_too_early"
    BAD_ID = "bad_id"
    BAD_STRATEGY = "bad_strategy"
    BAD_SYMBOL = "bad_symbol"
    BAD_ACTION = "bad_action"
    BAD_EXCHANGE = "bad_exchange"
    SEVERAL_SIZES = "several_sizes"
    BAD_METADATA = "bad_metadata"
    UNSUPPORTED_VERSION = "unsupported_version"


MEANING: Mapping[FaultCode, str] = {
    FaultCode.EMPTY: "no text at all",
    FaultCode.TOO_LARGE: "more than 16 KiB of text",
    FaultCode.BAD_ENCODING: "not UTF-8, or half of a surrogate pair",
    FaultCode.BAD_JSON: "not JSON",
    FaultCode.TRUNCATED: "the last line ends before its JSON does",
    FaultCode.TOO_DEEP: "nested too deeply",
    FaultCode.NOT_AN_OBJECT: "JSON, but not an object",
    FaultCode.DUPLICATE_FIELD: "a field is given twice",
    FaultCode.UNKNOWN_FIELD: "a field the schema does not have",
    FaultCode.MISSING_FIELD: "a required field is not there",
    FaultCode.WRONG_TYPE: "a field holds another JSON type than the schema says",
    FaultCode.FLOAT_AMOUNT: "an amount is a JSON number with a fraction or exponent; "
    'write it as text: `"0.5"`',
    FaultCode.NOT_A_NUMBER: "an amount's text is not a plain decimal number",
    FaultCode.NOT_FINITE: "NaN or infinite",
    FaultCode.TOO_PRECISE: "an amount has over 18 digits before or after the point",
    FaultCode.NOT_POSITIVE: "an amount is zero or negative",
    FaultCode.OUT_OF_RANGE: "a number is outside its limits",
    FaultCode.BAD_TIME: "not an ISO 8601 time like `2026-01-31T09:00:00Z`",
    FaultCode.NAIVE_TIME: "a time without zone; add `Z` or an offset",
    FaultCode.EXPIRES_TOO_EARLY: "`expires_at` is not after `created_at`",
    FaultCode.BAD_ID: "`id` is not 1 to 128 printable ASCII characters without spaces",
    FaultCode.BAD_STRATEGY: "`strategy` is not 1 to 64 of `a-z 0-9 _ . -`",
    FaultCode.BAD_SYMBOL: "`symbol` is not a base asset of 1 to 20 of `A-Z 0-9`, like `BTC`",
    FaultCode.BAD_ACTION: "`action` is neither `ENTER` nor `EXIT` "
    "(of research: `BUY`, `SELL`, `HOLD` too)",
    FaultCode.BAD_EXCHANGE: "a research signal is an order of one leg: `exchange` is not `upbit`",
    FaultCode.SEVERAL_SIZES: "more than one of `notional_krw`, `quantity_base`, `capital_fraction`",
    FaultCode.BAD_METADATA: "`metadata` is not a flat object of at most 32 short entries",
    FaultCode.UNSUPPORTED_VERSION: "`schema_version` is not 1",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalFault:
    """A signal that cannot be read.

    Attributes:
        field: the field's name; empty if the text as a whole is at fault.
        message: what is wrong and the cure, for operators; quotes at most a little of the input.
        signal_id: the id, if the text had a readable one.
    """

    field: str
    code: FaultCode
    message: str
    signal_id: str = ""


class Misfit(Exception):  # noqa: N818 - carries a fault out of a reader; never leaves this package
    """Found while reading; becomes a :class:`SignalFault`."""

    def __init__(self, field: str, code: FaultCode, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.code = code
        self.message = message


def faults_markdown() -> str:
    """The codes as a Markdown table."""
    lines = ["| code | meaning |", "|---|---|"]
    lines += [f"| `{code}` | {MEANING[code]} |" for code in FaultCode]
    return "\n".join(lines) + "\n"
