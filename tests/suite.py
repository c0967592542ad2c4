"""unittest for the parts of the suite that are written in Python: jobs for tests/run, and a line for each test as it begins and ends.

    run.py [MESHCTL] --jobs       a line for each job: about how many seconds it takes on a quiet core, and its name
    run.py [MESHCTL] [NAME…]      runs these one after another, or all; NAME as for unittest. Last line: `N passed, N failed, N skipped`

A job is a class of tests, or with `APART = True` each test of it. A class may say SECONDS, about how long a job of it takes, and `TIER = "full"`: then
`--jobs` lists it where tests/run says MESHCTL_TEST_TIER=full only."""
import faulthandler
import os
import re
import signal
import sys
import time
import unittest


class Lines(unittest.TestResult):
    """`> NAME` when a test begins, so that the last one tells what hangs, then how it ended."""

    def __init__(self):
        super().__init__()
        self.passed, self.skips, self.failed = 0, 0, set()

    def say(self, word, test, text=""):
        print("%-7s %s  %.1f s%s" % (word, name_of(test), time.monotonic() - self.began, text), flush=True)

    def startTest(self, test):
        super().startTest(test)
        self.began = time.monotonic()
        print("> " + name_of(test), flush=True)

    def stopTest(self, test):
        super().stopTest(test)
        if name_of(test) not in self.failed and not self.skipped_now(test):
            self.passed += 1
            self.say("passed", test)

    def skipped_now(self, test):
        return any(one is test for one, _ in self.skipped)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.skips += 1
        print("skipped %s: %s" % (name_of(test), reason), flush=True)

    def fault(self, test, error):
        self.began = getattr(self, "began", time.monotonic())
        self.failed.add(name_of(test))
        self.say("FAILED", test, "\n" + self._exc_info_to_string(error, test))

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self.fault(test, error)

    def addError(self, test, error):
        super().addError(test, error)
        self.fault(test, error)

    def addSubTest(self, test, subtest, error):
        super().addSubTest(test, subtest, error)
        if error is not None:
            print("        " + subtest.id())
            self.fault(test, error)


def name_of(test):
    """A subtest belongs to its test; what fails in setUpClass is called after it."""
    return re.sub(r" .*", "", test.id()) if not test.id().startswith("setUp") else test.id().replace(" ", "")


def report(passed, failed, skipped):
    """The exit status."""
    if passed + failed + skipped == 0:
        print("no test ran")
        failed = 1
    print("%d passed, %d failed, %d skipped" % (passed, failed, skipped), flush=True)
    return 1 if failed else 0


def jobs(modules):
    """[(seconds, name)], the longest first."""
    found = set()
    suites = [unittest.defaultTestLoader.loadTestsFromNames(modules)]
    while suites:
        for one in suites.pop():
            if isinstance(one, unittest.TestSuite):
                suites.append(one)
            elif type(one).__name__ == "_FailedTest":
                found.add((1, one._testMethodName))  # a module that cannot be loaded fails when it is run
            elif getattr(one, "TIER", "fast") in ("fast", os.environ.get("MESHCTL_TEST_TIER")):
                name = one.id() if getattr(one, "APART", False) else one.id().rpartition(".")[0]
                found.add((getattr(one, "SECONDS", 5), name))
    return sorted(found, key=lambda job: (-job[0], job[1]))


def modules_of(folder):
    return sorted(name[:-3] for name in os.listdir(folder) if name.startswith("test_") and name.endswith(".py"))


def end_in_order():
    """SIGTERM shows where it stands and ends the tests with their clean-ups."""
    def terminated(*_):
        faulthandler.dump_traceback(sys.stdout, all_threads=True)
        raise KeyboardInterrupt
    signal.signal(signal.SIGTERM, terminated)


def main(modules, words):
    if words == ["--jobs"]:
        for seconds, name in jobs(modules):
            print("%d %s" % (seconds, name))
        return 0
    end_in_order()
    sys.stdout.reconfigure(line_buffering=True)
    result = Lines()
    unittest.defaultTestLoader.loadTestsFromNames(words or modules).run(result)
    return report(result.passed, len(result.failed), result.skips)
