"""Encryption at rest of what must not be read from a copy of the database."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from bot.errors import SettingsError, StorageError

_MAKE = "Make one: python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'"


class Sealer:
    """Seals with the first key, and opens with any: a new key goes first, and the old ones stay a while."""

    def __init__(self, keys: Sequence[str]) -> None:
        """Take Fernet keys, 32 bytes in URL-safe base64 each. Without any, nothing can be sealed.

        Raises SettingsError where one is no such key.
        """
        self._fernets = [_fernet(key) for key in keys]

    def seal(self, text: str) -> str:
        """Encrypt. Raises StorageError where there is no key."""
        return self._all().encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """Decrypt. Raises StorageError where no key fits."""
        try:
            return self._all().decrypt(sealed).decode()
        except InvalidToken:
            raise _no_key_fits() from None

    def seal_again(self, sealed: str) -> str:
        """`sealed` under the first key: itself where it is already. Raises StorageError where no key fits."""
        every = self._all()
        try:
            self._fernets[0].decrypt(sealed)
        except InvalidToken:
            try:
                return every.rotate(sealed).decode()
            except InvalidToken:
                raise _no_key_fits() from None
        return sealed

    def _all(self) -> MultiFernet:
        if not self._fernets:
            raise StorageError("Tokens cannot be stored: PAPERBOY_SECRET_KEYS is not set.", _MAKE)
        return MultiFernet(self._fernets)


def _fernet(key: str) -> Fernet:
    try:
        return Fernet(key)
    except ValueError:
        raise SettingsError("PAPERBOY_SECRET_KEYS: one of the keys is not a Fernet key.", _MAKE) from None


def _no_key_fits() -> StorageError:
    return StorageError(
        "A stored token cannot be decrypted with any of PAPERBOY_SECRET_KEYS.",
        "Add the old key back after the others, or reinstall the workspace.",
    )
