"""The times of activations: taken once, on a quiet machine, before nets are trained."""

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from keras_rectifiers.comparison.timing import measuring
from keras_rectifiers.comparison.trials import timing_plan
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.study import Study
from keras_rectifiers.comparison.trials.timing_plan import TimingPlan


def measure(
    studies: Sequence[Study],
    profile: str,
    out: Path,
    *,
    even_if_busy: bool,
    say: Callable[[str], None],
) -> list[str]:
    """Takes the times that are missing, and those taken on a busy machine again.

    Args:
        studies, profile: the studies and their profile.
        out: the results folder.
        even_if_busy: whether to take them on a busy machine too.
        say: shows a line.

    Returns:
        What failed, in a line for each study.

    Raises:
        OSError: if a table cannot be read or written.
    """
    failed = []
    for study, plan in _plans(studies, profile):
        before = timing_plan.read(out, plan)
        if len(before) and (even_if_busy or not measuring.is_busy(before)):
            continue
        say(
            f"{study.name} ({study.dataset}): activations are timed, which takes a minute "
            "or more. Leave the machine alone meanwhile."
        )
        try:
            timings = measuring.measure(plan, even_if_busy=even_if_busy)
        except measuring.Busy as reason:
            say(
                f"{study.name} ({study.dataset}): not timed, because {reason}. Run the "
                "same command again when the machine is quiet, or with --even-if-busy."
            )
        except RuntimeError as error:
            failed.append(f"{study.name} ({study.dataset}): {error}")
        else:
            timing_plan.write(out, plan, timings)
    return failed


def with_timings(study: Study, profile: str, tables: Tables, out: Path) -> Tables:
    """Returns the tables of a study with its times, as far as they have been taken."""
    for _, plan in _plans([study], profile):
        return dataclasses.replace(tables, timings=timing_plan.read(out, plan))
    return tables


def lacks_timings(study: Study, profile: str, out: Path) -> bool:
    """Whether times of a study have not been taken."""
    return any(
        timing_plan.read(out, plan).empty for _, plan in _plans([study], profile)
    )


def _plans(
    studies: Sequence[Study], profile: str
) -> Iterator[tuple[Study, TimingPlan]]:
    for study in studies:
        # Without trials there is no page for which the times would be taken.
        if profile in study.timings and study.planned(profile):
            yield study, study.timings[profile]
