"""Writes the report of a run: a Markdown file with the tables, and the plots beside it."""

import subprocess
from pathlib import Path
from typing import Final

from tests.benchmarks.results import Results, Table
from tests.benchmarks.section import Cell

FOLDER: Final = Path(__file__).with_name("report")
RESULTS: Final = "results.json"
_SCALES: Final = {
    "full": "",
    "quick": "**A quick run: sizes are small and nothing is repeated. Do not quote it.**\n\n",
    "tiny": "**Only a trial of the benchmarks: the figures mean nothing.**\n\n",
}


def write(results: Results, folder: Path, python: Path | None) -> Path:
    """Write results, plots (which need the peers' environment) and report into a folder; returns the report's path."""
    folder.mkdir(parents=True, exist_ok=True)
    results.save(folder / RESULTS)
    for old in folder.glob("*.svg"):
        old.unlink()
    if python is not None:
        command = [str(python), "-m", "tests.benchmarks.plots", str(folder / RESULTS), str(folder)]
        subprocess.run(command, check=True)
    report = folder / "README.md"
    report.write_text(markdown(results, {path.name for path in folder.glob("*.svg")}))
    return report


def markdown(results: Results, plots: set[str]) -> str:
    """The text of the report; `plots` are the names of the pictures that exist."""
    facts = "\n".join(f"| {name} | {fact} |" for name, fact in results.machine.items())
    head = f"# Benchmark report\n\n{_SCALES[results.scale]}| measured on | |\n| --- | --- |\n{facts}\n"
    return "\n".join([head, *(_section(table, plots) for table in results.tables)])


def plot_name(table: Table, number: int) -> str:
    """File name of a section's plot, counted from 0."""
    return f"{table.key}-{number}.svg" if number else f"{table.key}.svg"


def markdown_table(table: Table) -> str:
    """The rows as a table, with numbers aligned to the right."""
    numeric = [any(isinstance(row[index], int | float) for row in table.rows) for index in range(len(table.columns))]
    lines = [
        "| " + " | ".join(table.columns) + " |",
        "| " + " | ".join("---:" if each else "---" for each in numeric) + " |",
        *("| " + " | ".join(map(shown, row)) + " |" for row in table.rows),
    ]
    return "\n".join(lines)


def shown(cell: Cell) -> str:
    """A cell as people read it, with about three significant digits."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, int) or abs(cell) >= 100:
        return f"{cell:,.0f}"
    return f"{cell:.1f}" if abs(cell) >= 10 else f"{cell:.2f}"


def _section(table: Table, plots: set[str]) -> str:
    names = [plot_name(table, number) for number in range(len(table.plots))]
    pictures = "".join(f"\n![{table.title}]({name})\n" for name in names if name in plots)
    return f"## {table.title}\n\n{table.method}\n\n{markdown_table(table)}\n{pictures}"
