from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner

from pipeline.cli.main import touchline


def test_events_and_their_truth(tmp_path: Path) -> None:
    truth = tmp_path / "truth.ndjson"
    arguments = ["simulate", "--people", "30", "--start", "2026-03-01", "--seed", "5", "--truth", str(truth)]
    first, again = (CliRunner().invoke(touchline, arguments) for _ in range(2))
    assert first.exit_code == 0, first.output
    assert first.stdout == again.stdout
    events = [orjson.loads(line) for line in first.stdout.splitlines()]
    persons = [orjson.loads(line) for line in truth.read_bytes().splitlines()]
    assert [(event["source"], event["id"]) for event in events] == [(line["source"], line["id"]) for line in persons]
    assert max(event["time"] for event in events) < "2026-03-02"
    assert all(line["person"] for line in persons)


def test_a_file_for_the_truth_that_cannot_be_written_is_said_before_the_first_event(tmp_path: Path) -> None:
    result = CliRunner().invoke(touchline, ["simulate", "--people", "30", "--truth", str(tmp_path)])
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Is a directory" in result.stderr


def test_doubles() -> None:
    result = CliRunner().invoke(touchline, ["simulate", "--people", "30", "--doubled", "1"])
    ids = [orjson.loads(line)["id"] for line in result.stdout.splitlines()]
    assert len(ids) == 2 * len(set(ids))


@pytest.mark.parametrize("days", ["nan", "inf", "0", "1e9"])
def test_days_that_nobody_can_simulate_are_wrong_usage(days: str) -> None:
    result = CliRunner().invoke(touchline, ["simulate", "--days", days])
    assert result.exit_code == 2
    assert "--days" in result.output


@pytest.mark.parametrize("start", ["0001-01-01", "9999-12-31", "30000w ago"])
def test_a_start_in_years_that_nothing_keeps_is_wrong_usage(start: str) -> None:
    result = CliRunner().invoke(touchline, ["simulate", "--people", "5", "--start", start])
    assert result.exit_code == 2
    assert "--start: a time from 1900 to 2299 is expected" in result.output
