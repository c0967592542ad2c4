"""Two simulated Windows hosts and a meshctl that applies to them over SSH: what the tests of the transaction share."""
import os, shutil, subprocess, tempfile, unittest

import pace, simulator, vaults
from kit import read, rules

INVENTORY = """version: 1
mesh: sim
defaults: {{backend: windows, auth: {auth}, level: require, suite: {suite}}}
hosts:
  win1: {{addresses: [192.0.2.1], windows: {{form: {form}, version: "2016"}}, ssh: {ssh1}}}
  win2: {{addresses: [192.0.2.2], windows: {{form: {form}, version: "2016"}}, ssh: {ssh2}}}
links:
  - {{between: [win1, win2], select: [{{protocol: tcp, port: 445}}]}}
"""
FOR_CMD = {"cmd": "%s", "powershell": "cmd /d /c '%s'", "bash": "MSYS_NO_PATHCONV=1 cmd /d /c '%s'"}
ADDRESSES = {"win1": "192.0.2.1", "win2": "192.0.2.2"}


class Apply(unittest.TestCase):
    SHELL = "cmd"
    FORM = "netsh"
    AUTH = "psk"
    SUITE = "windows"

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="meshctl-windows-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.hosts = {name: self.enterContext(simulator.Windows(os.path.join(self.folder, name), shell=self.SHELL)) for name in ADDRESSES}
        self.negotiate()
        for host in self.hosts.values():
            host.run(FOR_CMD[self.SHELL] % (
                "netsh advfirewall consec add rule name=theirs endpoint1=198.51.100.1 endpoint2=198.51.100.2 action=requestinrequestout "
                "auth1=computerpsk auth1psk=another-key qmsecmethods=esp:sha1-aes128+60min+100000kb"))
        self.write(INVENTORY.format(ssh1=self.ssh("win1"), ssh2=self.ssh("win2"), form=self.FORM, auth=self.AUTH, suite=self.SUITE))
        self.ctl("keys", "init")
        if self.AUTH == "x509":
            self.ctl("keys", "ca", "init")
            self.ctl("keys", "issue")
        self.output = ""

    def tearDown(self):
        """Keys are in no command line and in nothing that meshctl says; what others made is as it was."""
        self.ctl("compile", "inventory.yaml", "--out", "out")
        keys = {key for name in ADDRESSES for key in self.keys(name)}
        self.assertEqual(bool(keys), self.AUTH == "psk")
        for host in self.hosts.values():
            for key in keys:
                self.assertNotIn(key, host.read("calls.log"))
                self.assertNotIn(key, self.output)
            self.assertNotIn("another-key", self.output)
            self.assertEqual(len([line for line in host.policy() if "name=theirs" in line]), 1)

    # ---- what the tests do ----
    def negotiate(self):
        """Nothing does that here. `undo` and a way back delete these SAs."""
        for name, host in self.hosts.items():
            other = next(address for peer, address in ADDRESSES.items() if peer != name)
            host.write("associations.txt", "qmsa %s %s\n" % (ADDRESSES[name], other))

    def ssh(self, name):
        host = self.hosts[name]
        key = " ".join(read(os.path.join(host.folder, "hostkey.pub")).split()[:2])
        return '{address: 127.0.0.1, port: %d, user: %s, key_file: %s/id, host_key: "%s"}' % (
            host.port, os.environ.get("USER") or "root", host.folder, key)

    def write(self, text):
        self.text = text
        with open(os.path.join(self.folder, "inventory.yaml"), "w") as file:
            file.write(text)

    def edit(self, old, new):
        self.assertEqual(self.text.count(old), 1)
        self.write(self.text.replace(old, new))

    def start(self, *args):
        words = vaults.opened(os.path.join(self.folder, "key"), args)
        return subprocess.Popen([os.environ["MESHCTL"], *words], cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True)

    def ctl(self, *args, code=0):
        process = self.start(*args)
        out = process.communicate()[0]  # the job has a time limit
        self.output = getattr(self, "output", "") + out
        calls = ["%s: %s" % (name, line) for name, host in self.hosts.items() for line in host.calls()[-40:]] if process.returncode != code else []
        self.assertEqual(process.returncode, code, "meshctl %s\n%s\n%s" % (" ".join(args), out, "\n".join(calls)))
        return out

    def apply(self, *more, code=0):
        return self.ctl("apply", "inventory.yaml", "--yes", "--timeout", str(pace.seconds(240)), *more, code=code)

    def keys(self, name):
        folder = os.path.join(self.folder, "out", name, "files", "ProgramData", "meshctl", "rules")
        files = os.listdir(folder) if os.path.isdir(folder) else []
        return [read(os.path.join(folder, file)).split('psk="')[1].split('"')[0] for file in files]

    def policies(self):
        return {name: host.policy() for name, host in self.hosts.items()}

    def nothing_is_written(self):
        """What stands is what is wanted: apply and plan only look."""
        for host in self.hosts.values():
            host.faults()
        self.assertIn("unchanged", self.apply())
        self.ctl("plan", "inventory.yaml", "--detailed-exitcode")
        for host in self.hosts.values():
            self.assertEqual([line for line in host.calls() if line.startswith("netsh") and " show " not in line], [])

    def ours(self, name):
        return [line for line in rules(self.hosts[name].policy()) if "name=meshctl-" in line]

    def path(self, name, *parts):
        return os.path.join(self.hosts[name].path(r"C:\ProgramData\meshctl"), *parts)

    def generation(self, name):
        return read(self.path(name, "current")).split()[0]

    def calm(self):
        """Nothing is left of a transaction."""
        for name, host in self.hosts.items():
            self.assertEqual([file for file in ("lock", "trial") if os.path.exists(self.path(name, file))], [], name)
            self.assertEqual(host.tasks(), [], name)

    def wait(self, what, true, seconds=240):
        self.assertTrue(pace.wait_for(true, seconds, 0.2), what)
