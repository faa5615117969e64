from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from advocacy.cli.main import main
from advocacy.config import Settings

ROOT = Path(__file__).parents[2]
DOCKERFILE = ROOT / "Dockerfile"
COMPOSE = ROOT / "docker-compose.yml"
BIN = Path(sys.executable).parent


@pytest.fixture(scope="module")
def services() -> dict[str, dict[str, Any]]:
    """Read the services that docker-compose.yml describes."""
    described: dict[str, dict[str, Any]] = yaml.safe_load(COMPOSE.read_text())[
        "services"
    ]
    return described


def commands(services: dict[str, dict[str, Any]]) -> list[list[str]]:
    """List every call of our command line in the files for containers."""
    called = [
        service["command"]
        for service in services.values()
        if service["image"] == "advocacy"
    ]
    checks = [
        service.get("healthcheck", {}).get("test", []) for service in services.values()
    ]
    called += [words[2:] for words in checks if words[1:2] == ["advocacy"]]
    last = re.findall(r"^CMD (\[.*\])$", DOCKERFILE.read_text(), re.MULTILINE)
    called.append(json.loads(last[-1]))
    return called


def test_the_compose_file_is_one() -> None:
    """No engine is needed to know."""
    ran = subprocess.run(
        [BIN / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", COMPOSE],
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stdout


def test_the_dockerfile_has_no_bad_habits() -> None:
    """As hadolint knows them."""
    ran = subprocess.run(
        [BIN / "hadolint", DOCKERFILE], capture_output=True, text=True, check=False
    )

    assert (ran.returncode, ran.stdout) == (0, "")


def test_every_command_in_a_container_exists(
    services: dict[str, dict[str, Any]],
) -> None:
    """With its options: click reads them all, without running anything."""
    for words in commands(services):
        command = main.commands[words[0]]
        command.make_context(words[0], list(words[1:]), resilient_parsing=False)


def test_a_command_that_does_not_exist_would_be_seen() -> None:
    """The test above must be able to fail."""
    with pytest.raises(click.UsageError):
        main.commands["web"].make_context("web", shlex.split("--hots 0.0.0.0"))


def test_every_variable_in_the_files_is_a_setting() -> None:
    """A misspelt one would be ignored without a word."""
    known = {f"ADVOCACY_{name.upper()}" for name in Settings.model_fields}
    for path in (DOCKERFILE, COMPOSE):
        named = set(re.findall(r"ADVOCACY_[A-Z_]+", path.read_text()))
        assert named
        assert named <= known, path.name


def test_what_must_be_secret_has_no_default(
    services: dict[str, dict[str, Any]],
) -> None:
    """A default key is everybody's key."""
    environment = services["web"]["environment"]

    for name in ("ADVOCACY_SECRET_KEY", "ADVOCACY_DATABASE_URL"):
        assert re.search(r"\$\{[A-Z_]+:\?", environment[name]), name


def test_the_broker_throws_nothing_away(services: dict[str, dict[str, Any]]) -> None:
    """Neither when its memory is full, nor when it is started again."""
    words = services["redis"]["command"]

    assert words[words.index("--maxmemory-policy") + 1] == "noeviction"
    assert words[words.index("--appendonly") + 1] == "yes"


def test_nothing_starts_before_what_it_needs(
    services: dict[str, dict[str, Any]],
) -> None:
    """Web, worker and beat find their tables and their broker."""
    for name in ("web", "worker", "beat"):
        needs = services[name]["depends_on"]
        assert needs["migrate"]["condition"] == "service_completed_successfully"
        assert needs["redis"]["condition"] == "service_healthy"


def test_the_image_does_not_run_as_root() -> None:
    """What breaks out of it finds no rights."""
    user = re.findall(r"^USER (\d+):(\d+)$", DOCKERFILE.read_text(), re.MULTILINE)

    assert user
    assert "0" not in user[-1]


def test_the_image_gets_what_it_copies() -> None:
    """What .dockerignore leaves out cannot be copied."""
    sent = {
        line.removeprefix("!")
        for line in (ROOT / ".dockerignore").read_text().splitlines()
        if line.startswith("!")
    }
    copied = re.findall(
        r"^COPY (?!--from)(.+) \S+$", DOCKERFILE.read_text(), re.MULTILINE
    )

    assert {name for line in copied for name in line.split()} == sent
    assert all((ROOT / name).exists() for name in sent)
