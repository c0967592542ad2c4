"""How much slower than a quiet machine this one is at the moment; every limit of the lab and of the demo is multiplied by that factor.

    pace.measure()                    # some fork and exec, a hash, a key exchange: a quarter of a second
    pace.scaled(60)                   # 60 s of a quiet machine
    limit = pace.Limit(60)            # ... from now on
    while not limit.passed(): ...

Load may come later than the measurement, so a limit that has passed is measured once more before it counts, and what gets limits of its own
gets today's (fresh()). Used in the guest and, by the launcher, on the machine itself; a guest pays far more for a fork.
"""
import hashlib
import math
import os
import time

QUIET = {"guest": 0.05, "machine": 0.01}  # seconds of the work below on a quiet machine, a third added
PRIME = 2 ** 1024 - 105
_place = "guest" if os.environ.get("LAB_TAG") and not os.environ.get("LAB_OWN_KERNEL") else "machine"
_boot = 1.0  # factor of the first measurement
factor = 1.0
_when = -math.inf  # of the last measurement


def _work():
    null = os.open("/dev/null", os.O_RDWR)
    for _ in range(2):
        os.waitpid(os.posix_spawn("/bin/true", ["true"], {}, file_actions=[(os.POSIX_SPAWN_DUP2, null, n) for n in range(3)]), 0)
    os.close(null)
    hashlib.sha256(b"meshctl " * (1 << 17)).digest()
    pow(3, PRIME >> 1, PRIME)


def _timed():
    began = time.monotonic()
    _work()
    return time.monotonic() - began


def measure():
    """Does the work three times and takes over the factor of the middle one if it is larger. Returns the factor."""
    global factor, _when
    factor = max(factor, sorted(_timed() for _ in range(3))[1] / QUIET[_place])
    _when = time.monotonic()
    return factor


def fresh():
    """The factor, measured at most ten seconds ago: before limits are given to a program, which cannot measure again."""
    return factor if time.monotonic() - _when < 10 else measure()


def begin():
    """At boot. The first exec of all reads its files from the disk and does not count."""
    global _boot
    _work()
    _boot = measure()


def again():
    """Before each scenario: what an earlier one has seen is forgotten, the boot's factor is not."""
    global factor
    factor = _boot
    return measure()


def scaled(seconds):
    return seconds * factor


def whole(seconds, most=None):
    """For programs that take seconds without a fraction."""
    seconds = math.ceil(scaled(seconds) - 0.01)
    return min(seconds, most) if most else seconds


class Limit:
    """Seconds of a quiet machine, from now on."""

    def __init__(self, seconds):
        self.seconds, self.began = seconds, time.monotonic()

    def __str__(self):
        return "%d s" % self.seconds + (" x %.1f" % factor if factor > 1 else "")

    def left(self):
        return self.began + scaled(self.seconds) - time.monotonic()

    def passed(self):
        if self.left() >= 0:
            return False
        measure()
        return self.left() < 0
