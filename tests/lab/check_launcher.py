#!/usr/bin/python3
"""The launcher itself: exit statuses come through, nothing stays behind, however it is ended. Needs no meshctl.

Usage: check_launcher.py. Ends with `N passed, N failed, N skipped`.
"""
import glob
import os
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.realpath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, HERE + "/host")
sys.path.insert(0, HERE)
import pace  # noqa: E402
from needs import missing  # noqa: E402

PROBE = HERE + "/guest/probe.py"


def start(work, *arguments):
    """The launcher with its temporary folders in `work`, where leftovers would show."""
    return subprocess.Popen([HERE + "/lab", "--build", HERE, "--timeout", "60"] + list(arguments), env=dict(os.environ, TMPDIR=work),
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, start_new_session=True)


def leftovers(work):
    """Processes that name our folder in their arguments or environment, and files in it."""
    found = os.listdir(work)
    for path in glob.glob("/proc/[0-9]*/cmdline"):
        try:
            with open(path, "rb") as file:
                if work.encode() in file.read():
                    found.append(path)
        except OSError:
            pass
    return found


def gone(work):
    limit = pace.Limit(10)
    while leftovers(work) and not limit.passed():
        time.sleep(0.1)
    return leftovers(work)


def status_comes_through(work):
    process = start(work, PROBE, "exit", "7")
    process.communicate()
    return process.returncode == 7 and not gone(work), process.returncode


def time_out(work):
    process = start(work, PROBE, "sleep", "--timeout", "4")
    process.communicate()
    return process.returncode == 124 and not gone(work), process.returncode


def killed_with(number):
    def check(work):
        process = start(work, PROBE, "sleep")
        line = process.stdout.readline()
        if b"sleeping" not in line or not leftovers(work):
            process.kill()
            return False, line + process.stdout.read()
        process.send_signal(number)
        process.communicate()
        return not gone(work), leftovers(work)
    return check


CHECKS = [("the guest's exit status comes through", status_comes_through), ("a time-out ends everything", time_out)] + [
    ("nothing stays after " + number.name, killed_with(number)) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGKILL)]


def main():
    reasons = missing()
    if reasons:
        print("lab: skipped, since\n  " + "\n  ".join(reasons))
        print("0 passed, 0 failed, %d skipped" % len(CHECKS))
        return 77
    failed = 0
    for name, check in CHECKS:
        with tempfile.TemporaryDirectory(prefix="meshctl-launcher.") as work:
            good, evidence = check(work)
        failed += not good
        print("%-7s %s%s" % ("passed" if good else "failed", name, "" if good else ": %r" % (evidence,)), flush=True)
    print("%d passed, %d failed, 0 skipped" % (len(CHECKS) - failed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
