"""The studies: each measures claims about rectifiers, and reports the results.

A study is a module or a package in this folder that defines `STUDY`. The studies are
loaded when `STUDIES` is first used, because their imports take seconds.
"""

import functools
import importlib
import os
import pkgutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from keras_rectifiers.comparison.trials.study import Study

    STUDIES: dict[str, Study]

# Before TensorFlow is loaded: its notes on the processor are no news to anyone.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

# The order in which the report tells them. Others follow, by name.
_FIRST = (
    "vanishing_gradients",
    "exploding_gradients",
    "sparsity",
    "dying_relu",
    "initialization",
    "zero_mean",
    "learned_slopes",
    "convergence",
    "cost",
    "accuracy",
    "surroundings",
    "network_in_network",
    "approximation",
    "decision_boundary",
    "recurrent",
    "autoencoder",
)


def found() -> "dict[str, Study]":
    """Returns the studies in this folder by name."""
    names = {module.name for module in pkgutil.iter_modules(__path__)} - {"__main__"}
    order = [*(n for n in _FIRST if n in names), *sorted(names.difference(_FIRST))]
    studies: dict[str, Study] = {}
    for name in order:
        study = getattr(importlib.import_module(f"{__name__}.{name}"), "STUDY", None)
        if study is None:
            continue
        if study.name in studies:
            raise ValueError(
                "Expected studies with different names. Rename the STUDY in studies/"
                f"{name}.py. Received: {study.name!r} twice."
            )
        studies[study.name] = study
    return studies


_found = functools.cache(found)


def __getattr__(name: str):
    if name == "STUDIES":
        return _found()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
