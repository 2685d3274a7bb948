"""`python -m pipeline.adapters.clickhouse.endpoint`: the endpoint as a process of its own."""

import argparse
import sys
from pathlib import Path

from pipeline.adapters.allocator import keep_heap_compact
from pipeline.adapters.clickhouse.endpoint.engine import EngineOptions
from pipeline.adapters.clickhouse.endpoint.roles import default_roles
from pipeline.adapters.clickhouse.endpoint.server import EndpointPolicy, run


def main() -> int:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(
        prog="python -m pipeline.adapters.clickhouse.endpoint",
        description="Serve ClickHouse's HTTP interface from an engine in this process.",
    )
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="directory of the engine's data")
    parser.add_argument("--host", default="127.0.0.1", help="address to bind to (default: %(default)s)")
    parser.add_argument("--port", type=int, default=8123, help="0 for any free port (default: %(default)s)")
    parser.add_argument("--password-file", type=Path, help="file with the password of the user default")
    parser.add_argument("--analyst-password-file", type=Path, help="file with the password of the user analyst")
    files = parser.add_mutually_exclusive_group()
    files.add_argument("--fsync", action="store_true", help="force inserted rows to the disk before acknowledging them")
    files.add_argument("--configuration", type=Path, metavar="FILE", help="configuration of a ClickHouse server")
    parser.add_argument("--memory", type=int, metavar="BYTES", help="memory the engine may use at most")
    arguments = parser.parse_args()
    roles = default_roles(_secret(arguments.password_file), _secret(arguments.analyst_password_file))
    options = EngineOptions(arguments.fsync, arguments.memory, arguments.configuration)
    keep_heap_compact()
    return run(EndpointPolicy(arguments.data, arguments.host, arguments.port, roles, options))


def _secret(path: Path | None) -> str:
    return path.read_text().strip() if path is not None else ""


if __name__ == "__main__":
    sys.exit(main())
