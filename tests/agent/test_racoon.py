"""racoon's activation.sh on its own: what it makes of a kernel's answers, with a setkey that shows and takes text."""
import os
import shutil
import subprocess
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
SCRIPT = os.path.join(HERE, "../../src/backend/racoon/activation.sh")
AGENT = os.path.join(HERE, "../../src/apply/agent.sh")
GOLDEN = os.path.join(HERE, "../golden/racoon")

SETKEY = """#!/bin/sh
case $1 in
  -D) cat "$FAKE/sas" ;;
  -DP) cat "$FAKE/policies" ;;
  -f) cat >>"$FAKE/got" ;;
esac
"""
COUNTING = """#!/bin/sh
case $1 in
  -D) echo x >>"$FAKE/calls" && sed "s/COUNT/$(wc -l <"$FAKE/calls")/" "$FAKE/sas" ;;
  -f) cat >/dev/null ;;
esac
"""
HEAD = """die() { printf 'fail %s\\n' "$*"; exit 1; }
NL='
'
set -u
PATH=$FAKE:$PATH
eval "$(sed -n '/^mc_ahead()/,/^}/p;/^mc_mark_links()/,/^}/p;/^mc_say()/p;/^mc_first()/,/^}/p;/^mc_limit()/,/^}/p;/^mc_run()/p;/^mc_each()/,/^}/p' "$AGENT")"
limit=60 S=$FAKE
rk_bad=
. "$SCRIPT"
"""
ROUTE = "#!/bin/sh\necho '203.0.113.1 via 192.168.100.1 dev eth0 src 192.168.100.9 uid 0'\n"
KEY = " ".join(["eeeeeeee"] * 8)
HASH = " ".join(["aaaaaaaa"] * 8) + "\n " + " ".join(["aaaaaaaa"] * 8)


def esp(source, destination, spi, key=KEY):
    """As `setkey -D` shows one; the longer key goes on in the next line."""
    return ("%s %s \n\tesp mode=transport spi=%d(0x%08x) reqid=0(0x00000000)\n\tE: aes-cbc  %s\n\tA: hmac-sha512  %s\n"
            "\tseq=0x00000000 replay=0 flags=0x00000000 state=mature \n\tsadb_seq=1 pid=9 refcnt=0\n"
            % (source, destination, spi, spi, key, HASH))


class Racoon(unittest.TestCase):
    def setUp(self):
        self.fake = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.fake)
        self.write("setkey", SETKEY, 0o755)
        self.write("ip", "#!/bin/sh\nexit 1\n", 0o755)  # not the one that changes this machine's policies
        for name in ("sas", "policies"):
            self.write(name, "")
        self.gen = self.generation("gen", "hq")

    def write(self, name, text, mode=0o600):
        with open(os.path.join(self.fake, name), "w") as file:
            file.write(text)
        os.chmod(os.path.join(self.fake, name), mode)

    def generation(self, name, host):
        folder = os.path.join(self.fake, name)
        shutil.copytree(os.path.join(GOLDEN, host), folder + "/files/etc/racoon")
        return folder

    def run_sh(self, commands):
        """(what it printed, what setkey was told)"""
        if os.path.exists(self.fake + "/got"):
            os.remove(self.fake + "/got")
        done = subprocess.run(["sh", "-c", HEAD + commands], capture_output=True, text=True, timeout=600,
                              env={"PATH": os.environ["PATH"], "FAKE": self.fake, "SCRIPT": SCRIPT, "AGENT": AGENT, "GEN": self.gen})
        got = contents(self.fake + "/got").splitlines() if os.path.exists(self.fake + "/got") else []
        return done.stdout + done.stderr, got

    def test_sas_are_added_where_they_lack_and_replaced_where_a_key_differs(self):
        self.write("sas", esp("203.0.113.1", "203.0.113.9", 4112) +
                   esp("203.0.113.9", "203.0.113.1", 4113, KEY.replace("e", "d")))
        said, got = self.run_sh('rk_protect_sas "$GEN"')
        self.assertEqual(said, "")
        self.assertEqual([line.split(" -")[0] for line in got if "2001:" not in line],
                         ["delete 203.0.113.9 203.0.113.1 esp 4113;", "add 203.0.113.9 203.0.113.1 esp 4113",
                          "add 203.0.113.1 203.0.113.9 ah 4114", "add 203.0.113.9 203.0.113.1 ah 4115"])

    def test_only_our_own_sas_go(self):
        self.write("sas", esp("203.0.113.1", "203.0.113.9", 4112) + esp("10.0.0.1", "10.0.0.2", 777))
        _, got = self.run_sh('rk_retire_sas "$GEN" ""')
        self.assertEqual(got, ["delete 203.0.113.1 203.0.113.9 esp 4112;"])
        _, got = self.run_sh('rk_retire_sas "$GEN" "$GEN"')
        self.assertEqual(got, [])

    def test_missing_sas_are_counted(self):
        self.write("sas", esp("203.0.113.1", "203.0.113.9", 4112))
        self.assertEqual(self.run_sh('rk_compare_sas "$GEN"; echo "$rk_missing_sas"')[0], "7\n")

    def test_no_message_shows_a_key(self):
        self.write("setkey", "#!/bin/sh\ncase $1 in -f) cat >/dev/null; echo 'line 1: syntax error at [0xeeee]'; exit 1;; esac\n", 0o755)
        said, _ = self.run_sh('be_boot "$GEN"; echo went on')
        self.assertTrue(said.endswith("does not take 8 of the manual SAs, the first: 203.0.113.1 203.0.113.9 esp 4112 "
                                      "(setkey refuses an SA of setkey-sa.conf)\n"), said)

    def test_what_the_kernel_says_it_lacks(self):
        config = "".join("CONFIG_%s=y\\n" % name for name in
                         ("NET_KEY", "XFRM_USER", "INET_ESP", "INET6_ESP", "INET6_AH", "CRYPTO_AES", "CRYPTO_CBC", "CRYPTO_HMAC"))
        said, _ = self.run_sh("rk_kernel_config() { printf '%s'; }; rk_kernel_lacks \"$GEN\"" % config)
        self.assertEqual(said.splitlines(), ["CONFIG_INET_AH (AH for IPv4)", "CONFIG_CRYPTO_SHA512 (SHA-384 and SHA-512)"])
        self.assertEqual(self.run_sh('rk_kernel_config() { :; }; rk_kernel_lacks "$GEN"')[0], "")

    def test_a_racoon_without_kerberos_is_told_by_its_program(self):
        conf = self.gen + "/files/etc/racoon/racoon.conf"
        kerberos = contents(conf).replace("authentication_method rsasig;", "authentication_method gssapi_krb;", 1)
        self.assertNotEqual(kerberos, contents(conf))
        for text, program, lacks in ((contents(conf), "", "1"), (kerberos, "", "0"), (kerberos, "gss_init_sec_context", "1")):
            self.write(os.path.relpath(conf, self.fake), text)
            self.write("racoon", "\x7fELF\0%s\0" % program, 0o755)
            self.assertEqual(self.run_sh('rk_lacks_kerberos "$GEN"; echo $?')[0], lacks + "\n")

    def test_a_peer_of_unknown_address_is_not_waited_for(self):
        said, _ = self.run_sh('printf "roamer 203.0.113.1 0.0.0.0 responder require\\n" | be_links "$GEN"')
        self.assertEqual(said, "link roamer 203.0.113.1 0.0.0.0 up\n")

    def test_a_road_warriors_link_is_up_by_its_address_of_the_moment(self):
        self.write("ip", ROUTE, 0o755)
        self.write("sas", esp("192.168.100.9", "203.0.113.1", 1) + esp("203.0.113.1", "192.168.100.9", 2))
        said, _ = self.run_sh('printf "hq 0.0.0.0 203.0.113.1 initiator require\\n" | be_links "$GEN"')
        self.assertEqual(said, "link hq 0.0.0.0 203.0.113.1 up\n")
        said, _ = self.run_sh('printf "hq 0.0.0.0 203.0.113.8 initiator require\\n" | rk_links_now | rk_link_states')
        self.assertEqual(said, "down hq 0.0.0.0 203.0.113.8 initiator 192.168.100.9\n")

    def pairs(self, conf):
        folder = os.path.join(self.fake, "pings/files/etc/racoon")
        os.makedirs(folder, exist_ok=True)
        self.write("pings/files/etc/racoon/setkey.conf", conf)
        return self.run_sh('rk_pingable "$FAKE/pings"')[0].splitlines()

    def test_pings_are_sent_where_a_policy_protects_them(self):
        alpha = contents(os.path.join(GOLDEN, "alpha/setkey.conf"))  # its bypasses: all of ICMP, too
        self.assertEqual(self.pairs(alpha), [])
        errors = "".join(line for line in alpha.splitlines(True) if " high + 400 " not in line)
        self.assertEqual(self.pairs(errors), ["192.0.2.1 192.0.2.2", "2001:db8::1 2001:db8::2", "192.0.2.1 192.0.2.3",
                                              "192.0.2.1 192.0.2.33"])  # to .3 and .33 by a selector for ICMP
        self.assertEqual(self.pairs(errors + hole("::/0", "::/0", "icmp6")),
                         ["192.0.2.1 192.0.2.2", "192.0.2.1 192.0.2.3", "192.0.2.1 192.0.2.33"])
        self.assertEqual(self.pairs(errors + hole("192.0.2.1", "0.0.0.0/0", "1 8,0")), ["2001:db8::1 2001:db8::2"])
        self.assertEqual(len(self.pairs(errors + hole("192.0.2.1", "192.0.2.3", "1"))), 3)
        self.assertEqual(len(self.pairs(errors + hole("192.0.2.1", "192.0.2.3", "1").replace("none", "discard"))), 3)

    def test_apply_proves_a_link_by_the_packets_of_its_pings(self):
        """The SAs' counters stand still: that shows only where pings were sent."""
        self.write("ping", "#!/bin/sh\nexit 0\n", 0o755)
        self.write("sas", esp("192.0.2.1", "192.0.2.2", 1) + esp("192.0.2.2", "192.0.2.1", 2))
        self.gen = self.generation("proof", "alpha")
        command = 'printf "beta 192.0.2.1 192.0.2.2 initiator require\\n" | be_links "$GEN"'
        self.assertEqual(self.run_sh(command)[0], "link beta 192.0.2.1 192.0.2.2 up\n")
        conf = self.gen + "/files/etc/racoon/setkey.conf"
        lines = [line for line in contents(conf).splitlines(True) if " high + 400 " not in line]
        self.write(os.path.relpath(conf, self.fake), "".join(lines))
        self.assertEqual(self.run_sh(command)[0], "link beta 192.0.2.1 192.0.2.2 down no packet left through the SA\n")
        # Packets leave and none comes back: well with a peer that may be silent
        self.write("setkey", COUNTING, 0o755)
        self.write("sas", esp("192.0.2.1", "192.0.2.2", 1) + "\tallocated: COUNT\n" + esp("192.0.2.2", "192.0.2.1", 2))
        self.assertEqual(self.run_sh(command)[0], "link beta 192.0.2.1 192.0.2.2 down no packet came back through the SA\n")
        self.assertEqual(self.run_sh(command.replace("require", "require silent"))[0], "link beta 192.0.2.1 192.0.2.2 up\n")

    def test_a_road_warriors_policies_get_its_address(self):
        self.write("ip", ROUTE, 0o755)
        script = os.path.join(GOLDEN, "roamer/roaming.sh")
        text = contents(script).replace("PATH=", "PATH=$FAKE:")
        _, got = self.run_sh("sh -c %s roaming.sh up" % quoted(text))
        self.assertEqual(len(got), 2)
        self.assertTrue(got[0].endswith("esp/tunnel/192.168.100.9-203.0.113.1/require;"), got[0])
        self.assertTrue(got[1].endswith("esp/tunnel/203.0.113.1-192.168.100.9/require;"), got[1])
        said, shown = self.run_sh("sh -c %s roaming.sh show" % quoted(text))
        self.assertEqual((said.splitlines(), shown), (got, []))
        _, got = self.run_sh("sh -c %s roaming.sh down" % quoted(text))
        self.assertEqual(got, ["spddelete 10.9.0.9 10.1.0.0/16 any -P out;", "spddelete 10.1.0.0/16 10.9.0.9 any -P in;"])

    def roams(self, folder):
        """Its scripts find the programs of this test."""
        for name in ("roaming.sh", "routes.sh"):
            path = folder + "/files/etc/racoon/" + name
            if os.path.exists(path):
                self.write(os.path.relpath(path, self.fake), contents(path).replace("PATH=", "PATH=$FAKE:", 1), 0o755)

    def marked(self, host, keep, links):
        """`link` lines of status where the kernel has the policies that `keep` says; a text is what it has instead."""
        self.gen = self.generation("marked", host)
        self.roams(self.gen)
        self.write("marked/links.list", "".join("%s %s %s initiator require\n" % tuple(link.split()[:3]) for link in links))
        shown, _ = self.run_sh('rk_wanted_now "$GEN"')
        wanted = [line for line in shown.splitlines() if line.startswith("spdupdate ")]
        kept = [keep(line) for line in wanted]
        self.write("spd", "".join((line if has is True else has) + "\n" for line, has in zip(wanted, kept) if has))
        said, _ = self.run_sh('rk_kernel() { cat "$FAKE/spd"; }\n{ rk_missing_by_pair "$GEN"; echo ---; printf "%s"; } | mc_mark_links; '
                              'rk_compare_sas() { rk_missing_sas=0; }; be_lacks "$GEN"' % "".join("link %s\\n" % link for link in links))
        shutil.rmtree(self.gen)
        return [line.removeprefix("link ") for line in said.splitlines() if line != "lacks daemon 1"]

    def test_no_row_is_up_whose_policy_is_missing(self):
        links = ["beta 192.0.2.1 192.0.2.2 up", "beta 2001:db8::1 2001:db8::2 idle", "gamma 192.0.2.1 192.0.2.3 up"]
        self.assertEqual(self.marked("alpha", lambda line: True, links), links)
        self.assertEqual(self.marked("alpha", lambda line: " 192.0.2.2 any -P out" not in line, links),
                         ["beta 192.0.2.1 192.0.2.2 open 1 policy is missing in the kernel", *links[1:], "lacks policies 1"])
        # of a `use` link as well: what had an SA goes in clear
        self.assertEqual(self.marked("alpha", lambda line: "192.0.2.3[80]" not in line, links),
                         [*links[:2], "gamma 192.0.2.1 192.0.2.3 open 2 policies are missing in the kernel", "lacks policies 2"])
        blocked = lambda line: True if " 192.0.2.2 any -P out" not in line else line.split(" prio ")[0] + " prio low - 700000000 discard;"
        self.assertEqual(self.marked("alpha", blocked, links)[0].split()[3], "down")
        # bypasses for everybody are of no link; one between two hosts is looked at with theirs
        self.assertEqual(self.marked("alpha", lambda line: not line.endswith(" none;") or "192.0.2.2" in line, links)[:3], links)
        self.assertEqual(self.marked("alpha", lambda line: not line.endswith(" none;"), links)[:3],
                         ["beta 192.0.2.1 192.0.2.2 down 2 policies are missing in the kernel", *links[1:]])
        self.assertEqual([line.split()[3] for line in self.marked("alpha", lambda line: False, links)[:3]], ["open"] * 3)

    def test_a_road_warriors_row_is_not_up_without_its_policies_or_blocks(self):
        self.write("ip", ROUTE, 0o755)
        links = ["hq 0.0.0.0 203.0.113.1 up"]
        self.assertEqual(self.marked("roamer", lambda line: True, links), links)
        self.assertEqual(self.marked("roamer", lambda line: "192.168.100.9" not in line, links),  # the blocks stand behind them
                         ["hq 0.0.0.0 203.0.113.1 down 2 policies are missing in the kernel", "lacks policies 2"])
        moved = lambda line: line.replace("192.168.100.9", "192.168.7.7") if "192.168.100.9" in line else True
        self.assertEqual(self.marked("roamer", moved, links)[0].split()[3], "down")
        self.assertEqual(self.marked("roamer", lambda line: "discard" not in line, links),
                         ["hq 0.0.0.0 203.0.113.1 open 4 policies are missing in the kernel", "lacks policies 4"])
        self.write("ip", "#!/bin/sh\nexit 1\n", 0o755)  # no network: it cannot have any
        self.assertEqual(self.marked("roamer", lambda line: True, links), links)

    def test_a_gateways_row_is_not_up_without_its_blocks(self):
        links = ["roamer 203.0.113.1 0.0.0.0 up", "east 203.0.113.1 203.0.113.9 idle"]
        self.assertEqual(self.marked("hq", lambda line: True, links)[:2], links)
        gone = self.marked("hq", lambda line: "discard" not in line, links)
        self.assertRegex(gone[0], r"^roamer 203.0.113.1 0.0.0.0 open \d+ policies are missing in the kernel$")
        self.assertEqual(gone[1], links[1])

    KERNEL = """#!/bin/sh
# One command a line; a kernel that does not take what $FAKE/refuse names, a setkey that ends at what $FAKE/unreadable names.
[ "$1" = -f ] || exit 0
while IFS= read -r line; do
  if printf '%s\\n' "$line" | grep -qf "$FAKE/unreadable"; then echo 'syntax error'; exit 1; fi
  if printf '%s\\n' "$line" | grep -qf "$FAKE/refuse"; then echo 'The result of line 1: Invalid argument.'; continue; fi
  case $line in
    add*) printf '%s\\n' "$line" >>"$FAKE/sad" ;;
    *)
      key=${line%% prio *}
      grep -vF "$key prio " "$FAKE/spd" >"$FAKE/spd.new"
      [ "$key" = "${line#spddelete}" ] || printf '%s\\n' "$line" >>"$FAKE/spd.new"
      mv "$FAKE/spd.new" "$FAKE/spd"
      ;;
  esac
done
exit 0
"""

    def boots(self, refuse="", unreadable="", commands='(be_boot "$GEN"); echo "exit $?"'):
        """(what it printed, policies, SAs) of the kernel above."""
        self.write("setkey", self.KERNEL, 0o755)
        for name, text in (("refuse", refuse or "^$"), ("unreadable", unreadable or "^$")):
            self.write(name, text + "\n")
        for name in ("spd", "sad"):
            self.write(name, "")
        said, _ = self.run_sh('rk_kernel() { cat "$FAKE/spd"; }; rk_kernel_sas() { cat "$FAKE/sad"; }\n' + commands)
        return said, contents(self.fake + "/spd").splitlines(), contents(self.fake + "/sad").splitlines()

    def test_boot_loads_policies_and_sas(self):
        said, policies, sas = self.boots()
        wanted = [line for line in contents(self.gen + "/files/etc/racoon/setkey.conf").splitlines() if line.startswith("spdupdate ")]
        self.assertEqual((said, sorted(policies), len(sas)), ("exit 0\n", sorted(wanted), 8))

    def test_what_is_refused_costs_nothing_else(self):
        sa, policy = "^add 203.0.113.1 203.0.113.9 esp", "^spdupdate 203.0.113.1 203.0.113.9 any .*ipsec"
        all_policies = len(self.boots()[1])
        for given in ({"refuse": sa}, {"unreadable": sa}):
            said, policies, sas = self.boots(**given)
            self.assertEqual((len(policies), len(sas)), (all_policies, 7), given)
            self.assertIn("fail activate the kernel does not take 1 of the manual SAs, the first: 203.0.113.1 203.0.113.9 esp 4112", said)
            self.assertTrue(said.endswith("exit 1\n"), said)
        for given in ({"refuse": policy}, {"unreadable": policy}):
            said, policies, sas = self.boots(**given)
            self.assertEqual((len(policies), len(sas)), (all_policies, 8), given)
            self.assertIn("spdupdate 203.0.113.1 203.0.113.9 any -P out prio low - 700000000 discard;", policies)
            self.assertIn("its traffic is blocked", said)
            self.assertTrue(said.endswith("exit 1\n"), said)
        said, policies, sas = self.boots(refuse="^spdupdate 203.0.113.1 203.0.113.9 ")
        self.assertEqual((len(policies), len(sas)), (all_policies - 1, 8))
        self.assertIn("open, its traffic may pass in clear: spdupdate 203.0.113.1 203.0.113.9 any", said)

    def test_blocks_go_when_the_kernel_has_the_policies(self):
        said, policies, _ = self.boots("^spdupdate 203.0.113.1 203.0.113.9 any .*ipsec", commands='(be_boot "$GEN") >/dev/null; '
                                       'echo "^$" >"$FAKE/refuse"; (be_boot "$GEN"); echo "exit $?"')
        self.assertEqual((said, policies), ("exit 0\n", policies))
        self.assertEqual([line for line in policies if "700000000" in line], [])

    def test_apply_loads_policies_before_sas(self):
        said, policies, sas = self.boots("^add 203.0.113.1 203.0.113.9 esp", commands='(be_protect "" "$GEN"); echo "exit $?"')
        self.assertEqual((len(policies) > 10, len(sas)), (True, 7))
        self.assertTrue(said.endswith("exit 1\n"), said)

    def test_a_road_warriors_policies_and_routes_come_when_the_network_does(self):
        self.gen = self.generation("generations/road", "roamer")
        self.roams(self.gen)
        self.write("current", "road\n")
        self.write("ip", "#!/bin/sh\n[ -e \"$FAKE/network\" ] || exit 2\ncase $* in *replace*) echo \"$*\" >>\"$FAKE/routes\" ;; *) %s ;; esac\n"
                   % ROUTE.splitlines()[1], 0o755)
        later = '''(be_boot "$GEN"); echo "exit $?"; grep -c 192.168.100.9 "$FAKE/spd"; touch "$FAKE/network"
            tries=0; until [ -s "$FAKE/routes" ] || [ $((tries += 1)) -gt 100 ]; do sleep 0.2; done
            sort "$FAKE/spd" | grep 192.168.100.9; cat "$FAKE/routes"'''
        said, policies, _ = self.boots(commands=later)
        self.assertEqual(said.splitlines(), [
            "exit 0", "0",
            "spdupdate 10.1.0.0/16 10.9.0.9 any -P in prio high + 200049665 ipsec esp/tunnel/203.0.113.1-192.168.100.9/require;",
            "spdupdate 10.9.0.9 10.1.0.0/16 any -P out prio high + 200049665 ipsec esp/tunnel/192.168.100.9-203.0.113.1/require;",
            "route replace 10.1.0.0/16 via 192.168.100.1 dev eth0 src 10.9.0.9"])
        self.assertEqual(len([line for line in policies if "discard" in line]), 4)  # the blocks behind them stay

    @unittest.skipUnless(os.geteuid() == 0 and shutil.which("ip"), "needs root and ip")
    def test_where_setkey_does_not_work_ip_blocks_behind_the_bypasses(self):
        self.write("setkey", "#!/bin/sh\necho 'pfkey_open: Address family not supported by protocol' >&2\nexit 1\n", 0o755)
        self.gen = self.generation("noaf", "alpha")
        os.remove(self.fake + "/ip")
        text = '. "$SCRIPT"; (be_boot "$GEN"); echo "exit $?"; ip -o xfrm policy list; be_guarded "$GEN"; echo "guarded $?"; rk_unblock() { :; }'
        done = subprocess.run(["unshare", "--net", "sh", "-c", HEAD + text], capture_output=True, text=True, timeout=600,
                              env={"PATH": os.environ["PATH"], "FAKE": self.fake, "SCRIPT": SCRIPT, "AGENT": AGENT, "GEN": self.gen})
        said = done.stdout
        self.assertIn("pfkey_open: Address family not supported by protocol); its traffic is blocked\nexit 1\n", said)
        self.assertRegex(said, r"src 192.0.2.1/32 dst 192.0.2.2/32 .*dir out action block priority 3921225472")
        self.assertRegex(said, r"proto tcp sport 22 .*dir out priority 1073741\d+ ")
        self.assertTrue(said.endswith("guarded 0\n"), said[-300:])


def hole(source, target, protocol):
    return "spdupdate %s %s %s -P out prio high - 9 none;\n" % (source, target, protocol)


def contents(path):
    with open(path) as file:
        return file.read()


def quoted(text):
    return "'" + text.replace("'", "'\\''") + "'"


if __name__ == "__main__":
    unittest.main()
