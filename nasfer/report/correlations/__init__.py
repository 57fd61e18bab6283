"""Do scores order trained networks? What is judged, its scores, the correlations, their picture."""
