"""Scores of untrained networks; importing this room registers them."""

from nasfer.proxies import (  # each registers itself; the listing has this order
    az_nas,
    counts,
    deepmad,
    early_loss,
    gradsign,
    jacov,
    learnt,
    log_synflow,
    naswot,
    ntk,
    pruning,
    ridge_probe,
    shift,
    vkdnw,
    zen,
    zen_closed_form,
    zico,
)
from nasfer.proxies._base import PROXIES, Proxy, Score, Settings, register_proxy, score

__all__ = ["PROXIES", "Proxy", "Score", "Settings", "register_proxy", "score"]
