"""The progress of a run: a bar on a terminal, otherwise a line for each event."""

import time
from collections.abc import Iterator, Sequence

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Column

from keras_rectifiers.comparison.running.runner import Event, Work
from keras_rectifiers.printable import printable


def shown(events: Iterator[Event], work: Sequence[Work]) -> Iterator[Event]:
    """Passes events on, and shows what is running, how much is done and the time left.

    Args:
        events: the events of the populations of `work`.
        work: all populations to run; it may grow while events arrive.
    """
    console = Console(stderr=True)
    # One that cannot move its cursor would show nothing at all.
    has_bar = console.is_terminal and not console.is_dumb_terminal
    running: list[str] = []
    done = failed = 0
    started = time.monotonic()
    cost_done = 0.0
    progress = Progress(
        SpinnerColumn(),
        TaskProgressColumn(),
        BarColumn(bar_width=16),
        TimeRemainingColumn(),
        # It alone gives way on a narrow terminal.
        TextColumn(
            "{task.description}",
            table_column=Column(ratio=1, no_wrap=True, overflow="ellipsis"),
        ),
        console=console,
        disable=not has_bar,
        expand=True,
        transient=True,
    )
    with progress:
        task = progress.add_task("starting", total=sum(item.cost for item in work))
        for event in events:
            total = sum(item.cost for item in work)
            name = _short(event.work)
            if event.kind == "started":
                running.append(name)
            else:
                running.remove(name)
                done += 1
                failed += event.kind == "failed"
                cost_done += event.work.cost
                progress.advance(task, event.work.cost)
                if not has_bar:
                    left = (time.monotonic() - started) * (total / cost_done - 1)
                    text = (
                        f"[{done}/{len(work)}] {event.kind}: {event.work} "
                        f"({len(running)} running, {failed} failed, about "
                        f"{duration(left)} left)"
                    )
                    typer.echo(printable(text), err=True)
            counts = f"{done}/{len(work)}"
            if failed:
                counts += f" [red]{failed} failed[/red]"
            description = f"{counts} {', '.join(running)}"
            progress.update(task, total=total, description=description, refresh=True)
            yield event


def duration(seconds: float) -> str:
    """Formats a duration, such as `2 h 5 min`, `3 min` or `40 s`."""
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    if minutes:
        return f"{minutes} min {seconds} s" if seconds else f"{minutes} min"
    return f"{seconds} s"


def _short(work: Work) -> str:
    trial = work.trials[0]
    return f"{trial.activation} {trial.architecture} {trial.depth}x{trial.width}"
