"""What to do about each fault of a signal's text; the fault's own message says what is wrong."""

from collections.abc import Mapping

from trading_platform_order.signals.faults import FaultCode

REMEDIES: Mapping[FaultCode, str] = {
    FaultCode.EMPTY: "give one JSON object, or one per line",
    FaultCode.TOO_LARGE: "shorten it, the metadata first",
    FaultCode.BAD_ENCODING: "write plain UTF-8 text; is this the right file?",
    FaultCode.BAD_JSON: "write one JSON object, or one per line; is this the right file?",
    FaultCode.TRUNCATED: "complete the last line; its writer may have been cut off",
    FaultCode.TOO_DEEP: "write a flat object",
    FaultCode.NOT_AN_OBJECT: "write one object per line, without a list around them",
    FaultCode.DUPLICATE_FIELD: "give each field once",
    FaultCode.UNKNOWN_FIELD: "correct the name, or put it into metadata",
    FaultCode.MISSING_FIELD: "add the field",
    FaultCode.WRONG_TYPE: "write the type the schema names (tporder signal schema)",
    FaultCode.FLOAT_AMOUNT: 'write the amount as text, like "0.5"',
    FaultCode.NOT_A_NUMBER: 'write a plain decimal as text, like "0.5"',
    FaultCode.NOT_FINITE: "give a finite number, or leave the field out",
    FaultCode.TOO_PRECISE: "round to at most 18 digits on each side of the point",
    FaultCode.NOT_POSITIVE: "give an amount above zero, or leave the field out",
    FaultCode.OUT_OF_RANGE: "stay within the limits the schema names (tporder signal schema)",
    FaultCode.BAD_TIME: "write it like 2026-01-31T09:00:00Z",
    FaultCode.NAIVE_TIME: "add the zone: Z, or an offset like +09:00",
    FaultCode.EXPIRES_TOO_EARLY: "let it expire after it was created",
    FaultCode.BAD_ID: "use 1 to 128 printable ASCII characters without spaces",
    FaultCode.BAD_STRATEGY: "use 1 to 64 of a-z 0-9 _ . -",
    FaultCode.BAD_SYMBOL: "name the base asset alone, like BTC",
    FaultCode.BAD_ACTION: "write ENTER or EXIT",
    FaultCode.BAD_EXCHANGE: "send the pair's signal alone: exchange upbit, or none",
    FaultCode.SEVERAL_SIZES: "keep one of the sizes",
    FaultCode.BAD_METADATA: "keep it flat and small; put long data elsewhere and name it here",
    FaultCode.UNSUPPORTED_VERSION: "write schema_version 1, or leave it out",
}
