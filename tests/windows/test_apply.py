"""meshctl over SSH against two simulated Windows hosts: the transaction from both ends."""
import os, shutil, signal, subprocess, tempfile, time, unittest

import kit
import simulator
from kit import read, rules

INVENTORY = """version: 1
mesh: sim
defaults: {{backend: windows, auth: psk, level: require}}
hosts:
  win1: {{addresses: [192.0.2.1], ssh: {ssh1}}}
  win2: {{addresses: [192.0.2.2], ssh: {ssh2}}}
links:
  - {{between: [win1, win2], select: [{{protocol: tcp, port: 445}}]}}
"""
ADDRESSES = {"win1": "192.0.2.1", "win2": "192.0.2.2"}


class Apply(unittest.TestCase):
    SHELL = "cmd"

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="meshctl-windows-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.hosts = {name: self.enterContext(simulator.Windows(os.path.join(self.folder, name), shell=self.SHELL)) for name in ADDRESSES}
        self.negotiate()
        for host in self.hosts.values():
            host.run('netsh advfirewall consec add rule name="theirs" endpoint1=198.51.100.1 endpoint2=198.51.100.2 action=requestinrequestout '
                     'auth1=computerpsk auth1psk="another key" qmsecmethods=esp:sha1-aes128+60min+100000kb')
        with open(os.path.join(self.folder, "passphrase"), "w") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write("a pass phrase for tests\n")
        self.write(INVENTORY.format(ssh1=self.ssh("win1"), ssh2=self.ssh("win2")))
        self.ctl("keys", "init")
        self.output = ""

    def tearDown(self):
        """Keys are in no command line and in nothing that meshctl says; what others made is as it was."""
        self.ctl("compile", "inventory.yaml", "-o", "out")
        keys = {key for name in ADDRESSES for key in self.keys(name)}
        self.assertTrue(keys)
        for host in self.hosts.values():
            for key in keys:
                self.assertNotIn(key, host.read("calls.log"))
                self.assertNotIn(key, self.output)
            self.assertNotIn("another key", self.output)
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
        env = dict(os.environ, MESHCTL_PASSPHRASE_FILE=os.path.join(self.folder, "passphrase"))
        return subprocess.Popen([os.environ["MESHCTL"], *args], cwd=self.folder, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True)

    def ctl(self, *args, code=0):
        process = self.start(*args)
        out = process.communicate(timeout=600)[0]
        self.output = getattr(self, "output", "") + out
        self.assertEqual(process.returncode, code, "meshctl %s\n%s" % (" ".join(args), out))
        return out

    def apply(self, *more, code=0):
        return self.ctl("apply", "inventory.yaml", "--yes", "--timeout", "240", *more, code=code)

    def keys(self, name):
        folder = os.path.join(self.folder, "out", name, "files", "ProgramData", "meshctl", "rules")
        return [read(os.path.join(folder, file)).split('psk="')[1].split('"')[0] for file in os.listdir(folder)]

    def policies(self):
        return {name: host.policy() for name, host in self.hosts.items()}

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
        end = time.monotonic() + seconds
        while not true():
            self.assertLess(time.monotonic(), end, what)
            time.sleep(0.2)


class Life(Apply):
    def test_apply_change_rollback(self):
        fresh = self.policies()
        self.apply()
        self.calm()
        first = self.policies()
        for name in ADDRESSES:
            self.assertEqual(len(self.ours(name)), 1)
            self.assertIn("port2=445" if name == "win1" else "port1=445", self.ours(name)[0])
            self.assertTrue(os.path.exists(self.path(name, "undo.cmd")))

        for host in self.hosts.values():
            host.faults()
        self.assertIn("unchanged", self.apply())
        self.ctl("plan", "inventory.yaml", "--detailed-exitcode")
        self.assertIn("2 link ends up", self.ctl("status", "inventory.yaml"))
        for host in self.hosts.values():
            self.assertEqual([line for line in host.calls() if line.startswith("netsh") and " show " not in line], [])

        generations = {name: self.generation(name) for name in ADDRESSES}
        self.edit("port: 445}", "port: 139}")
        self.ctl("plan", "inventory.yaml", "--detailed-exitcode", code=2)
        self.apply()
        for name in ADDRESSES:
            self.assertNotEqual(self.generation(name), generations[name])
            self.assertIn("=139", self.ours(name)[0])
        self.ctl("rollback", "inventory.yaml", "--yes")
        self.assertEqual(self.policies(), first)
        self.assertEqual({name: self.generation(name) for name in ADDRESSES}, generations)
        self.calm()

        # Drift: a rule that somebody deletes is seen and put back.
        self.edit("port: 139}", "port: 445}")
        self.hosts["win1"].run('netsh advfirewall consec delete rule name="%s"' % self.ours("win1")[0].split("name=")[1].split("\t")[0])
        self.ctl("plan", "inventory.yaml", "--detailed-exitcode", code=2)
        self.apply()
        self.assertEqual(self.policies(), first)

        ended = self.hosts["win1"].run(kit.UNDO)
        self.assertEqual(ended.code, 0, ended.out)
        self.assertEqual(rules(self.hosts["win1"].policy()), rules(fresh["win1"]))


class Asking(Apply):
    def test_facts_and_rehearsals_change_nothing(self):
        before = self.policies()
        self.assertIn("windows 10.0.", self.ctl("facts", "inventory.yaml"))
        self.apply("--until", "staged")
        self.apply("--until", "checked")
        self.assertEqual(self.policies(), before)
        self.calm()
        for name in ADDRESSES:
            self.assertEqual(os.listdir(self.path(name, "generations")), [])
            self.assertEqual(os.listdir(self.path(name, "txn")), [])


class Failure(Apply):
    def test_one_host_fails_and_all_go_back(self):
        fresh = self.policies()
        self.hosts["win2"].faults("fail add rule")
        out = self.apply(code=1)
        self.assertIn("meshctl-sim-win1", out)  # the step that failed is named
        self.assertEqual({name: rules(policy) for name, policy in self.policies().items()},
                         {name: rules(policy) for name, policy in fresh.items()})
        self.calm()
        self.hosts["win2"].faults()
        self.negotiate()
        self.apply()
        first = self.policies()
        self.edit("port: 445}", "port: 139}")
        self.hosts["win2"].faults("fail -139")  # what the new generation alone has
        self.apply(code=1)
        self.assertEqual(self.policies(), first)
        self.calm()

    def test_a_way_back_that_fails_is_tried_again(self):
        self.apply()
        first = self.policies()
        self.edit("port: 445}", "port: 139}")
        self.hosts["win2"].faults("fail set global mainmode mmkeylifetime")
        self.apply("--dead-man", "20", code=3)
        self.assertTrue(os.path.exists(self.path("win2", "lock")))
        self.hosts["win2"].faults()
        self.wait("the task takes it back", lambda: not os.path.exists(self.path("win2", "lock")))
        self.assertEqual(self.policies(), first)
        self.ctl("resume", "inventory.yaml", "--yes")
        self.calm()

    def test_links_that_do_not_come_up(self):
        self.hosts["win2"].write("associations.txt", "")
        fresh = self.policies()
        out = self.apply(code=1)
        self.assertIn("does not come up", out)
        self.assertEqual({name: rules(policy) for name, policy in self.policies().items()},
                         {name: rules(policy) for name, policy in fresh.items()})
        self.calm()


class DeadMan(Apply):
    def killed_when_armed(self):
        """A first generation stands; a second one is under way on both hosts when the controller dies."""
        self.apply()
        self.first = self.policies()
        self.edit("port: 445}", "port: 139}")
        process = self.start("apply", "inventory.yaml", "--yes", "--timeout", "240", "--dead-man", "45")
        self.wait("win1 has the new rules", lambda: "=139" in "".join(self.ours("win1")))
        process.kill()
        process.communicate()

    def test_the_controller_dies(self):
        self.killed_when_armed()
        self.wait("both are back", lambda: self.policies() == self.first)
        self.wait("the locks go", lambda: not any(os.path.exists(self.path(name, "lock")) for name in ADDRESSES))
        self.ctl("resume", "inventory.yaml", "--yes")
        self.calm()
        self.apply()
        self.assertIn("=139", self.ours("win2")[0])

    def test_the_power_goes(self):
        self.killed_when_armed()
        self.hosts["win1"].reboot()
        self.wait("both are back", lambda: self.policies() == self.first)
        self.ctl("resume", "inventory.yaml", "--yes")
        self.calm()


if __name__ == "__main__":
    unittest.main()
