from collections.abc import Iterable
from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.importing.loading import parse_mapping
from pipeline.importing.mapper import MappedEvent
from pipeline.importing.row import Rejected
from pipeline.importing.run import Unmapped, run
from pipeline.importing.section import MappingError
from pipeline.importing.shipped import shipped_mappings

MAPPING = parse_mapping(
    """
name = "fuzz"
formats = ["iso", "%d/%m/%Y", "epoch", "epoch_ms"]
timezone = "America/Sao_Paulo"
missing = ["?"]
[inputs.rows]
group = "a"
[[events]]
type = "web.page_viewed"
id = "{a}/{b}"
time = "b"
identifiers = { customer_id = "a", email = "c" }
when.c.any = [{ changes = true }, { increases = true }, { matches = "[0-9]" }]
data.n = { column = "a", as = "integer" }
data.m = { column = "b", as = "money", default = 0 }
data.f = { column = "c", as = "boolean" }
data.j = { column = "c", as = "json" }
data.p.previous = "c"
data.t.latest_of = ["b", "c"]
[[events]]
type = "web.clicked"
identifiers.customer_id = "a"
""",
    "fuzz.toml",
)
CELLS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(["?", "1", "1e400", "-0", "NaN", "2020-01-01", "31/12/9999", "0001-01-01", "253402300800", "[1]"]),
)


def outcomes(text: str, file: str) -> list[MappedEvent | Rejected | Unmapped]:
    def open_lines(path: str, encoding: str) -> Iterable[str]:
        return text.splitlines(keepends=True)

    return list(run(MAPPING, [file], open_lines))


@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=8))
def test_whatever_the_cells_every_row_has_an_outcome(rows: list[list[str]]) -> None:
    quoted = ['"' + '","'.join(cell.replace('"', '""') for cell in row) + '"' for row in rows]
    made = outcomes("\n".join(["a,b,c", *quoted]), "rows.csv")
    assert len(made) >= sum(any(cell.strip() for cell in row) for row in rows) - _torn(rows)
    assert all(str(outcome.event["id"]) for outcome in made if isinstance(outcome, MappedEvent))


def _torn(rows: list[list[str]]) -> int:
    """Rows that line breaks of other kinds than LF tear apart or join, which is what they do in files."""
    return len(rows) if any(len(cell.splitlines()) > 1 or "\r" in cell for row in rows for cell in row) else 0


@given(st.text(max_size=200), st.sampled_from(["rows.csv", "rows.ndjson", "rows.json"]))
def test_whatever_the_text_nothing_is_raised_but_complaints(text: str, file: str) -> None:
    with suppress(MappingError):
        outcomes(text, file)


@settings(max_examples=300)
@given(st.data(), st.sampled_from(sorted(shipped_mappings())))
def test_a_damaged_mapping_file_is_a_complaint(data: st.DataObject, name: str) -> None:
    text = shipped_mappings()[name]
    start = data.draw(st.integers(0, len(text)))
    end = min(len(text), start + data.draw(st.integers(0, 30)))
    damaged = text[:start] + data.draw(st.sampled_from(["", "x", "=", "[", '"', "\n", "{}", " = 1\n"])) + text[end:]
    with suppress(MappingError):
        parse_mapping(damaged, "damaged.toml")
