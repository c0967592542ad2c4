"""meshctl over SSH against Windows hosts whose login shell is not cmd."""
from two_hosts import ADDRESSES, Apply


class OtherShell:
    def test_apply_and_back(self):
        self.apply()
        first = self.policies()
        for name in ADDRESSES:
            self.assertEqual(len(self.ours(name)), 1)
        self.nothing_is_written()
        self.edit("port: 445}", "port: 139}")
        self.apply()
        self.assertNotEqual(self.policies(), first)
        self.ctl("rollback", "inventory.yaml", "--yes")
        self.assertEqual(self.policies(), first)
        self.calm()


class PowerShell(OtherShell, Apply):
    SHELL = "powershell"


class Bash(OtherShell, Apply):
    TIER = "full"
    SHELL = "bash"
