"""Prints what `make test-lowest` installs: the lowest versions that pyproject.toml names.

And what runs the tests, as requirements.txt pins it.
"""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
EXTRAS = ("tensorflow", "comparison")
TEST_TOOLS = ("hypothesis", "pytest", "pytest-xdist")


def lowest_versions() -> list[str]:
    """Requirements for pip, each of one version."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    project = tomllib.loads(text)["project"]
    declared = [*project["dependencies"]]
    for extra in EXTRAS:
        declared += project["optional-dependencies"][extra]
    pins = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    tools = [pin for pin in pins if pin.partition("==")[0] in TEST_TOOLS]
    return [*map(_lowest, declared), *tools]


def _lowest(requirement: str) -> str:
    match = re.match(r"([\w-]+)>=([\d.]+)", requirement)
    if match is None:
        raise ValueError(
            "Expected a requirement that begins with a name and a lowest version, such "
            f"as 'keras>=3.14,<3.16'. Received: {requirement!r}"
        )
    name, version = match.groups()
    # The same, without CUDA.
    return f"{'tensorflow-cpu' if name == 'tensorflow' else name}=={version}"


if __name__ == "__main__":
    print("\n".join(lowest_versions()))
