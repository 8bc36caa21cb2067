"""What compose.yaml and docs/postgresql.md say, run: as processes, and all else as it stands there."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp.test_utils import unused_port
from sqlalchemy import URL, create_engine, make_url, text

from bot.services.ingest import store_batch
from storage.database import Database
from tests.apps import batch, paper
from tests.cli.command import wait_for
from tests.databases import Server
from tests.docs.container import env_file, environment, health_check, only, services
from tests.environment import ROOT
from tests.standins.slack import SlackStandin


@pytest.fixture
def database(postgresql: Server) -> Iterator[URL]:
    """The service `database` as the page has it: its user has to say the password."""
    told, made = env_file(), services()["database"]["environment"]
    user, name, password = made["POSTGRES_USER"], made["POSTGRES_DB"], told["POSTGRES_PASSWORD"]
    with asking_for_passwords(postgresql, user):
        postgresql.run(f"CREATE ROLE {user} LOGIN SUPERUSER PASSWORD '{password}'")
        postgresql.run(f"CREATE DATABASE {name} OWNER {user}")
        yield postgresql.admin
        postgresql.run(f"DROP DATABASE {name} WITH (FORCE)")
        postgresql.run(f"DROP ROLE {user}")


def asked(server: URL, question: str) -> str:
    """What a server answers."""
    engine = create_engine(server)
    with engine.connect() as connection:
        answer = str(connection.scalars(text(question)).one())
    engine.dispose()
    return answer


@contextmanager
def asking_for_passwords(server: Server, user: str) -> Iterator[None]:
    """Let a user in with a password alone."""
    rules = Path(asked(server.admin, "SHOW hba_file"))
    before = rules.read_text()
    rules.write_text(f"local all {user} scram-sha-256\n{before}")
    server.run("SELECT pg_reload_conf()")
    try:
        yield
    finally:
        rules.write_text(before)
        server.run("SELECT pg_reload_conf()")


class Container:
    """A process with the entry point, the command and the environment of a service."""

    def __init__(self, service: str, slack: SlackStandin, server: URL, folder: Path) -> None:
        self.port = unused_port()
        there = env_file()["PAPERBOY_DATABASE_URL"]
        # In the place of the host `database`.
        here = make_url(there).set(host=None, port=None).update_query_dict(dict(server.query))
        self.env = {
            **environment(),
            **env_file(),
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "HOME": str(folder),
            "PYTHONPATH": str(ROOT),
            "PAPERBOY_DATABASE_URL": here.render_as_string(hide_password=False),
            "PAPERBOY_HEALTH_HOST": "127.0.0.1",
            "PAPERBOY_HEALTH_PORT": str(self.port),
            "PAPERBOY_SOURCES": "",
            "PAPERBOY_SLACK_API_URL": slack.url,
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_APP_TOKEN": slack.app_token,
        }
        command = [
            *json.loads(only("ENTRYPOINT")),
            *services()[service].get("command", json.loads(only("CMD"))),
        ]
        self._process = subprocess.Popen(command, cwd=folder, env=self.env, stderr=subprocess.PIPE, text=True)

    async def ready(self) -> bool:
        """Whether it gets ready, by the image's health check too."""
        page = f"http://127.0.0.1:{self.port}/readyz"
        assert await asyncio.to_thread(wait_for, page) == "ok\n"
        checked = await asyncio.to_thread(subprocess.run, health_check(), env=self.env, check=False)
        return checked.returncode == 0

    async def metrics(self) -> str:
        """What it tells Prometheus."""
        return await asyncio.to_thread(wait_for, f"http://127.0.0.1:{self.port}/metrics")

    def stop(self) -> tuple[int, str]:
        """Stop it as the image says; its exit code and its log."""
        self._process.send_signal(signal.Signals[only("STOPSIGNAL")])
        try:
            _, log = self._process.communicate(timeout=30)
        finally:
            self._process.kill()
        return self._process.returncode, log


async def test_who_follows_the_page_is_answered_and_has_what_was_announced(
    database: URL, tmp_path: Path
) -> None:
    async with SlackStandin() as slack:
        containers: list[Container] = []
        try:
            async with asyncio.timeout(50):
                containers += [Container(name, slack, database, tmp_path) for name in ("paperboy", "worker")]
                assert [await one.ready() for one in containers] == [True, True]
                await slack.sockets.wait(seconds=20)
                assert "Subscribed" in str(await slack.ask("subscribe agents days:now"))
                announce(containers[0].env["PAPERBOY_DATABASE_URL"])
                await slack.until(lambda: bool(slack.messages()), seconds=30)
                pages = [await containers[number].metrics() for number in (0, 1)]
        finally:
            ended = await asyncio.gather(*(asyncio.to_thread(one.stop) for one in containers))
        assert [code for code, _ in ended] == [0, 0], ended
        assert "Agents that plan" in str(slack.messages())
        assert len(slack.messages()) == 1
        rules = (ROOT / "docs/monitoring/alerts.yaml").read_text("utf-8")
        asked = set(re.findall(r"\bpaperboy_[a-z_]+", rules))
        assert [asked - set(re.findall(r"^# TYPE (\w+) ", page, re.MULTILINE)) for page in pages] == [
            set(),
            set(),
        ]


def announce(url: str) -> None:
    """Store a paper, as an ingesting process does."""
    now = datetime.now(UTC)
    store = Database(url)
    store_batch(store, batch("arxiv", str(now.date()), [paper(1, "Agents that plan")]), lambda: now)
    store.close()


def test_the_health_check_of_the_database_can_be_run(database: URL) -> None:
    folder = Path(asked(database, "SELECT setting FROM pg_config WHERE name = 'BINDIR'"))
    program, *words = services()["database"]["healthcheck"]["test"][1:]
    # This server is on a socket alone.
    words[words.index("--host") + 1] = str(database.query["host"])
    done = subprocess.run([folder / program, *words], check=False, capture_output=True)

    assert done.returncode == 0, done.stdout


def test_the_server_of_the_tests_is_of_the_same_version(database: URL) -> None:
    version = asked(database, "SHOW server_version").partition(".")[0]

    assert services()["database"]["image"].endswith(f":pg{version}")
