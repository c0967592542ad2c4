"""What the tests of this folder share: one simulated host a class, and bundles that meshctl compiles."""
import os, re, shutil, subprocess, tempfile, unittest

import pace, simulator, vaults

ROOT = os.path.normpath(os.path.join(simulator.HERE, "..", ".."))


class WindowsCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="meshctl-windows-")
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.windows = simulator.Windows(os.path.join(cls.folder, "host"), speed=getattr(cls, "SPEED", 1))
        cls.enterClassContext(cls.windows)

    def setUp(self):
        self.windows.reset()

    def must(self, command, code=0):
        ended = self.windows.run(command)
        self.assertEqual(ended.code, code, "%s\n%s" % (command, ended.out))
        return ended.out


class Bundles:
    """An inventory in a folder of its own, with keys made for the occasion."""

    def __init__(self, text):
        self.folder = tempfile.mkdtemp(prefix="meshctl-windows-")
        self.write(text)
        self.ctl("keys", "init")
        if "x509" in text:
            self.ctl("keys", "ca", "init")
            self.ctl("keys", "issue")
        self.compile()

    @classmethod
    def of(cls, name):
        return cls(read(os.path.join(ROOT, "inventories", "windows", name + ".yaml")))

    def write(self, text):
        with open(os.path.join(self.folder, "inventory.yaml"), "w") as file:
            file.write(text)

    def edit(self, old, new):
        text = read(os.path.join(self.folder, "inventory.yaml"))
        if text.count(old) != 1:
            raise ValueError("%r is there %d times" % (old, text.count(old)))
        self.write(text.replace(old, new))
        self.compile()

    def ctl(self, *args):
        words = vaults.opened(os.path.join(self.folder, "key"), args)
        done = subprocess.run([os.environ["MESHCTL"], *words], cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=1200)
        if done.returncode:
            raise AssertionError("meshctl %s: exit %d\n%s" % (" ".join(args), done.returncode, done.stdout))

    def compile(self):
        shutil.rmtree(os.path.join(self.folder, "out"), ignore_errors=True)
        self.ctl("compile", "inventory.yaml", "--out", "out")

    def files(self, host):
        return os.path.join(self.folder, "out", host, "files", "ProgramData")

    def copy_to(self, windows, host):
        """What an admin copies by hand. What was copied before and is no longer wanted stays away, state\\ stays."""
        target = windows.path(r"C:\ProgramData\meshctl")
        for name in os.listdir(target) if os.path.isdir(target) else []:
            if name != "state":
                shutil.rmtree(os.path.join(target, name)) if os.path.isdir(os.path.join(target, name)) else os.unlink(os.path.join(target, name))
        shutil.copytree(self.files(host), windows.path(r"C:\ProgramData"), dirs_exist_ok=True)

    def keys(self):
        """Every pre-shared key of every Windows host's files."""
        found = set()
        for folder, _, names in os.walk(os.path.join(self.folder, "out")):
            for name in names:
                found.update(re.findall(r'psk="([^"]+)"', read(os.path.join(folder, name))))
        return found

    def remove(self):
        shutil.rmtree(self.folder)


def read(path):
    with open(path, errors="replace") as file:
        return file.read()


APPLY = r"C:\ProgramData\meshctl\apply.cmd"
UNDO = r"C:\ProgramData\meshctl\undo.cmd"


def add_foreign(case):
    """What others have made before meshctl comes."""
    case.must('netsh advfirewall consec add rule name="theirs" endpoint1=198.51.100.1 endpoint2=198.51.100.2 action=requestinrequestout '
              'auth1=computerpsk auth1psk="another key" qmsecmethods=esp:sha1-aes128+60min+100000kb')
    case.must("netsh advfirewall consec add rule name=theirs endpoint1=198.51.100.3 endpoint2=any action=noauthentication")
    case.must("netsh advfirewall mainmode add rule name=theirs-too auth1=computerkerb endpoint2=198.51.100.4")
    return case.windows.policy()


def wait_for(what, seconds=90):
    if not pace.wait_for(what, seconds, 0.1):
        raise AssertionError("it does not happen")


def rules(policy):
    """Without the settings of the whole machine."""
    return [line for line in policy if not line.startswith("global")]


def settled(policy):
    """The two sides of an IP Security Policy take turns; they differ in their names only."""
    return sorted("\t".join(field[:-2] if field.endswith(("-a", "-b")) else field for field in line.split("\t")) for line in policy)
