"""Nothing on a host lasts for ever: daemons, tools and sessions that hang."""
import os
import re
import shutil
import subprocess
import time
import unittest

import pace
from host import AGENT, Generation, Host
from test_life import ONE, TWO, Case

SOURCES = [AGENT, *sorted((AGENT.parent.parent / "backend").glob("*/activation.sh"))]
# What talks to a daemon, the kernel or the network, and scripts of ours that call these
TOOLS = "swanctl|charon-cmd|ipsec|systemctl|systemd-run|journalctl|racoon|racoonctl|setkey|ip|nft|iptables|ping|tar|modprobe|sh(?= [-\"])"
UNLIMITED = re.compile(r"(?:^|[;&|({!`]|\b(?:then|do|else|if|while|until|exec|setsid|timeout [-0-9 k]+) )[ \t]*(?:[A-Z_]+=\S* )*((?:%s)\b)(?!\))" % TOOLS)


def unlimited(text):
    return [line.strip() for line in text.splitlines() if not line.lstrip().startswith("#") and UNLIMITED.search(line)]


class Limits(unittest.TestCase):
    def test_every_external_command_has_one(self):
        for source in SOURCES:
            self.assertEqual(unlimited(source.read_text()), [], source.name)

    def test_a_command_without_one_is_found(self):
        for line in ("ip route", "  x=$(swanctl --stats 2>&1)", "a && systemctl stop b", "if ip xfrm policy count; then", "! setkey -D",
                     "{ setkey -D && echo; }", "x | setkey -f -", "timeout 3 racoonctl show-sa", '[ -f a ] || sh "$1/routes.sh" up',
                     "until ping -c 1 b; do", "exec tar -x", "LC_ALL=C ip -o link"):
            self.assertEqual(unlimited(line), [line.strip()])
        for line in ("# ip route", "mc_run ip route", "command -v ip >/dev/null", 'die "swanctl $1: no"', "mc_limit 3 racoonctl x"):
            self.assertEqual(unlimited(line), [])

    def test_a_stubborn_command_is_killed_with_all_it_started(self):
        text = 'eval "$(sed -n "/^mc_limit()/,/^}/p" "$0")"; mc_limit 1 sh -c "trap \'\' TERM; sleep 77 & sleep 77; sleep 77" 2>&1; echo $?'
        began = time.monotonic()
        done = subprocess.run(["sh", "-c", text, AGENT], capture_output=True, text=True, timeout=600)
        self.assertEqual(done.stdout.splitlines()[-2:], ["sh has not ended after 1 s", "137"])
        self.assertLess(time.monotonic() - began, 60)


class Staging(Case):
    """A controller that vanished: its session stays, and no more of the tar stream comes."""

    def hanging(self, txn, gen):
        process = subprocess.Popen(self.host.command("stage", [txn, gen.id, gen.sum]), stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.host.env, start_new_session=True)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        process.stdin.write(self.host.script + gen.tar()[:700])
        process.stdin.flush()
        new = self.host.state / "generations" / (".new-" + txn)
        self.assertTrue(pace.wait_for(new.exists, 30))
        return process

    def ended(self, process):
        self.assertTrue(pace.wait_for(lambda: process.poll() is not None, 10))

    def quickly(self, answer, began):
        self.assertLess(time.monotonic() - began, pace.seconds(10))
        return answer

    def test_it_can_be_abandoned(self):
        process = self.hanging("T", ONE)
        began = time.monotonic()
        self.ok(self.quickly(self.host.call("abandon", "T"), began))
        self.ended(process)
        self.assertIsNone(self.host.name("lock"))
        self.assertEqual(list((self.host.state / "generations").iterdir()), [])
        self.applied(TWO)

    def test_it_holds_the_lock_and_nothing_else(self):
        process = self.hanging("T", ONE)
        began = time.monotonic()
        self.assertEqual(self.quickly(self.host.stage("U", TWO), began).last, "fail locked T")
        self.assertIsNone(process.poll())

    def test_its_lock_ends(self):
        process = self.hanging("T", ONE)
        lock = self.host.state / "lock"
        lock.write_text("%s %s 1\n" % tuple(lock.read_text().split()[:2]))
        began = time.monotonic()
        self.ok(self.quickly(self.host.stage("U", TWO), began))
        self.ended(process)
        self.assertEqual([path.name for path in (self.host.state / "generations").iterdir()], [TWO.id])

    def test_the_same_call_again_takes_over(self):
        process = self.hanging("T", ONE)
        began = time.monotonic()
        self.ok(self.quickly(self.host.stage("T", ONE), began))
        self.ended(process)
        self.ok(self.host.call("check", "T"))

    def test_a_stage_that_comes_after_its_abandon(self):
        self.applied(ONE)
        self.ok(self.host.call("abandon", "T"))
        self.fails(self.host.stage("T", TWO), "expired")
        self.assertIsNone(self.host.name("lock"))
        self.ok(self.host.call("abandon", "T"))
        self.fails(self.host.call("confirm", "T"), "expired")
        self.applied(TWO)
        self.assert_at_rest(TWO)


class DeadMan(Case):
    def test_where_systemd_runs_it_is_a_service_from_the_start(self):
        """systemd's own timers do not count the time of a suspend."""
        host = self.host
        (host.root / "run/systemd/system").mkdir(parents=True)
        fake = host.base / "systemd-run"
        fake.write_text('#!/bin/sh\nprintf "%%s\\n" "$@" >%s/arguments\nwhile [ "${1#--}" != "$1" ]; do shift; done\n'
                        'setsid "$@" </dev/null >/dev/null 2>&1 &\n' % host.base)
        fake.chmod(0o755)
        real = shutil.which("systemd-run", path="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
        host.use(host.script, ["unshare", "--mount", "sh", "-c", "mount --bind %s %s && exec \"$@\"" % (fake, real), "sh"] if real else [])
        host.env["PATH"] = "%s:%s" % (os.environ["PATH"], host.base)
        self.applied(ONE)
        self.armed("T", TWO)
        arguments = (host.base / "arguments").read_text().splitlines()
        self.assertEqual(arguments[-4:], ["/bin/sh", str(host.state / "agent.sh"), "expire", "T"])
        self.assertIn("--unit=meshctl-expire-T", arguments)
        self.assertEqual([word for word in arguments if word.startswith(("--on-", "--timer"))], [])
        self.assertIn(int(host.name("txn/T/timer").split()[0]), host.processes())
        self.ok(host.call("revert", "T"))
        self.assertTrue(pace.wait_for(lambda: host.processes() == [], 30))

    def test_without_it_nothing_is_activated(self):
        self.applied(ONE)
        self.armed("T", TWO, activated=False)
        self.host.stop_processes()  # as logind does to sessions, with KillUserProcesses
        self.fails(self.host.call("activate", "T"), "internal")
        self.assert_runs(ONE)
        self.ok(self.host.call("revert", "T"))

    def test_without_it_no_link_is_used(self):
        self.applied(ONE)
        self.armed("T", TWO)
        self.ok(self.host.call("links", "T"))
        self.host.stop_processes()
        self.fails(self.host.call("links", "T"), "internal")
        self.ok(self.host.call("revert", "T"))
        self.assert_at_rest(ONE)

    def test_the_deadline_of_another_boot_has_passed(self):
        self.applied(ONE)
        self.armed("T", TWO)
        self.host.stop_processes()
        lock = (self.host.state / "lock").read_text().split()
        (self.host.state / "lock").write_text("T other-boot %s\n" % lock[2])
        self.host.reboot()
        self.assertEqual(self.host.file_call("expire", "T").status, 0)  # 600 s are not waited for
        self.assertEqual(self.host.live(), ONE.files)
        self.assertIsNone(self.host.name("lock"))


class Charon(unittest.TestCase):
    """The real functions of the strongSwan back end, in a network of their own, with a swanctl that hangs when told to."""
    SECONDS = 60

    @classmethod
    def setUpClass(cls):
        if not shutil.which("ip"):
            raise unittest.SkipTest("ip is not installed")

    def setUp(self):
        self.host = Host()
        self.addCleanup(self.host.close)
        tools = self.host.base / "tools"
        tools.mkdir()
        (tools / "swanctl").write_text("#!/bin/sh\ntrap '' TERM\nwhile [ -e %s/hang ]; do sleep 0.2; done\n" % self.host.base)
        (tools / "swanctl").chmod(0o755)
        real = shutil.which("swanctl", path="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
        bind = "mount --bind %s/swanctl %s && " % (tools, real) if real else ""
        self.holder = subprocess.Popen(["unshare", "--net", "--mount", "sh", "-c", bind + "echo ready; exec sleep 3600"],
                                       stdout=subprocess.PIPE)
        self.addCleanup(self.holder.communicate)
        self.addCleanup(self.holder.kill)
        self.assertEqual(self.holder.stdout.readline(), b"ready\n")
        self.host.env.update(PATH="%s:%s" % (os.environ["PATH"], tools), MESHCTL_LIMIT="9")
        script = AGENT.read_bytes() + (AGENT.parent.parent / "backend/strongswan/activation.sh").read_bytes() + b'\nmeshctl_main "$@"\n'
        self.host.use(script, ["nsenter", "--net", "--mount", "--target", str(self.holder.pid)])

    @staticmethod
    def generation(peer):
        text = "".join("xfrm policy update src %s/32 dst %s/32 dir %s priority 452896783 tmpl proto esp reqid 114552787 mode transport level "
                       "required\n" % (*ends, way) for ends, way in ((("192.0.2.1", peer), "out"), ((peer, "192.0.2.1"), "in")))
        return Generation({"/etc/meshctl/policies.xfrm": (text, 0o600)}, "strongswan")

    def kernel(self):
        done = subprocess.run([*self.host.prefix, "ip", "xfrm", "policy"], capture_output=True, text=True, check=True)
        return sorted(set(re.findall(r"192\.0\.2\.[2-9]", done.stdout)))

    def test_the_dead_man_timer_brings_the_policies_back(self):
        host = self.host
        host.apply("T1", self.generation("192.0.2.2"))
        self.assertEqual(self.kernel(), ["192.0.2.2"])
        for answer in (host.stage("T", self.generation("192.0.2.3")), host.call("arm", "T", pace.seconds(3))):
            self.assertEqual(answer.last, "ok", answer)
        (host.base / "hang").write_text("")
        answer = host.call("activate", "T")
        self.assertTrue(answer.last.startswith("fail activate charon runs but does not answer"), answer)
        self.assertEqual(self.kernel(), ["192.0.2.2", "192.0.2.3"])
        self.assertTrue(pace.wait_for(lambda: self.kernel() == ["192.0.2.2"], 30))
        self.assertTrue(pace.wait_for(lambda: "192.0.2.2" in host.read("/etc/meshctl/policies.xfrm"), 30))
        self.assertEqual(host.name("lock").split()[0], "T")  # the daemon is not back
        began = time.monotonic()
        self.assertEqual(host.file_call("break-glass").status, 1)
        self.assertLess(time.monotonic() - began, pace.seconds(90))
        self.assertEqual(self.kernel(), ["192.0.2.2"])
        (host.base / "hang").unlink()
        self.assertTrue(pace.wait_for(lambda: host.name("lock") is None, 60))


if __name__ == "__main__":
    unittest.main()
