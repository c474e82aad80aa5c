"""Where the passphrase of an encrypted set comes from: a file, never the command line, which others can see."""

from pathlib import Path

from munistem.backup.sealing import SHORTEST
from munistem.environment import env


class NoKey(Exception):
    """The key file cannot be read or holds too little."""


def passphrase(key_file: Path | None) -> str:
    """The first line of the key file that is named here or in BACKUP_KEY_FILE; "" when none is named."""
    path = key_file or (Path(env("BACKUP_KEY_FILE")) if env("BACKUP_KEY_FILE") else None)
    if path is None:
        return ""
    try:
        words = path.read_text().partition("\n")[0].strip()
    except (OSError, UnicodeDecodeError) as error:
        raise NoKey(f"The key file cannot be read: {error}") from error
    if len(words) < SHORTEST:
        raise NoKey(f"The first line of {path} must hold at least {SHORTEST} characters.")
    return words
