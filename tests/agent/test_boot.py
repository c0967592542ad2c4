"""What of the daemon happens at boot: status says when it will not start, start.sh starts it once."""
import os
import subprocess
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
AGENT = os.path.join(HERE, "../../src/apply/agent.sh")
GOLDEN = os.path.join(HERE, "../golden")
HEAD = """set -u
R=$1 GEN=$1/gen limit=60 PATH=$1/bin:$PATH
eval "$(sed -n '/^mc_say()/p;/^mc_limit()/,/^}/p;/^mc_run()/p;/^mc_starts_at_boot()/,/^}/p' "$0")"
"""


class Host:
    """A root of its own for scripts that are told it is `/`; commands in its bin folder come first."""

    def __init__(self, case):
        folder = tempfile.TemporaryDirectory()
        case.addCleanup(folder.cleanup)
        self.root = folder.name

    def file(self, path, text="", mode=0o644):
        path = self.root + path
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)
        os.chmod(path, mode)

    def sh(self, script, *arguments):
        return subprocess.run(["sh", "-c", script, AGENT, self.root, *arguments], capture_output=True, text=True, timeout=600)


class StartsAtBoot(unittest.TestCase):
    def said(self, init, boot, enabled=""):
        host = Host(self)
        if init == "systemd":
            os.makedirs(host.root + "/run/systemd/system")
        host.file("/bin/systemctl", "#!/bin/sh\nword=$(sed -n \"s/^$2 //p\" %s/units)\necho \"${word:-not-found}\"\n[ \"$word\" = enabled ]\n" % host.root, 0o755)
        host.file("/units", enabled)
        host.file("/bin/ifup", "", 0o755)
        for kind, path in (("systemd", "systemd/system/meshctl-daemon.service"), ("ifupdown", "network/if-up.d/meshctl-daemon"),
                           ("rc", "rcS.d/S98meshctl-daemon")):
            if kind == boot:
                host.file("/gen/files/etc/" + path)
        if init == "rc-linked":
            host.file("/etc/rc2.d/S20racoon")
        done = host.sh(HEAD + 'mc_starts_at_boot "$GEN" racoon other.service racoon.service')
        self.assertEqual((done.stderr, done.returncode), ("", 0))
        return done.stdout

    def test_boot_fits_the_init(self):
        for init, boot in (("systemd", "systemd"), ("rc", "rc"), ("rc", "ifupdown"), ("systemd", "ifupdown")):
            self.assertEqual(self.said(init, boot), "")
        self.assertIn("health boot racoon will not start at boot: this host's init is not systemd", self.said("rc", "systemd"))
        self.assertIn("health boot racoon will not start at boot: systemd runs no scripts", self.said("systemd", "rc"))
        self.assertIn("health boot racoon will not start at boot: racoon.service is masked", self.said("systemd", "systemd", "racoon.service masked"))

    def test_without_boot_it_is_a_note(self):
        note = "health note racoon will not start at boot"
        self.assertIn(note, self.said("systemd", None, "racoon.service disabled"))
        self.assertIn(note, self.said("systemd", None))
        self.assertIn(note + ": racoon.service is masked", self.said("systemd", None, "racoon.service masked-runtime"))
        self.assertIn(note, self.said("rc", None))
        self.assertEqual(self.said("systemd", None, "racoon.service enabled"), "")
        self.assertEqual(self.said("rc-linked", None), "")


class Start(unittest.TestCase):
    """strongSwan's start.sh, of a host without systemd."""

    def run_start(self, runs):
        host = Host(self)
        with open(GOLDEN + "/strongswan/sites/west/etc/meshctl/start.sh") as file:
            text = file.read()
        for path in ("/usr/lib/ipsec/charon", "/run/systemd/system", "/etc/meshctl/firewall.nftables"):
            self.assertIn(path, text)
            text = text.replace(path, host.root + path)
        host.file("/start.sh", text.replace("PATH=", "PATH=%s/bin:" % host.root), 0o755)
        host.file("/bin/swanctl", "#!/bin/sh\necho \"$*\" >>%s/asked\n[ \"$1\" != --stats ] || [ -e %s/runs ]\n" % (host.root, host.root), 0o755)
        host.file("/usr/lib/ipsec/charon", "#!/bin/sh\necho started >>%s/asked\ntouch %s/runs\n" % (host.root, host.root), 0o755)
        host.file("/etc/meshctl/firewall.nftables", "#!/bin/sh\necho \"firewall $1\" >>%s/asked\n" % host.root, 0o755)
        if runs:
            host.file("/runs")
        done = subprocess.run([host.root + "/start.sh"], capture_output=True, text=True, timeout=600)
        self.assertEqual((done.stderr, done.returncode), ("", 0))
        with open(host.root + "/asked") as file:
            return [line for line in file.read().splitlines() if line != "--stats"]

    def test_the_firewall_opens_charon_is_started_once_and_gets_its_connections(self):
        loaded = ["--load-creds --noprompt", "--load-conns"]
        self.assertEqual(self.run_start(runs=False), ["firewall up", "started"] + loaded)
        self.assertEqual(self.run_start(runs=True), ["firewall up"] + loaded)


if __name__ == "__main__":
    unittest.main()
