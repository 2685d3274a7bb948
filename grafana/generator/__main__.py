"""Write all dashboards to grafana/dashboards."""

from pathlib import Path

from grafana.generator.boards import BOARDS

DIRECTORY = Path(__file__).parent.parent / "dashboards"


def main() -> None:
    """Write a file for each dashboard, and delete the files of dashboards that no longer exist."""
    wanted = {f"{board.name}.json": board.json() for board in BOARDS}
    for file in DIRECTORY.glob("*.json"):
        if file.name not in wanted:
            file.unlink()
    for name, content in wanted.items():
        (DIRECTORY / name).write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main()
