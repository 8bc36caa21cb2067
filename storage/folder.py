"""Where what is derived from a database is kept."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from sqlalchemy import make_url

from storage.engine import sqlite_url


def derived_folder(database_url: str, chosen: str = "") -> Path:
    """The folder of a database's search index: in `chosen`, else beside the SQLite file.

    One folder that is chosen may serve several databases. Raises SettingsError where the URL is unusable.
    """
    url = sqlite_url(database_url)
    if chosen:
        name = make_url(url).render_as_string(hide_password=True)
        return Path(chosen) / sha256(name.encode()).hexdigest()[:16]
    return Path(f"{url.database}.search")
