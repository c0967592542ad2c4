#!/usr/bin/python3
"""Tests against the simulated Windows host (docs/windows-lab.md). Last line: `N passed, N failed, N skipped`.

usage: run.py MESHCTL [NAME…]   NAME as for unittest: test_scripts, test_session.Session.test_exit_code"""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]
sys.dont_write_bytecode = True
import simulator  # noqa: E402
import suite  # noqa: E402

MODULES = ["test_apply_dead_man", "test_apply_failure", "test_apply", "test_apply_static", "test_apply_certificates", "test_apply_shells", "test_kill",
           "test_certificates", "test_scripts", "test_tasks", "test_session", "test_powershell", "test_netsh"]


def main():
    os.environ["MESHCTL"] = os.path.abspath(sys.argv[1])
    try:
        simulator.build()
    except simulator.Missing as missing:
        print("the Windows simulator needs more: %s" % missing)
        return suite.report(0, 0, 1)
    names = sys.argv[2:]
    # On a busy machine wine does not start one process in some ten thousand (docs/windows-lab.md).
    return suite.report(*(suite.run_here(names, again=True) if names else suite.run_all([sys.executable, __file__, sys.argv[1]], MODULES)))


if __name__ == "__main__":
    sys.exit(main())
