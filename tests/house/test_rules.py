"""The rules of the house that no linter knows."""

from __future__ import annotations

import ast
import importlib
import inspect
import pickle
import pkgutil
import re
import tomllib
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any

import click
import pytest
from sqlalchemy import inspect as look_into

import advocacy
from advocacy.cli.main import main
from advocacy.config import Settings
from advocacy.db.base import Base
from advocacy.errors import AdvocacyError

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "advocacy"
FORBIDDEN_NAMES = {"service", "services", "utils", "helpers", "manager", "core"}


def _modules() -> Iterator[str]:
    for module in pkgutil.walk_packages(advocacy.__path__, "advocacy."):
        if not module.name.endswith("__main__"):
            yield module.name


def _sources() -> list[Path]:
    return [
        path
        for folder in (PACKAGE, ROOT / "workers")
        for path in folder.rglob("*.py")
        if "_alembic" not in path.parts
    ]


def test_transactions_end_in_one_folder() -> None:
    """Whoever commits elsewhere breaks the caller's transaction in two."""
    ended = re.compile(r"\b(session|db|transaction)\.(commit|rollback)\(")

    found = [
        path
        for path in _sources()
        if path.parent != PACKAGE / "db" and ended.search(path.read_text())
    ]

    assert found == []


def test_nothing_is_loaded_behind_our_back() -> None:
    """A relationship that loads itself turns a list into a hundred queries."""
    for name in _modules():
        importlib.import_module(name)
    lazy = [
        str(relation)
        for mapper in Base.registry.mappers
        for relation in look_into(mapper.class_).relationships
        if relation.lazy != "raise"
    ]

    assert lazy == []


def _errors() -> list[type[AdvocacyError]]:
    for name in _modules():
        importlib.import_module(name)

    def below(kind: type[AdvocacyError]) -> Iterator[type[AdvocacyError]]:
        for child in kind.__subclasses__():
            yield child
            yield from below(child)

    return sorted(
        {
            kind
            for kind in below(AdvocacyError)
            if kind.__module__.startswith("advocacy")
        },
        key=lambda kind: kind.__qualname__,
    )


def _sample(annotation: object) -> object:
    if inspect.isclass(annotation) and issubclass(annotation, StrEnum):
        return next(iter(annotation))
    return {int: 7, float: 1.5, bool: True}.get(annotation, "x")  # type: ignore[call-overload]


@pytest.mark.parametrize("kind", _errors(), ids=lambda kind: kind.__qualname__)
def test_errors_survive_the_way_between_processes(kind: type[AdvocacyError]) -> None:
    """An error that cannot be pickled hides what happened in a worker."""
    arguments: list[Any] = [
        _sample(
            parameter.annotation if not isinstance(parameter.annotation, str) else str
        )
        for parameter in inspect.signature(kind, eval_str=True).parameters.values()
        if parameter.default is parameter.empty
        and parameter.kind is parameter.POSITIONAL_OR_KEYWORD
    ]
    error = kind(*arguments)

    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes

    assert type(again) is kind
    assert str(again) == str(error)


def test_files_are_named_for_what_they_answer() -> None:
    """`utils` answers nothing, so it takes everything."""
    assert [path for path in _sources() if path.stem in FORBIDDEN_NAMES] == []


def test_files_stay_small() -> None:
    """A file that grows past 400 lines answers two questions."""
    long = {
        str(path.relative_to(ROOT)): lines
        for path in _sources()
        if (lines := len(path.read_text().splitlines())) > 400
    }

    assert long == {}


def test_alembic_is_no_package() -> None:
    """With an __init__.py, `import alembic` would find the folder, not the library."""
    assert not (ROOT / "alembic" / "__init__.py").exists()


def test_every_setting_is_explained() -> None:
    """An administrator has an afternoon, and no time to read code."""
    told = (ROOT / "docs" / "operating.md").read_text()

    missing = [
        name for name in Settings.model_fields if f"ADVOCACY_{name.upper()}" not in told
    ]

    assert missing == []


def _commands(group: click.Group, words: str) -> Iterator[str]:
    for name, command in group.commands.items():
        if command.hidden:
            continue
        yield f"{words} {name}"
        if isinstance(command, click.Group):
            yield from _commands(command, f"{words} {name}")


def test_every_command_is_explained() -> None:
    """The page for administrators names what they can type."""
    told = (ROOT / "docs" / "operating.md").read_text().replace("\\|", " ")
    cells = [set(re.findall(r"[a-z-]+", line)) for line in told.splitlines()]

    missing = [
        command
        for command in _commands(main, "advocacy")
        if not any(set(command.split()[1:]) <= cell for cell in cells)
    ]

    assert missing == []


def _pure_modules() -> list[Path]:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())
    [pure] = [
        contract
        for contract in contracts["tool"]["importlinter"]["contracts"]
        if "pure" in contract["name"]
    ]
    return [ROOT / f"{name.replace('.', '/')}.py" for name in pure["source_modules"]]


@pytest.mark.parametrize("path", _pure_modules(), ids=lambda path: path.stem)
def test_a_rule_is_given_the_moment_and_the_settings(path: Path) -> None:
    """A rule that looks at the clock itself cannot be tested at another hour."""
    taken = {
        alias.name
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }

    assert taken.isdisjoint({"utc_now", "settings"})


def test_folders_of_tests_are_those_of_the_code() -> None:
    """Whoever knows the code knows where its tests are."""
    others = {
        "house",
        "paths",
        "browser",
        "faults",
        "samples",
        "workers",
        "__pycache__",
    }
    folders = {path.name for path in (ROOT / "tests").iterdir() if path.is_dir()}
    capabilities = {path.name for path in PACKAGE.iterdir() if path.is_dir()}

    assert folders - others <= capabilities
