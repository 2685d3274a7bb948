"""The catalogue as a command sees it: the built-in event types, and those of the setting `schemas`."""

from pathlib import Path

from pipeline.catalogue.catalogue import Catalogue
from pipeline.catalogue.examples import example_problems, load_examples
from pipeline.catalogue.location import schema_directories
from pipeline.settings.model import Settings


def load_catalogue(settings: Settings) -> Catalogue:
    """Every event type that the workers of these settings understand.

    Raises:
        CatalogueError: A directory does not exist, or a schema cannot be used.
    """
    return Catalogue.load(_directories(settings))


def examples_at_fault(settings: Settings, catalogue: Catalogue) -> list[str]:
    """What is wrong with the examples beside the schemas, one line each.

    Raises:
        CatalogueError: A file of examples is not JSON or has the wrong form.
    """
    return example_problems(catalogue, load_examples(_directories(settings)))


def _directories(settings: Settings) -> tuple[Path, ...]:
    return schema_directories(Path(name).expanduser() for name in settings.schemas)
