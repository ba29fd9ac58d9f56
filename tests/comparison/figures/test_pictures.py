"""Pictures of a measure by layer and epoch, of the median over the seeds."""

import numpy as np
import pandas as pd
import pytest

from keras_rectifiers.comparison import figures

NETS = ("one", "two", "three")


@pytest.fixture
def made() -> pd.DataFrame:
    rows = [
        (net, seed, epoch, layer, 100 * number + 10 * epoch + layer + seed % 3)
        for number, net in enumerate(NETS)
        for seed in range(3)
        for epoch in range(4)
        for layer in range(5)
    ]
    columns = ["net", "seed", "epoch", "layer", "value"]
    return pd.DataFrame(rows, columns=columns).astype({"value": float})


def drawn(made):
    return figures.pictures_by_layer(made, panel="net", xlabel="step", label="norm")


def pictures(figure) -> dict:
    return {
        axes.get_title("left"): axes.collections[0]
        for axes in figure.axes
        if axes.get_title("left")
    }


def test_each_panel_shows_the_medians_on_one_common_scale(made):
    found = pictures(drawn(made))
    assert list(found) == list(NETS)
    for number, mesh in enumerate(found.values()):
        expected = 100 * number + 10 * np.arange(4)[:, np.newaxis] + np.arange(5) + 1
        np.testing.assert_array_equal(mesh.get_array(), expected)
        assert (mesh.norm.vmin, mesh.norm.vmax) == (1, 235)


def test_a_seed_without_a_value_is_left_out_and_a_place_without_any_is_empty(made):
    is_lost = (made["net"] == "one") & (made["epoch"] == 2) & (made["layer"] == 3)
    made.loc[is_lost, "value"] = np.inf
    made.loc[(made["net"] == "two") & (made["seed"] == 2), "value"] = np.nan
    found = pictures(drawn(made))
    is_empty = np.ma.getmaskarray(found["one"].get_array())
    assert is_empty.sum() == 1 and is_empty[2, 3]
    assert found["two"].get_array()[0, 0] == 100.5


def test_without_a_value_there_is_nothing_to_draw(made):
    with pytest.raises(figures.NothingToDraw):
        drawn(made.assign(value=np.nan))
