"""Registers the layers with Keras for saved models, without loading Keras.

`keras.saving.load_model` finds our layers only after their modules have been imported,
and a user should only have to write `import keras_rectifiers`. Code that reads stored
tables also imports the package, and should start without Keras and its backend. So the
modules are imported as soon as Keras is: at once, or after its own import.
"""

import importlib
import sys

# Those with something that a configuration of Keras can name.
MODULES = ("functions", "layers", "theory.initializers")


def register_with_keras() -> None:
    """Imports the modules if Keras is imported, otherwise as soon as it is."""
    if "keras" in sys.modules:
        _import_modules()
    else:
        sys.meta_path.insert(0, _Finder())


def _import_modules() -> None:
    for module in MODULES:
        importlib.import_module(f"{__package__}.{module}")


class _Finder:
    """Finds Keras and our modules as the other finders do, and waits for both.

    Keras may be imported by a module of ours, which the others need as a whole. So they
    are imported behind the outermost import of Keras or of one of ours.
    """

    def __init__(self):
        self.num_loading = 0

    def find_spec(self, name, path=None, target=None):
        """The specification of Keras or a module of ours, None for every other."""
        if name != "keras" and not name.startswith(f"{__package__}."):
            return None
        others = (finder for finder in sys.meta_path if finder is not self)
        specs = (finder.find_spec(name, path, target) for finder in others)
        spec = next((spec for spec in specs if spec is not None), None)
        if spec is None or spec.loader is None:
            return spec
        load = spec.loader.exec_module

        def load_and_register(module):
            self.num_loading += 1
            try:
                load(module)
            finally:
                self.num_loading -= 1
            is_outermost = not self.num_loading and self in sys.meta_path
            if is_outermost and "keras" in sys.modules:
                sys.meta_path.remove(self)
                _import_modules()

        spec.loader.exec_module = load_and_register
        return spec
