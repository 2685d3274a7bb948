"""What a read-only user may run, decided on the engine's own reading of the statement."""

import json
from collections.abc import Iterable, Iterator

from pipeline.adapters.clickhouse.endpoint.engine import Session
from pipeline.adapters.clickhouse.endpoint.errors import Code, EngineError
from pipeline.adapters.clickhouse.endpoint.statement import first_word, names

TABLE_FUNCTIONS = frozenset(
    {
        "dictionary",
        "format",
        "generaterandom",
        "generate_series",
        "generateseries",
        "loop",
        "merge",
        "mergetreeindex",
        "null",
        "numbers",
        "numbers_mt",
        "primes",
        "values",
        "view",
        "zeros",
        "zeros_mt",
    }
)
"""Table functions that touch nothing but this engine's own tables."""

FUNCTIONS = frozenset(
    {"catboostevaluate", "evalmlmethod", "file", "generateserialid", "hascolumnintable", "showcertificate"}
)
"""Functions that read files or reach other hosts, besides the categories below."""

CATEGORIES = frozenset({"AI", "Introspection"})
"""Categories of functions that reach other hosts, or into the process."""

_STRUCTURES = frozenset({"SelectWithUnionQuery", "SelectIntersectExceptQuery", "ExplainQuery", "ShowTablesQuery"})
_WORDS = frozenset({"SHOW", "DESCRIBE", "DESC", "EXISTS"})
_EXPLAINS = frozenset(
    {"EXPLAIN", "EXPLAIN AST", "EXPLAIN SYNTAX", "EXPLAIN QUERY TREE", "EXPLAIN PIPELINE", "EXPLAIN ESTIMATE"}
)


class ReadPermission:
    """Allows statements that read the engine's own tables and do nothing else.

    A statement is refused unless the engine's classifier calls it one read-only statement, and its syntax tree
    names no function that reaches out of the engine. Which table functions there are is asked of the engine, so
    that those of a later version are refused until they are listed here.
    """

    def __init__(self, session: Session) -> None:
        self._forbidden = FUNCTIONS | frozenset(self._outward(session))

    def check(self, session: Session, text: bytes) -> None:
        """Raise `EngineError` (497 for what is not allowed, 62 for what cannot be parsed) or return."""
        statement = text.decode("utf-8", errors="replace")
        kind, count = session.classify(statement)
        if count > 1:
            raise EngineError.of(Code.SYNTAX_ERROR, "Syntax error (Multi-statements are not allowed)")
        if kind != "READ_ONLY":
            raise _refused("this user may only read")
        structure = session.structure(statement)
        if structure is None:
            self._check_words(text)
            return
        try:
            root = json.loads(structure)
        except RecursionError as error:
            raise EngineError.of(Code.TOO_DEEP_AST, "The statement is nested too deeply") from error
        self._check_structure(root)

    def _check_structure(self, root: object) -> None:
        kind = root.get("type") if isinstance(root, dict) else None
        if kind not in _STRUCTURES:
            raise _refused(f"this user may not run {kind}")
        for node in _nodes(root):
            if "out_file" in node:
                raise _refused("INTO OUTFILE is not possible here")
            if node.get("type") == "ExplainQuery" and node.get("kind") not in _EXPLAINS:
                raise _refused(f"this user may not use {node.get('kind')}")
            self._check_names(str(node[key]) for key in ("name", "func_name") if key in node and _calls(node))

    def _check_words(self, text: bytes) -> None:
        """For the few statements whose tree the engine does not give: no such name may occur at all."""
        if first_word(text) not in _WORDS:
            raise _refused("this user may only read")
        written = names(text)
        if "outfile" in written or any("\\" in name for name in written):
            raise _refused("this user may only read")
        self._check_names(written)

    def _check_names(self, called: Iterable[str]) -> None:
        for name in called:
            if name.lower() in self._forbidden:
                raise _refused(f"this user may not call {name}")

    @staticmethod
    def _outward(session: Session) -> Iterator[str]:
        functions, _ = session.run("SELECT name, categories FROM system.functions", "TSVRaw", {})
        for line in functions.decode().splitlines():
            name, _, category = line.partition("\t")
            if category in CATEGORIES:
                yield name.lower()
        output, _ = session.run("SELECT name FROM system.table_functions", "TSVRaw", {})
        for line in output.decode().splitlines():
            if line.lower() not in TABLE_FUNCTIONS:
                yield line.lower()


def _calls(node: dict[str, object]) -> bool:
    return node.get("type") == "Function" or "func_name" in node


def _nodes(root: object) -> Iterator[dict[str, object]]:
    """Every object of a tree; without recursion, as the depth is the client's choice."""
    waiting = [root]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            yield value
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)


def _refused(reason: str) -> EngineError:
    return EngineError.of(Code.ACCESS_DENIED, f"Not enough privileges: {reason}")
