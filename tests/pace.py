"""How much slower this machine is at this moment than a quiet core: tests wait that many times longer before they give up.

    pace.wait_for(lambda: os.path.exists(path), 30)     # 30 s where nothing else runs; True or False
    pace.seconds(5)                                     # a limit of 5 s given to what is tested, unless the test is about that limit

The measure is a fixed piece of work of the kind that tests do: computing, and starting programs. Run as a program it prints the factor."""
import hashlib
import math
import os
import time

QUIET = 0.15  # seconds of piece() on a quiet core of a 2020s server
_known = {"factor": 1.0, "when": -math.inf}


def piece():
    digest = b"meshctl"
    for _ in range(96000):
        digest = hashlib.sha256(digest).digest()
    for _ in range(40):
        os.waitpid(os.posix_spawn("/bin/true", ["true"], {}), 0)


def measure():
    began = time.monotonic()
    piece()
    return max(1.0, (time.monotonic() - began) / QUIET)


def factor():
    """At least 1, and the worst that this process has seen: others come and go. What tests/run measured when it started this one counts
    (MESHCTL_TEST_PACE); without that it is measured here."""
    if _known["when"] == -math.inf:
        told = os.environ.get("MESHCTL_TEST_PACE")
        _known.update(factor=max(1.0, float(told)) if told else measure(), when=time.monotonic())
    return _known["factor"]


def factor_now():
    """Measured again, at most every 10 s."""
    factor()
    if time.monotonic() - _known["when"] > 10:
        _known.update(factor=max(_known["factor"], measure()), when=time.monotonic())
    return _known["factor"]


def seconds(quiet):
    return max(1, math.ceil(quiet * factor()))


def wait_for(condition, quiet, pause=0.05):
    began = time.monotonic()
    while not condition():
        waited = time.monotonic() - began
        if waited > quiet and waited > quiet * factor_now():
            return bool(condition())
        time.sleep(pause)
    return True


if __name__ == "__main__":
    print("%.1f" % measure())
