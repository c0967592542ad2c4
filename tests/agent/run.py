#!/usr/bin/python3
"""Tests of the host side of the transaction: run.py --jobs | run.py [NAME…], as tests/suite.py says."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]
sys.dont_write_bytecode = True
import suite  # noqa: E402


def main(words):
    if os.geteuid() != 0 and words != ["--jobs"]:
        print("skipped the agent's tests: they need root, since owners, mounts and namespaces are real")
        return suite.report(0, 0, 1)
    return suite.main(suite.modules_of(HERE), words)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
