"""The scripts of `firewall:` on the kernel's, each in a network namespace of its own; and the agent that runs them."""
import os
import shutil
import subprocess
import time
import unittest

import pace
from host import Generation
from test_life import ONE, Case

HERE = os.path.dirname(os.path.abspath(__file__))
GOLDEN = os.path.join(HERE, "../golden")
NFTABLES = """
table inet filter {
	set blocked { type ipv4_addr; elements = { 192.0.2.77 }; }
	chain input {
		type filter hook input priority filter; policy drop;
		tcp dport 22 accept
	}
	chain forward {
		type filter hook forward priority filter; policy drop;
	}
	chain elsewhere {
		type filter hook output priority filter;
		ip daddr @blocked drop
	}
}
table ip6 six {
	chain in6 {
		type filter hook input priority filter; policy drop;
	}
}
table ip nat {
	chain postrouting {
		type nat hook postrouting priority srcnat;
		oifname "eth0" masquerade
	}
}
table inet counters {
	chain input {
		type filter hook input priority 5; policy accept;
		counter
	}
}
"""
IPTABLES = """
iptables -P INPUT DROP && iptables -A INPUT -p tcp --dport 22 -j ACCEPT && iptables -P FORWARD DROP
iptables -t nat -A POSTROUTING -o eth0 -j MASQUERADE
ip6tables -A INPUT -j REJECT
"""


def sh(text, *arguments):
    """In a new network namespace."""
    return subprocess.run(["unshare", "-n", "sh", "-euc", text, "sh", *arguments], capture_output=True, text=True, timeout=600)


def need(case, probe, what):
    if os.geteuid() != 0 or not shutil.which("unshare") or sh(probe).returncode != 0:
        case.skipTest("needs root, and a kernel with %s" % what)


class Nftables(unittest.TestCase):
    SCRIPT = os.path.join(GOLDEN, "racoon/hq/firewall.nftables")

    def setUp(self):
        need(self, "nft add table inet x && nft add chain inet x y '{ type nat hook postrouting priority 100; }'", "nftables")

    def run_in(self, ruleset, text):
        done = sh("printf '%s\\n' \"$2\" | nft -f -\n" + text, self.SCRIPT, ruleset)
        self.assertEqual((done.stderr, done.returncode), ("", 0))
        return done.stdout

    def test_up_twice_is_once_and_down_leaves_nothing(self):
        out = self.run_in(NFTABLES, 'nft list ruleset; echo ---; sh "$1" up; nft list ruleset; echo ---; sh "$1" up; nft list ruleset\n'
                                    'echo ---; sh "$1" status; sh "$1" down; nft list ruleset')
        before, once, twice, after = out.split("---\n")
        self.assertEqual(once, twice)
        self.assertEqual(before, after)
        self.assertEqual([line for line in before.splitlines() if line not in once.splitlines()], [])
        for chain in ("input", "forward", "output", "postrouting"):
            self.assertIn('jump meshctl_%s comment "meshctl"' % chain, once)
        self.assertNotIn("meshctl", once[once.index("table inet counters"):])  # nothing is dropped there
        self.assertNotIn("prerouting", once)                                  # nothing is translated there
        six = once[once.index("table ip6 six"):once.index("table ip nat")]
        self.assertNotIn("ip saddr", six)

    def test_status_says_what_a_reload_took(self):
        out = self.run_in(NFTABLES, 'sh "$1" status; sh "$1" up; nft flush chain inet filter input; nft delete rule inet filter meshctl_forward handle '
                                    '"$(nft -a list chain inet filter meshctl_forward | sed -n "s/.* accept # handle //p" | head -n 1)"; echo ---; sh "$1" status')
        before, reloaded = out.split("---\n")
        self.assertEqual(before.count("does not jump to the rules for IPsec"), 5)
        self.assertEqual(reloaded.splitlines(), ["chain inet filter input does not jump to the rules for IPsec",
                                                 "chain inet filter meshctl_forward has other rules than those for IPsec"])

    def test_a_firewall_that_lets_all_pass_needs_nothing(self):
        self.assertNotIn("meshctl", self.run_in("table inet x { chain y { type filter hook input priority 0; }; }", 'sh "$1" test; sh "$1" up; sh "$1" status; nft list ruleset'))

    def test_a_chain_that_an_admin_jumps_to_stays(self):
        out = self.run_in(NFTABLES, 'sh "$1" up; nft add rule inet filter forward jump meshctl_forward; sh "$1" down; nft list ruleset')
        self.assertIn("chain meshctl_forward {\n\t}", out)
        self.assertEqual(out.count("meshctl"), 2)


class Iptables(unittest.TestCase):
    SCRIPT = os.path.join(GOLDEN, "racoon/branch/firewall.iptables")
    SAVE = "{ iptables-save; ip6tables-save; } | sed '/^#/d; s/ \\[.*//'"

    def setUp(self):
        need(self, IPTABLES, "iptables")

    def test_up_twice_is_once_and_down_leaves_nothing(self):
        done = sh(IPTABLES + ("%s; echo ---; sh \"$1\" status; sh \"$1\" test; sh \"$1\" up; sh \"$1\" status; %s; echo ---; sh \"$1\" up; %s; echo ---\n"
                              "iptables -D INPUT -j MESHCTL-INPUT; sh \"$1\" status; sh \"$1\" down; %s") % ((self.SAVE,) * 4), self.SCRIPT)
        self.assertEqual((done.stderr, done.returncode), ("", 0))
        before, once, twice, after = done.stdout.split("---\n")
        missing, once = once.split("*", 1)
        self.assertIn("iptables: nat POSTROUTING does not jump to the rules for IPsec\n", missing)
        self.assertEqual("*" + once, twice)
        reloaded, after = after.split("*", 1)
        self.assertEqual(reloaded, "iptables: filter INPUT does not jump to the rules for IPsec\n")
        self.assertEqual(before, "*" + after)
        self.assertEqual(once.count("-A INPUT -j MESHCTL-INPUT"), 2)  # both families
        self.assertLess(once.index("-A POSTROUTING -j MESHCTL-POSTROUTING"), once.index("MASQUERADE"))

    def test_nftables_is_refused_where_iptables_drops(self):
        if "nf_tables" not in sh("iptables --version").stdout:
            self.skipTest("iptables-legacy")
        done = sh(IPTABLES + "sh \"$1\" test", Nftables.SCRIPT)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("use firewall: iptables", done.stderr)


class Transaction(Case):
    """A firewall that is a file: what a generation's script has made of it last."""
    SCRIPT = """#!/bin/sh
cd "$MESHCTL_ROOT" || exit 1
case $1 in
  up) echo %s >firewall ;;
  down) rm -f firewall ;;
  test) [ ! -e refuse ] || { echo "no such family" && exit 1; } ;;
  status) [ "$(cat firewall 2>/dev/null)" = %s ] || echo "chain x does not jump" ;;
esac
"""

    def with_firewall(self, version, kind="iptables"):
        files = {path: (content.decode(), mode) for path, (content, mode) in ONE.files.items()}
        files["/etc/meshctl/firewall." + kind] = (self.SCRIPT % (version, version), 0o755)
        return Generation(files)

    def setUp(self):
        super().setUp()
        self.host.write("/bin/iptables", "", 0o755)
        self.host.env["PATH"] = "%s/bin:%s" % (self.host.root, os.environ["PATH"])

    def wait(self, condition):
        self.assertTrue(pace.wait_for(condition, 30), "waited in vain")

    def firewall(self):
        return self.host.read("/firewall").strip() if (self.host.root / "firewall").exists() else None

    def test_it_comes_goes_and_goes_back_with_its_generation(self):
        first, second = self.with_firewall("first"), self.with_firewall("second")
        self.applied(first)
        self.assertEqual(self.firewall(), "first")
        self.armed("B", second)
        self.assertEqual(self.firewall(), "second")
        self.ok(self.host.call("revert", "B"))
        self.assertEqual(self.firewall(), "first")
        self.armed("C", ONE)
        self.assertIsNone(self.firewall())
        self.ok(self.host.call("revert", "C"))
        self.assertEqual(self.firewall(), "first")
        self.ok(self.host.call("reuse", "D", "original"))
        self.ok(self.host.call("arm", "D", 60))
        self.ok(self.host.call("activate", "D"))
        self.assertIsNone(self.firewall())

    def test_what_a_reload_took_is_told_and_put_back(self):
        gen = self.with_firewall("first")
        self.applied(gen)
        self.assertEqual(self.host.call("probe").get("drift"), [])
        (self.host.root / "firewall").unlink()
        self.assertEqual(self.host.call("status").get("health"), ["ok 5 policies", "firewall chain x does not jump: 'meshctl apply' puts it back"])
        self.assertEqual(self.host.call("probe").get("drift"), ["/etc/meshctl/firewall.iptables"])
        self.applied(gen)
        self.assertEqual(self.firewall(), "first")

    def test_at_boot_it_comes_after_the_rules_of_the_host(self):
        self.applied(self.with_firewall("first"))
        self.host.reboot()
        self.host.write("/firewall", "the host's own")
        self.assertEqual(self.host.file_call("boot").status, 0)
        self.wait(lambda: self.firewall() == "first")
        self.host.write("/firewall", "the host's own, late")
        self.wait(lambda: self.firewall() == "first")
        # What looks after it does not undo the next change
        self.armed("N", self.with_firewall("second"))
        time.sleep(5)
        self.assertEqual(self.firewall(), "second")
        self.ok(self.host.call("confirm", "N"))
        time.sleep(3)
        self.assertEqual(self.firewall(), "second")

    def test_what_it_would_not_take_is_said_before_anything_changes(self):
        self.host.write("/refuse", "")
        self.ok(self.host.stage("T", self.with_firewall("first")))
        self.assertEqual(self.host.call("check", "T").last, "fail check firewall: no such family")
        self.host.write("/etc/nftables.conf", 'include "/etc/racoon/meshctl-filter.nft"\n')
        self.assertIn("take that out", self.fails(self.host.call("check", "T"), "check").last)


if __name__ == "__main__":
    unittest.main()
