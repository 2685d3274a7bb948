"""Keeps the ClickHouse client from loading data frame libraries that a worker never uses."""

from typing import Final

from clickhouse_connect.driver import options

_LIBRARIES: Final = ("np", "pd", "pd_time_test", "arrow", "pl")


def without_data_frames() -> None:
    """Make the client believe that numpy, pandas, pyarrow and polars are not installed.

    It looks for them at the first query or insert, to see whether it was given a data frame; where they are installed,
    loading them takes seconds and tens of megabytes. Call this before the first query of the process.
    """
    for library in _LIBRARIES:
        setattr(options, library, None)
