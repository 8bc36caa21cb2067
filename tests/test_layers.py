"""adapters -> bot <- storage: the contracts of pyproject.toml, held by import-linter."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.environment import ROOT

_WATCH = """\
import importlib, os, pkgutil, sys, threading
DEEDS = {"socket.__new__", "socket.connect", "socket.bind", "sqlite3.connect", "subprocess.Popen", "os.fork",
         "os.mkdir", "os.rename", "os.remove"}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC
def watch(event, args):
    if event in DEEDS or event == "open" and (args[2] or 0) & WRITING and args[0] != os.devnull:
        print("seen", event, file=sys.stderr)
sys.addaudithook(watch)
# Python 3.11 has no audit event of a thread's start.
start = threading.Thread.start
def watched_start(thread):
    print("seen thread", file=sys.stderr)
    start(thread)
threading.Thread.start = watched_start
"""


def test_the_layers_hold() -> None:
    command = [
        sys.executable,
        "-c",
        "from importlinter.cli import lint_imports_command; lint_imports_command()",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


def test_nothing_happens_at_import() -> None:
    """Importing every module opens no file for writing, no socket and no thread."""
    script = _WATCH + (
        "for root in ('bot', 'adapters', 'storage'):\n"
        "    package = importlib.import_module(root)\n"
        "    for found in pkgutil.walk_packages(package.__path__, root + '.'):\n"
        "        if not found.name.endswith('__main__') and '.migrations.' not in found.name:\n"
        "            importlib.import_module(found.name)\n"
    )

    assert happened(script) == []


def test_no_command_waits_for_the_sdk_of_a_platform_that_it_does_not_use() -> None:
    script = "import sys, bot.cli.main; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )

    imported = set(done.stdout.split())
    assert "bot.bootstrap" in imported
    assert imported.isdisjoint({"slack_bolt", "slack_sdk", "discord", "apscheduler", "prometheus_client"})


@pytest.mark.parametrize(
    ("deed", "seen"),
    [
        ("open('file', 'w')", "open"),
        ("os.open('file', os.O_RDWR | os.O_CREAT)", "open"),
        ("socket.socket().bind(('127.0.0.1', 0))", "socket.bind"),
        ("sqlite3.connect(':memory:')", "sqlite3.connect"),
        ("threading.Thread(target=print).start()", "thread"),
        ("asyncio.new_event_loop()", "socket.__new__"),
    ],
)
def test_the_watch_sees_what_it_is_there_for(tmp_path: Path, deed: str, seen: str) -> None:
    script = f"import asyncio, os, socket, sqlite3, threading\n{_WATCH}{deed}\n"

    assert seen in happened(script, tmp_path)


def happened(script: str, folder: Path = ROOT) -> list[str]:
    """The names of the watched events while `script` ran, in a process of its own."""
    # Coverage, where it measures, writes its own file in every process that it is told of.
    env = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    done = subprocess.run(
        [sys.executable, "-B", "-c", script], cwd=folder, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return [line.removeprefix("seen ") for line in done.stderr.splitlines() if line.startswith("seen ")]
