"""`touchline`, and `python -m pipeline.cli`."""

import sys
from importlib import import_module
from typing import Final

_INTERRUPTED: Final = 130
"""The same as in `pipeline.cli.interruption`, which is not loaded yet."""


def main() -> None:
    """Run the command line; Ctrl-C while it is still loading ends it as quietly as Ctrl-C later."""
    try:
        run = import_module("pipeline.cli.main").main
    except KeyboardInterrupt:
        sys.stderr.write("stopped\n")
        sys.exit(_INTERRUPTED)
    run()


if __name__ == "__main__":
    main()
