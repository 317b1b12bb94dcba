"""Files with too wide permissions: the data directory, journal, ledger, accounts and secrets."""

import stat
from pathlib import Path
from typing import NamedTuple

from gateway.settings import Settings, holds_secrets

_OTHERS = stat.S_IROTH | stat.S_IWOTH
_NOT_OWNER = stat.S_IRWXG | stat.S_IRWXO


class LoosePermissions(NamedTuple):
    """A file with too wide permissions."""

    path: Path
    expected: str
    got: str
    mode: str
    """The argument for chmod."""

    @property
    def hint(self) -> str:
        """The command that corrects it."""
        return f"chmod {self.mode} {self.path}"

    def __str__(self) -> str:
        return f"{self.path} has rights {self.got}, expected {self.expected}"


def too_wide(settings: Settings, config: Path | None = None) -> list[LoosePermissions]:
    """Find files of this gateway that are not private; `config` is its configuration file, if it has one.

    That one matters only if it holds a secret itself, not if the secret comes from the environment.
    """
    found = []
    folder = settings.gateway.data_dir
    found.append(_wide(folder, _NOT_OWNER, "the owner's alone (700)", "700"))
    if _mode(folder) & stat.S_IXOTH:
        # A file in a folder that others cannot enter is safe, whatever its own permissions.
        own = (settings.journal_path, folder / "ledger.sqlite", settings.accounts_path)
        found += [_wide(path, _OTHERS, "none for others", "o=") for path in own]
    holder = config if config is not None and holds_secrets(config) else None
    web = settings.web
    secrets = [
        *(file for login in settings.logins.values() for file in (login.password_file, login.key_file)),
        web.mqtt_password_file,
        web.key_file,
        holder,
    ]
    found += [_wide(path, _NOT_OWNER, "the owner's alone (600)", "600") for path in secrets if path is not None]
    return [wide for wide in found if wide is not None]


def _wide(path: Path, forbidden: int, expected: str, right: str) -> LoosePermissions | None:
    mode = _mode(path)
    return LoosePermissions(path, expected, f"{mode:03o}", right) if mode & forbidden else None


def _mode(path: Path) -> int:
    """Return the permissions of a file; none if it is missing or inaccessible."""
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return 0
