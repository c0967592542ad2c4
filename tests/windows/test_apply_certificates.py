"""Certificates on two simulated Windows hosts, through meshctl over SSH."""
import kit
from two_hosts import ADDRESSES, Apply


class Certificates(Apply):
    TIER = "full"
    AUTH = "x509"

    def stores(self):
        return {name: host.read("certificates.txt").splitlines() for name, host in self.hosts.items()}

    def of(self, name, store):
        return [line.split()[1] for line in self.stores()[name] if line.startswith(store + " ")]

    def test_renewal_rollback_drift(self):
        self.apply()
        first = self.stores()
        for name in ADDRESSES:
            self.assertEqual([len(self.of(name, store)) for store in ("root", "my", "key")], [1, 1, 1])
        self.nothing_is_written()
        self.ctl("keys", "issue", "win1")
        self.apply()
        self.assertNotEqual(self.of("win1", "my"), [line.split()[1] for line in first["win1"] if line.startswith("my ")])
        self.assertEqual([len(self.of("win1", store)) for store in ("root", "my", "key")], [1, 1, 1])
        self.ctl("rollback", "inventory.yaml", "--yes")
        self.assertEqual(self.stores(), first)

        thumb = self.of("win2", "root")[0]
        self.hosts["win2"].run("certutil -delstore Root " + thumb)
        self.assertIn("Root/%s is not there" % thumb, self.ctl("status", "inventory.yaml", code=2))
        self.apply("--limit", "win2")
        self.assertEqual(self.stores()["win2"], first["win2"])
        for host in self.hosts.values():
            self.assertEqual(host.run(kit.UNDO).code, 0)
        self.assertEqual(self.stores(), {name: [] for name in ADDRESSES})
