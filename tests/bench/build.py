#!/usr/bin/python3
"""What the compiler costs: ./dev bench build [REV] builds this commit and REV (default: 0.1.0), cold and without ccache, one after the other.

Prints CPU-seconds of compiling and linking, and their ratio: a busy machine lengthens both. Then a line is added to one leaf file of this commit, and
its unit test is built and run again. Clones lie in a folder of their own below /tmp, which is removed."""
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
FIRST = "8e50714"  # 0.1.0
LEAF, TEST = "src/mesh/summary.cpp", "test_mesh"


def run(*command, cwd):
    """(CPU-seconds, wall seconds) of the command and all that it starts."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          env=dict(os.environ, CCACHE_DISABLE="1"))
    if done.returncode != 0:
        sys.exit("%s failed in %s:\n%s" % (" ".join(command), cwd, done.stdout[-4000:]))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, time.monotonic() - began


def cold(folder, revision):
    """CPU-seconds: (meshctl, meshctl with all tests)."""
    run("git", "clone", "-q", ROOT, folder, cwd="/")
    run("git", "checkout", "-q", revision, cwd=folder)
    run("cmake", "--preset", "release", cwd=folder)
    program = run("ninja", "-C", "build/release", "meshctl", cwd=folder)
    rest = run("ninja", "-C", "build/release", cwd=folder)
    print("%-12s meshctl %6.0f CPU-s, %4.0f s; with all tests %6.0f CPU-s, %4.0f s" % (
        revision[:12], program[0], program[1], program[0] + rest[0], program[1] + rest[1]), flush=True)
    return program[0], program[0] + rest[0]


def after_a_change(folder):
    """Wall seconds until the unit test of the changed file has run again."""
    with open(os.path.join(folder, LEAF), "a") as file:
        file.write("\nnamespace meshctl {\nint one_line_more() { return 1; }\n}  // namespace meshctl\n")
    built = run("ninja", "-C", "build/release", TEST, cwd=folder)
    tested = run("build/release/tests/" + TEST, "--test-case=*summary*", cwd=folder)
    print("after a change of %s: built in %.1f s, its test run in %.1f s" % (LEAF, built[1], tested[1]))


def main():
    before = sys.argv[1] if len(sys.argv) > 1 else FIRST
    now = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    scratch = tempfile.mkdtemp(prefix="meshctl-bench.")
    try:
        new = cold(os.path.join(scratch, "new"), now)
        after_a_change(os.path.join(scratch, "new"))
        old = cold(os.path.join(scratch, "old"), before)
        print("ratio to %s: meshctl %.2f, with all tests %.2f" % (before, new[0] / old[0], new[1] / old[1]))
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    main()
