"""Give the wheel the direct dependencies of base.in, so that they are written once."""

from pathlib import Path

from hatchling.metadata.plugin.interface import MetadataHookInterface


class DirectDependencies(MetadataHookInterface):
    """Reads the names and bounds of base.in; exact versions and hashes stay in base.txt."""

    def update(self, metadata: dict) -> None:
        lines = (Path(self.root) / "requirements" / "base.in").read_text().splitlines()
        metadata["dependencies"] = [line for line in lines if line and not line.startswith(("#", "-"))]
