"""Pictures of a measure that spans decades, by activation and layer."""

import numpy as np
import pandas as pd
import pytest

from keras_rectifiers.comparison import figures

DECADES = {"relu": 0.0, "sigmoid": -2.0, "elu": 1.0}  # at layer 0 of three


@pytest.fixture
def made() -> pd.DataFrame:
    rows = [
        (name, start, seed, layer, 10 ** (decades * (1 - layer / 2) + (seed - 1)))
        for name, decades in DECADES.items()
        for start in ("own gain", "Glorot")
        for seed in range(3)
        for layer in range(3)
    ]
    columns = ["activation", "start", "seed", "layer", "value"]
    return pd.DataFrame(rows, columns=columns)


def drawn(made):
    return figures.decades_by_layer(
        made, column="start", xlabel="layer", label="gradient"
    )


def test_rows_are_activations_from_the_smallest_at_layer_0_to_the_largest(made):
    one, other = drawn(made).axes[:2]
    names = [label.get_text() for label in one.get_yticklabels()]
    assert names == ["sigmoid", "ReLU", "ELU"]
    for axes in (one, other):
        np.testing.assert_allclose(
            axes.collections[0].get_array(), [[-2, -1, 0], [0, 0, 0], [1, 0.5, 0]]
        )


def test_1_has_no_colour_in_all_panels_whatever_the_values(made):
    for axes in drawn(made.assign(value=made["value"] * 1e-9)).axes[:2]:
        norm = axes.collections[0].norm
        assert (norm.vmin, norm.vmax) == (-6, 6)
        assert axes.collections[0].cmap(norm(0.0))[3] < 0.2  # opacity


def test_what_is_not_above_0_is_missing_and_told(made):
    lost = (made["activation"] == "sigmoid") & (made["start"] == "Glorot")
    made.loc[lost, "value"] = 0.0
    figure = drawn(made)
    _, other = figure.axes[:2]
    assert np.ma.getmaskarray(other.collections[0].get_array())[0].all()
    told = figure.get_supxlabel().replace("\N{NO-BREAK SPACE}", " ")
    assert "Glorot: sigmoid 0 of 3" in told


def test_nothing_is_not_drawn(made):
    with pytest.raises(figures.NothingToDraw):
        drawn(made.assign(value=np.nan))
