"""IP Security Policies (`netsh ipsec static`) on two simulated Windows hosts, through meshctl over SSH."""
import kit
from kit import rules, settled
from two_hosts import ADDRESSES, Apply


class Static(Apply):
    TIER = "full"
    SECONDS = 60
    FORM = "ipsec-static"
    SUITE = "{ike: 3des-sha1-modp2048, esp: 3des-sha1}"

    def settled(self):
        return {name: settled(host.policy()) for name, host in self.hosts.items()}

    def assigned(self, name):
        return [line for line in self.ours(name) if line.startswith("static-policy") and "assign=yes" in line]

    def test_apply_change_rollback(self):
        fresh = self.policies()
        self.apply()
        self.calm()
        first = self.settled()
        for name in ADDRESSES:
            self.assertEqual(len(self.assigned(name)), 1)
        self.nothing_is_written()

        self.edit("port: 445}", "port: 139}")
        self.apply()
        for name in ADDRESSES:
            self.assertIn("=139", "".join(self.hosts[name].policy()))
            self.assertNotIn("=445", "".join(self.hosts[name].policy()))
        self.ctl("rollback", "inventory.yaml", "--yes")
        self.assertEqual(self.settled(), first)

        self.hosts["win2"].faults("fail dstport=139", "fail srcport=139")
        self.apply(code=1)
        self.assertEqual(self.settled(), first)
        self.calm()
        self.hosts["win2"].faults()

        # Drift: a policy that somebody deletes is seen and put back.
        self.edit("port: 139}", "port: 445}")
        name = self.assigned("win1")[0].split("name=")[1].split("\t")[0]
        self.assertEqual(self.hosts["win1"].run('netsh ipsec static delete policy name="%s"' % name).code, 0)
        self.assertIn("policy/%s is not there" % name, self.ctl("status", "inventory.yaml", code=2))
        self.ctl("plan", "inventory.yaml", "--detailed-exitcode", code=2)
        self.apply()
        self.assertEqual(self.settled(), first)

        # And one that somebody takes out of use.
        name = self.assigned("win2")[0].split("name=")[1].split("\t")[0]
        self.assertEqual(self.hosts["win2"].run('netsh ipsec static set policy name="%s" assign=no' % name).code, 0)
        self.ctl("plan", "inventory.yaml", "--detailed-exitcode", code=2)
        self.apply()
        self.assertEqual(self.settled(), first)

        for host in self.hosts.values():
            ended = host.run(kit.UNDO)
            self.assertEqual(ended.code, 0, ended.out)
        self.assertEqual({name: rules(policy) for name, policy in self.policies().items()}, {name: rules(policy) for name, policy in fresh.items()})


class OtherForm(Apply):
    """From rules to policies and back: nothing of the form that is left stays."""
    SUITE = "{ike: 3des-sha1-modp2048, esp: 3des-sha1}"

    def kinds(self, name):
        return {line.split("\t")[0].split("-")[0] for line in self.ours(name)}

    def test_change_and_rollback(self):
        self.apply()
        first = self.policies()
        self.write(self.text.replace("form: netsh", "form: ipsec-static"))
        self.apply()
        self.assertEqual({name: self.kinds(name) for name in ADDRESSES}, {name: {"static"} for name in ADDRESSES})
        self.nothing_is_written()
        self.ctl("rollback", "inventory.yaml", "--yes")
        self.assertEqual(self.policies(), first)
        self.calm()
