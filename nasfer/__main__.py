"""``python -m nasfer`` is the command ``nasfer``."""

from nasfer.cli.app import main

main()
