"""Full trainings of many candidates: what is asked for, who proposes, the book, Ray.

`run.run_tuning` joins the files: `asking` and `proposing` say what is to be trained, `trial`
trains one, `book` keeps what is done, `on_ray/` runs trials on Ray Tune.
"""

from nasfer.packages import require

require("tune")  # here, so that whatever of the room is imported first says it in one line
