"""What the product imports is in its own lock, and not only in that of its tests."""

from __future__ import annotations

import ast
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

from tests.environment import ROOT

PRODUCT = ("bot", "adapters", "storage")


def plain(name: str) -> str:
    """A distribution's name in PyPA's normal form."""
    return re.sub(r"[-_.]+", "-", name).lower()


def imported(path: Path) -> set[str]:
    """The top-level modules that a file imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


def installed() -> set[str]:
    """What `make demo` and the image install."""
    pins = re.findall(r"^([\w.-]+)==", (ROOT / "requirements.lock").read_text("utf-8"), re.MULTILINE)
    return {plain(name) for name in pins}


def test_every_import_is_installed() -> None:
    known, ours = packages_distributions(), {*PRODUCT, *sys.stdlib_module_names}
    missing = {
        f"{path.relative_to(ROOT)}: {module}"
        for package in PRODUCT
        for path in (ROOT / package).rglob("*.py")
        for module in imported(path) - ours
        if not {plain(name) for name in known.get(module, ())} & installed()
    }

    assert missing == set()


def test_the_locks_hold_hashes_and_no_addresses() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text("utf-8")
        pins = re.findall(r"^[\w.-]+==", text, re.MULTILINE)

        assert pins
        assert len(re.findall(r"^[\w.-]+==[^\n]* \\\n +--hash=sha256:", text, re.MULTILINE)) == len(pins)
        assert "://" not in text
        assert not re.search(r"--(?:extra-)?index-url|--find-links", text)
