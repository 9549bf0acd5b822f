"""The documents say what the code says, lead somewhere, and name nothing that does not exist."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tools.docs import generate
from trading_platform_order.domain.alert import AlertKind
from trading_platform_order.domain.order import OrderStatus
from trading_platform_order.domain.refusal import RefusalCode
from trading_platform_order.domain.signal import Signal
from trading_platform_order.domain.trade.orders.order_table import ORDER_TABLE, OrderMove
from trading_platform_order.executor.account.reconciler import MOVED
from trading_platform_order.executor.journal.event_codec import event_kinds
from trading_platform_order.runtime.settings.settings import (
    CONFIG_VARIABLE,
    Section,
    Settings,
    env_names,
    load_settings,
)
from trading_platform_order.runtime.settings.shown.described import NotDescribed, described_sections
from trading_platform_order.signals.schema import parse_signal
from trading_platform_order.storage.projections.registry import NOT_PROJECTED, PROJECTIONS

REPOSITORY = Path(__file__).resolve().parents[4]
DOCUMENTS = sorted(
    path.relative_to(REPOSITORY)
    for pattern in ("*.md", "docs/*.md", "docs/decisions/*.md", "examples/*.md")
    for path in REPOSITORY.glob(pattern)
)
# Read by the tests; names the settings file; stands for any name; begins many names.
NOT_SETTINGS = {"TPORDER_SHARED", CONFIG_VARIABLE, "TPORDER_COMPLETE", "TPORDER_SECTION_KEY"}


def text_of(document: Path | str) -> str:
    return (REPOSITORY / document).read_text(encoding="utf-8")


def document_cases(test: Callable[..., None]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("document", DOCUMENTS, ids=str)(test)  # type: ignore[no-any-return]


# -- what is generated ----------------------------------------------------------------------------


def test_nothing_generated_is_stale() -> None:
    assert generate.stale(REPOSITORY) == [], "run make generated"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for name in (*generate.FILES, *generate.PARTS):
        target = tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(REPOSITORY / name, target)
    return tmp_path


@pytest.mark.parametrize("name", [*generate.FILES, *generate.PARTS])
def test_every_generated_part_is_watched_and_mended(copy: Path, name: str) -> None:
    path = copy / name
    fresh = path.read_text(encoding="utf-8")
    changed = fresh.replace("| `", "| `x", 1) if name.endswith(".md") else fresh[1:]
    for part in generate.PARTS.get(name, {}):
        mark = f"<!-- generated: {part} -->\n"
        changed = changed.replace(mark, f"{mark}old\n")
    path.write_text(changed, encoding="utf-8")
    assert generate.stale(copy) == [name]
    assert generate.write(copy) == [name]
    assert generate.stale(copy) == []
    assert "old\n|" not in path.read_text(encoding="utf-8")


def test_what_operators_wrote_around_a_part_stays(copy: Path) -> None:
    path = copy / "docs/RISK_MANAGEMENT.md"
    path.write_text(f"# Mine\n{path.read_text(encoding='utf-8')}\nAlso mine.\n", encoding="utf-8")
    assert generate.stale(copy) == []


def test_a_missing_file_is_written(copy: Path) -> None:
    (copy / "config/.env.example").unlink()
    assert generate.write(copy) == ["config/.env.example"]


@pytest.mark.parametrize("lost", ["<!-- generated: refusal codes -->", "<!-- end -->"])
def test_a_lost_marker_is_an_error(copy: Path, lost: str) -> None:
    path = copy / "docs/RISK_MANAGEMENT.md"
    path.write_text(path.read_text(encoding="utf-8").replace(lost, ""), encoding="utf-8")
    with pytest.raises(generate.PartMissing, match=r"RISK_MANAGEMENT\.md lacks"):
        generate.stale(copy)


def test_a_part_that_lost_its_end_does_not_swallow_the_next() -> None:
    one = "<!-- generated: order states -->\n<!-- generated: order diagram -->\n<!-- end -->\n"
    with pytest.raises(generate.PartMissing, match="order states"):
        generate.render("docs/ARCHITECTURE.md", one)


def test_every_marker_in_a_document_belongs_to_a_part() -> None:
    for document in DOCUMENTS:
        found = re.findall(r"^<!-- generated: (.+) -->$", text_of(document), re.MULTILINE)
        assert sorted(found) == sorted(generate.PARTS.get(document.as_posix(), {})), document


def test_the_command_tells_stale_files_and_its_exit_code(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert generate.main(["--check"]) == 0
    assert capsys.readouterr().out == ""
    assert generate.main(["--chekc"]) == 2


def test_what_has_no_description_is_refused() -> None:
    class Silent(Section, frozen=True, kw_only=True):
        """A section."""

        field: int = 1

    class All(Section, frozen=True, kw_only=True):
        silent: Silent = Silent()

    with pytest.raises(NotDescribed, match=r"silent\.field"):
        described_sections(All)


# -- settings -------------------------------------------------------------------------------------


EXAMPLES = pytest.mark.parametrize("example", ["config/.env.example", "config/.env.example.ko"])


def example_lines(example: str) -> list[tuple[str, str]]:
    lines = text_of(example).splitlines()
    found = [line.removeprefix("#").split("=", 1) for line in lines if "=" in line.split(" ")[0]]
    return [(name, value) for name, value in found if name.startswith("TPORDER_")]


@EXAMPLES
def test_the_example_names_every_setting_once(example: str) -> None:
    assert [name for name, _ in example_lines(example)] == list(env_names())


@EXAMPLES
def test_the_example_changes_nothing_even_if_all_of_it_is_uncommented(example: str) -> None:
    assert load_settings(None, dict(example_lines(example))) == Settings()


@EXAMPLES
def test_the_example_holds_no_secret_and_sets_nothing(example: str) -> None:
    values = dict(example_lines(example))
    secrets = [
        setting.variable
        for section in described_sections()
        for setting in section.settings
        if setting.is_secret
    ]
    assert len(secrets) == 25
    assert all(values[name] == "" for name in secrets)
    lines = text_of(example).splitlines()
    assert all(line.startswith("#") for line in lines if line)


@document_cases
def test_settings_that_are_named_exist(document: Path) -> None:
    named = set(re.findall(r"\bTPORDER_[A-Z0-9_]*[A-Z0-9]", text_of(document)))
    assert named <= set(env_names()) | NOT_SETTINGS


# -- completeness ---------------------------------------------------------------------------------


def first_cells(document: str, after: str) -> set[str]:
    rows = text_of(document).partition(after)[2].partition("\n## ")[0]
    return set(re.findall(r"^\| ((?:`[^`]+`(?:, )?)+) \|", rows, re.MULTILINE))


def codes(cells: set[str]) -> set[str]:
    return {code for cell in cells for code in re.findall(r"`([^`]+)`", cell)}


def test_every_refusal_says_what_to_do() -> None:
    hand_written = text_of("docs/RISK_MANAGEMENT.md").partition("| code | also for EXIT |")[2]
    told = re.findall(r"^\| `(\w+)` \|", hand_written.partition("\n\n")[0], re.MULTILINE)
    assert told == [code.value for code in RefusalCode]


NO_ALARMS = {"entry", "exit", "resumed", "engine_back", "watchdog_back", "symbol_ready", MOVED}
NO_ALARMS |= {"engine_started", "engine_stopped", "daily_report", "test"}


@pytest.mark.parametrize("document", ["docs/RISK_MANAGEMENT.md", "docs/RISK_MANAGEMENT.ko.md"])
def test_every_limit_says_how_to_change_it(document: str) -> None:
    """In the text, with an example, and not in the generated table alone."""
    by_hand = re.sub(r"<!-- generated: .*?<!-- end -->", "", text_of(document), flags=re.DOTALL)
    named = set(re.findall(r"`(?:TPORDER_RISK_)?([A-Z_]+)(?:=[^`]*)?`", by_hand))
    limits = {name.removeprefix("TPORDER_RISK_") for name in env_names() if "_RISK_" in name}
    assert limits <= named, sorted(limits - named)


def test_the_korean_page_names_every_alarm_of_the_limits() -> None:
    rows = text_of("docs/RISK_MANAGEMENT.ko.md").partition("## 경보가 울리면")[2]
    told = codes(set(re.findall(r"^\| ((?:`[^`]+`(?:, )?)+) \|", rows, re.MULTILINE)))
    assert {*(kind.value for kind in AlertKind), MOVED} - told <= NO_ALARMS


def test_every_alert_says_what_to_do() -> None:
    told = codes(first_cells("docs/OPERATIONS.md", "| alert | urgent |"))
    assert told == {*(kind.value for kind in AlertKind), MOVED}


def test_every_journal_event_is_projected_or_said_not_to_be() -> None:
    assert set(event_kinds()) == set(PROJECTIONS) | NOT_PROJECTED


ENDPOINT = re.compile(r"/(?:v1|fapi)/[A-Za-z0-9_/]*[A-Za-z0-9]")


@pytest.mark.parametrize("venue", ["upbit", "binance"])
def test_the_endpoints_are_those_the_adapter_uses(venue: str) -> None:
    folder = REPOSITORY / "src/trading_platform_order/exchanges" / venue
    literal = re.compile(r"\"(?:\{[^}\"]*\})?(/(?:v1|fapi)/[A-Za-z0-9_/]+)\"")
    sources = "\n".join(path.read_text(encoding="utf-8") for path in folder.rglob("*.py"))
    used = set(literal.findall(sources)) | set(re.findall(r"\}(/v1/[a-z_/]+)\"", sources))
    rows = [line for line in text_of("docs/EXCHANGE_API.md").splitlines() if line[:2] == "| "]
    begins = "/v1/" if venue == "upbit" else "/fapi/"
    told = {path for row in rows for path in ENDPOINT.findall(row.split("|")[1])}
    assert used
    assert {path for path in told if path.startswith(begins)} == used


# -- examples, links, places ----------------------------------------------------------------------


def test_signals_in_the_documents_can_be_read() -> None:
    """Those of the READMEs are made by a shell: see the tests of the command line."""
    blocks = re.findall(r"```json\n(.*?)```", text_of("docs/SIGNALS.md"), re.DOTALL)
    assert blocks
    assert all(isinstance(parse_signal(block), Signal) for block in blocks)


def test_both_readmes_show_the_same_commands_and_links() -> None:
    english, korean = text_of("README.md"), text_of("README.ko.md")

    def commands(text: str) -> list[str]:
        lines = re.findall(r"^    (\S.*?)(?:\s+#.*)?$", text, re.MULTILINE)
        return [line for line in lines if line.startswith(("make", "tporder", ".venv", "printf"))]

    def links(text: str) -> set[str]:
        return set(re.findall(r"\]\(([^)]+)\)", text)) - {"README.md", "README.ko.md"}

    assert commands(english) == commands(korean)
    assert links(english) == links(korean)


def anchors(text: str) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@document_cases
def test_relative_links_lead_somewhere(document: Path) -> None:
    here = (REPOSITORY / document).parent
    for link in re.findall(r"\]\(([^)\s]+)\)", text_of(document)):
        if "://" in link:
            continue
        name, _, anchor = link.partition("#")
        target = (here / name).resolve() if name else REPOSITORY / document
        assert target.exists(), f"{document}: {link}"
        assert target.is_relative_to(REPOSITORY), f"{document}: {link} leaves the repository"
        if anchor:
            assert anchor in anchors(target.read_text(encoding="utf-8")), f"{document}: {link}"


@document_cases
def test_no_document_names_a_place_on_a_machine(document: Path) -> None:
    places = r"(?:^|[\s`\"'(=:])(?:/(?:home|Users|root|tmp|work|mnt|opt|srv|var)/|[A-Z]:\\)"
    text = text_of(document).replace("/opt/tporder", "").replace("/var/lib/tporder", "")
    assert re.findall(places, text, re.MULTILINE) == [], "but where an installation stands"


@document_cases
def test_every_page_in_docs_is_reached_from_the_readme(document: Path) -> None:
    if document.parent == Path("docs"):
        assert f"({document.as_posix()})" in text_of("README.md")


# -- paths and names of the code ------------------------------------------------------------------

CODE = re.compile(r"`((?:[\w.-]+/)+[\w.-]*)(?::([\w.]+))?`")


def place_of(name: str) -> Path | None:
    """A path of this repository, or below the package."""
    below = (REPOSITORY, REPOSITORY / "src/trading_platform_order")
    return next((root / name for root in below if (root / name).exists()), None)


def test_no_page_has_an_empty_code_span() -> None:
    pages = [*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").rglob("*.md")]
    assert len(pages) > 20
    empty = re.compile(r"(?<![`\w])``(?=[\s,;.):])")
    assert [str(page) for page in pages if empty.search(page.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize("document", ["CONTRIBUTING.md", "docs/ARCHITECTURE.md"])
def test_every_file_and_name_that_a_guide_sends_one_to_exists(document: str) -> None:
    sent = CODE.findall(text_of(document))
    assert len(sent) > 20
    for name, within in sent:
        if name.startswith("../"):
            continue  # beside the repository; not every machine has it
        place = place_of(name)
        assert place is not None, f"{document}: {name}"
        if within:
            text = place.read_text(encoding="utf-8")
            for part in within.split("."):
                defined = rf"^\s*(?:class |(?:async )?def |self\.)?{part}\b(?:\(|:| =)"
                assert re.search(defined, text, re.MULTILINE), f"{document}: {name}:{within}"


def test_the_rows_that_the_architecture_explains_are_in_the_order_table() -> None:
    explained = text_of("docs/ARCHITECTURE.md").partition("| what happens | rows |")[2]
    rows = re.findall(r"`([A-Z]+)` `([a-z_]+)` `([A-Z]+)`", explained.partition("\n\n")[0])
    assert len(rows) > 15
    for before, move, after in rows:
        found = ORDER_TABLE[OrderStatus(before), OrderMove(move)]
        assert found is OrderStatus(after), (before, move)
