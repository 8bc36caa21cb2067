"""Where what is derived from a database is kept."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from storage.engine import database_url as read_url


def derived_folder(database_url: str, chosen: str = "") -> Path:
    """The folder of a database's search index: in `chosen`, else beside the SQLite file.

    Of a server's database it is in the folder `paperboy.search` unless one is chosen. Such a folder may serve
    several databases. Raises SettingsError where the URL is unusable.
    """
    url = read_url(database_url)
    if not chosen and url.get_backend_name() == "sqlite":
        return Path(f"{url.database}.search")
    name = url.render_as_string(hide_password=True)
    return Path(chosen or "paperboy.search") / sha256(name.encode()).hexdigest()[:16]
