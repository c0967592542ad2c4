"""Runs scenarios in one guest, one after the other, until none is left.

Two guests may share the work: whoever makes the folder /out/NAME first has the scenario (mkdir is atomic, on hostfs too). The result is
/out/NAME/result.json, what the scenario said is /out/NAME/log.txt.
"""
import importlib.util
import json
import os
import signal
import sys
import time
import traceback

import pace
from lab import Lab, Skip

SCENARIOS = "/lab/src/tests/lab/scenarios/"


def load(name):
    spec = importlib.util.spec_from_file_location("scenario_" + name.replace("-", "_"), SCENARIOS + name + ".py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def end_after(seconds):
    """An exception in the scenario when its time is over."""
    limit = pace.Limit(seconds)

    def alarm(*_):
        if limit.passed():
            raise TimeoutError("the scenario took longer than its TIMEOUT of %s" % limit)
        signal.setitimer(signal.ITIMER_REAL, max(limit.left(), 0.1))
    signal.signal(signal.SIGALRM, alarm)
    signal.setitimer(signal.ITIMER_REAL, limit.left())


def run_one(name, folder):
    """(status, reason) with status passed, failed or skipped."""
    module = load(name)
    lab = Lab(folder)
    pace.again()
    lab.say("limits are multiplied by %.2f (1: as on a quiet machine)" % pace.factor)
    end_after(getattr(module, "TIMEOUT", 150))
    status, reason = "passed", ""
    try:
        module.run(lab)
        if not lab.checks:
            status, reason = "failed", "it checked nothing"
    except Skip as skip:
        status, reason = "skipped", str(skip)
    except BaseException as error:
        status, reason = "failed", "%s: %s" % (type(error).__name__, error) if not isinstance(error, AssertionError) else str(error)
        traceback.print_exc(file=sys.stdout)
    signal.setitimer(signal.ITIMER_REAL, 0)
    lab.say("limits at the end: x %.2f" % pace.factor)
    lab.close(failed=status == "failed")
    return status, reason


def main(names):
    console = sys.stdout
    pace.begin()
    for name in names:
        folder = "/out/" + name
        try:
            os.mkdir(folder)
        except FileExistsError:
            continue
        with open(folder + "/owner", "w") as file:  # whose fault it is if this guest dies
            file.write(os.environ["LAB_TAG"])
        began = time.monotonic()
        with open(folder + "/log.txt", "w") as log:
            sys.stdout = log
            try:
                status, reason = run_one(name, folder)
            except BaseException as error:  # a scenario that cannot even be loaded, or hosts that cannot be ended
                status, reason = "failed", repr(error)
                traceback.print_exc(file=log)
            finally:
                sys.stdout = console
        result = {"status": status, "reason": reason.strip()[:2000], "seconds": round(time.monotonic() - began, 1), "pace": round(pace.factor, 2)}
        with open(folder + "/result.new", "w") as file:
            json.dump(result, file)
        os.rename(folder + "/result.new", folder + "/result.json")
    return 0
