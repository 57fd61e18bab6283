"""How faces are drawn: numbers without a generator, people, pose, view, features, pictures."""

from nasfer.data.drawing.people import ACTIONS, EXPRESSION_ACTIONS, faces_of
from nasfer.data.drawing.pose import landmarks_of
from nasfer.data.drawing.render import render

__all__ = ["ACTIONS", "EXPRESSION_ACTIONS", "faces_of", "landmarks_of", "render"]
