"""Policies of others that come before ours: which ones are found, from what each back end's tools show."""
import os
import shutil
import subprocess
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
AGENT = os.path.join(HERE, "../../src/apply/agent.sh")
BACKENDS = os.path.join(HERE, "../../src/backend")
GOLDEN = os.path.join(HERE, "../golden")

# Of the agent only what these functions need: its own start would look for a host.
HEAD = """die() { printf 'fail %s\\n' "$*"; exit 1; }
NL='
'
set -u
PATH=$FAKE:$PATH
eval "$(sed -n '/^mc_ahead()/,/^}/p;/^mc_limit()/,/^}/p;/^mc_run()/p;/^mc_each()/,/^}/p' "$AGENT")"
limit=60
"""


ONE = "a policy that is not of meshctl comes before ours: "


def sh(commands, fake="/nowhere", backend=None, given=""):
    script = HEAD + ('. "$BACKENDS/%s/activation.sh"\n' % backend if backend else "") + commands
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, timeout=600,
                          env={"PATH": os.environ["PATH"], "FAKE": fake, "GIVEN": given, "AGENT": AGENT, "BACKENDS": BACKENDS})
    return done.stdout + done.stderr


class Ahead(unittest.TestCase):
    def test_two_policies_that_can_match_one_packet(self):
        ours = "out 1000 10.1.0.0/16 10.2.0.0/16 6 0 443"
        rows = [  # the other one, whether it comes before ours
            ("out 1000 10.1.0.0/16 10.2.0.0/16 6 0 443", True), ("out 1001 10.1.0.0/16 10.2.0.0/16 6 0 443", False),
            ("in 1 10.1.0.0/16 10.2.0.0/16 6 0 443", False), ("out 1 0.0.0.0/0 0.0.0.0/0 0 0 0", True),
            ("out 1 10.1.2.3 10.2.255.255/32 6 5 443", True), ("out 1 10.1.0.0/17 10.2.128.0/17 0 0 0", True),
            ("out 1 10.2.0.0/15 10.2.0.0/15 0 0 0", False), ("out 1 10.0.0.0/15 10.2.0.0/15 0 0 0", True),
            ("out 1 10.3.0.0/16 10.2.0.0/16 0 0 0", False), ("out 1 10.1.0.0/16 10.2.0.0/16 17 0 0", False),
            ("out 1 10.1.0.0/16 10.2.0.0/16 6 0 80", False), ("out 1 ::/0 ::/0 0 0 0", False),
        ]
        for other, found in rows:
            said = sh('mc_ahead "$GIVEN"', given="ours %s\nother %s src A b" % (ours, other))
            self.assertEqual(said, ONE + "src A b\n" if found else "", other)

    def test_prefixes_of_ipv6_in_every_spelling(self):
        rows = [("2001:db8::/32", "2001:db8:ffff::1", True), ("2001:db8::/32", "2001:db9::1", False),
                ("::/0", "::1", True), ("::1", "0:0:0:0:0:0:0:1/128", True), ("fe80::/10", "febf::1", True),
                ("fe80::/10", "fec0::1", False), ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8", True), ("1:2::/33", "1:2:7fff::", True),
                ("1:2::/33", "1:2:8000::", False), ("::ffff:192.0.2.1", "::ffff:c000:201", True), ("1::", "1:0::/64", True),
                ("::ffff:0:0/96", "::ffff:10.0.0.1", True), ("a::b:0:0:c", "a:0:0:0:b::c", True)]
        for one, two, found in rows:
            for x, y in ((one, two), (two, one)):
                said = sh('mc_ahead "$GIVEN"', given="ours in 5 %s ::/0 0 0 0\nother in 5 %s ::/0 0 0 0 yes" % (x, y))
                self.assertEqual(said, ONE + "yes\n" if found else "", (x, y))

    def test_the_first_one_is_named(self):
        self.assertEqual(sh('mc_ahead ""'), "")
        others = "".join("other in 5 %s ::/0 0 0 0 the one of %s\n" % (net, net) for net in ("::1", "2001:db8::1", "2001:db8::2"))
        self.assertEqual(sh('mc_ahead "$GIVEN"', given=others + "ours in 9 2001:db8::/32 ::/0 0 0 0"),
                         "2 policies that are not of meshctl come before ours, the first: the one of 2001:db8::1\n")


class Kernel(unittest.TestCase):
    """The golden files of one host, with a tool that shows what is written here as the kernel's policies."""

    def setUp(self):
        self.fake = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.fake)

    def generation(self, name, place, golden):
        folder = os.path.join(self.fake, name, "files" + place)
        shutil.copytree(os.path.join(GOLDEN, golden), folder, dirs_exist_ok=True)
        return os.path.join(self.fake, name)

    def tool(self, name, text):
        with open(os.path.join(self.fake, "shown"), "w") as file:
            file.write(text)
        with open(os.path.join(self.fake, name), "w") as file:
            file.write('#!/bin/sh\ncat "$FAKE/shown"\n')
        os.chmod(os.path.join(self.fake, name), 0o755)


class StrongSwan(Kernel):
    def ahead(self, shown, old=""):
        new = self.generation("new", "/etc/meshctl", "strongswan/pair/alice/etc/meshctl")
        self.tool("ip", shown)
        return sh('mc_ahead "$(be_others %s %s)"' % (new, old), self.fake, "strongswan")

    @staticmethod
    def policy(source, destination, rest):
        return "src %s dst %s \\\tdir out %s\n" % (source, destination, rest)

    def test_what_comes_before_a_link(self):
        pair = ("10.77.0.1/32", "10.77.0.2/32")
        hole = self.policy(*pair, "priority 5 ptype main")
        self.assertEqual(self.ahead(hole), "")       # the selector of ours: replaced by an update
        udp = self.policy("10.77.0.1/32", "10.77.0.2/32 proto udp", "priority 5 ptype main")
        self.assertEqual(self.ahead(udp), ONE + "src 10.77.0.1/32 dst 10.77.0.2/32 proto 17 dir out priority 5 action allow\n")
        charon = "tmpl src 0.0.0.0 dst 0.0.0.0\\\t\tproto esp reqid %d mode transport"
        self.assertIn("reqid 7", self.ahead(self.policy("10.77.0.0/24", "10.77.0.0/24", "priority 367232 ptype main \\\t" + charon % 7)))
        for quiet in (udp.replace("priority 5 ", "priority 4000000000 "),
                      udp.replace("10.77.0.2", "10.78.0.2"),
                      self.policy("10.77.0.0/24", "10.77.0.0/24", "priority 5 ptype main \\\t" + charon % 20000000),
                      udp.replace("ptype main", "ptype main if_id 0x2a"),
                      udp.replace("ptype main", "ptype main mark 0x1/0x1"),
                      "src 0.0.0.0/0 dst 0.0.0.0/0 \\\tsocket out priority 0 ptype main\n"):
            self.assertEqual(self.ahead(quiet), "", quiet)

    def test_the_generation_that_goes_is_ours(self):
        udp = self.policy("10.77.0.1/32", "10.77.0.2/32 proto udp", "priority 5 ptype main")
        old = os.path.join(self.fake, "old/files/etc/meshctl")
        os.makedirs(old)
        with open(old + "/policies.xfrm", "w") as file:
            file.write("xfrm policy update src 10.77.0.1/32 dst 10.77.0.2/32 proto 17 dir out priority 5 action allow\n")
        self.assertEqual(self.ahead(udp, os.path.join(self.fake, "old")), "")


class Racoon(Kernel):
    def ahead(self, host, shown):
        new = self.generation(host, "/etc/racoon", "racoon/" + host)
        self.tool("setkey", shown)
        return sh('mc_ahead "$(rk_others %s)"' % new, self.fake, "racoon")

    @staticmethod
    def policy(source, destination, protocol, action, request=""):
        return "%s[any] %s[any] %s\n\tout %s\n%s\tcreated: x\n\tspid=1 seq=1 pid=1\n\trefcnt=1\n" % (source, destination, protocol, action, request)

    def test_what_comes_before_a_link(self):
        udp = self.policy("192.0.2.1", "192.0.2.2", "udp", "prio high + 5 none")
        text = ONE + "192.0.2.1 192.0.2.2 17 -P out prio high + 5 none;\n"
        self.assertEqual(self.ahead("alpha", udp), text)
        self.assertEqual(self.ahead("alpha", udp.replace("prio high + 5 ", "")), text.replace("high + 5", "0"))
        for quiet in (udp.replace("prio high + 5", "prio low"), udp.replace("192.0.2.2", "192.0.3.2"),
                      self.policy("192.0.2.1", "192.0.2.2", "any", "prio high + 5 none"),
                      "(per-socket policy)\n\tout none\n\tspid=1 seq=1 pid=1\n\trefcnt=1\n"):
            self.assertEqual(self.ahead("alpha", quiet), "", quiet)

    def test_what_roaming_sh_loads_is_ours(self):
        own = self.policy("10.9.0.9", "10.1.0.0/16", "any", "prio high + 200049665 ipsec",
                          "\tesp/tunnel/192.168.100.9-203.0.113.1/require\n")
        self.assertEqual(self.ahead("roamer", own), "")

    def test_what_racoon_makes_for_road_warriors_is_ours(self):
        made = self.policy("10.1.0.0/16", "10.2.9.9", "any", "prio def ipsec", "\tesp/tunnel/203.0.113.1-198.51.100.7/unique:5\n")
        self.assertEqual(self.ahead("hq", made), "")
        self.assertNotEqual(self.ahead("hq", made.replace("prio def", "prio high + 400000000")), "")


if __name__ == "__main__":
    unittest.main()
