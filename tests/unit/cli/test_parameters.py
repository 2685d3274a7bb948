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


@pytest.mark.parametrize(
    "arguments",
    [
        ("query", "SELECT \udcff"),
        ("journey", "email:\udcff"),
        ("why", "email:\udcff"),
        ("dead-letters", "list", "--type", "\udcff"),
        ("dead-letters", "show", "\udcff"),
        ("up", "--broker", "\udcff"),
    ],
    ids=" ".join,
)
def test_a_text_that_is_not_utf_8(arguments: tuple[str, ...]) -> None:
    result = CliRunner().invoke(touchline, [*arguments, "--config", "none.toml"])
    assert result.exit_code == 2
    assert "\\udcff' is not UTF-8" in result.output
