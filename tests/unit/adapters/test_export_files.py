import gzip
from pathlib import Path

import pytest

from pipeline.adapters.export_files import UnreadableFileError, expand, open_lines, require


def test_plain_and_gzipped_files_read_the_same(tmp_path: Path) -> None:
    text = 'a,b\r\n"x\ny",2\r\n'
    (tmp_path / "a.csv").write_bytes(text.encode())
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(text.encode()))
    expected = ["a,b\r\n", '"x\n', 'y",2\r\n']
    assert list(open_lines(str(tmp_path / "a.csv"), "utf-8")) == expected
    assert list(open_lines(str(tmp_path / "a.csv.gz"), "utf-8")) == expected
    (tmp_path / "b.csv").write_bytes(gzip.compress(text.encode()))
    assert list(open_lines(str(tmp_path / "b.csv"), "utf-8")) == expected


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"\xef\xbb\xbfa,b\n")
    assert list(open_lines(str(tmp_path / "a.csv"), "utf-8")) == ["a,b\n"]


def test_bytes_of_another_encoding_are_kept_apart(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"M\xfcnchen\n")
    assert list(open_lines(str(tmp_path / "a.csv"), "utf-8")) == ["M\udcfcnchen\n"]
    assert list(open_lines(str(tmp_path / "a.csv"), "latin-1")) == ["München\n"]


@pytest.mark.parametrize(
    ("name", "content", "encoding", "reason"),
    [
        ("none.csv", None, "utf-8", "No such file or directory"),
        ("fake.csv.gz", b"a,b\n", "utf-8", "Not a gzipped file"),
        ("cut.csv.gz", gzip.compress(b"a,b\n" * 1000, mtime=0)[:-20], "utf-8", "ended before"),
        ("damaged.csv.gz", gzip.compress(b"a,b\n" * 1000, mtime=0)[:20] + b"\xff" * 40, "utf-8", "Error -3"),
        ("a.csv", b"a,b\n", "utf-16", "does not start with BOM"),
        ("a.csv", b"a,b\n", "latin-99", "unknown encoding: latin-99"),
    ],
)
def test_files_that_cannot_be_read(
    tmp_path: Path, name: str, content: bytes | None, encoding: str, reason: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(UnreadableFileError, match=f"{name}: .*{reason}"):
        list(open_lines(str(tmp_path / name), encoding))


def test_a_missing_file_is_found_out_beforehand(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match="there is no such file"):
        require([str(tmp_path / "none.csv")])


def test_a_directory_stands_for_the_files_that_fit(tmp_path: Path) -> None:
    for name in ("orders.csv", "orders-2.csv.gz", "README.md"):
        (tmp_path / name).write_bytes(b"")
    assert expand(["x.csv", str(tmp_path)], ["orders*.csv*", "", "*.csv"]) == [
        "x.csv",
        str(tmp_path / "orders-2.csv.gz"),
        str(tmp_path / "orders.csv"),
    ]
