"""Resolves what Grafana and its ClickHouse plugin resolve in SQL: variables and macros."""

import re
from collections.abc import Mapping, Sequence


def resolve(sql: str, since: int, until: int, chosen: Mapping[str, Sequence[str]], journey: str = "") -> str:
    """The query as ClickHouse gets it.

    Args:
        sql: As the panel has it.
        since: Beginning of the time range, seconds since the epoch.
        until: Its end.
        chosen: Values of the variables with several values; what is not in it has all values.
        journey: Value of the variable `journey`.
    """
    sql = re.sub(r"\$__timeFilter\(([\w.]+)\)", rf"(\1 >= toDateTime({since}) AND \1 <= toDateTime({until}))", sql)
    for name, values in chosen.items():
        sql = sql.replace(f"${{{name}:singlequote}}", ", ".join(f"'{value}'" for value in values))

    def condition(match: re.Match[str]) -> str:
        return match[1] if match[2] in chosen else "1=1"

    sql = re.sub(r"\$__conditionalAll\((.*?), \$(\w+)\)", condition, sql)
    sql = sql.replace("${journey:sqlstring}", f"'{journey}'")
    assert "$" not in sql, sql
    return sql
