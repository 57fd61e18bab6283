"""Package list; everything else stands in setup.cfg.

The search spaces live in ``search_spaces/`` at the top of the checkout and are installed as data of
``nasfer.search_spaces``, which setup.cfg cannot express beside ``find_packages``.
"""

from setuptools import find_packages, setup

setup(
    packages=[*find_packages(include=["nasfer", "nasfer.*"]), "nasfer.search_spaces"],
    package_dir={"nasfer.search_spaces": "search_spaces"},
    package_data={
        "nasfer.search_spaces": ["*.yaml"],
        "nasfer": [
            "py.typed",
            "presets/golden/*.json",
            "proxies/reference/*.json",
            "training/recipes/*.yaml",
            "report/tunings/page_files/*",
        ],
    },
)
