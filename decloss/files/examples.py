"""Example photos, read from the installed scikit-image and scikit-learn; nothing is copied into this project."""

from importlib.resources import files

# The file, its package, and the credit as the package gives it. The first is the one that visitors see first: that on
# which edsr-l1 and edsr-l1-dec differ most in one place. ``python -m benchmarks.first_screen`` finds it and the place.
EXAMPLES = (
    ("china.jpg", "sklearn.datasets.images", "Summer Palace, Daniel Buechele, CC BY 2.0 (scikit-learn)"),
    ("chelsea.png", "skimage.data", "Chelsea the cat, Stéfan van der Walt, CC0 (scikit-image)"),
    ("flower.jpg", "sklearn.datasets.images", "Flower, vultilion, CC BY 2.0 (scikit-learn)"),
    ("astronaut.png", "skimage.data", "Eileen Collins, NASA, public domain (scikit-image)"),
    ("coffee.png", "skimage.data", "Coffee, Rachel Michetti, CC0 (scikit-image)"),
    ("rocket.jpg", "skimage.data", "Falcon 9 carrying DSCOVR, SpaceX, public domain (scikit-image)"),
)
FIRST_PLACE = (76.0, 81.0)
"""Where the two differ most on the first example, in per cent from the left and from the top."""
FIRST_WINDOW = (160, 300)
"""Height and width in pixels of what a visitor first sees enlarged, for which that place was found."""


def example_photos() -> list[tuple[str, str]]:
    """Return path and credit of each example that is installed."""
    photos = [(files(package).joinpath(name), credit) for name, package, credit in EXAMPLES]
    return [(str(path), credit) for path, credit in photos if path.is_file()]
