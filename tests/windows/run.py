#!/usr/bin/python3
"""Tests against the simulated Windows host (docs/windows-lab.md). Last line: `N passed, N failed, N skipped`.

usage: run.py MESHCTL [NAME…]   NAME as for unittest: test_scripts, test_session.Session.test_exit_code"""
import os
import subprocess
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True
import simulator  # noqa: E402

MODULES = ["test_apply", "test_certificates", "test_scripts", "test_kill", "test_tasks", "test_session", "test_netsh", "test_powershell"]


def run_here(names):
    suite = unittest.defaultTestLoader.loadTestsFromNames(names)
    result = unittest.TextTestRunner(stream=sys.stdout).run(suite)
    failed = len({test.id().split(" ")[0] for test, _ in result.failures + result.errors})
    return result.testsRun - failed - len(result.skipped), failed, len(result.skipped)


def run_all(meshctl):
    """The modules side by side: much of their time is waiting."""
    running = [subprocess.Popen([sys.executable, __file__, meshctl, name], stdout=subprocess.PIPE, text=True) for name in MODULES]
    total = [0, 0, 0]
    for name, process in zip(MODULES, running):
        out, _ = process.communicate()
        lines = out.splitlines()
        print("%s\n%s" % (name, "\n".join(lines[:-1])))
        counts = [int(word) for word in lines[-1].replace(",", "").split()[::2]] if lines and "passed" in lines[-1] else [0, 1, 0]
        total = [a + b for a, b in zip(total, counts)]
    return total


def main():
    os.environ["MESHCTL"] = os.path.abspath(sys.argv[1])
    try:
        simulator.build()
    except simulator.Missing as missing:
        print("the Windows simulator needs more: %s" % missing)
        passed, failed, skipped = 0, 0, 1
    else:
        passed, failed, skipped = run_here(sys.argv[2:]) if sys.argv[2:] else run_all(sys.argv[1])
    print("%d passed, %d failed, %d skipped" % (passed, failed, skipped))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
