"""What a run shows while it goes on: a bar on a terminal, else a line for each event."""

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

from keras_rectifiers.comparison.runner import Event, Work


def shown(events: Iterator[Event], work: Sequence[Work]) -> Iterator[Event]:
    """Passes events on and shows what runs, how much is done and how long is left.

    Args:
        events: what happens to the populations of `work`.
        work: all that is to be done; it may grow while the events come.
    """
    console = Console(stderr=True)
    running: list[str] = []
    done = 0
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
        disable=not console.is_terminal,
        expand=True,
        transient=True,
    )
    with progress:
        task = progress.add_task("starting", total=sum(item.cost for item in work))
        for event in events:
            name = _short(event.work)
            if event.kind == "started":
                running.append(name)
            else:
                running.remove(name)
                done += 1
                progress.advance(task, event.work.cost)
                if not console.is_terminal:
                    line = f"[{done}/{len(work)}] {event.kind}: {event.work}"
                    typer.echo(line, err=True)
            progress.update(
                task,
                total=sum(item.cost for item in work),
                description=", ".join(running),
                refresh=True,
            )
            yield event


def _short(work: Work) -> str:
    trial = work.trials[0]
    return f"{trial.activation} {trial.architecture} {trial.depth}x{trial.width}"
