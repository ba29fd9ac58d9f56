"""When activations are timed, and what is said of it."""

import dataclasses
from pathlib import Path

import pytest

import studies
from keras_rectifiers.comparison.timing import measuring
from keras_rectifiers.comparison.trials import timing_plan
from keras_rectifiers.comparison.trials.timing_plan import TimingPlan
from keras_rectifiers.comparison.trials.trial import Trial
from studies import __main__ as program
from studies import profiles, timing
from tests.studies.made_up_command_line import TRIALS, made_up_study
from tests.studies.made_up_studies import made_up_timings

PLAN = TimingPlan(
    activations=("relu", "tanh"),
    shapes={"dense": (4, 3)},
    net_activations=("relu",),
    nets={"MLP": Trial(depth=1), "CNN": Trial(architecture="cnn", depth=1)},
    num_rounds=2,
)
STARTS = (
    "tiny (digits): activations are timed, which takes a minute or more. Leave the "
    "machine alone meanwhile.\n"
)


@pytest.fixture
def timed(trained, tiny_studies, monkeypatch) -> list:
    """The plans that were timed; each takes the first of what is put into `results`."""
    plans = []

    def measure(plan, *, even_if_busy):
        plans.append((plan, even_if_busy, list(trained)))
        result = measure.results.pop(0) if measure.results else made_up_timings(plan)
        if isinstance(result, Exception):
            raise result
        return result

    measure.results = []
    monkeypatch.setattr(measuring, "measure", measure)
    study = made_up_study("tiny", TRIALS)
    study = dataclasses.replace(study, timings={"quick": PLAN})
    monkeypatch.setattr(studies, "STUDIES", {"tiny": study})
    return plans


def kept() -> int:
    """How many plans have a table."""
    return len(list(Path("results/timings").glob("*.parquet")))


def test_times_are_taken_once_and_before_any_net_is_trained(timed, trained, capsys):
    assert program.main(["run", "tiny"]) == 0
    assert STARTS in capsys.readouterr().err
    assert [before for _, _, before in timed] == [[]]
    assert trained and kept() == 1
    assert program.main(["run", "tiny"]) == 0
    assert STARTS not in capsys.readouterr().err
    assert len(timed) == 1


def test_nothing_is_timed_for_a_study_without_trials(timed):
    empty = dataclasses.replace(
        studies.STUDIES["tiny"],
        trials={"quick": list},
        left_out="Not measured on these data: all.",
    )
    told = []
    failed = timing.measure(
        [empty], "quick", Path("results"), even_if_busy=False, say=told.append
    )
    assert (failed, told, timed) == ([], [], [])
    assert not timing.lacks_timings(empty, "quick", Path("results"))


def test_on_a_busy_machine_nets_are_trained_and_the_reason_is_told(
    timed, trained, capsys
):
    measuring.measure.results.append(measuring.Busy("it rains"))
    assert program.main(["run", "tiny"]) == 0
    assert (
        f"{STARTS}tiny (digits): not timed, because it rains. Run the same command again "
        "when the machine is quiet, or with --even-if-busy.\n"
    ) in capsys.readouterr().err
    assert trained and kept() == 0
    assert program.main(["report", "tiny"]) == 0
    assert capsys.readouterr().err == (
        "tiny: its activations have not been timed; what rests on their times is not "
        "measured.\n"
    )
    assert program.main(["status", "tiny"]) == 0
    assert capsys.readouterr().out == (
        "tiny (quick, digits), 4 trials: 4 done, 0 missing, 0 failed\n"
        "    Its activations have not been timed.\n"
    )


def test_times_of_a_busy_machine_are_taken_again_on_a_quiet_one(timed, capsys):
    measuring.measure.results.append(made_up_timings(PLAN, load=0.5))
    assert program.main(["run", "tiny", "--even-if-busy"]) == 0
    assert [even_if_busy for _, even_if_busy, _ in timed] == [True]
    assert program.main(["run", "tiny", "--even-if-busy"]) == 0
    assert len(timed) == 1
    assert program.main(["run", "tiny"]) == 0
    assert [even_if_busy for _, even_if_busy, _ in timed] == [True, False]
    (plan, _, _) = timed[0]
    assert not measuring.is_busy(timing_plan.read(Path("results"), plan))


def test_times_that_fail_are_told_at_the_end_and_make_the_run_fail(
    timed, trained, capsys
):
    measuring.measure.results.append(RuntimeError("Timing failed: no jaxlib"))
    assert program.main(["run", "tiny"]) == 1
    notes = capsys.readouterr().err
    assert notes.endswith("Failed: tiny (digits): Timing failed: no jaxlib\n")
    assert trained and kept() == 0


def test_the_page_tells_on_what_was_timed_and_offers_the_times(timed, capsys):
    assert program.main(["run", "tiny"]) == 0
    assert program.main(["report", "tiny"]) == 0
    page = Path("reports/tiny/index.html").read_text()
    assert (
        "Keras 3.15.0 on TensorFlow, 2 processors, of whose time other programs took 0%"
        in page
    )
    lines = Path("reports/tiny/timings.csv").read_text().splitlines()
    assert len(lines) == 1 + len(made_up_timings(PLAN))


def test_nets_are_timed_on_the_data_of_the_profile_if_they_are_suitable():
    study = dataclasses.replace(
        made_up_study("tiny", TRIALS), timings={"quick": PLAN, "full": PLAN}
    )
    moved = profiles.on(study, "quick", "ring")
    (plan,) = moved.timings.values()
    assert {name: net.dataset for name, net in plan.nets.items()} == {"MLP": "ring"}
    assert timing.lacks_timings(moved, "quick", Path("nowhere"))
