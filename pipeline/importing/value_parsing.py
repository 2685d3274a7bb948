"""Reads the values of a mapping file."""

from dataclasses import dataclass, field

from pipeline.importing.conversions import FALSE, KINDS, TRUE, Spelling, conversion, expectation
from pipeline.importing.lookup import LookedUp
from pipeline.importing.row import Json
from pipeline.importing.section import Section, nearest
from pipeline.importing.times import Moments, format_has_year, format_is_usable, zone
from pipeline.importing.value import PLACEHOLDER, Choice, Column, Constant, Fields, Finished, Previous, Template, Value

CHOICES = ("first_of", "earliest_of", "latest_of")
ORIGINS = ("column", "previous", "constant", "template", "lookup", "fields", *CHOICES)
LOOKUP_WAYS = ("column", "sum", "count", "list", "each")


@dataclass(frozen=True, slots=True)
class ValueParser:
    """Turns value tables into values; knows the file's defaults and its lookups, and notes what is looked up."""

    formats: tuple[str, ...]
    timezone: str
    decimal: str
    lookup_keys: dict[str, str]
    """Key column of each lookup by its name."""
    looked_up: list[LookedUp] = field(default_factory=list)

    def parse(self, holder: Section, key: str, kind: str = "", *, required: bool = False) -> Value:
        """Read the value at a key: a column's name or a table. `kind`: its type if the mapping names none."""
        raw = holder.get(key)
        if isinstance(raw, str):
            return self._finish(Column(raw), Section({}, "", ""), raw, kind, required)
        table = holder.inner(raw, key)
        value, label = self._origin(table, kind)
        # the alternatives of a choice are converted already
        kind = "" if any(choice in table for choice in CHOICES) and "as" not in table else kind
        finished = self._finish(value, table, label, kind, required)
        table.finish()
        return finished

    def fields(self, table: Section) -> Fields:
        """Read a table of values."""
        return Fields({name: self.parse(table, name) for name in table.keys})

    def moments(self, table: Section) -> Moments:
        """Read `formats` and `timezone`, with the file's as defaults."""
        formats = table.texts("formats", self.formats)
        for pattern in formats:
            if not format_is_usable(pattern):
                raise table.error(
                    f"'{pattern}' is no date format; expected iso, epoch, epoch_ms or a pattern like %d/%m/%Y %H:%M"
                    " (with %z for an offset; the names of %Z are not understood)",
                    "formats",
                )
            if not format_has_year(pattern):
                raise table.error(
                    f"'{pattern}' has no year, and would be read as of 1900; expected a pattern with %Y or %y."
                    f" Where the file has none, add it: {{ template = '2026 {{column}}', formats = '%Y {pattern}' }}",
                    "formats",
                )
        name = table.text("timezone", self.timezone)
        local = zone(name)
        if local is None:
            raise table.error(f"'{name}' is no time zone; expected a name like America/Sao_Paulo", "timezone")
        return Moments(formats, local)

    def _decimal(self, table: Section) -> str:
        return table.choice("decimal", (".", ","), self.decimal)

    def _origin(self, table: Section, kind: str) -> tuple[Value, str]:
        origins = [key for key in ORIGINS if key in table]
        if "lookup" in origins:
            return self._lookup(table)
        if len(origins) != 1:
            found = f"found {' and '.join(origins)}" if origins else f"found only {', '.join(table.keys) or 'nothing'}"
            raise table.error(f"exactly one of {', '.join(ORIGINS)} is expected; {found}")
        origin = origins[0]
        if origin in CHOICES:
            return self._choice(table, origin, kind), origin
        if origin == "fields":
            return self.fields(table.section("fields")), origin
        if origin == "constant":
            return Constant(_json(table, "constant")), origin
        text = table.text(origin)
        if origin == "template":
            return self.template(text), text
        return (Column(text) if origin == "column" else Previous(text)), text

    def template(self, text: str) -> Template:
        """Read a text with `{column}` placeholders."""
        return Template(text, tuple(dict.fromkeys(PLACEHOLDER.findall(text))))

    def _choice(self, table: Section, how: str, kind: str) -> Choice:
        raw = table.get(how)
        if not isinstance(raw, list) or len(raw) < 2:
            raise table.error("an array of at least two values is expected", how)
        entries = table.inner({str(number): item for number, item in enumerate(raw, 1)}, how)
        if how != "first_of":
            kind = kind or "time"
        return Choice(tuple(self.parse(entries, str(number), kind) for number in range(1, len(raw) + 1)), how)

    def _lookup(self, table: Section) -> tuple[Value, str]:
        name = table.text("lookup")
        if name not in self.lookup_keys:
            raise table.error(f"there is no lookup '{name}'; {nearest(name, self.lookup_keys)}", "lookup")
        ways = [way for way in LOOKUP_WAYS if way in table]
        if len(ways) != 1:
            raise table.error(f"a lookup needs exactly one of {', '.join(LOOKUP_WAYS)}; found {ways or 'none'}")
        by, how = table.text("by", self.lookup_keys[name]), ways[0]
        if how == "each":
            value = LookedUp(name, by, how, each=self.fields(table.section("each")))
        elif how == "count":
            table.flag("count")
            value = LookedUp(name, by, how)
        else:
            decimal = self._decimal(table) if how == "sum" else "."
            value = LookedUp(name, by, how, table.texts(how), decimal)
        self.looked_up.append(value)
        return value, f"{name}.{','.join(value.names) or how}"

    def _finish(self, value: Value, table: Section, label: str, kind: str, required: bool) -> Value:
        kind = table.choice("as", KINDS, kind) if kind or "as" in table else ""
        spelling = Spelling(
            self.moments(table), self._decimal(table), table.texts("true", TRUE), table.texts("false", FALSE)
        )
        translations = table.get("values")
        return Finished(
            value,
            label,
            convert=conversion(kind, spelling) if kind else None,
            expected=expectation(kind, spelling) if kind else "",
            translations=_translations(table, translations),
            unlisted=table.choice("unlisted", ("reject", "drop", "keep"), "reject"),
            default=_json(table, "default"),
            required=table.flag("required") or required,
        )


def _translations(table: Section, raw: object) -> dict[str, Json] | None:
    if raw is None:
        return None
    inner = table.inner(raw, "values")
    return {word: _json(inner, word) for word in inner.keys}


def _json(table: Section, key: str) -> Json:
    value = table.get(key)
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, list):
        items = table.inner({str(number): item for number, item in enumerate(value, 1)}, key)
        return [_json(items, item) for item in items.keys]
    inner = table.inner(value, key)
    return {name: _json(inner, name) for name in inner.keys}
