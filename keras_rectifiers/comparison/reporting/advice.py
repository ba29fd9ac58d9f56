"""Which activation to take, by rule from the table of properties."""

from collections.abc import Sequence

from keras_rectifiers.catalogue import CATALOGUE, title
from keras_rectifiers.comparison.reporting.property_table import (
    Column,
    PropertyTable,
)
from keras_rectifiers.comparison.reporting.wording import agreeing
from keras_rectifiers.comparison.verdicts.properties import BAD, GOOD, UNCLEAR
from keras_rectifiers.comparison.verdicts.summary import listed

_MOST_COLUMNS = 2


def advice(table: PropertyTable) -> list[str]:
    """Which activation to take, and which not, in a few sentences.

    For the nets of each property of which the best is known, such as the accuracy, an
    activation is advised if it is not behind the best and nothing in the table counts
    against it there: what is behind the best in other nets does not. Then it is said
    what is good in other nets, of which no best is known, such as deeper ones, and what
    counts against each.

    Args:
        table: the table of all activations.

    Returns:
        The sentences; empty if no property has a best.
    """
    ranking = [column for column in table.columns if column.judged.best]
    # Accuracy is what most people choose by: the one with the most activations first.
    ranking = sorted(ranking, key=lambda column: -len(column.cells))[:_MOST_COLUMNS]
    told = [_of_column(column, table) for column in ranking]
    if not told:
        return []
    told += [
        _of_others(column)
        for column in table.columns
        if column.judged.nets not in {ranked.judged.nets for ranked in ranking}
        and _good(column)
    ]
    against = [
        f"{title(name)} {listed(reasons)}"
        for name in table.activations
        if (reasons := _against(name, table.columns))
        and any(name in column.cells for column in ranking)
    ]
    if against:
        told.append(f"What counts against each: {'; '.join(against)}.")
    return told


def _of_column(column: Column, table: PropertyTable) -> str:
    good = _good(column)
    unclear = [name for name, cell in column.cells.items() if cell.mark == UNCLEAR]
    there = [
        other
        for other in table.columns
        if not other.judged.best or other.judged.nets == column.judged.nets
    ]
    clean = [name for name in good if not _against(name, there)]
    where = f"In {column.judged.nets}"
    by = f"by “{column.judged.title}”"
    if clean:
        # What has no other beside it that is as good is the best.
        rank = "the best" if len(good) == 1 else "as good as the best"
        text = (
            f"{where}, take {_either(clean)}: {by}, "
            f"{'it is' if len(clean) == 1 else 'they are'} {rank} of the "
            f"{len(column.cells)} compared, and nothing in the table counts against "
            f"{'it' if len(clean) == 1 else 'them'}"
        )
    elif good:
        reasons = dict.fromkeys(r for name in good for r in _against(name, there))
        text = (
            f"{where}, {listed(map(title, good))} "
            f"{'is' if len(good) == 1 else 'are'} the best of the "
            f"{len(column.cells)} compared {by}, though "
            f"{'it' if len(good) == 1 else 'each of them'} {' or '.join(reasons)}"
        )
    else:
        text = f"{where}, no activation is clearly as good as the best {by}"
    if unclear:
        text += f" ({listed(map(title, unclear))} may be as good: unclear)"
    return f"{text}."


def _of_others(column: Column) -> str:
    good = _good(column)
    return (
        f"In {column.judged.nets}, {listed(map(title, good))} "
        f"{agreeing(len(good), 'is', 'are')} good by “{column.judged.title}”. The table "
        "does not say how well such nets learn."
    )


def _good(column: Column) -> list[str]:
    return [name for name, cell in column.cells.items() if cell.mark == GOOD]


def _against(name: str, columns: Sequence[Column]) -> list[str]:
    """What the table has against an activation: and in which nets, if they differ."""
    nets: dict[str, list[str]] = {}
    for column in columns:
        if name in column.cells and column.cells[name].mark == BAD:
            judged = column.judged
            found = nets.setdefault(judged.bad_in_words, [])
            found += [judged.nets] if judged.best else []
    return [
        f"{words} in {listed(dict.fromkeys(some))}" if some else words
        for words, some in nets.items()
    ]


def _either(names: Sequence[str]) -> str:
    order = [name for name in CATALOGUE if name in names]
    titles = [title(name) for name in [*order, *(set(names) - set(order))]]
    *first, last = titles
    return f"{', '.join(first)} or {last}" if first else last
