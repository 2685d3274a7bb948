"""`python -m pipeline.adapters.clickhouse.endpoint`: the endpoint as a process of its own."""

import argparse
import sys
from pathlib import Path

from pipeline.adapters.clickhouse.endpoint.server import EndpointPolicy, run


def main() -> int:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="python -m pipeline.adapters.clickhouse.endpoint", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="directory of the engine's data")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8123, help="0 for any free port")
    arguments = parser.parse_args()
    return run(EndpointPolicy(arguments.data, arguments.host, arguments.port))


if __name__ == "__main__":
    sys.exit(main())
