"""Certificates that the scripts bring, and take away again; those of others, which they do not."""
import os, subprocess

import kit
from kit import APPLY, UNDO

INVENTORY = """version: 1
mesh: certs
defaults: {auth: x509}
hosts:
  linux: {addresses: [192.0.2.1], backend: strongswan}
  win: {addresses: [192.0.2.8], backend: windows}
links:
  - [linux, win]
"""


class Certificates(kit.WindowsCase):
    SECONDS = 40

    def setUp(self):
        super().setUp()
        self.bundles = kit.Bundles(INVENTORY)
        self.addCleanup(self.bundles.remove)
        self.foreign("theirs")
        self.before = self.stores()

    def stores(self):
        """Lines STORE THUMBPRINT [CONTAINER], and "key CONTAINER"."""
        return self.windows.read("certificates.txt").splitlines()

    def foreign(self, name):
        """A CA and a certificate with its key, of somebody else."""
        folder = self.windows.path(r"C:\ProgramData")
        made = os.path.join(folder, name)
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/O=%s/CN=%s" % (name, name), "-keyout", made + ".key",
                        "-out", made + ".cer"], stderr=subprocess.DEVNULL, check=True)
        subprocess.run(["openssl", "pkcs12", "-export", "-inkey", made + ".key", "-in", made + ".cer", "-passout", "pass:", "-certpbe", "PBE-SHA1-3DES",
                        "-keypbe", "PBE-SHA1-3DES", "-macalg", "sha1", "-out", made + ".pfx"], check=True)
        self.must(r"certutil -addstore Root C:\ProgramData\%s.cer" % name)
        self.must(r'certutil -p "" -importpfx My C:\ProgramData\%s.pfx' % name)

    def apply(self):
        self.bundles.copy_to(self.windows, "win")
        self.must(APPLY)

    def added(self):
        return [line for line in self.stores() if line not in self.before]

    def test_the_check_of_revocation_is_put_back(self):
        self.bundles.ctl("keys", "ca", "crl")  # before that there is no list, and nothing is checked
        self.bundles.compile()
        check = "netsh advfirewall set global ipsec strongcrlcheck "
        for before in "0", "2":
            self.must(check + before)
            self.apply()
            self.assertIn("global\tipsec strongcrlcheck=1", self.windows.policy())
            self.must(APPLY)  # what was is not overwritten by what is
            self.must(UNDO)
            self.assertIn("global\tipsec strongcrlcheck=" + before, self.windows.policy())
            self.assertEqual(self.stores(), self.before)

    def test_a_new_revocation_list_takes_the_place_of_the_old_one(self):
        self.bundles.ctl("keys", "ca", "crl")
        self.bundles.compile()
        self.apply()
        old = [line for line in self.added() if line.startswith("ca ")]
        self.bundles.ctl("keys", "revoke", "linux")
        self.bundles.ctl("keys", "issue", "linux")
        self.bundles.compile()
        self.apply()
        new = [line for line in self.added() if line.startswith("ca ")]
        self.assertEqual((len(old), len(new)), (1, 1))
        self.assertNotEqual(old, new)

    def test_apply_twice_and_undo(self):
        self.apply()
        added = self.added()
        self.assertEqual([line.split()[0] for line in added], ["key", "my", "root"])
        self.assertEqual(added[0].split()[1], added[1].split()[2])
        self.must(APPLY)
        self.assertEqual(self.added(), added)  # nothing is imported again: each import makes a key
        self.must(UNDO)
        self.assertEqual(self.stores(), self.before)
        self.must(UNDO)
        self.assertEqual(self.stores(), self.before)

    def test_a_ca_that_was_there_before_stays(self):
        self.bundles.copy_to(self.windows, "win")
        self.must(r"certutil -addstore Root C:\ProgramData\meshctl\ca-1.cer")
        before = self.stores()
        self.must(APPLY)
        self.must(APPLY)
        self.assertEqual(len(self.stores()), len(before) + 2)
        self.must(UNDO)
        self.assertEqual(self.stores(), before)

    def test_renewal(self):
        """The old certificate goes with its key when the new one is there; without certificates all of them go."""
        self.apply()
        first = self.added()
        self.bundles.ctl("keys", "issue", "win")
        self.bundles.compile()
        self.apply()
        second = self.added()
        self.assertEqual([line.split()[0] for line in second], ["key", "my", "root"])
        self.assertEqual([line for line in second if line in first], first[2:])
        self.bundles.edit("auth: x509", "auth: psk")
        self.apply()
        self.assertEqual(self.stores(), self.before)

    def test_cut_off(self):
        """Killed before and after each change of a store: undo finds what is ours."""
        for call in ("-addstore", "-importpfx"):
            for when in ("kill-before", "kill-after"):
                with self.subTest(call, when=when):
                    self.bundles.copy_to(self.windows, "win")
                    self.windows.faults("%s %s" % (when, call))
                    self.assertNotIn("MESHCTL-RC", self.windows.run(APPLY).out)
                    self.windows.faults()
                    self.must(UNDO)
                    self.assertEqual(self.stores(), self.before)

    def test_a_damaged_pfx_is_not_imported(self):
        self.bundles.copy_to(self.windows, "win")
        file = self.windows.path(r"C:\ProgramData\meshctl\host.pfx")
        with open(file, "rb") as opened:
            whole = opened.read()
        for damaged in (whole[:-1], whole[:200] + bytes([whole[200] ^ 1]) + whole[201:], b""):
            with open(file, "wb") as opened:
                opened.write(damaged)
            self.assertIn("MESHCTL-FAILED=host.pfx\nMESHCTL-RC=20", self.must(APPLY, 20))
        with open(file, "wb") as opened:
            opened.write(whole)
        self.must(APPLY)
        self.must(UNDO)
        self.assertEqual(self.stores(), self.before)
