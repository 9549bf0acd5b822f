"""What ``deploy/`` holds fits the program: paths, variables, metrics, commands, image."""

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.cli.cli_world import tporder
from trading_platform_order.cli.main import COMMANDS
from trading_platform_order.exporter.figures import Figures
from trading_platform_order.observability.counters import Counters
from trading_platform_order.observability.gauges import GAUGES
from trading_platform_order.runtime.settings.settings import CONFIG_VARIABLE, env_names

REPOSITORY = Path(__file__).parents[3]
DEPLOY = REPOSITORY / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]
STATE = "/var/lib/tporder"


def directives(unit: Path) -> Iterator[tuple[str, str]]:
    for line in unit.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith(("#", "[")):
            name, _, value = line.partition("=")
            yield name, value


def queries() -> list[str]:
    board = json.loads((DEPLOY / "grafana" / "dashboards" / "tporder.json").read_text())
    return [target["expr"] for panel in board["panels"] for target in panel["targets"]]


def test_every_metric_of_rules_and_dashboard_exists() -> None:
    exists = {family.name for family in Counters().registry.collect()}
    exists |= {f"tporder_{gauge.name}" for gauge in GAUGES}
    exists |= {family.name for family in Figures().collect()}
    exists |= {f"{name}_total" for name in exists} | {f"{name}_bucket" for name in exists}
    rules = (DEPLOY / "prometheus" / "alerts.yml").read_text(encoding="utf-8")
    for text in (rules, *queries()):
        asked = set(re.findall(r"tporder_[a-z_]+", text))
        assert asked, text
        assert asked <= exists


def test_labels_of_the_dashboard_exist() -> None:
    board = json.loads((DEPLOY / "grafana" / "dashboards" / "tporder.json").read_text())
    known = {"le", "part", "limit", "symbol", "source", "exchange", "action", "code", "outcome"}
    known |= {"mode", "account"}
    for panel in board["panels"]:
        for target in panel["targets"]:
            assert set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"])) <= known


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_a_unit_writes_where_its_settings_say(unit: Path) -> None:
    set_to = dict(directives(unit))
    assert set_to["WorkingDirectory"] == STATE
    assert set_to["StateDirectory"].split()[0] == Path(STATE).name
    assert set_to["ProtectSystem"] == "strict"
    assert "ReadWritePaths" not in set_to
    assert set_to["Environment"] == f"{CONFIG_VARIABLE}=/etc/tporder/tporder.toml"
    program, command, *_ = set_to["ExecStart"].split()
    assert program == "/opt/tporder/.venv/bin/tporder"
    assert command in COMMANDS


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_a_unit_that_should_live_is_never_given_up(unit: Path) -> None:
    set_to = dict(directives(unit))
    if set_to.get("Type") == "oneshot":
        return
    assert (set_to["Restart"], set_to["RestartSec"]) == ("always", "1")
    assert set_to["StartLimitIntervalSec"] == "0"
    assert set_to["RestartPreventExitStatus"] == "2 11"


def test_no_process_reads_the_keys_of_another() -> None:
    files = {unit.name: dict(directives(unit)).get("EnvironmentFile") for unit in SERVICES}
    assert files == {
        "tporder-backup.service": None,
        "tporder-exporter.service": "-/etc/tporder/exporter.env",
        "tporder-engine.service": "-/etc/tporder/engine.env",
        "tporder-watchdog.service": "-/etc/tporder/watchdog.env",
        "tporder-web.service": "-/etc/tporder/web.env",
    }


def test_the_backup_is_called_as_the_command_is_written(tmp_path: Path) -> None:
    call = dict(directives(DEPLOY / "systemd" / "tporder-backup.service"))["ExecStart"].split()[1:]
    told = tporder(*call, "--db", tmp_path / "none.db")
    assert told.exit_code == 8, "the options are known; what is missing is the database"


def compose() -> str:
    return (DEPLOY / "compose.yaml").read_text(encoding="utf-8")


def test_compose_names_settings_and_files_that_exist() -> None:
    text = compose()
    named = set(re.findall(r"\bTPORDER_[A-Z_]+[A-Z]", text))
    assert named - {"TPORDER_ETC"} <= set(env_names())
    for path in re.findall(r"- \./([a-z/]+):", text):
        assert (DEPLOY / path).is_dir(), path
    for command in re.findall(r"command: \[(\w+)\]", text):
        assert command in COMMANDS


def test_compose_publishes_on_the_loopback_alone() -> None:
    ports = re.findall(r"ports: \[(.*)\]", compose())
    assert len(ports) == 2
    assert all(port.startswith('"127.0.0.1:') for port in ports)
    assert "9187:" not in compose()


def docker_lines() -> list[str]:
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def test_the_image_is_built_from_what_goes_to_the_builder() -> None:
    let_in = (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    allowed = {line[1:] for line in let_in if line.startswith("!")}
    for line in docker_lines():
        if not line.startswith("COPY ") or "--from" in line:
            continue
        for source in line.split()[1:-1]:
            assert (REPOSITORY / source).exists(), source
            assert any(Path(source).match(pattern) for pattern in allowed), source


def test_the_image_installs_pinned_packages_only_and_runs_as_nobody_special() -> None:
    installs = [line for line in docker_lines() if "pip install" in line]
    assert installs
    assert all("--require-hashes" in line or "--no-deps" in line for line in installs)
    assert "USER tporder" in docker_lines()
    project: Any = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    packages = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    copied = {line.split()[1] for line in docker_lines() if line.startswith("COPY ")}
    assert {Path(package).parts[0] for package in packages} <= copied
