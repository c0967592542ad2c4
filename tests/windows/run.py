#!/usr/bin/python3
"""Tests against the simulated Windows host (docs/windows-lab.md).

usage: run.py MESHCTL --jobs | run.py MESHCTL [NAME…], as tests/suite.py says: test_scripts, test_session.Session.test_exit_code
       run.py --build          only what they need: the simulator's programs, its drive, the parser of PowerShell"""
import os
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]
sys.dont_write_bytecode = True
import simulator  # noqa: E402
import suite  # noqa: E402
import test_powershell  # noqa: E402


def main(words):
    try:
        if words[-1] != "--jobs":
            simulator.build()
    except simulator.Missing as missing:
        print("skipped the tests on the Windows simulator: %s" % missing)
        return suite.report(0, 0, 1)
    if words == ["--build"]:
        try:
            test_powershell.install()
        except unittest.SkipTest as reason:
            print(reason)
        return 0
    os.environ["MESHCTL"] = os.path.abspath(words[0])
    return suite.main(suite.modules_of(HERE), words[1:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
