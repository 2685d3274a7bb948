"""Settings from this machine: the TOML file, the environment, and the data directory."""

import os
from collections.abc import Mapping
from pathlib import Path

from pipeline.settings.errors import Problem, SettingsError
from pipeline.settings.layers import Layer, environment_layer, file_layer
from pipeline.settings.load import Loaded, load
from pipeline.settings.model import Settings

DEFAULT_FILE = "touchline.toml"


def load_settings(
    config: Path | None = None,
    environment: Mapping[str, str] | None = None,
    options: Mapping[str, object] | None = None,
) -> Loaded:
    """Load the settings, each layer over the one before: defaults, file, environment, command line options.

    The file is `config`, else what TOUCHLINE_CONFIG names, else `touchline.toml` in the working directory if it exists.

    Raises:
        SettingsError: The file cannot be read, a key is unknown, or a value is invalid.
    """
    surroundings = os.environ if environment is None else environment
    layers: list[Layer] = []
    file = configuration_file(config, surroundings)
    if file is not None:
        layers.append(file_layer(str(file), _read(file)))
    layers.append(environment_layer(surroundings))
    if options:
        layers.append(Layer(values=dict(options), name="the command line", text=False))
    return load(layers)


def configuration_file(config: Path | None, environment: Mapping[str, str]) -> Path | None:
    """The settings file to read; None if there is none.

    Raises:
        SettingsError: This user may not enter the working directory, so it is unknown whether the file exists.
    """
    if config is not None:
        return config
    if named := environment.get("TOUCHLINE_CONFIG"):
        return Path(named)
    file = Path(DEFAULT_FILE)
    try:
        file.stat()
    except PermissionError as error:
        message = "cannot be read, as this user may not enter the working directory: run the command from another one"
        raise SettingsError([Problem(place=DEFAULT_FILE, message=message)]) from error
    except OSError:
        return None
    return file


def data_directory(settings: Settings, environment: Mapping[str, str] | None = None) -> Path:
    """Where the embedded stack keeps its data: the setting, or `touchline` in the user's data directory.

    Raises:
        SettingsError: Neither `data` nor XDG_DATA_HOME is set, and the user has no home directory.
    """
    surroundings = os.environ if environment is None else environment
    if settings.data:
        return Path(settings.data).expanduser().absolute()
    if home := surroundings.get("XDG_DATA_HOME"):
        return Path(home) / "touchline"
    try:
        return Path.home() / ".local" / "share" / "touchline"
    except RuntimeError as error:
        message = "not set, and this user has no home directory: name a directory (TOUCHLINE_DATA)"
        raise SettingsError([Problem(place="data", message=message)]) from error


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")  # Windows editors add a byte order mark
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise SettingsError([Problem(place=str(file), message=f"cannot be read: {reason}")]) from error
