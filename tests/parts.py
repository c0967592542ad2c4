"""The parts of the suite, what jobs they have, and how the output of each says what happened."""
import glob
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
COUNTS = re.compile(r"^(\d+) passed, (\d+) failed, (\d+) skipped$", re.MULTILINE)
DOCTEST = re.compile(r"^\[doctest\] test cases: *\d+ \| *(\d+) passed \| *(\d+) failed \| *(\d+) skipped", re.MULTILINE)


class Part:
    """own_mounts: it makes hosts of its own, with mounts and users of their own. alone_in_line: it starts at once and does not count among the jobs side by side."""

    def __init__(self, name, own_mounts=False, alone_in_line=False):
        self.name, self.own_mounts, self.alone_in_line, self.jobs, self.began = name, own_mounts, alone_in_line, [], None

    def add(self, name, seconds, argv, judge):
        self.jobs.append(Job(self, name, seconds, argv, judge))
        return self

    def line(self):
        counts = tuple(sum(getattr(job, what) for job in self.jobs) for what in ("passed", "failed", "skipped"))
        wall = max(job.began + job.seconds for job in self.jobs) - self.began
        return "%-20s %5d passed, %d failed, %d skipped %7.1f s %7.1f s of CPU" % ((self.name,) + counts + (wall, sum(job.cpu for job in self.jobs)))

    def reasons(self):
        return [reason for job in self.jobs for reason in job.reasons]


class Job:
    def __init__(self, part, name, seconds, argv, judge):
        self.part, self.name, self.seconds, self.argv, self.counts = part, name, seconds, argv, judge
        self.passed = self.failed = self.skipped = 0
        self.cpu, self.why, self.hangs, self.reasons, self.ended = 0.0, "", "", [], False

    def full_name(self):
        return self.part.name if self.name == self.part.name else self.part.name + "/" + self.name

    def done(self):
        return self.ended

    def judge(self, text, status):
        """What cannot be read, hangs, counts nothing or ends with a failure that it did not count, has failed."""
        self.ended = True
        found = self.counts(text)
        self.passed, self.failed, self.skipped, self.reasons = found or (0, 1, 0, [])
        if self.hangs:
            self.why = self.hangs + at(text)
        elif found is None:
            self.why = "ended with %d, without its counts%s" % (status, at(text))
        elif self.passed + self.failed + self.skipped == 0:
            self.why = "no test in it"
        elif status not in (0, 77) and not self.failed:
            self.why = "ended with %d, without a failure in its counts" % status
        if self.why:
            self.failed = max(1, self.failed)


def at(text):
    """The test that began and did not end (tests/suite.py, doctest's own list of test cases cannot tell)."""
    begun = [line for line in text.split("\n") if re.match(r"(> |passed |FAILED |skipped )", line)]
    return ", in " + begun[-1][2:] if begun and begun[-1].startswith("> ") else ""


def lines(text):
    """Of a program whose last line is `N passed, N failed, N skipped`; a skipped test is a line `skipped NAME…` and the indented ones after it."""
    found = COUNTS.findall(text)
    if not found:
        return None
    reasons = [re.sub(r"\n +", ": ", match.strip()) for match in re.findall(r"^skipped +(.*(?:\n {8}.*)*)", text, re.MULTILINE)]
    return (*map(int, found[-1]), reasons)


def doctest(text):
    """A case that cannot run here says `skipped: WHY` and returns: it has not passed. What doctest calls skipped, another job runs, or another program."""
    found = DOCTEST.findall(text)
    if not found:
        return None
    passed, failed, _ = map(int, found[-1])
    said = re.findall(r"^skipped: (.*)", text, re.MULTILINE)
    return passed - len(said), failed, len(said), ["%d times: %s" % (said.count(reason), reason) for reason in sorted(set(said))]


def python_part(name, argv):
    """Its jobs are asked for: tests/suite.py."""
    part = Part(name)
    asked = subprocess.run(argv + ["--jobs"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    for line in asked.stdout.splitlines():
        seconds, job = line.split(" ", 1)
        part.add(job, int(seconds), argv + [job], lines)
    if asked.returncode or not part.jobs:
        part.add(name, 1, argv + ["--jobs"], lines)  # it fails again, where it is seen
    return part


def unit_part(name, argv):
    """What is in doctest's suite `waits` mostly does that: it is a job of its own."""
    suites = subprocess.run(argv + ["--list-test-suites"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True).stdout
    part = Part(name)
    if "\nwaits\n" in suites:
        part.add("waits", 60, argv + ["--test-suite=waits"], doctest)
        return part.add(name, 10, argv + ["--test-suite-exclude=waits"], doctest)
    return part.add(name, 10, argv, doctest)


def unit_parts(build):
    """One for each unit suite; where none is built, a part that fails."""
    made = []
    for binary in sorted(glob.glob(os.path.join(build, "tests", "test_*"))):
        if os.path.isfile(binary) and os.access(binary, os.X_OK):
            made.append(unit_part(os.path.basename(binary), [binary, "--no-colors"]))
    return made or [Part("unit").add("no unit suite is built", 1, ["false"], lines)]


def all_parts(build, tier):
    meshctl = os.path.join(build, "meshctl")
    made = unit_parts(build)
    for name, argv in (("cli", [meshctl]), ("seeds", [meshctl]), ("agent", []), ("windows", [meshctl]), ("runner", []), ("package", [])):
        made.append(python_part(name, [sys.executable, os.path.join(HERE, name, "run.py")] + argv))
    made.append(Part("demo").add("demo", 60, [os.path.join(HERE, "demo", "check"), meshctl], lines))
    made.append(Part("launcher", own_mounts=True).add("launcher", 30, [os.path.join(HERE, "lab", "check_launcher.py")], lines))
    made.append(Part("lab", own_mounts=True, alone_in_line=True).add(
        "lab", {"fast": 300, "full": 2400}[tier], [os.path.join(HERE, "lab", "run"), "--tier", tier, "--build", build], lines))
    return made


def choose(known, names):
    """The parts, with the jobs that are asked for; or what is wrong with the names."""
    if not names:
        return known
    chosen = set()
    for name in names:
        wanted, _, prefix = name.partition("/")
        found = {job for part in known for job in part.jobs
                 if wanted in (part.name, "unit" if part.name.startswith("test_") else "") and job.name.startswith(prefix)}
        if not found:
            return "there is no %s; parts are: unit %s" % (name, " ".join(part.name for part in known))
        chosen |= found
    for part in known:
        part.jobs = [job for job in part.jobs if job in chosen]
    return [part for part in known if part.jobs]
