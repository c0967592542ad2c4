#!/usr/bin/python3
"""Tests of what a release is made with: run.py --jobs | run.py [NAME…], as tests/suite.py says. tests/package/check looks at a package itself."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]
sys.dont_write_bytecode = True
import suite  # noqa: E402

if __name__ == "__main__":
    sys.exit(suite.main(suite.modules_of(HERE), sys.argv[1:]))
