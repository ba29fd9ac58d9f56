"""How exact the gains are, and what they keep in a deep net.

Prints three tables, for every element-wise activation of the catalogue:

  errors    moments and gains against adaptive quadrature by SciPy of f and f' as they
            are defined here, at variances from 0.01 to 100; and how many standard
            errors they lie from a Monte Carlo mean at variance 1
  variance  of the signal at the last hidden layer, of inputs with variance 1, and of the
            gradient on its way back from there to the first, relative to where it
            started; for RectifierNormal, and for Keras's HeNormal and GlorotUniform
  decay     of the gradient, in decades per layer: predicted by MeanField, and measured;
            and how many nets lie outside the larger of 0.005 and 5%

The nets are propagated by hand in float64; the kernels come from the initializers.
"""

import argparse
import itertools
import os
import sys
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import keras
import numpy as np
import pandas as pd
from scipy import integrate
from scipy.special import expit, ndtr

from keras_rectifiers import RectifierNormal, gain
from keras_rectifiers.gradient_decay import gradient_decay
from keras_rectifiers.theory.mean_field import MeanField
from keras_rectifiers.theory.moments import moments


def density(z):
    return np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)


def leaky(slope):
    return lambda x: np.where(x > 0, x, slope * x), lambda x: np.where(x > 0, 1, slope)


# name -> f and f'
FUNCTIONS = {
    "relu": leaky(0.0),
    "leaky_relu": leaky(0.01),
    "leaky_relu_0.1": leaky(0.1),
    "very_leaky_relu": leaky(1 / 5.5),
    "prelu": leaky(0.25),
    "smooth_relu": (lambda x: np.logaddexp(0, x), expit),
    "softplus": (lambda x: np.logaddexp(0, x), expit),
    "elu": (
        lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))),
        lambda x: np.exp(np.minimum(x, 0)),
    ),
    "shifted_relu": (lambda x: np.maximum(x, -1), lambda x: np.where(x > -1, 1.0, 0.0)),
    "gelu": (lambda x: x * ndtr(x), lambda x: ndtr(x) + x * density(x)),
    "silu": (lambda x: x * expit(x), lambda x: expit(x) * (1 + x * expit(-x))),
    "sigmoid": (expit, lambda x: expit(x) * expit(-x)),
    "tanh": (np.tanh, lambda x: 1 - np.tanh(x) ** 2),
    "linear": leaky(1.0),
}
NAMES = [*FUNCTIONS, "rrelu"]
# E[s^2] of RReLU's slopes in training is 1 / (3 * 8).
RRELU_MEAN_SQUARE_SLOPE = 1 / 24

VARIANCES = np.array([0.01, 0.1, 1.0, 10.0, 100.0])


def errors(name: str, samples: int) -> dict:
    """The largest relative errors of the moments and of the gain."""
    if name == "rrelu":
        slope_mean_square = np.full(5, (1 + RRELU_MEAN_SQUARE_SLOPE) / 2)
        mean_square = slope_mean_square * VARIANCES
    else:
        mean_square, slope_mean_square = (
            np.array([expectation(function, variance) for variance in VARIANCES])
            for function in FUNCTIONS[name]
        )
    found = moments(name)
    at_one = list(VARIANCES).index(1.0)
    return {
        "activation": name,
        "gain": f"{float(gain(name)):.10f}",
        "error of the gain": abs(gain(name) * np.sqrt(mean_square[at_one]) - 1),
        "of E[f^2]": np.max(np.abs(found.mean_square(VARIANCES) / mean_square - 1)),
        "of E[f'^2]": np.max(
            np.abs(found.slope_mean_square(VARIANCES) / slope_mean_square - 1)
        ),
    } | {
        f"Monte Carlo {moment}": f"{deviation:+.2f}"
        for moment, deviation in monte_carlo(name, samples).items()
    }


def monte_carlo(name: str, samples: int) -> dict[str, float]:
    """How far the moments at variance 1 lie from a mean, in its standard errors."""
    rng = np.random.default_rng(1000 + NAMES.index(name))
    sums = np.zeros((2, 2))
    chunk = 1_000_000
    for start in range(0, samples, chunk):
        values = apply(name, rng.normal(size=min(chunk, samples - start)), rng)
        sums += [[np.sum(v**2), np.sum(v**4)] for v in values]
    means, mean_squares = (sums / samples).T
    standard_errors = np.sqrt((mean_squares - means**2) / samples)
    found = moments(name)
    exact = [found.mean_square(1.0), found.slope_mean_square(1.0)]
    deviations = np.zeros(2)
    np.divide(exact - means, standard_errors, deviations, where=standard_errors > 0)
    return dict(zip(("f^2", "f'^2"), deviations, strict=True))


def expectation(function, variance: float) -> float:
    root = np.sqrt(variance)
    # Where the functions bend, and where the density does.
    bends = np.array([-8, -4, -2, -1, 0, 1, 2, 4, 8]) / root
    edges = np.unique([-14, *bends[np.abs(bends) < 14], *range(-13, 14), 14])
    return sum(
        integrate.quad(
            lambda z: function(root * z) ** 2 * density(z),
            left,
            right,
            epsabs=1e-16,
            epsrel=1e-13,
        )[0]
        for left, right in itertools.pairwise(edges)
    )


INITIALIZERS = {
    "own gain": RectifierNormal,
    "He": lambda activation, seed: keras.initializers.HeNormal(seed),
    "Glorot": lambda activation, seed: keras.initializers.GlorotUniform(seed),
}


def kernels(initializer: str, name: str, shape: tuple, depth: int, seed: int):
    make = INITIALIZERS[initializer]
    for layer in range(depth):
        fed_by = "linear" if layer == 0 else name
        kernel = make(fed_by, seed=1000 * seed + layer)(shape)
        yield keras.ops.convert_to_numpy(kernel).astype(np.float64)


def apply(name: str, x, rng):
    """f(x) and f'(x)."""
    if name == "rrelu":
        slope = np.where(x > 0, 1, 1 / rng.uniform(3, 8, size=x.shape))
        return slope * x, slope
    function, derivative = FUNCTIONS[name]
    return function(x), derivative(x)


def propagate(initializer: str, name: str, *, depth, width, examples, seed) -> dict:
    """Signal and gradient of one net, and what is predicted for its inputs."""
    rng = np.random.default_rng(seed)
    a = rng.normal(size=(examples, width))
    mean_square = np.mean(a**2, axis=1)
    signals, slopes, used = [], [], []
    for kernel in kernels(initializer, name, (width, width), depth, seed):
        z = a @ kernel
        a, slope = apply(name, z, rng)
        signals.append(np.mean(z**2))
        slopes.append(slope)
        used.append(kernel)
    gradient = rng.normal(size=a.shape)
    squares = [np.mean(gradient**2)]
    for kernel, slope in zip(used[:0:-1], slopes[:0:-1], strict=True):
        gradient = (gradient * slope) @ kernel.T
        squares.insert(0, np.mean(gradient**2))

    own = float(gain(name)) ** 2
    weight_variance = {"own gain": own, "He": 2.0, "Glorot": 1.0}[initializer]
    input_weight_variance = 1.0 if initializer == "own gain" else weight_variance
    predicted = MeanField(activation=name, weight_variance=weight_variance)
    return {
        "activation": name,
        "initializer": initializer,
        "signal": signals[-1],
        "gradient": squares[0] / squares[-1],
        "measured": gradient_decay(np.sqrt(squares))[0],
        "predicted": predicted.gradient_decay(
            mean_square, depth=depth, input_weight_variance=input_weight_variance
        ),
    }


def nets(arguments, names: list[str]) -> Iterator[dict]:
    for name in names:
        print(name, file=sys.stderr, flush=True)
        for initializer in INITIALIZERS:
            for seed in range(arguments.seeds):
                yield propagate(
                    initializer,
                    name,
                    depth=arguments.depth,
                    width=arguments.width,
                    examples=arguments.examples,
                    seed=seed,
                )


def show(title: str, frame: pd.DataFrame) -> None:
    print(f"\n{title}\n\n{frame.to_string()}")


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for option, default in (
        ("depth", 50),
        ("width", 1000),
        ("examples", 50),
        ("seeds", 3),
        ("samples", 10_000_000),
    ):
        parser.add_argument(f"--{option}", type=int, default=default, metavar="N")
    parser.add_argument("--activations", nargs="+", choices=NAMES, default=NAMES)
    arguments = parser.parse_args()
    names = arguments.activations

    found = pd.DataFrame([errors(name, arguments.samples) for name in names]).set_index(
        "activation"
    )
    show(
        "Gain, and relative errors against SciPy's quadrature:",
        found.map(lambda value: value if isinstance(value, str) else f"{value:.0e}"),
    )
    frame = pd.DataFrame(nets(arguments, names))
    frame["error"] = (frame["measured"] - frame["predicted"]).abs()
    frame["outside"] = frame["error"] > np.maximum(
        0.005, 0.05 * frame["predicted"].abs()
    )
    by_net = frame.groupby(["activation", "initializer"], sort=False)
    net = f"{arguments.depth} layers of {arguments.width} units, {arguments.seeds} nets"
    # Variances multiply along the layers: their geometric mean.
    variances = by_net[["signal", "gradient"]].agg(lambda v: np.exp(np.log(v).mean()))
    show(
        f"Variance of signal and gradient after {net}:",
        variances.unstack(sort=False).map("{:.2g}".format),
    )
    decays = by_net[["predicted", "measured"]].mean().join(by_net["error"].max())
    decays = decays.map("{:+.4f}".format).join(by_net["outside"].sum())
    show(
        f"Gradient decay in decades per layer; error: the largest of {net}:",
        decays.unstack(sort=False),
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
