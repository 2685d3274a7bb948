"""Signs of life on stderr."""

import pytest

from pipeline.cli.console import waiting


def test_without_a_terminal_it_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    with waiting("settling") as status:
        status.update("settling: more")
    assert capsys.readouterr() == ("", "settling\n")


def test_whose_answer_a_program_reads_says_nothing_to_it(capsys: pytest.CaptureFixture[str]) -> None:
    with waiting("asking", only_on_a_terminal=True):
        pass
    assert capsys.readouterr() == ("", "")
