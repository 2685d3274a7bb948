"""The instructions for adding a touchpoint work as they are written."""

import re
from pathlib import Path

from pipeline.catalogue.catalogue import Catalogue
from pipeline.catalogue.examples import example_problems, load_examples
from pipeline.catalogue.location import resource_directory, schema_directories
from tests.unit.catalogue.files import write


def test_the_schema_and_the_examples_of_the_readme_make_a_touchpoint(tmp_path: Path) -> None:
    text = (resource_directory("schemas") / "README.md").read_text()
    schema, examples = re.findall(r"```json\n(.*?)```", text, flags=re.DOTALL)
    write(tmp_path, "delivery/locker_opened.json", schema.encode())
    write(tmp_path, "delivery/locker_opened.examples.json", examples.encode())
    directories = schema_directories([tmp_path])
    assert example_problems(Catalogue.load(directories), load_examples(directories)) == []
