"""The verbs as the controller calls them, in order, twice, and out of order."""
import os
import unittest

from host import Generation, Host, generation

ONE = generation("1", ["/etc/x/only1"])
TWO = generation("2", ["/etc/y/z/only2"])
OWN = ("the admin's own\n", 0o604)


class Case(unittest.TestCase):
    def setUp(self):
        self.host = Host()
        self.applies = 0
        self.addCleanup(self.host.close)
        self.host.write("/etc/tb/daemon.conf", *OWN)
        self.host.write("/daemon", OWN[0])  # it runs
        self.before = self.host.live()

    def ok(self, answer):
        self.assertEqual((answer.last, answer.status), ("ok", 0), answer)
        return answer

    def fails(self, answer, reason):
        self.assertTrue(answer.last.startswith("fail %s " % reason), answer)
        self.assertEqual(answer.status, 1)
        return answer

    def applied(self, *generations):
        for gen in generations:
            self.applies += 1
            self.host.apply("T%d" % self.applies, gen)

    def armed(self, txn, gen, seconds=600, activated=True):
        self.ok(self.host.stage(txn, gen))
        self.ok(self.host.call("arm", txn, seconds))
        if activated:
            self.ok(self.host.call("activate", txn))

    def assert_runs(self, gen):
        """Live files, kernel and daemon are this generation's; None: what was there before meshctl came."""
        host = self.host
        self.assertEqual(host.live(), gen.files if gen else self.before)
        policies = gen.files["/etc/tb/policy"][0].decode().split("\n")[:-1] if gen else []
        self.assertEqual(host.kernel(), {"foreign", *policies})
        self.assertEqual(host.read("/daemon"), host.read("/etc/tb/daemon.conf"))

    def assert_at_rest(self, gen):
        self.assert_runs(gen)
        for name in ("lock", "trial"):
            self.assertIsNone(self.host.name(name), name)
        self.assertEqual(self.host.name("current"), gen.id if gen else None)
        self.assertEqual(list(self.host.state.glob("txn/*/armed")), [])


class Life(Case):
    def test_first_apply_update_and_way_back(self):
        probe = self.ok(self.host.call("probe"))
        self.assertEqual(probe.get("current") + probe.get("confirmed") + probe.get("client"), ["-", "-", "192.0.2.9"])
        self.applied(ONE)
        self.assert_at_rest(ONE)
        self.applied(TWO)
        self.assert_at_rest(TWO)
        self.assertEqual(self.host.name("previous"), ONE.id)
        self.assertEqual(self.host.call("probe").get("confirmed"), ["T2"])
        # a repair is no change that a rollback could undo
        self.applied(TWO)
        self.assertEqual(self.host.call("probe").get("confirmed"), ["T2"])
        # rollback is the same transaction on a generation that is there
        self.ok(self.host.call("reuse", "R", ONE.id))
        self.ok(self.host.call("arm", "R", 60))
        self.ok(self.host.call("activate", "R"))
        self.ok(self.host.call("confirm", "R"))
        self.assert_at_rest(ONE)
        self.assertEqual(self.host.name("previous"), TWO.id)
        self.assertEqual(self.host.call("probe").get("confirmed"), ["R"])
        self.assertEqual([line.count('"result":"confirmed"') for line in self.host.text("history.jsonl").splitlines()], [1] * 4)

    def test_every_verb_twice(self):
        host = self.host
        self.applied(ONE)
        for verb, args, payload in (("stage", (TWO.id, TWO.sum), TWO.tar()), ("check", (), b""), ("arm", (600,), b""),
                                    ("activate", (), b""), ("links", (), b""), ("confirm", (), b"")):
            first = self.ok(host.call(verb, "T", *args, payload=payload))
            self.assertEqual(self.ok(host.call(verb, "T", *args, payload=payload)).lines[-2:], first.lines[-2:], verb)
        self.assert_at_rest(TWO)
        self.armed("U", ONE)
        self.ok(host.call("revert", "U"))
        self.ok(host.call("revert", "U"))
        self.assert_at_rest(TWO)
        self.ok(host.stage("V", ONE))
        self.ok(host.call("abandon", "V"))
        self.ok(host.call("abandon", "V"))
        self.assert_at_rest(TWO)
        self.assertEqual(len(host.text("history.jsonl").splitlines()), 3)

    def test_a_rehearsal_leaves_nothing(self):
        host = self.host
        self.applied(ONE)
        before = sorted(p for p in host.state.rglob("*"))
        for gen in (TWO, ONE, TWO):
            self.ok(host.call("rehearse", "R", gen.id, gen.sum, payload=gen.tar()))
            self.assert_at_rest(ONE)
            self.assertEqual(sorted(p for p in host.state.rglob("*")), before)
        self.fails(host.call("rehearse", "R", TWO.id, TWO.sum, payload=ONE.tar()), "digest")
        self.assertEqual(sorted(p for p in host.state.rglob("*")), before)

    def test_probe_and_status_write_nothing(self):
        self.applied(ONE)
        before = sorted((p, p.stat().st_mtime_ns) for p in self.host.state.rglob("*"))
        for verb in ("probe", "facts", "status"):
            self.ok(self.host.call(verb))
        self.assertEqual(self.host.call("manifest", ONE.id).get("json"), ['{"backend": "tb"}'])
        self.assertEqual(before, sorted((p, p.stat().st_mtime_ns) for p in self.host.state.rglob("*")))

    def test_verbs_out_of_order(self):
        host = self.host
        self.fails(host.call("activate", "T"), "missing")
        self.fails(host.call("confirm", "T"), "missing")
        self.ok(host.stage("T", ONE))
        self.fails(host.call("activate", "T"), "state")
        self.fails(host.call("confirm", "T"), "state")
        self.fails(host.call("revert", "T"), "state")
        self.ok(host.call("arm", "T", 600))
        self.fails(host.call("confirm", "T"), "state")
        self.fails(host.call("abandon", "T"), "state")
        self.fails(host.stage("T", ONE), "state")
        self.ok(host.call("revert", "T"))
        self.fails(host.call("activate", "T"), "expired")
        self.fails(host.call("confirm", "T"), "expired")
        self.assertEqual(self.host.live(), self.before)
        self.fails(host.call("manifest", "nothing"), "missing")
        self.fails(host.call("manifest", "../original"), "internal")
        self.fails(host.call("nonsense"), "internal")

    def test_only_root_reads_the_state(self):
        self.applied(ONE, TWO)
        for file in self.host.state.rglob("*"):
            if "files" in file.parts:  # copies keep the modes of what they are copies of, below folders that are root's
                continue
            self.assertEqual(file.stat().st_mode & 0o077, 0, file)

    def test_collects_what_no_name_holds(self):
        three = generation("3")
        self.applied(ONE, TWO, three)
        self.assertEqual({p.name for p in (self.host.state / "generations").iterdir()}, {TWO.id, three.id})
        self.assertEqual([p.name for p in (self.host.state / "txn").iterdir()], ["T3"])

    def test_second_apply_is_refused(self):
        self.ok(self.host.stage("T", ONE))
        self.assertEqual(self.host.stage("U", TWO).last, "fail locked T")
        self.assertEqual(self.host.call("probe").get("lock"), ["T"])
        self.fails(self.host.call("arm", "U", 60), "missing")
        self.assertFalse((self.host.state / "txn/U").exists())
        self.ok(self.host.call("abandon", "T"))
        self.applied(TWO)
        self.assert_at_rest(TWO)

    def test_two_at_the_same_moment(self):
        for _ in range(10):
            racers = [self.host.spawn("reuse", txn, "0" * 32) for txn in ("A", "B")]
            for racer in racers:
                racer.communicate(timeout=600)
            self.assertIsNone(self.host.name("lock"))
        self.applied(ONE)
        racers = [self.host.spawn("reuse", txn, ONE.id) for txn in ("A", "B", "C", "D")]
        said = sorted(racer.communicate(timeout=600)[0].decode().splitlines()[-1] for racer in racers)
        winner = self.host.name("lock").split()[0]
        self.assertEqual(said, ["fail locked " + winner] * 3 + ["ok"])

    def test_drift(self):
        self.applied(ONE)
        (self.host.root / "etc/tb/policy").chmod(0o644)
        self.host.write("/etc/tb/daemon.conf", "by hand\n", 0o640)
        os.unlink(self.host.root / "etc/x/only1")
        self.assertEqual(self.host.call("probe").get("drift"), ["/etc/tb/daemon.conf", "/etc/tb/policy", "/etc/x/only1"])
        # the same generation once more repairs
        self.applied(ONE)
        self.assertEqual(self.host.call("probe").get("drift"), [])
        self.assert_at_rest(ONE)
        os.unlink(self.host.root / "etc/x/only1")
        os.symlink("/etc/passwd", self.host.root / "etc/x/only1")
        self.assertEqual(self.host.call("probe").get("drift"), ["/etc/x/only1"])

    def test_what_kernel_and_daemon_lack_is_seen_and_repaired(self):
        self.applied(ONE)
        self.assertEqual(self.host.call("probe").get("lacks"), [])
        self.host.write("/kernel", "foreign\n")
        os.unlink(self.host.root / "daemon")
        self.assertEqual(self.host.call("probe").get("lacks"), ["policies 4", "daemon 1"])
        self.applied(ONE)
        self.assertEqual(self.host.call("probe").get("lacks"), [])
        self.assert_at_rest(ONE)

    def test_show_masks_what_looks_like_a_key(self):
        self.host.write("/etc/tb/a.conf", "secrets {\n  secret = 0sAAAA # x\n  pin = \"1 2\"\n}\nadd 10.0.0.1 10.0.0.2 esp 1 "
                        "-E aes-cbc 0x00112233 -A hmac-sha1 \"hush hush\";\nkey 0x0011223344556677\nlast line")
        self.host.write("/etc/tb/large", "x" * 131073)
        answer = self.ok(self.host.call("show", "-", "/etc/tb/a.conf", "/etc/tb/large", "/etc/tb/none", "/etc/tb/../tb", "/etc/tb/daemon.conf"))
        self.assertEqual(answer.lines[:-1], [
            "content /etc/tb/a.conf secrets {", "content /etc/tb/a.conf   secret = \"x\"", "content /etc/tb/a.conf   pin = \"x\"",
            "content /etc/tb/a.conf }", "content /etc/tb/a.conf add 10.0.0.1 10.0.0.2 esp 1 -E aes-cbc ...;",
            "content /etc/tb/a.conf key 0x...", "content /etc/tb/a.conf last line",
            "large /etc/tb/large", "gone /etc/tb/none", "gone /etc/tb/../tb", "content /etc/tb/daemon.conf the admin's own"])
        self.fails(self.host.call("show", "-", "/etc/$(id)"), "internal")

    def test_show_masks_keys_however_they_are_written(self):
        for text, wanted in (
                ('ike { secret = "a\\"b HUSH" }', 'ike { secret = "x"}'), ("secret = HUSH of HUSH words\nnext = 1", 'secret = "x"\nnext = 1'),
                ("secret = HUSH{HUSH[HUSH # was HUSH\n}", 'secret = "x"\n}'), ('secret="HUSH\nHUSH \\" HUSH\nHUSH" # HUSH\nid = a', 'secret= "x"\n\n\nid = a'),
                ('a { secret = "HUSH" } b { pin = HUSH } c', 'a { secret = "x"} b { pin = "x"} c'), ('secret = "HUSH" HUSH "HUSH"', 'secret = "x"'),
                ('# secret = "HUSH"', '# secret = "x"'), ('    password = HUSH', '    password = "x"'),
                ('add 10.0.0.1 10.0.0.2 esp 1\n\t-E 3des-cbc\n\t"HUSH HUSH"\n\t-A hmac-md5 "HUSH" ;\nspdflush;', 'add 10.0.0.1 10.0.0.2 esp 1\n\t-E 3des-cbc ...\n...\n...;\nspdflush;'),
                ("add a b ah 2 -A hmac-sha1 HUSH; flush;", "add a b ah 2 -A hmac-sha1 ...; flush;"), ("-E RIJNDAEL_CBC 'HUSH';", "-E RIJNDAEL_CBC ...;"),
                ('ldapcfg { bind_pw "HUSH"; }', 'ldapcfg { bind_pw "...'), ('radiuscfg {\n  auth "10.0.0.9" 1812 "HUSH";\n}', 'radiuscfg {\n  auth "...\n}'),
                ("-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n-----BEGIN RSA PRIVATE KEY-----\nHUSH\nHUSH\n-----END RSA PRIVATE KEY-----\nend",
                 "-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n-----BEGIN RSA PRIVATE KEY-----\n...\n...\n-----END RSA PRIVATE KEY-----\nend"),
                ("  PrivateExponent: 0XABCDEF0123456789", "  PrivateExponent: 0x..."),
                ('remote 10.0.0.2 { certificate_type x509 "a.pem" "a.key"; authentication_method rsasig; }', None)):
            self.host.write("/etc/tb/a.conf", text + "\n")
            answer = self.ok(self.host.call("show", "-", "/etc/tb/a.conf"))
            shown = [line.removeprefix("content /etc/tb/a.conf").removeprefix(" ") for line in answer.lines[:-1]]
            self.assertEqual("\n".join(shown), text if wanted is None else wanted)
            self.assertNotIn("HUSH", "\n".join(shown))

    def test_status_tells_of_a_transaction_that_has_not_ended(self):
        words = ("current", "trial", "lock", "timer")
        said = lambda: [value for word in words for value in self.host.call("status").get(word)]
        self.assertEqual(said(), ["-", "-", "-"])
        self.applied(ONE)
        self.assertEqual(said(), [ONE.id, "-", "-"])
        self.ok(self.host.stage("T", TWO))
        self.assertEqual(said(), [ONE.id, "-", "T"])
        self.ok(self.host.call("arm", "T", 600))
        self.ok(self.host.call("activate", "T"))
        current, trial, lock, left = said()
        self.assertEqual((current, trial, lock), (ONE.id, TWO.id, "T"))
        self.assertTrue(0 < int(left) <= 600, left)
        self.ok(self.host.call("revert", "T"))
        self.assertEqual(said(), [ONE.id, "-", "-"])

    def test_originals_come_back_exactly(self):
        link = self.host.root / "etc/x/only1"
        link.parent.mkdir()
        os.symlink("../elsewhere", link)
        os.chown(self.host.root / "etc/tb/daemon.conf", 1, 2)
        stamp = os.stat(self.host.root / "etc/tb/daemon.conf").st_mtime_ns
        self.applied(ONE)
        self.assertFalse(link.is_symlink())
        self.applied(TWO)  # lacks only1
        self.assertEqual(os.readlink(link), "../elsewhere")
        self.assertFalse((self.host.root / "etc/y/z/only2").is_symlink())
        answer = self.host.file_call("break-glass", "original")
        self.assertEqual(answer.status, 0, answer)
        self.assert_at_rest(None)
        found = os.stat(self.host.root / "etc/tb/daemon.conf")
        self.assertEqual((found.st_uid, found.st_gid, found.st_mtime_ns), (1, 2, stamp))
        self.assertFalse((self.host.root / "etc/y").exists())

    def destroyed(self, txn="D"):
        for call in (("reuse", txn, "original"), ("check", txn), ("arm", txn, 600), ("activate", txn), ("links", txn), ("confirm", txn)):
            self.ok(self.host.call(*call))

    def test_destroy_leaves_nothing_but_history(self):
        host = self.host
        self.applied(ONE, TWO)
        self.destroyed()
        self.assert_at_rest(None)
        self.assertEqual(sorted(p.name for p in host.state.iterdir()), ["generations", "history.jsonl", "mutex", "txn"])
        self.assertEqual((list(host.state.glob("generations/*")), [p.name for p in host.state.glob("txn/*")]), ([], ["D"]))
        self.assertEqual([p for p in (host.root / "etc").rglob("*") if "meshctl" in p.name], [])
        self.assertIn('"txn":"D","result":"confirmed","from":"%s","to":"original"' % TWO.id, host.text("history.jsonl"))
        self.ok(host.call("confirm", "D"))  # as after a lost connection
        self.assertEqual(host.call("probe").get("current") + host.call("probe").get("previous"), ["-", "-"])
        self.fails(host.call("reuse", "E", "original"), "missing")
        self.assertIsNone(host.name("lock"))
        # and from there all over again
        self.applied(ONE)
        self.assert_at_rest(ONE)

    def test_destroy_can_be_reverted(self):
        self.applied(ONE)
        for verbs in ((), ("activate",)):
            for call in (("reuse", "original"), ("arm", 600), *((verb,) for verb in verbs), ("revert",)):
                self.ok(self.host.call(call[0], "D%d" % len(verbs), *call[1:]))
            self.assert_at_rest(ONE)

    def test_destroy_is_refused_where_the_original_state_is_not_known(self):
        self.applied(ONE)
        absent = self.host.state / "original/absent"
        text = absent.read_text()
        absent.write_text(text.replace("/etc/x/only1\n", ""))
        self.assertEqual(self.host.call("reuse", "D", "original").last, "fail missing what was at /etc/x/only1 before meshctl came is not known")
        absent.unlink()
        self.fails(self.host.call("reuse", "E", "original"), "missing")
        self.assert_at_rest(ONE)

    def test_policies_that_ours_replaced_come_back(self):
        self.host.write("/kernel", "foreign\npolicy shared\n")
        self.applied(ONE)
        self.applied(TWO)
        self.destroyed()
        self.assertEqual(self.host.kernel(), {"foreign", "policy shared"})
        self.armed("T", ONE)
        self.ok(self.host.call("revert", "T"))
        self.assertEqual(self.host.kernel(), {"foreign", "policy shared"})

    def test_a_daemon_that_did_not_run_before_does_not_run_after(self):
        daemon = self.host.root / "daemon"
        daemon.unlink()
        self.armed("T", ONE)
        self.assertTrue(daemon.exists())
        self.ok(self.host.call("revert", "T"))
        self.assertFalse(daemon.exists())
        self.applied(ONE)
        self.assertTrue(daemon.exists())
        self.assertEqual(self.host.file_call("break-glass", "original").status, 0)
        self.assertFalse(daemon.exists())

    def test_original_is_saved_anew_when_the_path_was_free_between(self):
        self.applied(ONE, TWO)
        self.host.write("/etc/x/only1", "new owner\n")
        self.host.apply("U", ONE)
        self.host.apply("V", TWO)
        self.assertEqual(self.host.read("/etc/x/only1"), "new owner\n")

    def test_break_glass(self):
        self.applied(ONE)
        self.armed("T", TWO)
        answer = self.host.file_call("break-glass")
        self.assertEqual(answer.status, 0, answer)
        self.assert_at_rest(ONE)
        self.host.write("/etc/tb/daemon.conf", "broken by hand\n")
        self.host.write("/kernel", "foreign\n")
        self.assertEqual(self.host.file_call("break-glass").status, 0)
        self.assert_at_rest(ONE)

    def test_back_end_cannot_change(self):
        self.applied(ONE)
        other = Generation({p: (c.decode(), m) for p, (c, m) in TWO.files.items()}, backend="other")
        self.fails(self.host.stage("T", other), "state")
        self.assert_at_rest(ONE)

    def test_host_without_systemd(self):
        (self.host.root / "lib/systemd/system").rmdir()
        links = self.host.root / "etc/rcS.d"
        links.mkdir()
        (links / "S13networking").touch()
        self.ok(self.host.stage("T", ONE))
        self.ok(self.host.call("arm", "T", 600))
        self.assertEqual(os.readlink(links / "S13meshctl"), "../init.d/meshctl")
        self.assertIn("agent.sh boot", self.host.read("/etc/init.d/meshctl"))
