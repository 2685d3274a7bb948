"""What a read-only user may run, decided by how the engine itself parses the statement."""

import json
import re
from collections.abc import Iterator, Mapping

from pipeline.adapters.clickhouse.endpoint.errors import Code, EngineError
from pipeline.adapters.clickhouse.endpoint.session import Session
from pipeline.adapters.clickhouse.endpoint.statement import first_word, names

TABLE_FUNCTIONS = frozenset(
    {
        "generate_series",
        "generateseries",
        "merge",
        "mergetreeindex",
        "numbers",
        "numbers_mt",
        "primes",
        "view",
        "zeros",
        "zeros_mt",
    }
)
"""Table functions that touch nothing but this engine's own tables.

Those that take a structure are not among them: its columns may have expressions, which are parsed out of a string.
"""

FUNCTIONS = frozenset(
    {"catboostevaluate", "evalmlmethod", "file", "generateserialid", "hascolumnintable", "showcertificate"}
)
"""Functions that read files or reach other hosts, besides the categories below."""

CATEGORIES = frozenset({"AI", "Introspection"})
"""Categories of functions that reach other hosts, or into the process."""

_QUERIES = frozenset({"SelectWithUnionQuery", "SelectIntersectExceptQuery", "ExplainQuery"})
_WORDS = frozenset({"SHOW", "DESCRIBE", "DESC", "EXISTS"})
_EXPLAINS = frozenset(
    {"EXPLAIN", "EXPLAIN AST", "EXPLAIN SYNTAX", "EXPLAIN QUERY TREE", "EXPLAIN PIPELINE", "EXPLAIN ESTIMATE"}
)
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")


class ReadPermission:
    """Allows statements that read the engine's own tables and do nothing else.

    A statement is refused unless the engine's classifier calls it one read-only statement, and its syntax tree
    names no function that reaches out of the engine. The list of functions comes from the engine, so that table
    functions of a later version are refused until they are listed here.
    """

    def __init__(self, session: Session) -> None:
        functions = [line.partition("\t") for line in _lines(session, "SELECT name, categories FROM system.functions")]
        known = {name.lower() for name, _, _ in functions}
        listed = {name.lower() for name, _, category in functions if category in CATEGORIES}
        tables = {name.lower() for name in _lines(session, "SELECT name FROM system.table_functions")}
        self._outward = FUNCTIONS | listed
        self._forbidden = self._outward | (tables - TABLE_FUNCTIONS - known)

    def check(self, session: Session, text: bytes, parameters: Mapping[str, str]) -> None:
        """Raise `EngineError` (497 for what is not allowed, 62 for what cannot be parsed) or return."""
        statement = text.decode()
        kind, count = session.classify(statement)
        if count > 1:
            raise EngineError.of(Code.SYNTAX_ERROR, "Syntax error (Multi-statements are not allowed)")
        if kind != "READ_ONLY":
            session.formatted(statement)  # raises the syntax error, if there is one
            raise _refused("this user may only read")
        structure = session.structure(statement)
        if structure is None:
            self._check_words(session.formatted(statement), parameters)
            return
        try:
            root = json.loads(structure)
        except RecursionError as error:
            raise EngineError.of(Code.TOO_DEEP_AST, "The statement is nested too deeply") from error
        self._check_structure(root, parameters)

    def _check_structure(self, root: dict[str, object], parameters: Mapping[str, str]) -> None:
        kind = str(root.get("type"))
        if kind not in _QUERIES and not kind.startswith("Show"):
            raise _refused(f"this user may not run {kind}")
        for node in _nodes(root):
            self._check_node(node, parameters)

    def _check_node(self, node: dict[str, object], parameters: Mapping[str, str]) -> None:
        kind, name = node.get("type"), str(node.get("name", ""))
        if "out_file" in node:
            raise _refused("INTO OUTFILE is not possible here")
        if kind == "ExplainQuery" and node.get("kind") not in _EXPLAINS:
            raise _refused(f"this user may not use {node.get('kind')}")
        table_function = node.get("table_function")
        if isinstance(table_function, dict) and str(table_function.get("name")).lower() not in TABLE_FUNCTIONS:
            raise _refused(f"this user may not read from {table_function.get('name')}")
        if kind == "Function" and name.lower() in self._forbidden:
            raise _refused(f"this user may not call {name}")
        # A function is also called where it is only named: `APPLY file`, `arrayMap(file, …)`.
        if kind == "Identifier" or "func_name" in node:
            self._check_name(str(node.get("func_name", name)))
        if kind == "QueryParameter" and node.get("param_type") == "Identifier":
            self._check_parameter(parameters.get(name, ""))

    def _check_words(self, text: bytes, parameters: Mapping[str, str]) -> None:
        """Check one of the few statements without a syntax tree: no forbidden name may occur at all."""
        if first_word(text) not in _WORDS:
            raise _refused("a statement of this form cannot be checked")
        written = names(text)
        for name in written:
            if name in self._forbidden or "\\" in name or name == "outfile":
                raise _refused(f"this user may not use {name}")
        if b"{" in text:
            for value in parameters.values():
                self._check_parameter(value)

    def _check_parameter(self, value: str) -> None:
        if not _PLAIN_NAME.fullmatch(value):
            raise _refused("a parameter for a name must be a plain name")
        self._check_name(value)

    def _check_name(self, name: str) -> None:
        if name.lower() in self._outward:
            raise _refused(f"this user may not use {name}")


def _lines(session: Session, query: str) -> list[str]:
    return session.run(query, "TSVRaw", {})[0].decode().splitlines()


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
