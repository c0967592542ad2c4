"""What `meshctl version` says of the commit: cmake/BuildInfo.cmake in repositories and folders of its own."""
import os
import shutil
import subprocess
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


@unittest.skipUnless(shutil.which("git") and shutil.which("cmake"), "git or cmake is not installed")
class Commit(unittest.TestCase):
    def setUp(self):
        self.dir = os.path.realpath(tempfile.mkdtemp(prefix="meshctl-commit-"))
        self.addCleanup(shutil.rmtree, self.dir)
        self.root = self.path("root")
        os.makedirs(os.path.join(self.root, "src"))
        self.write("src/main.cpp", "one\n")
        with open(self.path("in"), "w") as file:
            file.write("commit @COMMIT@\n")

    def path(self, name):
        return os.path.join(self.dir, name)

    def write(self, name, text):
        with open(os.path.join(self.root, name), "w") as file:
            file.write(text)

    def git(self, *words, at=None):
        command = ["git", "-C", at or self.root, "-c", "user.name=test", "-c", "user.email=test@localhost", *words]
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()

    def commit(self, **where):
        self.git("init", "-q", **where)
        self.git("add", "-A", **where)
        self.git("commit", "-q", "-m", "a commit", **where)
        return self.git("rev-parse", "--short=12", "HEAD", **where)

    def said(self, *definitions):
        subprocess.run(["cmake", "-DIN=" + self.path("in"), "-DOUT=" + self.path("out"), "-DROOT=" + self.root, "-DGIT=" + shutil.which("git"), *definitions,
                        "-P", os.path.join(ROOT, "cmake", "BuildInfo.cmake")], check=True)
        with open(self.path("out")) as file:
            return file.read().replace("commit ", "", 1).strip()

    def test_a_clean_checkout(self):
        self.assertEqual(self.said(), "unknown")
        commit = self.commit()
        self.assertEqual(self.said(), commit)

    def test_what_the_program_is_not_made_of_may_differ(self):
        commit = self.commit()
        self.write("NOTES", "a note\n")
        self.assertEqual(self.said(), commit)

    def test_a_changed_and_a_new_source_are_told(self):
        commit = self.commit()
        self.write("src/more.cpp", "two\n")
        self.assertEqual(self.said(), commit + "-dirty")
        os.unlink(os.path.join(self.root, "src/more.cpp"))
        self.assertEqual(self.said(), commit)
        self.write("src/main.cpp", "two\n")
        self.assertEqual(self.said(), commit + "-dirty")

    def test_a_tarball_unpacked_inside_of_another_repository(self):
        self.commit(at=self.dir)
        self.assertEqual(self.said(), "unknown")

    def test_a_commit_that_is_named(self):
        self.commit()
        self.assertEqual(self.said("-DCOMMIT=0123456789ab"), "0123456789ab")

    def test_without_git(self):
        self.commit()
        self.assertEqual(self.said("-DGIT=GIT_EXECUTABLE-NOTFOUND"), "unknown")

    def test_nothing_is_written_that_is_there_already(self):
        self.said()
        os.utime(self.path("out"), (1, 1))
        self.said()
        self.assertEqual(os.stat(self.path("out")).st_mtime, 1)
