"""The command line of the studies: `python -m studies`."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from keras_rectifiers.comparison.workers import MOST_WORKERS
from studies import arguments, commands
from studies.profiles import PROFILES

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    help="Run the studies of keras_rectifiers and report what they found.",
)

Names = Annotated[
    list[str] | None,
    typer.Argument(metavar="NAME", help="Names of studies; see `list`."),
]
All = Annotated[bool, typer.Option("--all", help="Take every study.")]
Profile = Annotated[
    str,
    typer.Option(
        help="How much to train: `quick` takes minutes on embedded data, `standard` "
        "some hours on subsets of MNIST and Fashion-MNIST, `full` is for a machine with "
        "a GPU or a cluster, on CIFAR-10 and CIFAR-100.",
        metavar="|".join(PROFILES),
    ),
]
Datasets = Annotated[
    list[str] | None,
    typer.Option(
        "--dataset",
        help="Take another data set than the profile's: digits, mnist, fashion_mnist, "
        "cifar10, cifar100, or the path of an .npz file. Can be given several times.",
        metavar="NAME",
        show_default=False,
    ),
]
DataDir = Annotated[
    Path | None,
    typer.Option(
        help="Folder of data sets as .npz files, such as mnist.npz.",
        metavar="DIR",
        callback=arguments.expanded,
        show_default=False,
    ),
]
Out = Annotated[
    Path,
    typer.Option(
        help="Folder of the finished trials.",
        metavar="DIR",
        callback=arguments.expanded,
    ),
]


@app.command("list")
def list_studies() -> None:
    """List the studies, their questions and their numbers of trials."""
    commands.list_studies(arguments.named(None, every=True))


@app.command()
def run(
    names: Names = None,
    every: All = False,
    profile: Profile = "quick",
    dataset: Datasets = None,
    workers: Annotated[
        str,
        typer.Option(
            help="How many populations to train at a time, each in a process of its "
            "own if there are several.",
            metavar="N",
        ),
    ] = "1",
    scheduler: Annotated[
        str,
        typer.Option(
            help="Train in the workers of a Dask scheduler; see docs/scale-out.md.",
            metavar="ADDRESS",
            show_default=False,
        ),
    ] = "",
    out: Out = Path("results"),
    data_dir: DataDir = None,
    retry_failed: Annotated[
        bool,
        typer.Option("--retry-failed", help="Run what failed before again as well."),
    ] = False,
    deterministic: Annotated[
        bool,
        typer.Option(
            "--deterministic",
            help="Take only operations that give the same bits in every run; slower.",
        ),
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", help="Tell of failures and damage only.")
    ] = False,
) -> None:
    """Train what is missing of the trials of some studies.

    What is finished stays in the folder of --out: an interrupted run goes on where it
    was, and a run with more seeds trains only the new ones.
    """
    studies = arguments.named(names, every)
    arguments.check_profile(profile)
    num_workers = arguments.whole_number("--workers", workers, most=MOST_WORKERS)
    arguments.check_scheduler(scheduler, num_workers)
    arguments.set_data_dir(data_dir)
    commands.run(
        arguments.on_data(studies, profile, dataset),
        profile,
        out,
        workers=num_workers,
        scheduler=scheduler,
        deterministic=deterministic,
        retry_failed=retry_failed,
        quiet=quiet,
    )


@app.command()
def status(
    names: Names = None,
    profile: Profile = "quick",
    dataset: Datasets = None,
    out: Out = Path("results"),
    data_dir: DataDir = None,
) -> None:
    """Tell what is done, missing, failed and damaged.

    Takes every study if none is named.
    """
    studies = arguments.named(names, every=not names)
    arguments.check_profile(profile)
    arguments.check_results(out)
    arguments.set_data_dir(data_dir)
    commands.status(arguments.on_data(studies, profile, dataset), profile, out)


@app.command()
def report(
    names: Names = None,
    profile: Profile = "quick",
    dataset: Datasets = None,
    out: Out = Path("results"),
    reports: Annotated[
        Path,
        typer.Option(
            help="Folder to write the pages to.",
            metavar="DIR",
            callback=arguments.expanded,
        ),
    ] = Path("reports"),
    data_dir: DataDir = None,
) -> None:
    """Write the report of what is trained.

    Takes every study if none is named. Of several data sets each gets a report of its
    own, in a folder of its name.
    """
    studies = arguments.named(names, every=not names)
    arguments.check_profile(profile)
    arguments.check_results(out)
    arguments.set_data_dir(data_dir)
    on_data = arguments.on_data(studies, profile, dataset)
    commands.report(on_data, profile, out, reports)


def main(args: Sequence[str] | None = None) -> int:
    """Runs the command line and returns the exit status.

    0: done. 1: some work failed. 2: wrong usage. 130: interrupted. 143: told to end.
    """
    try:
        status = app(args=args, prog_name="python -m studies", standalone_mode=False)
    except arguments.WrongUsage as error:
        commands.note(f"studies: {error}")
        return 2
    except typer.TyperException as error:
        text = str(error).rstrip(".")
        commands.note(f"studies: {text}. See python -m studies --help.")
        return 2
    except OSError as error:
        commands.note(f"studies: {error}")
        return 1
    except MemoryError as error:
        commands.note(f"studies: The memory does not suffice. {error}".rstrip())
        return 1
    except (KeyboardInterrupt, typer.Abort):
        return 130
    return status if isinstance(status, int) else 0


if __name__ == "__main__":
    exit_status = main()
    if exit_status in (130, 143):
        # Threads of other libraries, left at work, may abort a Python that ends in order.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(exit_status)
    sys.exit(exit_status)
