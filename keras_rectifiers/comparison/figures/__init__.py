"""The figures of the studies: frame -> matplotlib Figure, without input or output.

Figures are about as wide as a phone's screen, so their text is readable there too. Each
activation has the colour and the line style of the catalogue in every figure.
"""

from keras_rectifiers.comparison.figures.along_epochs import effects_along_epochs
from keras_rectifiers.comparison.figures.by_layer import lines_by_layer, points_by_layer
from keras_rectifiers.comparison.figures.cells import cells
from keras_rectifiers.comparison.figures.common_rates import (
    effects_at_common_rates,
)
from keras_rectifiers.comparison.figures.contest import (
    contest_figure,
    learning_curves,
)
from keras_rectifiers.comparison.figures.curves import training_curves
from keras_rectifiers.comparison.figures.estimates import dots, lines_against
from keras_rectifiers.comparison.figures.fits import fits
from keras_rectifiers.comparison.figures.frontier import frontier
from keras_rectifiers.comparison.figures.function_plots import (
    Curve,
    function_curves,
    share_bars,
)
from keras_rectifiers.comparison.figures.heat_maps import decades_by_layer
from keras_rectifiers.comparison.figures.images import images
from keras_rectifiers.comparison.figures.panels import FAINT, INK
from keras_rectifiers.comparison.figures.pictures import pictures_by_layer
from keras_rectifiers.comparison.figures.regions import Region, regions
from keras_rectifiers.comparison.figures.ridges import ridges
from keras_rectifiers.comparison.figures.sensitivity import sensitivity
from keras_rectifiers.comparison.figures.study_figure import NothingToDraw, StudyFigure

__all__ = [
    "FAINT",
    "INK",
    "Curve",
    "NothingToDraw",
    "Region",
    "StudyFigure",
    "cells",
    "contest_figure",
    "decades_by_layer",
    "dots",
    "effects_along_epochs",
    "effects_at_common_rates",
    "fits",
    "frontier",
    "function_curves",
    "images",
    "learning_curves",
    "lines_against",
    "lines_by_layer",
    "pictures_by_layer",
    "points_by_layer",
    "regions",
    "ridges",
    "sensitivity",
    "share_bars",
    "training_curves",
]
