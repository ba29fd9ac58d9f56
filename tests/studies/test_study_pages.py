"""The studies' pages, from their trials or a part of them, with made-up results."""

import dataclasses

import pytest
from matplotlib.figure import Figure

from keras_rectifiers.comparison import training
from keras_rectifiers.comparison.figures import curves, panels
from keras_rectifiers.comparison.reporting import drawings
from keras_rectifiers.comparison.reporting.study_report import read_study
from keras_rectifiers.comparison.running import runner
from keras_rectifiers.comparison.timing import measuring
from keras_rectifiers.comparison.trials.store import Tables
from studies import STUDIES
from studies import __main__ as command_line
from tests.studies.made_up_studies import (
    made_up_timings,
    plausible,
    plausible_tables,
    small,
)

# Figures that would show what others do, as the quick profile lacks what is compared.
NOT_IN_QUICK = ("pretraining", "kinds-decay")
# Claims that are computed from formulas or times: what the trials lack is nothing to them.
COMPUTED = ("elu-noise", "sigmoid-from-two", "cheap")


@pytest.mark.parametrize("study", STUDIES.values(), ids=lambda study: study.name)
def test_a_study_goes_from_the_command_line_to_its_page(
    study, tmp_path, monkeypatch, capsys
):
    """Of the largest studies over 10 seconds: over 15 figures are drawn and written."""
    drawn = {}

    def train(trials):
        return plausible(trials, [runner.key(trial) for trial in trials])

    def drawing(figure):
        def draw(tables):
            drawn[figure.name] = figure.draw(tables)
            return drawn[figure.name]

        return dataclasses.replace(figure, draw=draw)

    few = dataclasses.replace(
        small(study), figures=[drawing(figure) for figure in study.figures]
    )
    # Their files have tests of their own, and take as long as all else.
    monkeypatch.setattr(drawings, "_svg", lambda figure: "<svg></svg>")
    monkeypatch.setattr(drawings, "_png", lambda figure: b"made up")
    monkeypatch.setattr(training, "train", train)
    monkeypatch.setattr(measuring, "measure", lambda plan, **_: made_up_timings(plan))
    monkeypatch.setitem(STUDIES, study.name, few)
    monkeypatch.chdir(tmp_path)
    assert command_line.main(["run", study.name]) == 0
    assert command_line.main(["report", study.name]) == 0
    capsys.readouterr()
    page = (tmp_path / "reports" / study.name / "index.html").read_text()
    assert "Incomplete" not in page
    not_drawn = [figure for figure in study.figures if figure.name in NOT_IN_QUICK]
    assert ("Not drawn" in page) == bool(not_drawn)
    for figure in not_drawn:
        assert f"“{figure.title}”" in page
    assert ("Sensitivity to the learning rate" in page) == bool(study.grids)
    for claim in study.claims:
        assert f'id="claim-{claim.id}"' in page
        if claim.published:
            assert "not part of the criterion" in page
    for figure in study.figures:
        if figure in not_drawn:
            continue
        # Panels of nets that do not exist have neither.
        shown = [
            axes
            for axes in drawn[figure.name].axes
            if axes.axison or axes.get_title("left")
        ]
        assert shown, figure.name
        assert all(axes.has_data() for axes in shown), figure.name


@pytest.mark.parametrize(
    "lacks",
    [
        "relu",
        pytest.param("measurements", marks=pytest.mark.slow),
        pytest.param("the untrained", marks=pytest.mark.slow),
        pytest.param("the trained", marks=pytest.mark.slow),
    ],
)
@pytest.mark.parametrize("study", STUDIES.values(), ids=lambda study: study.name)
def test_a_part_of_the_trials_is_reported_whatever_it_lacks(study, lacks, monkeypatch):
    # Figures are drawn; room for their texts and a file have tests of their own.
    monkeypatch.setattr(panels, "settle", draw_without_layout)
    monkeypatch.setattr(curves, "settle", draw_without_layout)
    monkeypatch.setattr(drawings, "_svg", lambda figure: "")
    part = without(plausible_tables(study), lacks)
    found = read_study(study, part, "quick")
    assert [drawing.title for drawing in found.drawings] == [
        figure.title for figure in study.figures
    ]
    judged = found.verdicts[~found.verdicts["claim"].isin(COMPUTED)]
    open_verdicts = {"inconclusive", "not measured", "not testable here"}
    assert set(judged["verdict"]) <= open_verdicts


def draw_without_layout(figure: Figure) -> None:
    figure.set_layout_engine(None)
    figure.draw_without_rendering()


def without(tables: Tables, lacks: str) -> Tables:
    if lacks == "measurements":
        return dataclasses.replace(
            tables,
            measurements=tables.measurements.iloc[:0],
            outputs=tables.outputs.iloc[:0],
        )
    trials = tables.trials
    is_trained = trials["epochs"] > 0
    is_kept = {
        "relu": trials["activation"] != "relu",
        "the untrained": is_trained,
        "the trained": ~is_trained,
    }[lacks]
    return tables.only(trials.loc[is_kept, "key"])
