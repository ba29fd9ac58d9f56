"""The notebooks: they run, say nothing on stderr, and are stored with their outputs."""

import ast
import copy
import importlib
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from tests.shown_outputs import agree

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
LARGEST = 400_000  # bytes
CURRENT_TEST = "PYTEST_CURRENT_TEST"
OF_A_MACHINE = re.compile(
    r"(?<![\w.:/])/(?:work|root|tmp|home|Users)\b|[A-Z]:\\\\Users"
)

every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


class ThisInterpreter(AsyncKernelManager):
    """Starts the kernel of the running interpreter, whatever kernels are installed."""

    def __init__(self, **arguments):
        # Without folders to search there is one kernel only: this interpreter's.
        super().__init__(
            **arguments, kernel_spec_manager=KernelSpecManager(kernel_dirs=[])
        )


@pytest.fixture
def execute(tmp_path, monkeypatch):
    """Runs a notebook in a folder of its own and returns it with its outputs."""
    cwd = tmp_path / "cwd"
    cwd.mkdir()
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT), prepend=os.pathsep)
    # Agg would keep the figures out of the outputs. And a notebook must silence
    # TensorFlow by itself.
    monkeypatch.delenv("MPLBACKEND")
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL")

    def run(notebook):
        client = NotebookClient(
            copy.deepcopy(notebook),
            kernel_name="python3",
            kernel_manager_class=ThisInterpreter,
            timeout=600,
            resources={"metadata": {"path": str(cwd)}},
        )
        # Under pytest a kernel lets pass what is written below Python, by TensorFlow.
        environment = {k: v for k, v in os.environ.items() if k != CURRENT_TEST}
        executed = without_onednn(client.execute(env=environment))
        assert list(cwd.iterdir()) == []
        return executed

    return run


# On processors of some kinds TensorFlow says that it uses oneDNN, and so before it reads
# how much it is to say. A stored notebook has none of it.
ONEDNN = re.compile(
    r"WARNING: All log messages before absl::InitializeLog.*\n"
    r"|I0000 .*oneDNN custom operations are on.*\n"
)


def on_stderr(notebook) -> list[str]:
    return [
        output.text
        for cell in code_cells(notebook)
        for output in cell.outputs
        if output.output_type == "stream" and output.name == "stderr"
    ]


def without_onednn(notebook):
    """Without what TensorFlow says on stderr on processors of some kinds."""
    for cell in code_cells(notebook):
        for output in cell.outputs:
            if output.output_type == "stream" and output.name == "stderr":
                output.text = ONEDNN.sub("", output.text)
        cell.outputs = [o for o in cell.outputs if o.get("text") != ""]
    return notebook


def kinds_of_outputs(cell) -> list:
    """What a cell's outputs are, whatever their content."""
    return [(o.output_type, sorted(o.get("data", {}))) for o in cell.outputs]


def texts_of(cell) -> list[str]:
    """What a cell's outputs say, but for addresses of objects and keys of trials."""
    found = [o.get("text") or o.get("data", {}).get("text/plain") for o in cell.outputs]
    return [re.sub(r" at 0x\w+|\b[0-9a-f]{24}\b", "", text) for text in found if text]


def code_cells(notebook) -> list:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def texts(notebook) -> Iterator[str]:
    """All that can be read: the cells, and their outputs but for encoded images."""
    for cell in notebook.cells:
        yield cell.source
        for output in cell.get("outputs", []):
            yield output.get("text", "")
            for kind, content in output.get("data", {}).items():
                if kind != "image/png":
                    yield str(content)


def test_there_is_a_notebook():
    assert NOTEBOOKS


@pytest.mark.slow
@every_notebook
def test_it_runs_and_is_stored_with_its_outputs(path, execute):
    """Over 10 s: a notebook trains all that it shows, in a kernel of its own."""
    stored = nbformat.read(path, as_version=4)
    executed = execute(stored)
    assert on_stderr(executed) == []
    for before, after in zip(code_cells(stored), code_cells(executed), strict=True):
        assert kinds_of_outputs(before) == kinds_of_outputs(after), after.source
        for shown, printed in zip(texts_of(before), texts_of(after), strict=True):
            assert agree(shown, printed), f"{after.source}\n{printed}"
    assert any(cell.outputs for cell in code_cells(executed))


@every_notebook
def test_what_it_imports_of_the_library_exists(path):
    cells = code_cells(nbformat.read(path, as_version=4))
    names = library_names("\n".join(cell.source for cell in cells))
    assert names and [name for name in names if not exists(*name)] == []


def library_names(source: str) -> list[tuple[str, str]]:
    """Module and name of all that is imported from the library."""
    return [
        (node.module, alias.name)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ImportFrom)
        and (node.module or "").partition(".")[0] == "keras_rectifiers"
        for alias in node.names
    ]


def exists(module: str, name: str) -> bool:
    return hasattr(importlib.import_module(module), name)


@every_notebook
def test_it_is_stored_small_and_clean(path):
    assert path.stat().st_size < LARGEST
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "python3"
    assert on_stderr(notebook) == []
    for text in texts(notebook):
        assert not OF_A_MACHINE.search(text), text
    cells = code_cells(notebook)
    assert [c.execution_count for c in cells] == list(range(1, len(cells) + 1))
    assert all("execution" not in cell.metadata for cell in cells)


@pytest.mark.slow
@pytest.mark.parametrize(
    "source",
    [
        "import warnings; warnings.warn('careful')",
        # Such output comes a moment late.
        "import os, time; os.write(2, b'careful'); time.sleep(1)",
    ],
)
def test_a_warning_in_a_notebook_is_noticed(source, execute):
    assert on_stderr(execute(notebook_of(source)))


@pytest.mark.slow
def test_an_error_in_a_notebook_is_noticed(execute):
    with pytest.raises(CellExecutionError, match="ZeroDivisionError"):
        execute(notebook_of("1 / 0"))


@pytest.mark.slow
def test_a_notebook_runs_in_this_interpreter(execute):
    (cell,) = execute(notebook_of("import sys; print(sys.executable)")).cells
    assert cell.outputs[0].text.strip() == sys.executable


def notebook_of(source: str):
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])


@pytest.mark.parametrize("text", ["File /tmp/x.py", "'/home/me'", "/root"])
def test_a_path_of_a_machine_is_noticed(text):
    assert OF_A_MACHINE.search(text)
