"""The table of all activations and their properties, from what the studies measured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from keras_rectifiers.catalogue import CATALOGUE
from keras_rectifiers.comparison.verdicts.properties import Property


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A property of an activation.

    Args:
        mark: `"good"`, `"bad"`, `"unclear"` or `"neutral"`.
        number, interval: as text; the interval is empty if the value follows from the
            definition.
        is_by_definition: whether it does.
    """

    mark: str
    number: str
    interval: str
    is_by_definition: bool


@dataclass(frozen=True, kw_only=True)
class Column:
    """A property of all activations.

    Args:
        judged: the property.
        link: the page, and the place on it, where more is said.
        cells: activation -> its cell; those not measured are left out.
    """

    judged: Property
    link: str
    cells: Mapping[str, Cell]


@dataclass(frozen=True, kw_only=True)
class PropertyTable:
    """All activations and their properties.

    Args:
        activations: those that were measured, in the catalogue's order.
        columns: the properties.
    """

    activations: Sequence[str]
    columns: Sequence[Column]


def property_table(
    found: Sequence[tuple[str, Property, pd.DataFrame]],
    places: Mapping[tuple[str, str], str],
) -> PropertyTable:
    """Puts together what the studies found.

    Args:
        found: the name of a study, a property of it, and what `judge_property` returns.
        places: the name of a study and the id of a claim -> the page and the place on
            it. Where several studies have a claim, a column leads to that of its own.
    """
    columns = []
    for study, judged, rows in found:
        cells = {
            row["activation"]: _cell(judged, row) for row in rows.to_dict("records")
        }
        if any(not cell.is_by_definition for cell in cells.values()):
            elsewhere = [
                place for (_, name), place in places.items() if name == judged.claim
            ]
            own = places.get((study, judged.claim))
            link = own or next(iter(elsewhere), f"{study}/index.html")
            columns.append(Column(judged=judged, link=link, cells=cells))
    measured = {
        name
        for column in columns
        for name, cell in column.cells.items()
        if not cell.is_by_definition
    }
    return PropertyTable(
        activations=[name for name in CATALOGUE if name in measured], columns=columns
    )


def _cell(judged: Property, row: Mapping) -> Cell:
    is_by_definition = not row["n"]
    return Cell(
        mark=row["mark"],
        number=judged.shown(row["estimate"]),
        interval=""
        if is_by_definition
        else f"{judged.shown(row['low'])} to {judged.shown(row['high'])}",
        is_by_definition=is_by_definition,
    )
