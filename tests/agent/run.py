#!/usr/bin/python3
"""Tests of the host side of the transaction. Last line: `N passed, N failed, N skipped`.

usage: run.py [NAME…]   NAME as for unittest: test_life, test_kill.Kill.test_arm_update"""
import os
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True


def main():
    names = sys.argv[1:] or ["test_life", "test_faults", "test_race", "test_kill"]
    if os.geteuid() != 0:
        print("the agent's tests need root: owners, mounts and namespaces are real")
        print("0 passed, 0 failed, 1 skipped")
        return 0
    suite = unittest.defaultTestLoader.loadTestsFromNames(names)
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2 if "-v" in sys.argv else 1).run(suite)
    failed = len({test.id().split(" ")[0] for test, _ in result.failures + result.errors})
    skipped = len(result.skipped)
    print("%d passed, %d failed, %d skipped" % (result.testsRun - failed - skipped, failed, skipped))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
