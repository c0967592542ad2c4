"""What goes wrong: bad bundles, full disks, steps that fail or hang, power cuts, sessions that die."""
import os
import pathlib
import shutil
import signal
import subprocess
import time
import unittest

import pace
from host import AGENT, HERE, Host, generation
from test_life import ONE, TWO, Case


class Bundles(Case):
    def refused(self, gen, reason="digest", total=None, payload=None):
        self.fails(self.host.call("stage", "T", gen.id, total or gen.sum, payload=payload or gen.tar()), reason)
        self.assertIsNone(self.host.name("lock"))
        self.assertEqual(list((self.host.state / "generations").iterdir()), [])
        self.assertEqual(list((self.host.state / "txn").iterdir()), [])

    def test_wrong_total(self):
        self.refused(ONE, total="0" * 64)

    def test_tampered_and_cut_tar(self):
        self.refused(ONE, payload=ONE.tar().replace(b"version 1", b"version 9"))
        self.refused(ONE, "internal", payload=ONE.tar()[:1000])

    def test_lists_that_disagree(self):
        for change in (lambda m: m.update({"files/etc/more": b"x"}), lambda m: m.pop("files/etc/x/only1"),
                       lambda m: m.pop("links.list"), lambda m: m.update({"files.list": b"0600 root:root /etc/../x\n"}),
                       lambda m: m.update({"files.list": m["files.list"].replace(b"0600", b"4755")}),
                       lambda m: m.update({"files.list": m["files.list"].replace(b"root:root", b"-root:x")})):
            gen = generation("1", ["/etc/x/only1"])
            change(gen.members)
            gen.seal()
            self.refused(gen)

    def test_bad_file_is_found_by_the_back_ends_check(self):
        gen = generation("BAD")
        self.ok(self.host.stage("T", gen))
        self.fails(self.host.call("check", "T"), "check")
        self.ok(self.host.call("abandon", "T"))
        self.assertEqual(list((self.host.state / "generations").iterdir()), [])

    def test_check_shows_rules_that_redirect_packets_for_the_host(self):
        self.ok(self.host.stage("T", ONE))
        tools = self.host.base / "tools"
        tools.mkdir()
        nft = tools / "nft"
        standard = b" PATH=/usr/local/sbin:"
        self.assertEqual(self.host.script.count(standard), 1)  # this machine may have an nft
        self.host.script = self.host.script.replace(standard, b" PATH=%s:/usr/local/sbin:" % str(tools).encode())
        for rules, wanted in (
                ('table ip nat {\n\tchain DOCKER {\n\t\ttcp dport 8080 counter packets 0 bytes 0 dnat to 172.17.0.2:80\n\t}\n}',
                 ["tcp dport 8080 counter packets 0 bytes 0 dnat to 172.17.0.2:80"]),
                ('-A DOCKER ! -i docker0 -p udp -j DNAT --to-destination 172.17.0.2:53', ["-A DOCKER ! -i docker0 -p udp -j DNAT --to-destination 172.17.0.2:53"]),
                ('\t\tudp dport 53 redirect to :5353', ["udp dport 53 redirect to :5353"]), ('\t\ttcp dport 25 redirect', ["tcp dport 25 redirect"]),
                ('type nat hook prerouting priority dstnat; policy accept;', []), ('', []), ('x dnat to y' + 'z' * 400, ["x dnat to y" + "z" * 284]),
                ('\n'.join(['a dnat to b'] * 100), ["a dnat to b"] * 20)):
            nft.write_text("#!/bin/sh\n[ \"$*\" = 'list ruleset' ] || exit 9\ncat <<'END'\n%s\nEND\n" % rules)
            nft.chmod(0o755)
            answer = self.host.call("check", "T")
            self.ok(answer)
            self.assertEqual(answer.get("dnat"), wanted)
        nft.write_text("#!/bin/sh\necho broken >&2; exit 1\n")
        self.ok(self.host.call("check", "T"))

    def test_missing_generation(self):
        self.fails(self.host.call("reuse", "T", "0" * 32), "missing")
        self.assertIsNone(self.host.name("lock"))
        self.applied(ONE)
        shutil.rmtree(self.host.state / "generations" / ONE.id)
        self.fails(self.host.call("probe"), "missing")
        self.fails(self.host.stage("T", TWO), "missing")
        self.assertIsNone(self.host.name("lock"))

    def test_damaged_generation_is_replaced(self):
        self.ok(self.host.stage("T", ONE))
        (self.host.state / "generations" / ONE.id / "files/etc/tb/policy").write_text("rotten\n")
        self.ok(self.host.stage("T", ONE))
        self.ok(self.host.call("arm", "T", 60))
        self.ok(self.host.call("activate", "T"))
        self.assert_runs(ONE)

    def test_disk_full(self):
        self.applied(ONE)
        big = generation("2")
        big.files["/etc/big"] = (os.urandom(400_000), 0o600)
        big.members["files/etc/big"] = big.files["/etc/big"][0]
        big.members["files.list"] = b"0600 root:root /etc/big\n" + big.members["files.list"]
        big.seal()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300k,mode=700", "none", self.host.state], check=True)
        try:
            (self.host.state / "generations").mkdir()
            self.refused(big, "space")
            # not one byte is free
            with open(self.host.state / "hog", "wb", buffering=0) as hog:
                try:
                    while hog.write(bytes(512)):
                        pass
                except OSError:
                    pass
            self.refused_full(ONE)
            os.unlink(self.host.state / "hog")
            self.ok(self.host.stage("T", ONE))
        finally:
            subprocess.run(["umount", "-l", self.host.state], check=True)
        self.assert_at_rest(ONE)

    def refused_full(self, gen):
        self.fails(self.host.stage("T", gen), "space")
        self.assertIsNone(self.host.name("lock"))
        self.assertEqual(list((self.host.state / "generations").iterdir()), [])


class LivePaths(Case):
    def test_strangers_cannot_lead_us_elsewhere(self):
        elsewhere = self.host.base / "elsewhere"
        elsewhere.mkdir()
        os.symlink(elsewhere, self.host.root / "etc/x")
        os.chown(self.host.root / "etc/x", 65534, 65534, follow_symlinks=False)
        self.ok(self.host.stage("T", ONE))
        self.fails(self.host.call("arm", "T", 60), "state")
        os.chown(self.host.root / "etc/x", 0, 0, follow_symlinks=False)
        os.chown(elsewhere, 65534, 65534)
        self.fails(self.host.call("arm", "T", 60), "state")
        self.assertEqual(list(elsewhere.iterdir()), [])
        os.chown(elsewhere, 0, 0)
        self.ok(self.host.call("arm", "T", 60))
        self.ok(self.host.call("activate", "T"))
        self.assertEqual([p.name for p in elsewhere.iterdir()], ["only1"])

    def test_folders_that_others_can_write_in(self):
        folder = self.host.root / "etc/x"
        folder.mkdir()
        self.ok(self.host.stage("T", ONE))
        for mode, group, reason in ((0o777, 0, "state"), (0o1777, 0, "state"), (0o775, 65534, "state"), (0o775, 0, None)):
            os.chown(folder, 0, group)
            folder.chmod(mode)
            answer = self.host.call("arm", "T", 60)
            self.fails(answer, reason) if reason else self.ok(answer)

    def test_a_folder_where_a_file_belongs(self):
        (self.host.root / "etc/x/only1").mkdir(parents=True)
        self.ok(self.host.stage("T", ONE))
        self.fails(self.host.call("arm", "T", 60), "state")


class Steps(Case):
    SECONDS = 45

    def test_each_failing_step_is_reported_and_taken_back(self):
        self.applied(ONE)
        for step in ("protect", "reload", "retire", "verify"):
            with self.subTest(step=step):
                txn = "F" + step
                self.armed(txn, TWO, activated=False)
                self.host.write("/fail-" + step, "")
                self.assertEqual(self.host.call("activate", txn).last, "fail activate told to fail at " + step)
                self.fails(self.host.call("confirm", txn), "state")
                (self.host.root / ("fail-" + step)).unlink()
                self.ok(self.host.call("revert", txn))
                self.assert_at_rest(ONE)

    def test_a_way_back_that_fails_is_repeated(self):
        self.applied(ONE)
        self.armed("T", TWO)
        self.host.write("/fail-reload", "")
        self.fails(self.host.call("revert", "T"), "activate")
        self.assertEqual(self.host.live(), ONE.files)  # what could be done was
        self.assertEqual(self.host.kernel(), {"foreign", *ONE.files["/etc/tb/policy"][0].decode().splitlines()})  # it needs no daemon
        self.assertEqual(self.host.stage("U", TWO).last, "fail locked T")
        (self.host.root / "fail-reload").unlink()
        self.ok(self.host.call("revert", "T"))
        self.assert_at_rest(ONE)

    def test_no_policy_goes_before_what_protects_instead_stands(self):
        self.applied(ONE)
        self.armed("T", TWO)
        self.host.write("/fail-protect", "")
        self.fails(self.host.call("revert", "T"), "activate")
        self.assertEqual(self.host.live(), ONE.files)
        self.assertIn("policy 2.0", self.host.kernel())
        self.host.write("/kernel", self.host.read("/kernel") + ONE.files["/etc/tb/policy"][0].decode())
        self.fails(self.host.call("revert", "T"), "activate")  # something else failed, and the policies stand
        self.assertNotIn("policy 2.0", self.host.kernel())
        (self.host.root / "fail-protect").unlink()
        self.ok(self.host.call("revert", "T"))
        self.assert_at_rest(ONE)

    def test_without_an_older_generation_the_daemon_is_asked_first(self):
        """It may be the one that protects then; but policies do not stay because it fails."""
        self.armed("T", TWO)
        self.host.write("/fail-reload", "")
        self.fails(self.host.call("revert", "T"), "activate")
        self.assertEqual(self.host.kernel(), {"foreign"})
        log = (self.host.state / "txn/T/log").read_text()
        self.assertLess(log.index("back-reload"), log.index("back-retire"))
        (self.host.root / "fail-reload").unlink()
        self.ok(self.host.call("revert", "T"))
        self.assert_at_rest(None)

    def test_the_dead_man_needs_nobody_and_repeats(self):
        self.applied(ONE)
        self.armed("T", TWO, seconds=pace.seconds(2))  # it is active before they are over
        self.host.write("/fail-protect", "")
        self.wait(lambda: (self.host.state / "txn/T/expired").exists())
        time.sleep(1.2)
        self.assertIsNotNone(self.host.name("lock"))
        (self.host.root / "fail-protect").unlink()
        self.wait(lambda: self.host.name("lock") is None)
        self.assert_at_rest(ONE)
        self.fails(self.host.call("confirm", "T"), "expired")
        self.wait(lambda: self.host.processes() == [])

    def test_confirm_and_revert_end_the_dead_man(self):
        self.applied(ONE)
        self.armed("T", TWO)
        self.assertNotEqual(self.host.processes(), [])
        self.ok(self.host.call("revert", "T"))
        self.wait(lambda: self.host.processes() == [])

    def wait(self, condition, seconds=30):
        self.assertTrue(pace.wait_for(condition, seconds), "waited in vain")

    def test_revert_stops_a_running_activation_between_steps(self):
        self.applied(ONE)
        self.armed("T", TWO, activated=False)
        self.host.write("/hang-reload", "")
        activation = self.host.spawn("activate", "T")
        self.wait(lambda: (self.host.root / "hang-reload").read_text())  # the log names the step before it hangs
        revert = self.host.spawn("revert", "T")
        self.wait(lambda: (self.host.state / "txn/T/reverted").exists())
        (self.host.root / "hang-reload").unlink()
        # the hanging sleep(1) ends, the step goes on, and the activation sees that its flag is gone
        self.kill_sleeps(activation.pid)
        said = activation.communicate(timeout=600)[0].decode().splitlines()[-1]
        self.assertTrue(said.startswith("fail "), said)
        self.assertEqual(revert.communicate(timeout=600)[0].decode().splitlines()[-1], "ok")
        self.assert_at_rest(ONE)

    def kill_sleeps(self, session):
        for entry in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                fields = (entry / "stat").read_text().rsplit(") ", 1)[1].split()
                if fields[3] == str(session) and (entry / "comm").read_text() == "sleep\n":
                    os.kill(int(entry.name), signal.SIGKILL)
            except OSError:
                pass

    def test_a_hanging_activation_is_stopped_after_half_a_minute(self):
        self.applied(ONE)
        self.armed("T", TWO, activated=False)
        self.host.write("/hang-reload", "")
        activation = self.host.spawn("activate", "T")
        self.wait(lambda: (self.host.root / "hang-reload").read_text())  # the log names the step before it hangs
        (self.host.root / "hang-reload").unlink()
        self.ok(self.host.call("revert", "T"))
        activation.communicate(timeout=600)
        self.assertEqual(activation.returncode, -signal.SIGKILL)
        self.assert_at_rest(ONE)

    def test_the_session_dies_during_activation(self):
        self.applied(ONE)
        self.armed("T", TWO, activated=False)
        activation = self.host.spawn("activate", "T")
        self.wait(lambda: (self.host.state / "txn/T/pid").exists())
        activation.stdout.close()
        activation.stderr.close()
        os.kill(activation.pid, signal.SIGHUP)
        self.assertEqual(activation.wait(timeout=600) >= 0, True)
        self.ok(self.host.call("activate", "T"))
        self.ok(self.host.call("confirm", "T"))
        self.assert_at_rest(TWO)


class Boots(Case):
    def boot(self):
        self.host.reboot()
        answer = self.host.file_call("boot", reboot=True)
        self.assertEqual(answer.status, 0, answer)
        self.host.write("/daemon", self.host.read("/etc/tb/daemon.conf"))  # it starts after us and reads what lies there

    def test_trial_is_taken_back(self):
        self.applied(ONE)
        self.armed("T", TWO)
        self.boot()
        self.assert_at_rest(ONE)
        self.assertIn('"txn":"T","result":"expired"', self.host.text("history.jsonl"))
        self.boot()
        self.assert_at_rest(ONE)

    def test_first_adoption_is_taken_back(self):
        self.armed("T", ONE)
        self.boot()
        self.assert_at_rest(None)

    def test_confirmed_survives(self):
        self.applied(ONE, TWO)
        self.boot()
        self.assert_at_rest(TWO)

    def test_lock_of_another_boot_is_stale(self):
        self.ok(self.host.stage("T", ONE))
        lock = (self.host.state / "lock").read_text().split()
        (self.host.state / "lock").write_text("T other-boot %s\n" % lock[2])
        self.assertEqual(self.host.call("probe").get("lock"), ["-"])
        self.host.apply("U", TWO)
        self.assert_at_rest(TWO)

    def test_next_apply_settles_what_boot_recovery_did_not(self):
        self.applied(ONE)
        self.armed("T", TWO)
        self.host.stop_processes()
        (self.host.state / "txn/T/deadline").write_text("1\n")
        lock = (self.host.state / "lock").read_text().split()
        (self.host.state / "lock").write_text("T %s 1\n" % lock[1])
        self.ok(self.host.stage("U", TWO))
        self.assert_runs(ONE)
        self.ok(self.host.call("abandon", "U"))
        self.assert_at_rest(ONE)

    def test_a_disk_that_cannot_be_written_keeps_no_policy_from_being_loaded(self):
        self.applied(ONE)
        self.armed("T", TWO)
        self.host.reboot()
        state = self.host.state
        subprocess.run(["mount", "--bind", state, state], check=True)
        try:
            subprocess.run(["mount", "-o", "remount,ro,bind", state], check=True)
            self.assertEqual(self.host.file_call("boot", reboot=True).status, 1)
            self.assertIn("policy 1.0", self.host.kernel())
        finally:
            subprocess.run(["umount", "-l", state], check=True)
        self.boot()
        self.assert_at_rest(ONE)

    def test_what_boot_cannot_load_is_said_and_tried_again(self):
        self.applied(ONE)
        self.host.reboot()
        self.host.write("/fail-boot", "")
        answer = self.host.file_call("boot")
        self.assertEqual((answer.status, answer.err), (1, "meshctl: told to fail at boot\n"))
        self.assertIn("health boot told to fail at boot", self.host.call("status").lines)
        self.assertEqual(self.host.file_call("boot").status, 1)
        self.assertEqual(len([p for p in self.host.processes() if b"boot-again" in pathlib.Path("/proc/%d/cmdline" % p).read_bytes()]), 1)
        (self.host.root / "fail-boot").unlink()
        self.assertTrue(pace.wait_for(lambda: "policy 1.0" in self.host.kernel(), 30))
        self.assertTrue(pace.wait_for(lambda: not self.host.processes(), 30))
        self.assertEqual([line for line in self.host.call("status").lines if "boot" in line], [])

    def test_boot_in_the_same_boot_leaves_a_working_controller_alone(self):
        self.applied(ONE)
        self.ok(self.host.stage("T", TWO))
        self.assertEqual(self.host.file_call("boot").status, 0)
        self.ok(self.host.call("check", "T"))

    @unittest.skipUnless(shutil.which("systemd-analyze"), "systemd-analyze is not installed")
    def test_unit_is_sound(self):
        self.applied(ONE)
        unit = self.host.root / "etc/systemd/system/meshctl-boot.service"
        said = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True)
        self.assertNotIn("meshctl-boot", said.stderr + said.stdout)
        self.assertTrue((unit.parent / "sysinit.target.wants/meshctl-boot.service").exists())


class Text(unittest.TestCase):
    def test_shells_accept_it(self):
        for shell in (["dash"], ["bash", "--posix"], ["busybox", "ash"]):
            if shutil.which(shell[0]):
                for file in (AGENT, HERE / "backend.sh"):
                    subprocess.run([*shell, "-n", file], check=True)

    @unittest.skipUnless(shutil.which("shellcheck"), "shellcheck is not installed")
    def test_shellcheck(self):
        said = subprocess.run(["shellcheck", AGENT], capture_output=True, text=True)
        self.assertEqual(said.stdout, "")
