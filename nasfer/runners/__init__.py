"""Full trainings of many candidates: what is to be trained, where it runs, and what came of it.

`tuning.run_tuning` joins the files: `sources` and `proposing` say what is to be trained,
`trial` trains one, `book` keeps what is done, `engine` runs trials on Ray, `results` writes tables.
"""
