"""Trains nets that differ in their activation, and compares the results.

Needs the extra `comparison`: `pip install keras-rectifiers[comparison]`.

>>> from keras_rectifiers.comparison import Trial, train
>>> tables = train([Trial(depth=2, epochs=0, seed=seed) for seed in range(2)])
>>> tables.trials[["depth", "seed"]].values.tolist()
[[2, 0], [2, 1]]
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from keras_rectifiers.comparison.training import train as train
    from keras_rectifiers.comparison.trials.trial import Trial as Trial

__all__ = ["Trial", "train"]

# What reads the stored tables, below this package too, must not load what trains.
_MODULES = {"Trial": "trials.trial", "train": "training"}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = importlib.import_module(f"{__name__}.{_MODULES[name]}")
    return getattr(module, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
