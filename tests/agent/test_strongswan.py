"""strongSwan's activation.sh on its own: what it makes of a generation's files."""
import os
import shutil
import subprocess
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
SCRIPT = os.path.join(HERE, "../../src/backend/strongswan/activation.sh")
AGENT = os.path.join(HERE, "../../src/apply/agent.sh")
GOLDEN = os.path.join(HERE, "../golden/strongswan")


class Strongswan(unittest.TestCase):
    def children(self, host, *holes):
        """The two ends of pings, for each protected piece of traffic."""
        with tempfile.TemporaryDirectory() as folder:
            gen = folder + "/gen"
            shutil.copytree(os.path.join(GOLDEN, host), gen + "/files")
            with open(gen + "/files/etc/meshctl/policies.xfrm", "a") as file:
                file.write("".join("xfrm policy update src %s dst %s proto %s dir out priority 9 action %s\n" % hole for hole in holes))
            done = subprocess.run(["sh", "-c", 'set -u; . "$0"; be_children "$1"', SCRIPT, gen],
                                  capture_output=True, text=True, timeout=600)
        self.assertEqual(done.stderr, "")
        return [" ".join(line.split()[6:]) for line in done.stdout.splitlines()]

    def test_pings_are_sent_where_no_hole_lets_them_pass(self):
        both = ["10.77.0.1 10.77.0.2", "fd77::1 fd77::2"]
        self.assertEqual(self.children("pair/alice"), both)  # the bypass of errors is none of pings
        self.assertEqual(self.children("pair/alice", ("0.0.0.0/0", "0.0.0.0/0", "1", "allow")), ["- -", both[1]])
        self.assertEqual(self.children("pair/alice", ("::/0", "::/0", "58", "allow")), [both[0], "- -"])
        self.assertEqual(self.children("pair/alice", ("10.77.0.1/32", "10.77.0.2/32", "1 type 8", "block")), ["- -", both[1]])
        self.assertEqual(self.children("pair/alice", ("10.77.0.1/32", "10.77.0.3/32", "1", "allow")), both)

    def test_a_silent_peer_need_not_answer(self):
        """Before and after the pings: packets went out, none came in."""
        states = "be_mine=any; be_join_states() { echo '10.77.0.1 10.77.0.2 mc-b-1 s1 7 0 10.77.0.1 10.77.0.2 initiator 5 0'; }; "
        report = states + "be_report \"b 10.77.0.1 10.77.0.2 initiator require$1\" '10.77.0.1 10.77.0.2 mc-b-1 s1 7 0 - - initiator 2 0'"
        for word, said in (("", "down no packet came back through the SA of mc-b-1 s1"), (" silent", "up")):
            done = subprocess.run(["sh", "-c", '. "$0"; ' + report, SCRIPT, word], capture_output=True, text=True, timeout=600)
            self.assertEqual(done.stdout + done.stderr, "link b 10.77.0.1 10.77.0.2 %s\n" % said)

    def test_pings_are_sent_where_the_selector_lets_them_pass(self):
        self.assertEqual(self.children("manual"), ["- -", "- -", "192.0.2.1 192.0.2.3"])  # TCP, UDP, anything

    def test_whether_charon_has_ikev1_is_seen_in_its_library(self):
        with tempfile.TemporaryDirectory() as root:
            def fact():
                done = subprocess.run(["sh", "-c", 'set -u; R=$1; . "$0"; be_fact_ikev1', SCRIPT, root], capture_output=True, text=True, timeout=600)
                self.assertEqual((done.stderr, done.returncode), ("", 0))
                return done.stdout

            def library(folder, text):
                os.makedirs(root + folder, exist_ok=True)
                with open(root + folder + "/libcharon.so.0", "wb") as file:
                    file.write(b"\x7fELF\0\xff\xfe" + text + b"\0")

            self.assertEqual(fact(), "")  # nobody knows
            library("/usr/lib64/strongswan", b"task_manager_v2_create")
            self.assertEqual(fact(), "fact ikev1 no\n")
            library("/usr/lib/ipsec", b"task_manager_v1_create\0task_manager_v2_create")
            self.assertEqual(fact(), "fact ikev1 yes\n")  # Debian's place is asked first


class Status(unittest.TestCase):
    """Which link a missing policy belongs to."""
    HEAD = """set -u
limit=60 NL='
'
mc_say() { printf '%s\\n' "$*"; }
die() { exit 1; }
eval "$(sed -n '/^mc_limit()/,/^}/p;/^mc_run()/p;/^mc_mark_links()/,/^}/p' "$AGENT")"
. "$SCRIPT"
be_kernel_policies() { cat "$KERNEL"; }
be_charon_answers() { return "$CHARON"; }
be_have_connections() { [ "$LOADED" = yes ]; }
"""

    def marked(self, host, keep, links, commands='{ be_missing_by_pair "$GEN"; echo ---; printf "%s" "$LINKS"; } | mc_mark_links', **env):
        """`keep` says of each policy whether the kernel has it; a text is what it has instead."""
        with tempfile.TemporaryDirectory() as folder:
            shutil.copytree(os.path.join(GOLDEN, host), folder + "/gen/files")
            path = folder + "/gen/files/etc/meshctl/policies.xfrm"
            with open(path) as file:
                wanted = [line for line in file.read().splitlines() if line.startswith("xfrm ")]
            kept = [keep(line) for line in wanted]
            with open(folder + "/kernel", "w") as file:
                file.write("".join((line if has is True else has) + "\n" for line, has in zip(wanted, kept) if has))
            done = subprocess.run(["sh", "-c", self.HEAD + commands], capture_output=True, text=True, timeout=600,
                                  env=dict({"PATH": os.environ["PATH"], "SCRIPT": SCRIPT, "AGENT": AGENT, "FILE": path, "GEN": folder + "/gen",
                                            "KERNEL": folder + "/kernel", "CHARON": "0", "LOADED": "yes",
                                            "LINKS": "".join("link %s\n" % link for link in links)}, **env))
        self.assertEqual(done.stderr, "")
        return [line.removeprefix("link ") for line in done.stdout.splitlines()]

    PAIR = ["bob 10.77.0.1 10.77.0.2 up 6 packets out, 6 in", "bob fd77::1 fd77::2 idle no SA yet"]

    def test_nothing_is_missing(self):
        self.assertEqual(self.marked("pair/alice", lambda line: True, self.PAIR), self.PAIR)

    def test_no_row_is_up_whose_policy_is_missing(self):
        gone = self.marked("pair/alice", lambda line: "10.77.0.2/32" not in line, self.PAIR)
        self.assertRegex(gone[0], r"^bob 10.77.0.1 10.77.0.2 open \d+ policies are missing in the kernel$")
        self.assertEqual(gone[1], self.PAIR[1])
        flushed = self.marked("pair/alice", lambda line: False, self.PAIR)
        self.assertEqual([line.split()[3] for line in flushed], ["open", "open"])

    def test_what_is_blocked_is_down_not_open(self):
        def blocked(line):
            return line.split(" priority ")[0] + " priority 4000000000 action block" if "10.77.0.2/32" in line and " tmpl " in line else True
        self.assertEqual(self.marked("pair/alice", blocked, self.PAIR)[0].split()[3], "down")

    def test_bypasses_are_nobodys(self):
        self.assertEqual(self.marked("pair/alice", lambda line: not line.endswith(" action allow"), self.PAIR), self.PAIR)

    def test_a_tunnel_of_nets_is_the_link_of_its_gateways(self):
        with open(os.path.join(GOLDEN, "sites/east/etc/meshctl/policies.xfrm")) as file:
            tunnels = {tuple(line.split(" tmpl src ")[1].split()[0:3:2]) for line in file if " tmpl src " in line and " dir out " in line}
        self.assertTrue(tunnels)
        links = ["peer %s %s up" % ends for ends in sorted(tunnels)]
        self.assertEqual(self.marked("sites/east", lambda line: True, links), links)
        for ends in sorted(tunnels):
            there, back = " tmpl src %s dst %s " % ends, " tmpl src %s dst %s " % ends[::-1]
            gone = self.marked("sites/east", lambda line: there not in line and back not in line, links)
            self.assertEqual([line.split()[1:3] for line in gone if not line.endswith(" up")], [list(ends)])

    def test_a_road_warriors_blocks_are_its_link(self):
        """charon has the policies and they come and go: what stays are blocks without a request. Both families, known end or not."""
        links = ["laptop 192.0.2.1 0.0.0.0 up", "west 192.0.2.1 192.0.2.2 up"]
        gone = self.marked("sites/east", lambda line: "10.9.0.5/32" not in line, links)
        self.assertEqual(gone, ["laptop 192.0.2.1 0.0.0.0 open 6 policies are missing in the kernel", links[1]])
        gone = self.marked("sites/east", lambda line: "mark 0x1" not in line, links)
        self.assertEqual(gone, ["laptop 192.0.2.1 0.0.0.0 open 3 policies are missing in the kernel", links[1]])
        links = ["gate 0.0.0.0 192.0.2.1 up", "gate :: 2001:db8::1 idle"]
        self.assertEqual(self.marked("phone", lambda line: True, links), links)
        self.assertEqual(self.marked("phone", lambda line: "dst 192.0.2.1/32 dir out" not in line, links),
                         ["gate 0.0.0.0 192.0.2.1 open 1 policy is missing in the kernel", links[1]])
        self.assertEqual(self.marked("phone", lambda line: "2001:db8::1" not in line, links),
                         [links[0], "gate :: 2001:db8::1 open 2 policies are missing in the kernel"])

    def test_what_probe_says(self):
        lacks = lambda keep, **env: self.marked("pair/alice", keep, [], commands='be_lacks "$GEN"', **env)
        self.assertEqual(lacks(lambda line: True), [])
        self.assertRegex(lacks(lambda line: False)[0], r"^lacks policies \d\d$")
        self.assertEqual(lacks(lambda line: True, LOADED="no"), ["lacks connections 1"])
        self.assertEqual(lacks(lambda line: True, CHARON="1"), ["lacks daemon 1"])
        self.assertEqual(lacks(lambda line: True, CHARON="124"), [])  # it hangs


class Boot(unittest.TestCase):
    """A kernel that refuses something, real but for what $FAKE/refuse names: each other policy and SA is loaded."""
    HEAD = """die() { printf 'fail %s\\n' "$*"; exit 1; }
NL='
'
set -u
PATH=$FAKE:$PATH
eval "$(sed -n '/^mc_limit()/,/^}/p;/^mc_run()/p;/^mc_each()/,/^}/p;/^mc_mark_links()/,/^}/p' "$AGENT")"
limit=60
. "$SCRIPT"
"""
    # Policies are the real kernel's. SAs are lines of a file, since not every kernel has ESP.
    IP = """#!/bin/sh
PATH=${PATH#*:}
[ "$*" = "-force -batch -" ] || exec ip "$@"
status=0
while IFS= read -r line; do
  case $line in *blub*) echo 'argument "blub" is wrong'; exit 255 ;; esac
  kind=${line#xfrm } && echo "${kind%% *}" >>"$FAKE/order"
  if printf '%s\\n' "$line" | grep -qf "$FAKE/refuse"; then echo "Error: refused."; status=1; continue; fi
  case $line in
    'xfrm state add '*) printf '%s\\n' "$line" >>"$FAKE/sad" ;;
    'xfrm state '*) ;;
    *) printf '%s\\n' "$line" | ip -batch - || status=1 ;;
  esac
done
exit $status
"""
    STATES = 'be_kernel_states() { cat "$FAKE/sad"; }; mc_ahead() { :; }; '
    SHOW = '; echo "exit $?"; wc -l <"$FAKE/sad"; ip -o xfrm policy list; (be_status "$GEN" | grep health)'

    @classmethod
    def setUpClass(cls):
        if os.geteuid() != 0 or not shutil.which("ip"):
            raise unittest.SkipTest("needs root and ip")

    def setUp(self):
        self.fake = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.fake)
        self.gen = self.fake + "/gen"
        shutil.copytree(os.path.join(GOLDEN, "manual"), self.gen + "/files")
        for name, text in (("ip", self.IP), ("swanctl", "#!/bin/sh\n"), ("sad", ""), ("gen/links.list", "")):
            with open(os.path.join(self.fake, name), "w") as file:
                file.write(text)
        for name in ("ip", "swanctl"):
            os.chmod(os.path.join(self.fake, name), 0o755)
        self.refuse("^nothing$")

    def refuse(self, pattern):
        with open(self.fake + "/refuse", "w") as file:
            file.write(pattern + "\n")

    def change(self, name, old, new):
        path = self.gen + "/files/etc/meshctl/" + name
        with open(path) as file:
            text = file.read()
        self.assertIn(old, text)
        with open(path, "w") as file:
            file.write(text.replace(old, new, 1))

    def run_sh(self, commands):
        """(what it printed, policies in the kernel)"""
        done = subprocess.run(["unshare", "--net", "sh", "-c", self.HEAD + self.STATES + commands], capture_output=True, text=True, timeout=600,
                              env={"PATH": os.environ["PATH"], "FAKE": self.fake, "SCRIPT": SCRIPT, "AGENT": AGENT, "GEN": self.gen})
        lines = (done.stdout + done.stderr).splitlines()
        return [line for line in lines if not line.startswith("src ")], [line for line in lines if line.startswith("src ")]

    def boots(self, tail=""):
        said, policies = self.run_sh('(be_boot "$GEN")' + tail + self.SHOW)
        return "\n".join(said), policies

    def test_all_is_well(self):
        said, policies = self.boots()
        self.assertIn("exit 0\n6\n", said)
        self.assertEqual(len(policies), 12)
        self.assertIn("health ok", said)

    def test_plugins_that_are_not_installed_are_no_fault(self):
        """swanctl names them at each call, with Debian's strongswan.conf as well; any other word of that kind is one."""
        for said, good in (("plugin 'ldap': failed to load - ldap_plugin_create not found and no plugin file available", True),
                           ("loading private key 'a.pem' failed: no such file", False)):
            with self.subTest(said):
                with open(self.fake + "/swanctl", "w") as file:
                    file.write("#!/bin/sh\nprintf '%s\\n' \"" + said + "\" >&2\n")
                lines, _ = self.run_sh('S=$FAKE; (be_load_credentials); echo "exit $?"')
                self.assertEqual(lines[-1] == "exit 0", good, lines)
                self.assertEqual(any("no such file" in line for line in lines[:-1]), not good, lines)

    def test_an_sa_that_the_kernel_or_ip_refuses(self):
        for refused, unreadable in (("spi 0x00001002", None), ("^nothing$", "spi 0x00001002")):
            with self.subTest(unreadable):
                open(self.fake + "/sad", "w").close()
                self.refuse(refused)
                if unreadable:
                    self.change("states.xfrm", unreadable, "spi blub")
                said, policies = self.boots()
                self.assertEqual(len(policies), 12)
                self.assertIn("fail activate the kernel does not take 1 of the manual SAs, the first: src 192.0.2.1 dst 192.0.2.2 proto ah spi", said)
                self.assertIn("exit 1\n5\n", said)
                self.assertIn("health states", said)
                self.assertNotIn("0xaaaa", said)

    def test_the_same_when_applied(self):
        self.refuse("spi 0x00001002")
        said, policies = self.run_sh('(be_protect "" "$GEN")' + self.SHOW)
        self.assertEqual(len(policies), 12)
        self.assertIn("exit 1\n5\n", "\n".join(said))
        with open(self.fake + "/order") as file:
            order = file.read().split()
        self.assertLess(max(i for i, word in enumerate(order) if word == "policy"), order.index("state"))

    def test_a_policy_that_the_kernel_refuses_is_blocked(self):
        self.refuse("dst 192.0.2.3/32 .* tmpl")
        said, policies = self.boots()
        self.assertEqual(len(policies), 12)
        self.assertEqual([line.split(" \\")[0] for line in policies if "block priority 4000000000" in line], ["src 192.0.2.1/32 dst 192.0.2.3/32"])
        self.assertIn("its traffic is blocked", said)
        self.assertIn("exit 1\n6\n", said)
        self.assertNotIn("health open", said)
        # and goes when the kernel has learned it
        said, policies = self.boots('; echo "^nothing$" >"$FAKE/refuse"; (be_boot "$GEN")')
        self.assertEqual([line for line in policies if "4000000000" in line], [])
        self.assertIn("health ok", said)

    def test_a_selector_that_the_kernel_refuses_is_blocked_as_a_whole(self):
        self.refuse("dst 192.0.2.2/32 proto 6")
        said, policies = self.boots()
        self.assertEqual([line.split(" \\")[0] for line in policies if "block priority 4000000000" in line], ["src 192.0.2.1/32 dst 192.0.2.2/32"])
        self.assertNotIn("health open", said)
        said, policies = self.boots('; echo "^nothing$" >"$FAKE/refuse"; (be_boot "$GEN")')
        self.assertEqual((len(policies), [line for line in policies if "4000000000" in line]), (12, []))

    def test_what_can_only_be_open_is_said_and_cuts_nothing_else(self):
        self.refuse("dst 192.0.2.3/32")
        said, policies = self.boots()
        self.assertEqual(len(policies), 11)
        self.assertIn("open, its traffic may pass in clear: xfrm policy update src 192.0.2.1/32 dst 192.0.2.3/32", said)
        self.assertIn("health open ", said)
        self.assertEqual([line for line in policies if "block" in line], [])

    def test_a_run_that_will_be_reverted_blocks_nothing(self):
        self.refuse("dst 192.0.2.3/32 .* tmpl")
        said, policies = self.run_sh('verb=activate; (be_protect "" "$GEN")' + self.SHOW)
        self.assertEqual([line for line in policies if "block" in line], [])


if __name__ == "__main__":
    unittest.main()
