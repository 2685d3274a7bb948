"""What is wrong with a file of the catalogue, and what to do about it."""

from pathlib import Path


class CatalogueError(Exception):
    """A schema, its annotations or its examples cannot be used. The text names the file, the place and the remedy."""

    def __init__(self, file: Path, place: str, problem: str, remedy: str) -> None:
        self.file = file
        self.place = place
        self.problem = problem
        self.remedy = remedy
        where = f"{file}, {place}" if place else str(file)
        super().__init__(f"{where}: {problem}. {remedy}")
