"""Memory that was let go of, given back to the system.

Arrays of draws come and go by the thousand, in several threads. What the C library holds of them
for whoever asks next counts as used, and soon is half of all.
"""

import ctypes
import sys
from collections.abc import Callable
from functools import cache


def give_back() -> None:
    """Give back what was let go of, where the C library can be asked to."""
    trim = _trim()
    if trim is not None:
        trim(0)


@cache
def _trim() -> Callable[[int], int] | None:
    """`malloc_trim` of the GNU C library; no other has it."""
    if sys.platform != "linux":
        return None
    return getattr(ctypes.CDLL(None), "malloc_trim", None)
