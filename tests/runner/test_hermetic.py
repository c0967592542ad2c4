"""Nothing that belongs to this machine's user is read: a user is set up with traps in the home and in the environment, each of which leaves a mark."""
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import unittest

import guard
import hermetic

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MARK = "echo {name} $$ >>{marks}\n"
RC_FILES = (".bashrc", ".bash_profile", ".profile", ".zshrc", ".zshenv", ".kshrc", ".shinit", ".ssh/rc", ".bash_env", ".env")
# What of the suite reads most of what a user can set: sessions of sshd, ssh itself, git, openssl, the shells.
SOME = ["test_ssh", "windows/test_session.Session", "cli/run.Usage", "agent/test_life", "seeds/linux-to-linux"]


class Traps:
    def __init__(self, folder):
        self.home, self.marks = os.path.join(folder, "home"), os.path.join(folder, "marks")
        for name in RC_FILES:
            self.write(name, MARK.format(name=name, marks=self.marks))
        self.write(".ssh/config", 'Match exec "%s"\n  User nobody\n' % MARK.format(name="ssh-config", marks=self.marks).strip())
        self.write(".gitconfig", '[core]\n  pager = "%s"\n[this is no config\n' % MARK.format(name="git", marks=self.marks).strip())
        self.write("python.py", "open(%r, 'a').write('python\\n')\n" % self.marks)
        self.write("bin/openssl", "#!/bin/sh\n" + MARK.format(name="path", marks=self.marks) + 'exec /usr/bin/openssl "$@"\n', 0o755)
        self.environment = dict(
            os.environ, HOME=self.home, ENV=os.path.join(self.home, ".env"), BASH_ENV=os.path.join(self.home, ".bash_env"), ZDOTDIR=self.home,
            PYTHONSTARTUP=os.path.join(self.home, "python.py"), GIT_CONFIG_GLOBAL=os.path.join(self.home, ".gitconfig"), XDG_CONFIG_HOME=self.home,
            PATH=os.path.join(self.home, "bin") + ":" + hermetic.PATH, LANG="tr_TR.UTF-8", LC_ALL="POSIX", TZ="Asia/Kathmandu",
            SSH_AUTH_SOCK=os.path.join(self.home, "agent"), MESHCTL_PASSPHRASE_FILE="/nowhere", SHELL="/bin/bash", TMPDIR=folder)

    def write(self, name, text, mode=0o644):
        path = os.path.join(self.home, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)
        os.chmod(path, mode)

    def sprung(self):
        if not os.path.exists(self.marks):
            return set()
        with open(self.marks) as file:
            return {line.split()[0] for line in file}


def as_user(traps, script):
    """Runs the script as that user: an own /etc/passwd, too."""
    program = ("import os, sys\nsys.path.insert(0, %r)\nimport hermetic\n"
               "why = hermetic.own_mounts() or hermetic.mount_passwd(%r, %r, '/bin/bash')\nassert not why, why\nos.execvp('/bin/bash', ['bash', '-c', %r])\n"
               % (os.path.join(ROOT, "tests"), os.path.dirname(traps.home), traps.home, script))
    return subprocess.run([sys.executable, "-B", "-c", program], env=traps.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)


# A session as the tests have them, without hermetic.py: the traps are good.
SESSION = r"""
cd "$TMPDIR" && mkdir -p /run/sshd && ssh-keygen -q -t ed25519 -N '' -f key
printf 'Port %s\nListenAddress 127.0.0.1\nHostKey %s/key\nAuthorizedKeysFile %s/key.pub\nPidFile none\nUsePAM no\nStrictModes no\n' $PORT "$PWD" "$PWD" >conf
/usr/sbin/sshd -D -f "$PWD/conf" 2>log & sshd=$!
for i in $(seq 200); do
  ssh -p $PORT -i key -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o BatchMode=yes "$USER@127.0.0.1" true && break
  sleep 0.1
done
kill $sshd
openssl version
"""


@unittest.skipUnless(os.geteuid() == 0, "needs root: it mounts over /etc/passwd")
class Hermetic(unittest.TestCase):
    SECONDS = 40

    def setUp(self):
        self.folder = tempfile.mkdtemp(dir="/tmp")  # sockets in folders of jobs within this job need short paths
        self.addCleanup(shutil.rmtree, self.folder)
        self.traps = Traps(self.folder)

    def test_the_traps_are_good(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.traps.environment.update(PORT=str(port), USER=pwd.getpwuid(0).pw_name)
        done = as_user(self.traps, SESSION)
        self.assertLessEqual({".bashrc", ".bash_env", ".ssh/rc", "ssh-config", "path"}, self.traps.sprung(), done.stdout)

    def test_no_trap_is_sprung(self):
        # bash reads BASH_ENV before it starts tests/run: that is the caller's own shell.
        done = as_user(self.traps, "rm -f %s; exec %s --side-by-side 2 --logs %s %s" % (
            self.traps.marks, os.path.join(ROOT, "tests", "run"), os.path.join(self.folder, "logs"), " ".join(SOME)))
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertEqual(self.traps.sprung(), set())
        self.assertRegex(done.stdout.splitlines()[-1], r"^\d\d+ passed, 0 failed, \d+ skipped$")

    def test_what_a_job_finds(self):
        os.environ.update(self.traps.environment)
        found = hermetic.environment(os.path.join(self.folder, "job"))
        self.assertEqual(sorted(set(found) - {"CI", "RC_PARAMS"} - {name for name in found if name.startswith("MESHCTL_")}),
                         ["HOME", "LANG", "LOGNAME", "PATH", "PYTHONDONTWRITEBYTECODE", "SHELL", "TERM", "TMPDIR", "TZ", "USER"])
        self.assertNotIn("MESHCTL_PASSPHRASE_FILE", found)
        self.assertEqual(os.listdir(found["HOME"]), [])
        log = os.path.join(self.folder, "log")
        script = 'test "$HOME" = "$(getent passwd "$(id -un)" | cut -d: -f6)" && getent passwd "$(id -un)" | grep -q ":/bin/sh$" && ls -A ~'
        pid = guard.start(["/bin/sh", "-c", script], log, found, os.path.join(self.folder, "job"))
        self.assertEqual(os.waitpid(pid, 0)[1], 0)
        with open(log) as file:
            self.assertEqual(file.read(), "")
