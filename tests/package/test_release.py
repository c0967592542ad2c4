"""./dev release: what keeps a commit from being one. .ci/release runs in repositories of its own, with a CI that says what it is told."""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

RELEASE = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), ".ci", "release")
CHANGELOG = "# Changelog\n\n## 1.2.0\n\n### Added\n\n- one\n\n### Security\n\n- two\n  of it\n\n## 1.1.0\n\nOld words.\n"


@unittest.skipUnless(shutil.which("git"), "git is not installed")
class Release(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="meshctl-release-")
        self.addCleanup(shutil.rmtree, self.dir)
        os.mkdir(os.path.join(self.dir, ".ci"))
        self.write("CMakeLists.txt", "cmake_minimum_required(VERSION 3.25)\nproject(meshctl VERSION 1.2.0 LANGUAGES CXX)\n")
        self.write("CHANGELOG.md", CHANGELOG)
        self.write(".ci/run", "#!/bin/sh\necho ran ci \"$@\"\n")
        self.write("dev", "#!/bin/sh\necho ran dev \"$@\"\n")
        self.git("init", "-q", "-b", "main")
        self.commit()
        self.git("tag", "v1.1.0")
        self.git("tag", "before-9.9.9")

    def write(self, name, text):
        with open(os.path.join(self.dir, name), "w") as file:
            file.write(text)
        os.chmod(file.name, 0o755)

    def git(self, *words):
        subprocess.run(["git", "-C", self.dir, "-c", "user.name=test", "-c", "user.email=test@localhost", *words], check=True, stdout=subprocess.PIPE)

    def commit(self):
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "a commit")

    def asked(self, *words, code=0):
        done = subprocess.run([sys.executable, RELEASE, *words], env=dict(os.environ, MESHCTL_TEST_ROOT=self.dir), stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True)
        self.assertEqual(done.returncode, code, done.stdout)
        return done.stdout

    def refused(self, *words):
        """Cheap checks that fail say so, and no command to tag it with."""
        out = self.asked("--dry", code=1)
        self.assertNotIn("git tag", out)
        for word in words:
            self.assertIn(word, out)

    def test_a_release(self):
        out = self.asked()
        self.assertIn("ran ci --full\n", out)
        self.assertIn("ran dev package --check\n", out)
        self.assertIn("  git tag -a v1.2.0 -m 'meshctl 1.2.0' ", out)

    def test_dry_runs_no_tests(self):
        out = self.asked("--dry")
        self.assertNotIn("ran ", out)
        self.assertIn("not run .ci/run --full\nnot run ./dev package --check\n", out)
        self.assertIn("git tag -a v1.2.0", out)

    def test_what_runs_must_be_green(self):
        for name in (".ci/run", "dev"):
            with self.subTest(name):
                self.write(name, "#!/bin/sh\nexit 3\n")
                self.commit()
                self.assertIn("ended with 3", self.asked(code=1))
                self.asked("--dry")
                self.git("reset", "-q", "--hard", "HEAD~1")

    def test_a_changed_checkout(self):
        self.write("new", "file\n")
        self.refused("FAILED  clean checkout", "new")

    def test_another_branch(self):
        self.git("checkout", "-q", "-b", "side")
        self.refused("FAILED  on main", "this is side")

    def test_the_changelog(self):
        for old, new, words in (("## 1.2.0", "## Unreleased", "'## Unreleased' and not '## 1.2.0'"), ("## 1.2.0", "## 1.2.1", "'## 1.2.1' and not '## 1.2.0'"),
                                ("### Added", "### Earlier", "'### Earlier' is none of"), ("- one\n", "", "'### Added' is empty"),
                                ("### Added\n", "", "not grouped"), ("## 1.2.0\n\n", "## 1.2.0\n\nWords.\n\n", "not grouped")):
            with self.subTest(new):
                self.write("CHANGELOG.md", CHANGELOG.replace(old, new))
                self.refused("FAILED  CHANGELOG.md", words)

    def test_a_date_may_stand_behind_the_version(self):
        self.write("CHANGELOG.md", CHANGELOG.replace("## 1.2.0", "## 1.2.0 (2026-12-01)"))
        self.commit()
        self.asked("--dry")

    def test_tags(self):
        self.git("tag", "v1.2.0")
        self.refused("FAILED  tags", "v1.2.0 is there already")
        self.git("tag", "-d", "v1.2.0")
        self.git("tag", "v1.10.0")
        self.refused("v1.10.0 is above it")

    def test_wrong_usage(self):
        self.assertIn("--dry", self.asked("--now", code=4))
