#!/usr/bin/python3
"""Tests of the host side of the transaction. Last line: `N passed, N failed, N skipped`.

usage: run.py [NAME…]   NAME as for unittest: test_life, test_kill.Kill.test_arm_update"""
import os
import subprocess
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True


MODULES = ["test_kill", "test_race", "test_faults", "test_life", "test_racoon", "test_strongswan", "test_ahead"]


def run_here(names):
    suite = unittest.defaultTestLoader.loadTestsFromNames(names)
    result = unittest.TextTestRunner(stream=sys.stdout).run(suite)
    failed = len({test.id().split(" ")[0] for test, _ in result.failures + result.errors})
    return result.testsRun - failed - len(result.skipped), failed, len(result.skipped)


def run_all():
    """The modules side by side: much of their time is waiting."""
    running = [subprocess.Popen([sys.executable, __file__, name], stdout=subprocess.PIPE, text=True) for name in MODULES]
    total = [0, 0, 0]
    for name, process in zip(MODULES, running):
        out, _ = process.communicate()
        lines = out.splitlines()
        print("%s\n%s" % (name, "\n".join(lines[:-1])))
        counts = [int(word) for word in lines[-1].replace(",", "").split()[::2]] if lines and "passed" in lines[-1] else [0, 1, 0]
        total = [a + b for a, b in zip(total, counts)]
    return total


def main():
    if os.geteuid() != 0:
        print("the agent's tests need root: owners, mounts and namespaces are real")
        passed, failed, skipped = 0, 0, 1
    else:
        passed, failed, skipped = run_here(sys.argv[1:]) if sys.argv[1:] else run_all()
    print("%d passed, %d failed, %d skipped" % (passed, failed, skipped))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
