"""meshctl over SSH against two simulated Windows hosts: a life, and questions that change nothing."""
import os

import kit
from kit import rules
from two_hosts import ADDRESSES, Apply

HOSTILE = ("consec\taction=noauthentication\tdescription=%OS% & < > ^ |\tendpoint1=any\tendpoint2=198.51.100.7\t"
           "name=others \" & echo>C:\\ProgramData\\evil & \" meshctl-\n")


class Life(Apply):
    SECONDS = 40

    def test_apply_change_rollback(self):
        fresh = self.policies()
        self.apply()
        self.calm()
        first = self.policies()
        for name in ADDRESSES:
            self.assertEqual(len(self.ours(name)), 1)
            self.assertIn("port2=445" if name == "win1" else "port1=445", self.ours(name)[0])
            self.assertTrue(os.path.exists(self.path(name, "undo.cmd")))

        self.nothing_is_written()
        self.assertIn("2 link ends up", self.ctl("status", "inventory.yaml"))

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

        # So is one that somebody changes; rules of others count as little as before.
        self.hosts["win1"].run("netsh advfirewall consec set rule name=theirs new endpoint2=198.51.100.9")
        # Through its API Windows takes any name.
        self.hosts["win1"].write("policy.txt", self.hosts["win1"].read("policy.txt") + HOSTILE)
        self.ctl("plan", "inventory.yaml", "--detailed-exitcode")
        name = self.ours("win1")[0].split("name=")[1].split("\t")[0]
        self.hosts["win1"].run('netsh advfirewall consec set rule name="%s" new enable=no' % name)
        self.assertIn("somebody changed what is in them", self.ctl("status", "inventory.yaml", code=2))
        self.ctl("plan", "inventory.yaml", "--detailed-exitcode", code=2)
        self.apply()
        self.assertEqual([line for line in self.ours("win1") if "enable=no" in line], [])
        self.nothing_is_written()
        self.assertFalse(os.path.exists(self.hosts["win1"].path(r"C:\ProgramData\evil")))
        self.assertIn(HOSTILE, self.hosts["win1"].read("policy.txt"))
        self.hosts["win1"].write("policy.txt", self.hosts["win1"].read("policy.txt").replace(HOSTILE, ""))
        self.hosts["win1"].run("netsh advfirewall consec set rule name=theirs new endpoint2=198.51.100.2")

        ended = self.hosts["win1"].run(kit.UNDO)
        self.assertEqual(ended.code, 0, ended.out)
        self.assertEqual(rules(self.hosts["win1"].policy()), rules(fresh["win1"]))


class Destroy(Apply):
    SECONDS = 40

    def as_before(self, fresh):
        self.calm()
        for name, host in self.hosts.items():
            self.assertEqual(rules(host.policy()), rules(fresh[name]), name)
            left = [file for file in os.listdir(self.path(name)) if not file.startswith("agent-")]
            self.assertEqual(sorted(left), ["generations", "history.jsonl", "mutex", "state", "txn"], name)
            self.assertEqual(os.listdir(self.path(name, "generations")), [], name)

    def test_destroy_and_rollback_of_a_first_run(self):
        fresh = self.policies()
        self.assertIn("2 absent", self.ctl("status", "inventory.yaml", code=2))
        self.apply()
        self.edit("port: 445}", "port: 139}")
        self.apply()
        second = self.policies()

        # On all hosts or on none.
        self.hosts["win2"].faults("fail delete rule")
        self.ctl("destroy", "inventory.yaml", "--yes", code=1)
        self.hosts["win2"].faults()
        self.assertEqual(self.policies(), second)
        self.calm()
        self.nothing_is_written()

        self.ctl("destroy", "inventory.yaml", code=6)
        self.ctl("destroy", "inventory.yaml", "--yes")
        self.as_before(fresh)
        self.assertIn("unchanged", self.ctl("destroy", "inventory.yaml", "--yes"))
        self.assertIn("2 absent", self.ctl("status", "inventory.yaml", code=2))

        self.negotiate()
        self.apply()
        self.assertEqual(self.policies(), second)
        self.ctl("rollback", "inventory.yaml", "--yes")
        self.as_before(fresh)

    def test_a_rule_that_is_gone_is_open(self):
        self.apply()
        name = self.ours("win1")[0].split("name=")[1].split("\t")[0]
        self.hosts["win1"].run('netsh advfirewall consec delete rule name="%s"' % name)
        said = self.ctl("status", "inventory.yaml", code=2)
        self.assertRegex(said, r"win1 +win2 +open +192.0.2.1 192.0.2.2 rules are missing")
        self.assertIn("traffic with win2 may pass in clear; put the policies back: `meshctl apply --limit win1`", said)
        self.assertIn("changed by hand: will be put back", self.ctl("plan", "inventory.yaml"))


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
