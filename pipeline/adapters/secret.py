"""The pseudonymisation key: from the settings, from a file, or generated for the embedded stack."""

import os
import secrets
from pathlib import Path

from pipeline.settings.errors import Problem, SettingsError
from pipeline.settings.model import Settings

FILE_NAME = "secret"
KEY_BYTES = 32
MINIMUM_LENGTH = 16


def secret_key(settings: Settings, data: Path | None = None) -> bytes:
    """The key: `secret`, else the content of `secret_file`, else the one kept in the data directory.

    Raises:
        SettingsError: There is none, it cannot be read, or it is shorter than 16 bytes.
    """
    if settings.secret:
        return _checked(settings.secret.value.encode(), "secret")
    if settings.secret_file:
        return _read(Path(settings.secret_file).expanduser())
    if data is not None and is_kept(data):
        return _read(data / FILE_NAME)
    raise SettingsError([Problem("secret", "not set: put a random text into a file and name it in secret_file")])


def ensure_secret(settings: Settings, data: Path) -> Path | None:
    """Generate a key in the data directory unless the settings provide one; returns its file, or None if they do.

    If the file is lost, hashed identifiers of new events no longer match those of old ones.

    Raises:
        SettingsError: The existing key cannot be read, or is too short.
        OSError: A new one cannot be written.
    """
    if settings.secret or settings.secret_file:
        secret_key(settings)
        return None
    file = data / FILE_NAME
    if not is_kept(data):
        _create(file)
    _read(file)
    return file


def is_kept(data: Path) -> bool:
    """Whether a data directory holds a key.

    Raises:
        SettingsError: This user may not enter the directory.
    """
    file = data / FILE_NAME
    try:
        file.stat()
    except PermissionError as error:
        raise _unreadable(file, error) from error
    except OSError:
        return False
    return True


def _create(file: Path) -> None:
    """Write a new key that only this user can read, and that no process ever sees half-written."""
    partial = file.with_name(f"{file.name}.{os.getpid()}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "w") as stream:
            stream.write(secrets.token_hex(KEY_BYTES) + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        os.link(partial, file)
    except FileExistsError:
        return
    finally:
        partial.unlink()


def _read(file: Path) -> bytes:
    try:
        return _checked(file.read_bytes().strip(), str(file))
    except OSError as error:
        raise _unreadable(file, error) from error


def _unreadable(file: Path, error: OSError) -> SettingsError:
    return SettingsError([Problem(str(file), f"the secret cannot be read: {error.strerror}")])


def _checked(key: bytes, place: str) -> bytes:
    if len(key) < MINIMUM_LENGTH:
        raise SettingsError([Problem(place, f"a secret of at least {MINIMUM_LENGTH} bytes expected")])
    return key
