"""How well a predictor orders networks that it has not seen, beside free scores."""
