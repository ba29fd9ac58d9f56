"""Study, a question that many trials answer."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from keras_rectifiers.comparison.trials.rate_grid import RateGrid
from keras_rectifiers.comparison.trials.timing_plan import TimingPlan
from keras_rectifiers.comparison.trials.trial import Trial


@dataclass(frozen=True, kw_only=True)
class Study:
    """A question, the trials that answer it, and claims about the answer.

    Args:
        name: its name on the command line.
        title: the heading of its page.
        question: one sentence.
        method: a few sentences.
        trials: profile name -> the trials of that profile, but for those of its grids.
        claims: the claims, fixed before the trials are run.
        figures: the figures of its page.
        grids: profile name -> its `RateGrid`s, of nets that are compared at their best
            learning rates.
        timings: profile name -> what is timed besides, alone on the machine.
        tables: the tables of its page, beside those of its claims.
        data: profile name -> the data sets and the number of training examples, as a
            profile has them; for profiles whose own are not those of the study.
        dataset: the data set of its trials, except for those on points in the plane.
        not_shown: what the study does not show, in a sentence or two; empty if there is
            nothing to say.
        left_out: the trials for which the data are not suitable, in a sentence; empty
            if there are none.
        options: the other options of the command line that select these trials.
    """

    name: str
    title: str
    question: str
    method: str
    trials: Mapping[str, Callable[[], Sequence[Trial]]]
    claims: Sequence[Any]
    figures: Sequence[Any]
    grids: Mapping[str, Sequence[RateGrid]] = field(default_factory=dict)
    timings: Mapping[str, TimingPlan] = field(default_factory=dict)
    tables: Sequence[Any] = ()
    data: Mapping[str, Any] = field(default_factory=dict)
    dataset: str = "digits"
    not_shown: str = ""
    left_out: str = ""
    options: Sequence[str] = ()

    def planned(self, profile: str) -> list[Trial]:
        """Lists all trials of a profile, those of its grids included, each once."""
        of_grids = [t for grid in self.grids.get(profile, ()) for t in grid.trials()]
        return list(dict.fromkeys([*self.trials[profile](), *of_grids]))
