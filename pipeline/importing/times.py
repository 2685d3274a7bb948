"""Converts dates and times in many formats to RFC 3339 in UTC."""

from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

NAMED_FORMATS = ("iso", "epoch", "epoch_ms")
"""Formats with a name; every other one is a pattern of `datetime.strptime`."""

_PROBE: Final = datetime(2001, 2, 3, 4, 5, 6, 7, tzinfo=UTC)


def zone(name: str) -> tzinfo | None:
    """The time zone of this IANA name, e.g. `America/Sao_Paulo`; None if it is not known."""
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def format_is_usable(pattern: str) -> bool:
    """Whether it is a named format or a pattern for `strptime`; `%Z` is not, as `strptime` reads it and ignores it."""
    if pattern in NAMED_FORMATS:
        return True
    if "%Z" in pattern.replace("%%", ""):
        return False
    try:
        datetime.strptime(_PROBE.strftime(pattern), pattern)
    except ValueError:
        return False
    return "%" in pattern


def format_has_year(pattern: str) -> bool:
    """Whether a usable format has the year in it; without one, `strptime` reads every moment as of 1900."""
    return pattern in NAMED_FORMATS or datetime.strptime(_PROBE.strftime(pattern), pattern).year == _PROBE.year


class Moments:
    """Reads moments in one of several formats; those without an offset are in one time zone.

    A local time that happens twice (the end of summer time) is the first of the two; one that does not happen
    (the beginning) is read with the offset before the change.
    """

    def __init__(self, formats: tuple[str, ...], local: tzinfo) -> None:
        self.formats = formats
        self._local = local
        self._readers = [_reader(name) for name in formats]

    def read(self, text: str) -> datetime | None:
        """The moment with its offset; None if no format fits."""
        for reader in self._readers:
            try:
                moment = reader(text)
            except (ValueError, OverflowError, OSError):
                continue
            return moment if moment.tzinfo else moment.replace(tzinfo=self._local)
        return None

    def rfc3339(self, text: str) -> str | None:
        """The moment in UTC with milliseconds, so that texts sort as moments do; None if no format fits."""
        moment = self.read(text)
        if moment is None:
            return None
        try:
            moment = moment.astimezone(UTC)
        except OverflowError:
            return None
        return moment.isoformat(timespec="milliseconds")[:23] + "Z"

    def date(self, text: str) -> str | None:
        """The calendar date as it is written, without regard to time zones; None if no format fits."""
        moment = self.read(text)
        return moment.date().isoformat() if moment else None


def _reader(name: str) -> Callable[[str], datetime]:
    if name == "iso":
        return datetime.fromisoformat
    if name == "epoch":
        return lambda text: datetime.fromtimestamp(float(text), UTC)
    if name == "epoch_ms":
        return lambda text: datetime.fromtimestamp(float(text) / 1000, UTC)
    return lambda text: datetime.strptime(text, name)
