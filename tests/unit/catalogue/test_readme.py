"""The instructions for adding a touchpoint work as they are written."""

import re
from pathlib import Path

from pipeline.catalogue.catalogue import Catalogue
from pipeline.catalogue.examples import example_problems, load_examples
from pipeline.catalogue.location import resource_directory
from tests.unit.catalogue.files import write


def test_the_schema_and_the_examples_of_the_readme_make_a_touchpoint(tmp_path: Path) -> None:
    shipped = resource_directory("schemas")
    schema, examples = re.findall(r"```json\n(.*?)```", (shipped / "README.md").read_text(), flags=re.DOTALL)
    write(tmp_path, "common.json", (shipped / "common.json").read_bytes())
    write(tmp_path, "delivery/locker_opened.json", schema.encode())
    write(tmp_path, "delivery/locker_opened.examples.json", examples.encode())
    assert example_problems(Catalogue.load([tmp_path]), load_examples([tmp_path])) == []
