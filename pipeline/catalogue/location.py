"""Where the package's resource files are: inside it in an installed wheel, beside it in a checkout."""

from collections.abc import Iterable
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent


def resource_directory(name: str) -> Path:
    """The directory `name` (`schemas`, `grafana`, `deploy`) that belongs to this version.

    Raises:
        FileNotFoundError: The installation is incomplete.
    """
    candidates = (PACKAGE / "resources" / name, PACKAGE.parent / name)
    for candidate in candidates:
        if candidate.is_dir():
            return candidate
    looked = " and ".join(str(candidate) for candidate in candidates)
    raise FileNotFoundError(f"{name} is missing: looked in {looked}. Install touchline again")


def schema_directories(extra: Iterable[Path] = ()) -> tuple[Path, ...]:
    """The catalogue's own schemas, then those a deployment adds."""
    return (resource_directory("schemas"), *extra)
