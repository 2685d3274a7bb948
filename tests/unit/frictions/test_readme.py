"""The detector of the instructions works as it is written."""

import re
import tomllib
from pathlib import Path

import pipeline.frictions
from pipeline.adapters.detectors import GROUP
from pipeline.journeys.rules import Rules
from tests.unit.journeys.samples import event, found

PAGE = Path(pipeline.frictions.__file__).with_name("README.md").read_text()


def test_the_package_of_the_readme_brings_a_detector() -> None:
    (code,), (project,) = re.findall(r"```python\n(.*?)```", PAGE, re.S), re.findall(r"```toml\n(.*?)```", PAGE, re.S)
    ((kind, value),) = tomllib.loads(project)["project"]["entry-points"][GROUP].items()
    module, _, name = value.partition(":")
    assert f"`{module}.py`" in PAGE
    namespace: dict[str, type] = {}
    exec(code, namespace)
    rules = Rules.of(further=[namespace[name]()])
    often, seldom = (event("marketing.unsubscribed", reason=reason) for reason in ("too_frequent", "moved"))
    assert [friction.severity for friction in found(kind, [often], rules=rules)] == [1]
    assert found(kind, [seldom], rules=rules) == []
