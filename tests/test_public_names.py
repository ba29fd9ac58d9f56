"""What `import keras_rectifiers` gives, and what it does to Keras."""

import ast
import importlib
from pathlib import Path

import pytest

import keras_rectifiers
from keras_rectifiers import comparison

PACKAGES = [keras_rectifiers, comparison]


def named_for_tools(package) -> dict[str, str]:
    """Public name -> the module that tools are told it is imported from."""
    tree = ast.parse(Path(package.__file__).read_text(encoding="utf-8"))
    (block,) = (node for node in tree.body if isinstance(node, ast.If))
    return {
        alias.asname: node.module
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


@pytest.mark.parametrize("package", PACKAGES)
def test_tools_see_the_names_that_there_are(package):
    named = named_for_tools(package)
    assert sorted(named) == package.__all__
    for name, module in named.items():
        assert getattr(package, name) is getattr(importlib.import_module(module), name)
    assert set(package.__all__) <= set(dir(package))


@pytest.mark.parametrize("package", PACKAGES)
def test_other_names_are_refused_as_of_any_module(package):
    message = f"^module '{package.__name__}' has no attribute 'GLU'$"
    with pytest.raises(AttributeError, match=message):
        package.GLU  # noqa: B018
