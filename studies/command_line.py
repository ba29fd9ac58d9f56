"""The command line of the studies: its commands and their options."""

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from keras_rectifiers.comparison.running.dask_workers import MOST_WORKERS
from studies import commands, options
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
    str | None,
    typer.Option(
        help="Folder of data sets as .npz files, such as mnist.npz.",
        metavar="DIR",
        show_default=False,
    ),
]
Out = Annotated[
    str,
    typer.Option(help="Folder of the finished trials.", metavar="DIR"),
]
Seeds = Annotated[
    str | None,
    typer.Option(
        help="Take the seeds 0 to N - 1 of each net in place of the profile's own: more "
        "of them, or fewer. Learning rates are chosen as in the profile.",
        metavar="N",
        show_default=False,
    ),
]
Activations = Annotated[
    list[str] | None,
    typer.Option(
        help="Take only the nets of these activations. What a claim says of others is "
        "not measured then.",
        metavar="NAME...",
        show_default=False,
    ),
]


@app.command("list")
def list_studies() -> None:
    """List the studies, their questions and their numbers of trials."""
    commands.list_studies(options.named(None, every=True))


@app.command()
def run(
    names: Names = None,
    every: All = False,
    profile: Profile = "quick",
    dataset: Datasets = None,
    seeds: Seeds = None,
    activations: Activations = None,
    workers: Annotated[
        str,
        typer.Option(
            help="How many populations to train at a time, each in a process of its "
            "own if there are several.",
            metavar="N",
        ),
    ] = "1",
    scheduler: Annotated[
        str | None,
        typer.Option(
            help="Train in the workers of a Dask scheduler; see docs/scale-out.md.",
            metavar="ADDRESS",
            show_default=False,
        ),
    ] = None,
    out: Out = "results",
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
    chosen = options.named(names, every)
    options.check_profile(profile)
    num_workers = options.whole_number("--workers", workers, most=MOST_WORKERS)
    address = options.scheduler(scheduler, num_workers)
    results = options.results(out)
    options.check_keras()
    options.set_data_dir(data_dir)
    chosen = options.on_data(chosen, profile, dataset)
    commands.run(
        options.part(chosen, profile, seeds, activations),
        profile,
        results,
        workers=num_workers,
        scheduler=address,
        deterministic=deterministic,
        retry_failed=retry_failed,
        quiet=quiet,
    )


@app.command()
def status(
    names: Names = None,
    profile: Profile = "quick",
    dataset: Datasets = None,
    seeds: Seeds = None,
    activations: Activations = None,
    out: Out = "results",
    data_dir: DataDir = None,
) -> None:
    """Tell what is done, missing, failed and damaged.

    Takes every study if none is named.
    """
    chosen = options.named(names, every=not names)
    options.check_profile(profile)
    results = options.results(out)
    options.set_data_dir(data_dir)
    chosen = options.on_data(chosen, profile, dataset)
    chosen = options.part(chosen, profile, seeds, activations)
    commands.status(chosen, profile, results)


@app.command()
def report(
    names: Names = None,
    profile: Profile = "quick",
    dataset: Datasets = None,
    seeds: Seeds = None,
    activations: Activations = None,
    out: Out = "results",
    reports: Annotated[
        str, typer.Option(help="Folder to write the pages to.", metavar="DIR")
    ] = "reports",
    data_dir: DataDir = None,
) -> None:
    """Write the report of what is trained.

    Takes every study if none is named. Of several data sets each gets a report of its
    own, in a folder of its name.
    """
    chosen = options.named(names, every=not names)
    options.check_profile(profile)
    results = options.results(out)
    pages = options.folder("--reports", reports)
    options.set_data_dir(data_dir)
    chosen = options.on_data(chosen, profile, dataset)
    chosen = options.part(chosen, profile, seeds, activations)
    commands.report(chosen, profile, results, pages)


def main(args: Sequence[str] | None = None) -> int:
    """Runs the command line and returns the exit status, as `__main__` says."""
    args = options.one_by_one("--activations", sys.argv[1:] if args is None else args)
    try:
        status = app(args=args, prog_name="python -m studies", standalone_mode=False)
    except options.WrongUsage as error:
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
    except commands.Interrupted as end:
        return end.status
    except (KeyboardInterrupt, typer.Abort):
        status = 130
    if status == 130:  # Typer may have made it of a KeyboardInterrupt
        commands.note("Interrupted.")
    return status if isinstance(status, int) else 0
