"""Rotating the keys as an operator does: a new key in front, one command, the old key dropped."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime

from cryptography.fernet import Fernet

from bot.channels.installation import Installation
from storage.database import Database
from tests.cli.command import Paperboy
from tests.databases import sqlite_in

INSTALLED = Installation("slack", "T1", "a token", datetime(2025, 10, 9, tzinfo=UTC))


def test_keys_are_rotated(paperboy: Paperboy) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    url = sqlite_in(paperboy.folder, "paperboy.db")
    with closing(Database(url, secret_keys=[old])) as database, database.begin() as tx:
        tx.installations.save(INSTALLED)

    alone = paperboy("db", "rotate-keys", PAPERBOY_SECRET_KEYS=new)
    first = paperboy("db", "rotate-keys", PAPERBOY_SECRET_KEYS=f"{new},{old}")
    again = paperboy("db", "rotate-keys", PAPERBOY_SECRET_KEYS=new)

    assert alone.returncode == 1
    assert alone.stderr.startswith("paperboy: A stored token cannot be decrypted with any")
    assert (first.stdout, again.stdout) == ("1 re-encrypted.\n", "0 re-encrypted.\n")
    with closing(Database(url, secret_keys=[new])) as database, database.begin() as tx:
        assert tx.installations.get("slack", "T1") == INSTALLED
    unusable = paperboy("db", "rotate-keys", PAPERBOY_SECRET_KEYS="hunter2")  # noqa: S106
    assert unusable.returncode == 2
    assert "hunter2" not in unusable.stderr
