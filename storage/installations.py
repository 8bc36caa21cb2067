"""Installed workspaces, their secrets sealed."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import CursorResult, and_, update
from sqlmodel import Session, col, delete, select

from bot.channels.installation import Installation
from storage.encryption import Sealer
from storage.sql import put
from storage.tables import InstallationRow


class StoredInstallations:
    """`bot.ports.store.Installations` in one session."""

    def __init__(self, session: Session, sealer: Sealer) -> None:
        self._session = session
        self._sealer = sealer

    def save(self, installation: Installation) -> None:
        values = {
            "platform": installation.platform,
            "workspace": installation.workspace,
            "sealed": self._sealer.seal(installation.secret),
            "installed": installation.installed,
        }
        put(self._session, InstallationRow, values)

    def get(self, platform: str, workspace: str) -> Installation | None:
        row = self._session.get(InstallationRow, (platform, workspace), populate_existing=True)
        if row is None:
            return None
        secret = self._sealer.open(row.sealed)
        self._reseal(row)
        return Installation(platform, workspace, secret, row.installed)

    def remove(self, platform: str, workspace: str) -> bool:
        return (
            self._session.exec(
                delete(InstallationRow).where(
                    col(InstallationRow.platform) == platform, col(InstallationRow.workspace) == workspace
                )
            ).rowcount
            == 1
        )

    def rotate(self) -> int:
        return sum(self._reseal(row) for row in self._session.exec(select(InstallationRow)).all())

    def _reseal(self, row: InstallationRow) -> bool:
        """Seal a row with the first key, unless it is or somebody has stored another secret meanwhile."""
        sealed = self._sealer.seal_again(row.sealed)
        if sealed == row.sealed:
            return False
        as_read = and_(
            col(InstallationRow.platform) == row.platform,
            col(InstallationRow.workspace) == row.workspace,
            col(InstallationRow.sealed) == row.sealed,
        )
        changed = self._session.execute(update(InstallationRow).where(as_read).values(sealed=sealed))
        return cast("CursorResult[Any]", changed).rowcount == 1
