"""Measures everything in one run and writes the report: `python -m tests.benchmarks [--quick] [--only SECTION …]`."""

import argparse
import gc
import signal
import sys
import time
import traceback
from pathlib import Path
from typing import Final

import msgspec

from agents.worker import TRACKED_AT_ONCE
from tests.benchmarks import burst, contest, history, latency, lengths, memory, profile, stages, storage
from tests.benchmarks.machine import machine
from tests.benchmarks.report import FOLDER, markdown_table, write
from tests.benchmarks.results import Results, Table, table_of
from tests.benchmarks.scale import FULL, QUICK, TINY
from tests.benchmarks.section import Bench, Section
from tests.benchmarks.targets import targets

SECTIONS: Final = (
    contest.SECTION,
    stages.SECTION,
    profile.SECTION,
    profile.FUNCTIONS_SECTION,
    latency.SECTION,
    burst.SECTION,
    memory.SECTION,
    history.SECTION,
    lengths.SECTION,
    storage.SECTION,
    storage.QUERIES_SECTION,
)
SCALES: Final = {"full": FULL, "quick": QUICK, "tiny": TINY}
PEERS: Final = Path(".venv-bench") / "bin" / "python"
"""Where `make bench` puts the peers' environment."""


def main() -> None:
    """Run the chosen sections. Only a run of all sections writes the report."""
    arguments = _arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that all processes started are stopped
    python = arguments.python if arguments.python.exists() else None
    if python is None:
        print(f"there is no {arguments.python}: the peers, the profile and the plots are left out")
    gc.set_threshold(TRACKED_AT_ONCE)  # as in workers
    scale = SCALES[arguments.scale]
    bench = Bench(msgspec.structs.replace(scale, runs=arguments.runs or scale.runs), python)
    chosen = [section for section in SECTIONS if not arguments.only or section.key in arguments.only]
    tables = [table for section in chosen if (table := _measured(section, bench))]
    if not arguments.only:
        facts = machine(python) | {"repetitions": str(bench.scale.runs)}
        results = Results(arguments.scale, facts, (targets(tables), *tables))
        print(f"\nwrote {write(results, arguments.report, python)}")
    sys.exit(len(tables) < len(chosen))


def _measured(section: Section, bench: Bench) -> Table | None:
    """A section's table; None if it failed, so that half an hour of other sections is not lost."""
    print(f"\n{section.title}", flush=True)
    began = time.monotonic()
    try:
        table = table_of(section, section.measure(bench))
    except Exception:
        traceback.print_exc()
        return None
    print(f"\n{markdown_table(table)}\n\n  took {time.monotonic() - began:.0f} s", flush=True)
    return table


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", dest="scale", action="store_const", const="quick", help="a first look")
    size.add_argument("--scale", choices=SCALES, help="how much (default full)")
    parser.add_argument("--runs", type=int, help="repetitions of what is compared (default: the size's)")
    keys = [section.key for section in SECTIONS]
    parser.add_argument("--only", nargs="+", choices=keys, help="print these sections and write no report")
    parser.add_argument("--report", type=Path, default=FOLDER, help="folder for the report (default %(default)s)")
    parser.add_argument("--python", type=Path, default=PEERS, help="interpreter with the peers (default %(default)s)")
    parser.set_defaults(scale="full")
    return parser.parse_args()


if __name__ == "__main__":
    main()
