"""Verdicts survive rounding: what another processor computes gives the same ones."""

import numpy as np
import pytest

from keras_rectifiers.comparison.nets import initial_values
from keras_rectifiers.comparison.running import runner
from keras_rectifiers.comparison.trials.store import Store
from keras_rectifiers.comparison.verdicts.judging import judge
from studies import STUDIES

NUM_SEEDS = 12
CASE = ["claim", "case"]


def judged(study, folder):
    """The tables of the study's first seeds, really trained, and the verdicts."""
    trials = [t for t in study.planned("quick") if t.seed < NUM_SEEDS]
    store = Store(folder)
    events = list(runner.run(runner.missing(trials, store), store))
    assert {event.kind for event in events} == {"started", "finished"}
    tables = store.read(map(runner.key, trials))
    return tables, judge(study, tables).set_index(CASE)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["exploding_gradients", "learned_slopes"])
def test_a_verdict_that_is_not_borderline_survives_the_rounding_of_the_weights(
    name, tmp_path, monkeypatch
):
    """It trains all nets of a study twice."""
    tables, verdicts = judged(STUDIES[name], tmp_path / "as they are")
    drawn = initial_values.draw_kernel
    monkeypatch.setattr(
        initial_values,
        "draw_kernel",
        lambda *given: np.nextafter(drawn(*given), np.float32(np.inf)),
    )
    rounded, others = judged(STUDIES[name], tmp_path / "rounded up")
    losses = [one.trials.set_index("key")["train_loss"] for one in (tables, rounded)]
    assert (losses[0] != losses[1]).mean() > 0.5
    # So large are the differences of some nets at the end that rounding matters.
    assert (losses[0] - losses[1]).abs().max() > 1e-4
    is_clear = ~verdicts["is_borderline"] & (verdicts["n"] > 0)
    assert is_clear.any()
    changed = verdicts["verdict"] != others["verdict"]
    assert verdicts[is_clear & changed].empty, others[is_clear & changed]
