"""Where the studies' claims come from. Each claim names the place where it is made."""

from keras_rectifiers.comparison.verdicts.sources import Source

# Texts that teach. Of some only the kind of text is known.
CHAPTER = Source(title="A chapter on rectification in a textbook")
ARTICLE = Source(
    author="Wikipedia",
    title="Rectifier (neural networks)",
    url="https://en.wikipedia.org/wiki/Rectifier_(neural_networks)",
)
OVERVIEW = Source(title="An overview of activations, from sigmoid to softmax")
INTRODUCTION = Source(
    author="Brownlee",
    year=2019,
    title="A gentle introduction to the rectified linear unit (ReLU)",
    url="https://machinelearningmastery.com/"
    "rectified-linear-activation-function-for-deep-learning-neural-networks/",
)
TUTORIAL = Source(title="A tutorial on ReLU")

# Sections of these.
ADVANTAGES = "Advantages"
PROBLEMS = "Potential problems"
VARIANTS = "Variants"
LIMITATIONS = "Limitations of sigmoid and tanh activation functions"
TIPS = "Tips for using the rectified linear activation"
EXTENSIONS = "Extensions and alternatives to ReLU"

# Papers.
CLEVERT = Source(
    author="Clevert",
    year=2016,
    title="Fast and accurate deep network learning by exponential linear units (ELUs)",
    url="https://arxiv.org/abs/1511.07289",
)
GLOROT = Source(
    author="Glorot",
    year=2011,
    title="Deep sparse rectifier neural networks",
    url="https://proceedings.mlr.press/v15/glorot11a.html",
)
GOODFELLOW = Source(
    author="Goodfellow",
    year=2013,
    title="Maxout networks",
    url="https://arxiv.org/abs/1302.4389",
)
HE = Source(
    author="He",
    year=2015,
    title="Delving deep into rectifiers: surpassing human-level performance on ImageNet "
    "classification",
    url="https://arxiv.org/abs/1502.01852",
)
JARRETT = Source(
    author="Jarrett",
    year=2009,
    title="What is the best multi-stage architecture for object recognition?",
    url="https://doi.org/10.1109/ICCV.2009.5459469",
)
KRIZHEVSKY = Source(
    author="Krizhevsky",
    year=2012,
    title="ImageNet classification with deep convolutional neural networks",
    url="https://proceedings.neurips.cc/paper/2012/hash/"
    "c399862d3b9d6b76c8436e924a68c45b-Abstract.html",
)
LE = Source(
    author="Le",
    year=2015,
    title="A simple way to initialize recurrent networks of rectified linear units",
    url="https://arxiv.org/abs/1504.00941",
)
LU = Source(
    author="Lu",
    year=2019,
    title="Dying ReLU and initialization: theory and numerical examples",
    url="https://arxiv.org/abs/1903.06733",
)
MISHKIN = Source(
    author="Mishkin",
    year=2016,
    title="Systematic evaluation of CNN advances on the ImageNet (a benchmark of "
    "CaffeNet)",
    url="https://arxiv.org/abs/1606.02228",
)
POOLE = Source(
    author="Poole",
    year=2016,
    title="Exponential expressivity in deep neural networks through transient chaos",
    url="https://arxiv.org/abs/1606.05340",
)
SCHOENHOLZ = Source(
    author="Schoenholz",
    year=2017,
    title="Deep information propagation",
    url="https://arxiv.org/abs/1611.01232",
)
XU = Source(
    author="Xu",
    year=2015,
    title="Empirical evaluation of rectified activations in convolutional network",
    url="https://arxiv.org/abs/1505.00853",
)
