"""The mappings that come with Touchline."""

from importlib.resources import files


def shipped_mappings() -> dict[str, str]:
    """The text of each shipped mapping file by its name."""
    folder = files("pipeline.importing").joinpath("mappings")
    return {
        entry.name.removesuffix(".toml"): entry.read_text("utf-8")
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith(".toml")
    }
