"""Installed workspaces, their secrets sealed."""

from __future__ import annotations

from sqlmodel import Session, col, delete, select

from bot.installations import Installation
from storage.sealing import Sealer
from storage.tables import InstallationRow


class StoredInstallations:
    """`bot.ports.Installations` in one session."""

    def __init__(self, session: Session, sealer: Sealer) -> None:
        self._session = session
        self._sealer = sealer

    def save(self, installation: Installation) -> None:
        """Store it, in place of what the workspace had."""
        self._session.merge(
            InstallationRow(
                platform=installation.platform,
                workspace=installation.workspace,
                sealed=self._sealer.seal(installation.secret),
                installed=installation.installed,
            )
        )
        self._session.flush()

    def get(self, platform: str, workspace: str) -> Installation | None:
        """What the workspace installed. Raises StorageError where no key opens it."""
        row = self._session.get(InstallationRow, (platform, workspace))
        if row is None:
            return None
        row.sealed = self._sealer.resealed(row.sealed)
        return Installation(platform, workspace, self._sealer.open(row.sealed), row.installed)

    def remove(self, platform: str, workspace: str) -> bool:
        """Forget a workspace's tokens; False where there were none."""
        return (
            self._session.exec(
                delete(InstallationRow).where(
                    col(InstallationRow.platform) == platform, col(InstallationRow.workspace) == workspace
                )
            ).rowcount
            == 1
        )

    def rotate(self) -> int:
        """Seal everything with the first key, and return how many were sealed with another."""
        changed = 0
        for row in self._session.exec(select(InstallationRow)):
            sealed = self._sealer.resealed(row.sealed)
            changed += sealed != row.sealed
            row.sealed = sealed
        return changed
