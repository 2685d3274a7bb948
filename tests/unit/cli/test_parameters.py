"""Values that no command can do anything with are wrong usage."""

import pytest
from click.testing import CliRunner

from pipeline.cli.main import touchline


@pytest.mark.parametrize(
    ("command", "option"), [("settle", "--timeout"), ("simulate", "--late"), ("simulate", "--doubled")]
)
@pytest.mark.parametrize("number", ["nan", "inf", "-1"])
def test_what_is_no_number_to_count_with(command: str, option: str, number: str) -> None:
    result = CliRunner().invoke(touchline, [command, option, number, "--config", "none.toml"])
    assert result.exit_code == 2
    assert f"Invalid value for '{option}'" in result.output
