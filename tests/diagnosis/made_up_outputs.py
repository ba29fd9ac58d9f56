"""Outputs with targets, as if a model had them."""

import numpy as np

from keras_rectifiers.diagnosis.program import Output

N = 60
LABELS = np.arange(N) % 3.0
BINARY = np.arange(N) % 2.0
ONE_HOT = np.eye(3)[LABELS.astype(int)]
SEVERAL = np.c_[BINARY, np.ones(N), LABELS > 0]
NUMBERS = np.linspace(-2, 2, N)
MSE, MAE = "mean_squared_error", "mean_absolute_error"
BCE, CCE = "binary_crossentropy", "categorical_crossentropy"
SPARSE = "sparse_" + CCE


def output(activation, units, loss, targets, **settings) -> Output:
    given = {"prediction": np.full((N, units), 0.3), "from_logits": False} | settings
    return Output(
        name="out",
        layer="last",
        activation=activation,
        loss=loss,
        targets=np.asarray(targets, float),
        **given,
    )
