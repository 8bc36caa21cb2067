"""Where what is derived from a database is kept."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from storage import engine

_CACHE = "~/.cache/paperboy"


def derived_folder(url_text: str, chosen: str = "") -> Path:
    """The folder of a database's search index: `chosen`, else beside the SQLite file or in the user's cache.

    One folder may serve several databases. Raises SettingsError where the URL is unusable.
    """
    url = engine.database_url(url_text)
    if engine.is_file(url) and not chosen:
        return Path(f"{url.database}.search")
    name = url.render_as_string(hide_password=True)
    return Path(chosen or _CACHE).expanduser() / sha256(name.encode()).hexdigest()[:16]
