"""Log files of bounded size."""

from pathlib import Path

from pipeline.adapters.stack.logfile import LogFile


def test_turns_over_before_it_grows_too_large(tmp_path: Path) -> None:
    log = LogFile(tmp_path / "logs" / "part.log", largest_bytes=100)
    for number in range(30):
        log.write(b"line %02d\n" % number)
    current, before = tmp_path / "logs" / "part.log", tmp_path / "logs" / "part.1.log"
    assert current.stat().st_size <= 100
    assert before.stat().st_size <= 100
    assert current.read_text().endswith("line 29\n")
    assert (before.read_text() + current.read_text()).splitlines()[-5:] == [f"line {n}" for n in range(25, 30)]


def test_goes_on_when_somebody_took_the_file_away(tmp_path: Path) -> None:
    path = tmp_path / "logs" / "part.log"
    log = LogFile(path, largest_bytes=100)
    log.write(b"before\n")
    path.unlink()
    path.parent.rmdir()
    for number in range(30):
        log.write(b"line %02d\n" % number)
    assert path.read_text().endswith("line 29\n")


def test_remembers_the_last_lines_whatever_the_bytes(tmp_path: Path) -> None:
    log = LogFile(tmp_path / "part.log")
    log.write(b"\xff\n")
    log.write(b"end\n")
    assert list(log.last_lines) == ["�", "end"]
