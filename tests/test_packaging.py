import re
import subprocess
import sys
import tomllib
import zipfile
from email import message_from_bytes
from email.message import Message
from pathlib import Path, PurePosixPath

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))[
    "project"
]
PINS = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
CORE = {"keras", "numpy", "pandas", "seaborn"}
PIN = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*==[0-9]+(\.[0-9]+)*")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir"]
    result = subprocess.run(
        [*build, str(folder), str(ROOT)],
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    (path,) = folder.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        yield archive


@pytest.fixture(scope="module")
def metadata(wheel) -> Message:
    (name,) = (n for n in wheel.namelist() if n.endswith(".dist-info/METADATA"))
    return message_from_bytes(wheel.read(name))


@pytest.mark.slow
def test_wheel_holds_the_whole_package_and_nothing_else(wheel):
    in_wheel = {
        name
        for name in wheel.namelist()
        if not PurePosixPath(name).parts[0].endswith(".dist-info")
    }
    in_tree = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "keras_rectifiers").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert "keras_rectifiers/py.typed" in in_wheel
    assert in_wheel == in_tree


@pytest.mark.slow
def test_wheel_carries_the_licence(wheel, metadata):
    (name,) = (n for n in wheel.namelist() if n.endswith("/licenses/LICENSE"))
    assert wheel.read(name) == (ROOT / "LICENSE").read_bytes()
    assert metadata["License-Expression"] == "Apache-2.0"


@pytest.mark.slow
def test_metadata_states_name_version_python_and_extras(metadata):
    assert metadata["Name"] == "keras-rectifiers"
    assert metadata["Version"] == declared_version()
    assert metadata["Requires-Python"] == ">=3.11"
    extras = {"tensorflow", "jax", "torch", "comparison", "dev"}
    assert set(metadata.get_all("Provides-Extra")) == extras


@pytest.mark.slow
def test_installing_the_core_pulls_in_no_backend_and_no_comparison(metadata):
    requirements = map(Requirement, metadata.get_all("Requires-Dist"))
    core = {r.name for r in requirements if r.marker is None}
    assert core == CORE


def test_the_core_declares_no_backend_and_nothing_of_the_comparison():
    assert {Requirement(line).name for line in PROJECT["dependencies"]} == CORE


def test_every_requirement_is_pinned_and_names_no_address():
    assert [line for line in PINS if not PIN.fullmatch(line)] == []


def test_no_requirement_is_pinned_twice():
    names = [line.partition("==")[0] for line in PINS]
    assert sorted(set(names)) == names


@pytest.mark.parametrize("file", ["backends", "converters"])
def test_what_is_installed_beside_them_is_pinned_and_in_no_other_file(file):
    text = (ROOT / f"requirements-{file}.txt").read_text(encoding="utf-8")
    comment, *pins = text.splitlines()
    assert comment.startswith("# ")
    assert [line for line in pins if not PIN.fullmatch(line)] == []
    names = [line.partition("==")[0] for line in pins]
    assert sorted(set(names)) == names
    assert set(names).isdisjoint(line.partition("==")[0] for line in PINS)


@pytest.mark.parametrize(
    "line",
    [
        "keras>=3.12",
        "keras",
        "keras==3.*",
        "keras==3.15.1 --hash=sha256:0",
        "--index-url https://example.org/simple",
        "keras @ https://example.org/keras.whl",
        "keras==3.15.1  # from https://example.org",
        "-e .",
        "",
    ],
)
def test_a_line_that_is_no_pin_is_noticed(line):
    assert not PIN.fullmatch(line)


@pytest.mark.parametrize("group", ["core", "tensorflow", "comparison", "dev"])
def test_pins_satisfy_what_the_project_declares(group):
    declared = PROJECT["optional-dependencies"] | {"core": PROJECT["dependencies"]}
    pinned = dict(line.split("==") for line in PINS)
    pinned["tensorflow"] = pinned["tensorflow-cpu"]  # the same, without CUDA
    unmet = [
        requirement
        for requirement in map(Requirement, declared[group])
        if not requirement.specifier.contains(
            pinned.get(canonicalize_name(requirement.name), "0")
        )
    ]
    assert unmet == []


def test_keras_is_bounded_by_the_minor_version_that_the_tests_run_on():
    (keras,) = (
        r for r in map(Requirement, PROJECT["dependencies"]) if r.name == "keras"
    )
    (pin,) = (line for line in PINS if line.startswith("keras=="))
    major, minor, *_ = pin.partition("==")[2].split(".")
    assert keras.specifier.contains(f"{major}.{minor}.99")
    assert not keras.specifier.contains(f"{major}.{int(minor) + 1}.0")


def test_the_lowest_versions_are_the_lower_bounds_that_the_project_declares():
    extras = PROJECT["optional-dependencies"]
    declared = PROJECT["dependencies"] + extras["tensorflow"] + extras["comparison"]
    bounds = {
        requirement.name: bound.version
        for requirement in map(Requirement, declared)
        for bound in requirement.specifier
        if bound.operator == ">="
    }
    bounds["tensorflow-cpu"] = bounds.pop("tensorflow")  # the same, without CUDA
    installed = subprocess.run(
        [sys.executable, ROOT / "tests" / "lowest_versions.py"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    tools = ("hypothesis", "pytest", "pytest-xdist")
    pinned = [line for line in PINS if line.partition("==")[0] in tools]
    assert sorted(installed) == sorted(
        [*pinned, *(f"{name}=={version}" for name, version in bounds.items())]
    )


def declared_version() -> str:
    source = (ROOT / "keras_rectifiers" / "__init__.py").read_text(encoding="utf-8")
    (version,) = re.findall(r'^__version__ = "(.+)"$', source, flags=re.MULTILINE)
    return version
