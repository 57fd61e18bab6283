"""Full training of one network: recipes, losses, the loop, metrics, evaluation."""

from nasfer.packages import require

require("train")  # here, so that whatever of the room is imported first says it in one line
