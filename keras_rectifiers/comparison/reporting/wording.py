"""Names as people say them: "leaky ReLU (0.1)" and "dead units", not their code."""

import re

from keras_rectifiers.catalogue import CATALOGUE, title
from keras_rectifiers.comparison.reporting.glossary import TERMS

# What is trained on, for a reader who has not met its name.
_DATASETS = {
    "digits": "images of handwritten digits (8 × 8 pixels)",
    "mnist": "MNIST, images of handwritten digits (28 × 28 pixels)",
    "fashion_mnist": "Fashion-MNIST, images of clothes (28 × 28 pixels)",
    "cifar10": "CIFAR-10, colour photographs of ten kinds (32 × 32 pixels)",
    "cifar100": "CIFAR-100, colour photographs of a hundred kinds (32 × 32 pixels)",
    "ring": "points in the plane (a disc in a ring)",
    "spiral": "points in the plane (two spirals)",
    "checkerboard": "points in the plane (a checkerboard)",
    "circle": "points in the plane (a circle in a square)",
    "two_moons": "points in the plane (two half moons)",
    "noisy_digits": "images of handwritten digits with missing pixels",
    "curve": "points of a curve with noise",
}

_INITIALISATIONS = {
    "gain": "own gain",
    "he": "He initialisation",
    "glorot": "Glorot initialisation",
    "uniform": "uniform initialisation",
    "identity": "start as the identity",
}

OPTIMIZERS = {"adam": "Adam", "sgd": "SGD", "rmsprop": "RMSprop", "adamw": "AdamW"}

_ARCHITECTURES = {
    "mlp": "MLP",
    "resmlp": "residual MLP",
    "cnn": "CNN",
    "cnn_pooled": "CNN with max pooling",
    "rnn": "plain recurrent net",
    "lstm": "LSTM",
    "nin": "network in network",
    "nin_lin": "network in network (Lin 2013)",
}

_RECIPES = {
    "standard": "batches",
    "curve": "one example a step",
    "shape": "one example a step",
    "leaky_first": "one example a step, leaky ReLU first",
}

# Of Keras, as `keras.backend.backend` calls them.
BACKENDS = {"tensorflow": "TensorFlow", "jax": "JAX", "torch": "PyTorch"}

_NAMED = {
    "recipe": _RECIPES,
    "initializer": _INITIALISATIONS,
    "architecture": _ARCHITECTURES,
    "optimizer": OPTIMIZERS,
}

# Of other settings: what they are if they are 0 or off, and if not.
_SETTINGS = {
    "activity_l1": ("no L1 penalty on activations", "L1 penalty on activations {}"),
    "weight_l1": ("no L1 penalty on weights", "L1 penalty on weights {}"),
    "weight_l2": ("no L2 penalty on weights", "L2 penalty on weights {}"),
    "clipnorm": ("gradients not clipped", "each gradient clipped to norm {}"),
    "global_clipnorm": ("gradients not clipped", "gradients clipped to norm {}"),
    "batch_normalization": ("no batch normalisation", "batch normalisation"),
    "nesterov": ("no Nesterov momentum", "Nesterov momentum"),
    "dropout": ("no dropout", "dropout {}"),
    "width": ("", "{} units"),
}

_SAID = {name: title(name) for name in CATALOGUE} | {
    term.name: term.title for term in TERMS if "_" in term.name
}
_NAMES = re.compile(
    r"(?<![\w.])(?:{})(?!\w)".format(
        "|".join(map(re.escape, sorted(_SAID, key=len, reverse=True)))
    )
)


def said(text: str) -> str:
    """Replaces the names of activations and measures in a text by their titles.

    >>> said("relu and leaky_relu_0.1, MLP: dead_units")
    'ReLU and leaky ReLU (0.1), MLP: dead units'
    """
    return _NAMES.sub(lambda found: _SAID[found[0]], text)


def agreeing(number: int, one: str, several: str) -> str:
    """The word that agrees with a number.

    >>> agreeing(1, "is", "are"), agreeing(0, "is", "are")
    ('is', 'are')
    """
    return one if number == 1 else several


def activations_named(text: str) -> set[str]:
    """The activations of the catalogue that a text names, by name or by title.

    >>> sorted(activations_named("Tanh does better than leaky_relu."))
    ['leaky_relu', 'tanh']
    """
    words = text.lower()
    found = set(_NAMES.findall(text)) & CATALOGUE.keys()
    for name in CATALOGUE:
        plain = re.escape(title(name).lower())
        if re.search(rf"(?<![\w-])(?<!leaky ){plain}(?![\w-])", words):
            found.add(name)
    return found


def dataset_in_words(name: str) -> str:
    """What a data set is, in words; an unknown one is called by its name."""
    if name.startswith("adding_"):
        return f"the adding problem of {name.removeprefix('adding_')} steps"
    return _DATASETS.get(name, name)


def dataset_name(name: str) -> str:
    """The name of a data set as it is published: "Fashion-MNIST", "digits"."""
    if name not in _DATASETS:
        return name
    published, comma, _ = _DATASETS[name].partition(", ")
    return published if comma else name.replace("_", " ")


def setting_in_words(name: str, value) -> str:
    """A setting of a net, see `Trial`, in words.

    >>> setting_in_words("weight_l2", 0.001), setting_in_words("weight_scale", 2.0)
    ('L2 penalty on weights 0.001', 'weight scale 2')
    """
    if name in _NAMED:
        return str(_NAMED[name].get(value, value))
    number = value if isinstance(value, str) else f"{value:g}".replace("-", "−")
    if name in _SETTINGS:
        return _SETTINGS[name][bool(value)].format(number)
    return f"{name.replace('_', ' ')} {number}"
