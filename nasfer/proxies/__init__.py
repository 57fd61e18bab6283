"""Training-free scores of a network; importing this room registers them."""

from nasfer.proxies import counts as _counts  # registers the baselines
from nasfer.proxies import deepmad as _deepmad
from nasfer.proxies import learnt as _learnt
from nasfer.proxies import zen as _zen
from nasfer.proxies import zen_closed_form as _zen_closed_form
from nasfer.proxies._base import PROXIES, Proxy, Score, Settings, register_proxy, score

__all__ = ["PROXIES", "Proxy", "Score", "Settings", "register_proxy", "score"]
