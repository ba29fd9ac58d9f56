"""`compare` against a loop of `fit` that a user would write, on scikit-learn's data.

    python benchmarks/compare_loop.py --data wine --data diabetes --data digits

Five activations, ten seeds and six learning rates: 300 nets of two hidden layers, 20
epochs. The loop trains those of one seed, and its time is multiplied by the number of
seeds. It is timed as a user writes it, one `fit` for each net with a validation split;
and trained again with the order of examples of `compare`, an epoch at a time, to see that
the numbers are the same. Rounding differs, and at high rates a net may end elsewhere for
it: so the loop is trained a third time by XLA, and the differences between the two loops
stand beside. `compare` measures the layers too, unless --no-measures.
"""

import argparse
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import keras
import pandas as pd

import keras_rectifiers
from keras_rectifiers.comparison.comparing.examples import read_examples
from keras_rectifiers.comparison.comparing.splitting import split_for
from keras_rectifiers.comparison.training.example_order import Shuffling, example_order
from keras_rectifiers.comparison.training.recorded_draws import RecordedModel

ACTIVATIONS = ("relu", "leaky_relu", "elu", "gelu", "tanh")
EPOCHS = 20
BATCH_SIZE = 32
NUM_OUTPUTS = {"wine": 3, "diabetes": 1, "digits": 10}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", action="append", choices=list(NUM_OUTPUTS))
    parser.add_argument("--seeds", type=int, default=10, metavar="N")
    parser.add_argument("--no-measures", action="store_true")
    chosen = parser.parse_args()
    for name in chosen.data or list(NUM_OUTPUTS):
        x, y = load(name)
        builder = builder_for(name, x.shape[1])
        started = time.perf_counter()
        found = keras_rectifiers.compare(
            builder,
            (x, y),
            activations=ACTIVATIONS,
            seeds=chosen.seeds,
            epochs=EPOCHS,
            batch_size=BATCH_SIZE,
            measures=not chosen.no_measures,
        )
        ours = time.perf_counter() - started
        trials = found.trials[found.trials["seed"] == 0]
        started = time.perf_counter()
        for row in trials.itertuples():
            trained_simply(builder, x, y, row.activation, row.learning_rate)
        loop = (time.perf_counter() - started) * chosen.seeds
        print(
            f"{name}: compare {ours:.0f} s, the loop {loop:.0f} s ({loop / ours:.1f} "
            f"times), {len(found.trials)} nets"
        )
        metric = found.results.contest.metric.name
        print(gaps(builder, x, y, trials, metric).to_string())
        print(*(f"  {line}" for line in found.summary().splitlines()), sep="\n")


def load(name: str):
    from sklearn import datasets
    from sklearn.preprocessing import scale

    x, y = getattr(datasets, f"load_{name}")(return_X_y=True)
    x = x / 16 if name == "digits" else scale(x)
    return x.astype("float32"), scale(y).astype("float32") if name == "diabetes" else y


def builder_for(name: str, num_features: int):
    def build_model(activation):
        layers = keras.layers
        model = keras.Sequential(
            [
                keras.Input((num_features,)),
                layers.Dense(32),
                activation(),
                layers.Dense(32),
                activation(),
                layers.Dense(NUM_OUTPUTS[name]),
            ]
        )
        losses, metrics = keras.losses, keras.metrics
        is_number = name == "diabetes"
        model.compile(
            optimizer="adam",
            loss=losses.MeanSquaredError()
            if is_number
            else losses.SparseCategoricalCrossentropy(from_logits=True),
            metrics=[metrics.RootMeanSquaredError()] if is_number else ["accuracy"],
        )
        return model

    return build_model


def trained_simply(builder, x, y, activation: str, rate: float) -> None:
    train, validation, test = split_for(read_examples((x, y)), 0)
    model = builder(lambda: keras_rectifiers.get(activation))
    model.optimizer.learning_rate = rate
    model.fit(
        x[train],
        y[train],
        batch_size=BATCH_SIZE,
        epochs=EPOCHS,
        validation_data=(x[validation], y[validation]),
        verbose=0,
    )
    model.evaluate(x[test], y[test], verbose=0)


def gaps(builder, x, y, trials: pd.DataFrame, metric: str) -> pd.DataFrame:
    """At each rate, the differences from the loop: of `compare`, and of the XLA loop.

    Those of the loss are relative, and the largest; of the score, how many nets differ.
    """
    rows = []
    for row in trials.itertuples():
        loop, xla = (in_order(builder, x, y, row, jit) for jit in (False, True))
        ours = {name: getattr(row, f"test_{name}") for name in ("loss", metric)}
        for other, values in (("compare", ours), ("XLA", xla)):
            rows.append(
                {
                    "learning_rate": row.learning_rate,
                    "of": other,
                    "loss": abs(values["loss"] / loop["loss"] - 1),
                    "score": abs(values[metric] - loop[metric]) > 1e-5,
                }
            )
    frame = pd.DataFrame(rows).groupby(["learning_rate", "of"])
    return frame.agg({"loss": "max", "score": "sum"}).unstack()


def in_order(builder, x, y, row, jit_compile: bool) -> dict[str, float]:
    """Trains a net with the start and the order of `compare`; its test values."""
    train, _, test = split_for(read_examples((x, y)), row.seed)
    recorded = RecordedModel(
        lambda: builder(lambda: keras_rectifiers.get(row.activation)), x[:1]
    )
    model = recorded.model
    values = recorded.values(row.seed)
    for variable, value in zip(model.variables, values, strict=True):
        variable.assign(value)
    model.optimizer.learning_rate = row.learning_rate
    model.jit_compile = jit_compile
    for epoch in range(1, EPOCHS + 1):
        shuffling = Shuffling(seed=row.seed, batch_size=BATCH_SIZE)
        order = train[example_order(shuffling, len(train), epoch).ravel()]
        model.fit(x[order], y[order], batch_size=BATCH_SIZE, shuffle=False, verbose=0)
    return model.evaluate(x[test], y[test], verbose=0, return_dict=True)


if __name__ == "__main__":
    main()
