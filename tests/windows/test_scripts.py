"""The scripts that meshctl compiles, run by cmd against the strict netsh."""
import kit
from kit import APPLY, UNDO


class Scripts(kit.WindowsCase):
    def bundles(self, made):
        self.addCleanup(made.remove)
        return made

    def life(self, name, host):
        """apply, apply again, undo: what others have stays as it was."""
        bundles = self.bundles(kit.Bundles.of(name))
        before = kit.add_foreign(self)
        bundles.copy_to(self.windows, host)
        self.windows.faults()
        first = self.must(APPLY)
        self.assertEqual(first.strip().splitlines()[-1], "MESHCTL-RC=0")
        self.assertEqual({line.split(" ", 1)[1] for line in self.services()}, {"auto running"})
        after = self.windows.policy()
        ours = [line for line in kit.rules(after) if line not in before]
        self.assertTrue(ours)
        for line in ours:
            self.assertIn("name=meshctl-", line.replace("filterlist=", "name="))
        self.assertEqual([line for line in kit.rules(before) if line not in after], [])
        second = self.must(APPLY)
        self.assertEqual(kit.settled(self.windows.policy()), kit.settled(after))
        third = self.must(UNDO)
        self.assertEqual(kit.rules(self.windows.policy()), kit.rules(before))
        self.assertEqual(self.windows.policy(), before)
        self.assertEqual({line.split()[1] for line in self.services()}, {"demand"})
        self.must(UNDO)
        self.assertEqual(self.windows.policy(), before)
        self.no_key_outside(bundles, first + second + third)

    def services(self):
        """Lines NAME START STATE of those that the rules act by. A Windows without rules has them stopped."""
        names = ("ikeext", "policyagent") if "ipsec static" in kit.read(self.windows.path(APPLY)) else ("ikeext",)
        return [line for line in self.windows.read("services.txt").splitlines() if line.split()[0] in names]

    def test_a_service_that_somebody_set_to_start_with_windows_stays_so(self):
        bundles = self.bundles(kit.Bundles.of("home-network"))
        bundles.copy_to(self.windows, "win10")
        self.must("sc config ikeext start= auto")
        self.must(APPLY)
        self.must(UNDO)
        self.assertEqual([line.split()[1] for line in self.services()], ["auto"])

    def test_a_disabled_service_is_not_touched_and_no_rule_is_made(self):
        bundles = self.bundles(kit.Bundles.of("home-network"))
        bundles.copy_to(self.windows, "win10")
        self.must("sc config ikeext start= disabled")
        done = self.windows.run(APPLY)
        self.assertIn("MESHCTL-FAILED=the service ikeext\n", done.out.replace("\r", ""))
        self.assertEqual(kit.rules(self.windows.policy()), [])
        self.assertEqual([line.split()[1] for line in self.services()], ["disabled"])

    def no_key_outside(self, bundles, out):
        for key in bundles.keys():
            self.assertNotIn(key, self.windows.read("calls.log"))
            self.assertNotIn(key, out)

    def test_home_network(self):
        self.life("home-network", "win10")

    def test_domain_server(self):
        self.life("domain", "filesrv-1")

    def test_certificates_of_windows_7(self):
        self.life("mixed-certificates", "win7")

    def test_old_guide(self):
        self.life("old-guide", "winbox")

    def test_additions_come_before_deletions(self):
        bundles = self.bundles(kit.Bundles.of("domain"))
        bundles.copy_to(self.windows, "filesrv-1")
        self.must(APPLY)
        was = kit.rules(self.windows.policy())
        bundles.edit("select: [{protocol: tcp, port: 445}]", "select: [{protocol: tcp, port: 443}]")
        bundles.copy_to(self.windows, "filesrv-1")
        self.windows.faults()
        self.must(APPLY)
        now = kit.rules(self.windows.policy())
        self.assertEqual(len(now), len(was))
        self.assertNotEqual(now, was)
        calls = self.windows.calls()
        deletes = [i for i, call in enumerate(calls) if " delete rule " in call]
        writes = [i for i, call in enumerate(calls) if " add rule " in call or " set " in call]
        self.assertEqual(len(deletes), 2)
        self.assertGreater(min(deletes), max(writes))

    def test_stops_at_the_first_failure(self):
        bundles = self.bundles(kit.Bundles.of("home-network"))
        before = kit.add_foreign(self)
        for fault, step in (("fail dirty query", "this needs an elevated prompt"), ("fail icacls", "the state folder"),
                            ("fail advfirewall export", "a copy of the policy as it was before meshctl came"),
                            ("fail defaultexemptions", "set global ipsec defaultexemptions"),
                            ("fail mmkeylifetime", "set global mainmode mmkeylifetime"),
                            ("fail endpoint2=2001:", "meshctl-home-deodand-2001_470_1f09_11ed__42-2001_470_1f09_11ed__c-any")):
            with self.subTest(fault):
                bundles.copy_to(self.windows, "win10")
                self.windows.faults(fault)
                out = self.must(APPLY, 20).strip().splitlines()
                self.assertEqual(out[-2:], ["MESHCTL-FAILED=" + step, "MESHCTL-RC=20"])
                last = self.windows.calls()[-1]
                self.assertTrue(fault[5:] in last or " -f " in last, last)
                self.windows.faults()
                self.must(UNDO)
                self.assertEqual(self.windows.policy(), before)
