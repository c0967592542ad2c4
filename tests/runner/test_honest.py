"""What has failed counts, and what hangs is named and ended."""
import os
import subprocess
import sys
import tempfile
import time
import unittest

import guard
import pace
import parts

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def judged(text, status=0, judge=parts.lines, hangs=""):
    job = parts.Job(parts.Part("part"), "job", 1, [], judge)
    job.hangs = hangs
    job.judge(text, status)
    return job.passed, job.failed, job.skipped, job.why


class Counts(unittest.TestCase):
    def test_what_is_counted(self):
        self.assertEqual(judged("passed  a  0.1 s\n3 passed, 0 failed, 1 skipped\n"), (3, 0, 1, ""))
        self.assertEqual(judged("3 passed, 2 failed, 1 skipped\n", 1), (3, 2, 1, ""))
        self.assertEqual(judged("lab: skipped\n0 passed, 0 failed, 7 skipped\n", 77), (0, 0, 7, ""))

    def test_what_fails_without_saying_so(self):
        for text, status, why in (("", 0, "without its counts"), ("3 passed, 0 failed\n", 0, "without its counts"), ("0 passed, 0 failed, 0 skipped\n", 0, "no test"),
                                  ("3 passed, 0 failed, 0 skipped\n", 1, "without a failure"), ("3 passed, 0 failed, 0 skipped\n", -11, "without a failure")):
            passed, failed, _, said = judged(text, status)
            self.assertEqual(failed, 1, text)
            self.assertIn(why, said)

    def test_what_hangs_is_named(self):
        text = "> test_a.A.test_1\npassed  test_a.A.test_1  0.1 s\n> test_a.A.test_2\n"
        self.assertEqual(judged(text, 124, hangs="no end after 60 s"), (0, 1, 0, "no end after 60 s, in test_a.A.test_2"))
        self.assertEqual(judged(text, -9)[3], "ended with -9, without its counts, in test_a.A.test_2")

    def test_doctest(self):
        line = "[doctest] test cases:  22 |  20 passed | 2 failed | 3 skipped\n"
        self.assertEqual(judged(line, 1, parts.doctest), (20, 2, 0, ""))
        self.assertEqual(judged("terminate called\n", -6, parts.doctest)[:2], (0, 1))
        line = "skipped: needs root\n[doctest] test cases:  22 |  22 passed | 0 failed | 0 skipped\n"
        self.assertEqual(judged(line, 0, parts.doctest), (21, 0, 1, ""))
        self.assertEqual(judged("[doctest] test cases: 0 | 0 passed | 0 failed | 0 skipped\n", 0, parts.doctest)[1], 1)

    def test_reasons_of_skipped_tests(self):
        text = ("skipped test_a.A.test_1: no node\nskipped racoon-x509                     1.0 s  two racoon hosts\n        there is no racoon\n"
                "passed  b\n1 passed, 0 failed, 2 skipped\n")
        self.assertEqual(parts.lines(text)[3], ["test_a.A.test_1: no node", "racoon-x509                     1.0 s  two racoon hosts: there is no racoon"])

    def test_a_word_that_is_no_part_is_wrong_usage(self):
        done = subprocess.run([os.path.join(ROOT, "tests", "run"), "agnt"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.assertEqual((done.returncode, done.stdout), (4, ""))
        self.assertIn("parts are: unit", done.stderr)

    def test_no_unit_suite_is_a_failure(self):
        with tempfile.TemporaryDirectory() as empty:
            chosen = parts.choose(parts.unit_parts(empty), ["unit"])
            self.assertEqual([part.name for part in chosen], ["unit"])
            self.assertEqual(subprocess.run(chosen[0].jobs[0].argv).returncode, 1)


class Limit(unittest.TestCase):
    def test_a_job_that_hangs_is_ended_and_named(self):
        with tempfile.TemporaryDirectory() as logs:
            program = ("import sys\nsys.path.insert(0, %r)\nfrom importlib.machinery import SourceFileLoader\n"
                       "run = SourceFileLoader('run', %r).load_module()\nimport parts\nrun.Runner.LEAST = 1\n"
                       "part = parts.Part('p').add('slow', 0, ['/bin/sh', '-c', 'echo \"> test_it\"; exec sleep 600'], parts.lines)\n"
                       "part.add('quick', 0, ['/bin/sh', '-c', 'echo 2 passed, 0 failed, 0 skipped'], parts.lines)\n"
                       "run.Runner([part], 2, %r).run()\nsys.exit(run.summary([part], 1))\n"
                       % (os.path.join(ROOT, "tests"), os.path.join(ROOT, "tests", "run"), logs))
            done = subprocess.run([sys.executable, "-B", "-c", program], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            self.assertEqual((done.returncode, done.stdout.splitlines()[-1]), (1, "2 passed, 1 failed, 0 skipped"), done.stdout)
            self.assertRegex(done.stdout, r"p/slow failed: no end after \d+ s, in test_it\n> test_it\n")
            with open(os.path.join(logs, "p.log")) as file:
                self.assertIn("---- quick: ", file.read())


class Suites(unittest.TestCase):
    """tests/suite.py, on a folder of tests made for the occasion."""

    def run_it(self, text, *words):
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "test_it.py"), "w") as file:
                file.write("import sys, time, unittest\n" + text)
            with open(os.path.join(folder, "run.py"), "w") as file:
                file.write("import sys\nsys.path[:0] = [%r, %r]\nimport suite\nsys.exit(suite.main(['test_it'], sys.argv[1:]))\n"
                           % (folder, os.path.join(ROOT, "tests")))
            done = subprocess.run([sys.executable, "-B", os.path.join(folder, "run.py"), *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        return done.returncode, done.stdout

    def test_every_kind_of_end(self):
        code, out = self.run_it("""
class A(unittest.TestCase):
    def test_good(self): pass
    def test_bad(self): self.assertEqual(1, 2)
    def test_error(self): raise ValueError("here")
    def test_no(self): self.skipTest("because")
    def test_parts(self):
        for i in range(3):
            with self.subTest(i=i): self.assertEqual(i, 1)
class B(unittest.TestCase):
    @classmethod
    def setUpClass(cls): raise ValueError("early")
    def test_never(self): pass
class C(unittest.TestCase):
    @classmethod
    def tearDownClass(cls): raise ValueError("late")
    def test_good(self): pass
""")
        self.assertEqual((code, out.splitlines()[-1]), (1, "2 passed, 5 failed, 1 skipped"))
        for text in ("> test_it.A.test_good\npassed  test_it.A.test_good  0.0 s\n", "FAILED  test_it.A.test_bad", "1 != 2", "ValueError: here", "ValueError: early",
                     "ValueError: late", "skipped test_it.A.test_no: because", "(i=0)", "(i=2)"):
            self.assertIn(text, out)
        self.assertNotIn("passed  test_it.A.test_parts", out)

    def test_a_module_that_cannot_be_loaded(self):
        code, out = self.run_it("import nothing_of_this_name\n", "--jobs")
        self.assertEqual((code, out), (0, "1 test_it\n"))
        code, out = self.run_it("import nothing_of_this_name\n", "test_it")
        self.assertEqual((code, out.splitlines()[-1]), (1, "0 passed, 1 failed, 0 skipped"))

    def test_no_test_at_all(self):
        self.assertEqual(self.run_it("")[0], 1)

    def test_jobs(self):
        code, out = self.run_it("class A(unittest.TestCase):\n    SECONDS = 7\n    def test_1(self): pass\n    def test_2(self): pass\n"
                                "class B(unittest.TestCase):\n    APART = True\n    def test_1(self): pass\n    def test_2(self): pass\n", "--jobs")
        self.assertEqual((code, out), (0, "7 test_it.A\n5 test_it.B.test_1\n5 test_it.B.test_2\n"))

    def test_jobs_of_a_tier(self):
        text = "class A(unittest.TestCase):\n    TIER = 'full'\n    def test_1(self): pass\nclass B(unittest.TestCase):\n    def test_1(self): pass\n"
        for tier, jobs in (("fast", "5 test_it.B\n"), ("full", "5 test_it.A\n5 test_it.B\n")):
            os.environ["MESHCTL_TEST_TIER"] = tier
            self.assertEqual(self.run_it(text, "--jobs"), (0, jobs))


class Guard(unittest.TestCase):
    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory())
        self.log = os.path.join(self.folder, "log")

    def start(self, script):
        return guard.start(["/bin/sh", "-c", script], self.log, dict(os.environ, MARK=self.folder), None)

    def text(self):
        if not os.path.exists(self.log):
            return ""
        with open(self.log) as file:
            return file.read()

    def mine(self):
        """Processes, but for this one and zombies, that have our mark."""
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open("/proc/%s/environ" % pid, "rb") as file:
                    if ("MARK=" + self.folder).encode() in file.read():
                        found.append(pid)
            except OSError:
                pass
        return found

    def test_the_status_comes_through(self):
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(self.start("echo out; echo err >&2; exit 7"), 0)[1]), 7)
        self.assertEqual(self.text(), "out\nerr\n")

    def test_what_is_left_behind_ends_and_is_named(self):
        pid = self.start("setsid sleep 600 & sh -c 'trap \"\" TERM HUP; sleep 601; sleep 602' & exit 0")
        self.assertEqual(os.waitpid(pid, 0)[1], 0)
        self.assertIn("left behind: ", self.text())
        self.assertIn("sleep 600", self.text())
        self.assertEqual(self.mine(), [])

    def test_all_of_it_ends_when_it_is_stopped(self):
        pid = self.start("trap 'echo told' TERM; setsid sh -c 'trap \"\" TERM; while :; do sleep 1; done' & echo up; wait; exit 0")
        self.assertTrue(pace.wait_for(lambda: "up" in self.text(), 20))
        os.kill(pid, 15)
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 124)
        self.assertIn("told", self.text())
        self.assertEqual(self.mine(), [])

    def test_one_that_does_not_listen_ends_too(self):
        pid = self.start("trap '' TERM; echo up; while :; do sleep 1; done")
        self.assertTrue(pace.wait_for(lambda: "up" in self.text(), 20))
        began = time.monotonic()
        os.kill(pid, 15)
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 124)
        self.assertGreaterEqual(time.monotonic() - began, guard.GRACE - 1)
        self.assertEqual(self.mine(), [])

    def test_the_usage_is_that_of_all(self):
        spin = "%s -c 'import time\nwhile time.process_time() < 0.5: pass'" % sys.executable
        usage = os.wait4(self.start("setsid %s & sleep 0; wait" % spin), 0)[2]
        self.assertGreater(usage.ru_utime + usage.ru_stime, 0.45)
