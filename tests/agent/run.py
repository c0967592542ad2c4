#!/usr/bin/python3
"""Tests of the host side of the transaction. Last line: `N passed, N failed, N skipped`.

usage: run.py [NAME…]   NAME as for unittest: test_life, test_kill.Kill.test_arm_update"""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]
sys.dont_write_bytecode = True
import suite  # noqa: E402

MODULES = ["test_kill", "test_race", "test_faults", "test_life", "test_racoon", "test_ahead"]


def main():
    if os.geteuid() != 0:
        print("the agent's tests need root: owners, mounts and namespaces are real")
        return suite.report(0, 0, 1)
    return suite.report(*(suite.run_here(sys.argv[1:]) if sys.argv[1:] else suite.run_all([sys.executable, __file__], MODULES)))


if __name__ == "__main__":
    sys.exit(main())
