"""The parts of the documents that repeat code, each as Markdown text made from that code.

Pure: nothing here reads a setting or writes a file; ``generate`` puts these texts where they
belong. What a table says is taken from names and docstrings, so a renamed thing cannot keep an old
description.
"""

import ast
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from enum import Enum
from importlib import resources
from typing import Any, get_args

import msgspec

from exchange_simulator.faults import kinds as faults
from trading_platform_order.domain.order import Leg, OrderStatus, Purpose
from trading_platform_order.domain.order_identity.client_order_id import client_order_id
from trading_platform_order.domain.outcome import Refused
from trading_platform_order.domain.refusal import RefusalCode
from trading_platform_order.domain.trade.orders.order_table import ORDER_TABLE, OrderMove
from trading_platform_order.exchanges import binance, upbit
from trading_platform_order.exchanges.binance.requests import errors as binance_errors
from trading_platform_order.exchanges.config import BinanceConfig, Credentials, UpbitConfig
from trading_platform_order.exchanges.upbit.requests import errors as upbit_errors
from trading_platform_order.executor.journal.event_codec import event_kinds
from trading_platform_order.notifications.wording.messages import WORDINGS
from trading_platform_order.risk.monitors.emergency_stop import Condition
from trading_platform_order.signals.fields import FIELDS
from trading_platform_order.transport.limiter import Budgets


class NothingToSay(Exception):  # noqa: N818 - a fact about the source that a document needs
    """Something that a document must describe carries no description."""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [_row(head), "|" + "---|" * len(head)]
    return "\n".join([*lines, *(_row(row) for row in rows)]) + "\n"


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _first_line(thing: object) -> str:
    text = (thing.__doc__ or "").strip().splitlines()
    if not text:
        raise NothingToSay(f"{thing!r} has no docstring")
    return _plain(text[0])


def _plain(text: str) -> str:
    """Docstring markup as Markdown, without the full stop: it goes into a table's cell."""
    return text.strip().replace("``", "`").removesuffix(".")


def _meanings(text: str | None) -> dict[str, str]:
    """Lines like ``NAME`` meaning (the name in two backticks, or bare in a literal block)."""
    found = re.findall(r"^ +(?:``)?([A-Z][A-Z_]+)(?:``)? +(\S.*)$", text or "", re.MULTILINE)
    return {name: _plain(meaning) for name, meaning in found}


def _meaning_of(member: Enum, meanings: Mapping[str, str]) -> str:
    if member.name not in meanings:
        raise NothingToSay(f"{member!r} is not described in its docstring")
    return meanings[member.name]


def _code(text: str) -> str:
    return f"`{text}`"


# -- signals, orders and trades ------------------------------------------------------------------


def signal_fields() -> str:
    """The fields of a signal."""
    rows = [
        (_code(name), "yes" if field.required else "no", str(field.schema.get("description", "")))
        for name, field in FIELDS.items()
    ]
    return table(("field", "required", "meaning"), rows)


def refusal_codes() -> str:
    """Why a signal is not traded."""
    return table(("code", "meaning"), ((_code(c.value), c.meaning) for c in RefusalCode))


def stop_conditions() -> str:
    """When the emergency stop is latched by itself."""
    return table(("condition", "holds when"), ((_code(c), c.meaning) for c in Condition))


def order_states() -> str:
    """What is known of an order."""
    meanings = _meanings(OrderStatus.__doc__)
    rows = [(_code(s.value), _meaning_of(s, meanings)) for s in OrderStatus]
    return table(("status", "meaning"), rows)


def order_diagram() -> str:
    """The moves that change a status, as a Mermaid state diagram."""
    labels: dict[tuple[OrderStatus, OrderStatus], list[str]] = {}
    for (before, move), after in ORDER_TABLE.items():
        if before is not after:
            labels.setdefault((before, after), []).append(move.value)
    arrows = [f"    {a} --> {b}: {', '.join(moves)}" for (a, b), moves in labels.items()]
    start = f"    [*] --> {OrderStatus.PENDING}: intent durable"
    return "\n".join(["```mermaid", "stateDiagram-v2", start, *arrows, "```"]) + "\n"


def order_moves() -> str:
    """The whole table; a move that is not in it stops the trade."""
    rows = [
        (_code(move.value), *(_next_status(status, move) for status in OrderStatus))
        for move in OrderMove
    ]
    return table(("move", *(status.value for status in OrderStatus)), rows)


def _next_status(status: OrderStatus, move: OrderMove) -> str:
    after = ORDER_TABLE.get((status, move))
    if after is None:
        return "illegal"
    return "stays" if after is status else f"**{after}**"


def order_id_letters() -> str:
    """The letters at the end of a client order id."""
    rows = []
    for leg in Leg:
        for purpose in Purpose:
            name = client_order_id(mode="p", key="k" * 20, leg=leg, purpose=purpose, attempt=1)
            rows.append((_code(name.rsplit("-", 1)[1]), leg.value, purpose.value.replace("_", "-")))
    return table(("ending", "leg", "purpose"), rows)


def journal_events() -> str:
    """Kinds of journal rows and what each holds."""
    rows = [
        (_code(kind), _first_line(event), ", ".join(_code(f.name) for f in fields(event)))
        for kind, event in event_kinds().items()
    ]
    return table(("kind", "what happened", "fields of the body"), rows)


def alert_titles() -> str:
    """How each kind of alert is headed."""
    rows = [(_code(kind), w.title, w.title_ko) for kind, w in WORDINGS.items()]
    return table(("kind", "title", "title in Korean"), rows)


# -- exchanges -----------------------------------------------------------------------------------

_NO_KEY = Credentials(key="", secret="")


def upbit_error_table() -> str:
    """Upbit's error names by what they prove."""
    meanings = _meanings(upbit_errors.Kind.__doc__)
    rows = []
    for kind in upbit_errors.Kind:
        failure = upbit_errors.Failure(kind=kind, code="", message="")
        outcome = upbit_errors.as_order_outcome(failure)
        names = [_code(name) for name, found in upbit_errors.KINDS.items() if found is kind]
        rows.append((kind.value, _meaning_of(kind, meanings), _verdict(outcome), _listed(names)))
    return table(("kind", "what it proves", "verdict on a first post", "error names"), rows)


def _verdict(outcome: object) -> str:
    if isinstance(outcome, Refused):
        return "refused, retryable" if outcome.retryable else "refused"
    return "**unknown**"


_BINANCE_VERDICTS = {
    binance_errors.Kind.REFUSED: "refused",
    binance_errors.Kind.RETRYABLE: "refused, retryable",
    binance_errors.Kind.UNKNOWN: "**unknown**",
    binance_errors.Kind.RATE_LIMITED: "refused, retryable",
    binance_errors.Kind.CLOCK_SKEW: "refused, retryable",
    binance_errors.Kind.AUTH_FAILED: "refused",
}


def binance_error_table() -> str:
    """Binance's error codes by what they prove."""
    meanings = _meanings(binance_errors.__doc__)
    rows = []
    for kind in binance_errors.Kind:
        codes = [_code(str(code)) for code in sorted(binance_errors.BY_KIND[kind], reverse=True)]
        meaning = _meaning_of(kind, meanings)
        rows.append((kind.value, meaning, _BINANCE_VERDICTS[kind], _listed(codes)))
    return table(("kind", "what it proves", "verdict on an order", "codes"), rows)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "-"


def upbit_budgets() -> str:
    """The request budgets the Upbit adapter keeps by default."""
    return _budget_table(
        upbit.budgets(UpbitConfig(rest_url="", ws_url="", credentials=_NO_KEY)), "requests"
    )


def binance_budgets() -> str:
    """The request budgets the Binance adapter keeps by default."""
    return _budget_table(
        binance.budgets(BinanceConfig(rest_url="", ws_url="", credentials=_NO_KEY)), "units"
    )


def _budget_table(budgets: Budgets, unit: str) -> str:
    rows = [
        (
            _code(name),
            f"{b.limit} {unit} in {b.window_s:g} s",
            str(b.reserved) if b.reserved else "-",
        )
        for name, b in budgets.items()
    ]
    return table(("group", "our budget", "of it only for urgent requests"), rows)


# -- simulated exchanges and simulation ----------------------------------------------------------

_COMMON = {"venue", "skip", "count", "match"}


def simulator_faults() -> str:
    """The faults that can be armed on a simulated exchange."""
    rows = []
    for fault in get_args(faults.Fault):
        own = [f for f in msgspec.structs.fields(fault) if f.name not in _COMMON]
        told = ", ".join(_code(f.name) + _default_of(f) for f in own) or "-"
        rows.append((_code(fault.__struct_config__.tag), _first_line(fault), told))
    return table(("kind", "what happens", "its own fields"), rows)


def _default_of(item: msgspec.structs.FieldInfo) -> str:
    if item.default_factory is not msgspec.NODEFAULT:
        return " (none)"
    if item.default is msgspec.NODEFAULT:
        return " (required)"
    return f" ({item.default!r})".replace("'", "").replace("None", "none")


# The simulation stands above this layer: it is read as text, never imported.
def simulation_faults() -> str:
    """The faults a simulated run draws from."""
    kinds = _assigned(_source("faults/fault_kinds.py"), "FAULT_KINDS")
    return table(("fault", "what happens"), ((_code(kind), text) for kind, text in kinds.items()))


_CHECKERS = (
    "checkers/invariants.py",
    "checkers/fills.py",
    "checkers/verdicts.py",
    "checkers/timeliness/refused_exits.py",
    "checkers/timeliness/time_to_flat.py",
    "checkers/timeliness/naked_time.py",
    "checkers/timeliness/attempts.py",
    "checkers/timeliness/close_price.py",
    "checkers/figures/figures.py",
    "stress/checkers.py",
    "failover/checkers.py",
)


def simulation_checkers() -> str:
    """The judges of a finished run."""
    rows = [
        (_code(node.name), _plain((ast.get_docstring(node) or "").splitlines()[0]))
        for source in _CHECKERS
        for node in _source(source).body
        if isinstance(node, ast.FunctionDef)
        and not node.name.startswith("_")
        and node.returns is not None
        and ast.unparse(node.returns) == "Iterable[str]"
    ]
    return table(("checker", "what must hold"), rows)


def _source(name: str) -> ast.Module:
    folder = resources.files("trading_platform_order") / "simulation"
    return ast.parse((folder / name).read_text(encoding="utf-8"))


def _assigned(module: ast.Module, name: str) -> Any:  # noqa: ANN401 - whatever the literal is
    for node in module.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
            return ast.literal_eval(node.value)
    raise NothingToSay(f"no {name} in the source")
