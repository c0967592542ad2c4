"""meshctl over SSH against two simulated Windows hosts: the controller dies, and they take themselves back."""
import os

import pace
from two_hosts import ADDRESSES, Apply


class Killed:
    def killed_when_armed(self):
        """A first generation stands; a second one is under way on both hosts when the controller dies."""
        self.apply()
        self.first = self.policies()
        self.edit("port: 445}", "port: 139}")
        process = self.start("apply", "inventory.yaml", "--yes", "--timeout", str(pace.seconds(240)), "--dead-man", str(pace.seconds(30)))
        self.wait("win1 has the new rules", lambda: "=139" in "".join(self.ours("win1")))
        process.kill()
        process.communicate()


class DeadMan(Killed, Apply):
    SECONDS = 60

    def test_the_controller_dies(self):
        self.killed_when_armed()
        self.wait("both are back", lambda: self.policies() == self.first)
        self.wait("the locks go", lambda: not any(os.path.exists(self.path(name, "lock")) for name in ADDRESSES))
        self.ctl("resume", "inventory.yaml", "--yes")
        self.calm()
        self.apply()
        self.assertIn("=139", self.ours("win2")[0])


class PowerCut(Killed, Apply):
    TIER = "full"
    SECONDS = 60

    def test_the_power_goes(self):
        self.killed_when_armed()
        self.hosts["win1"].reboot()
        self.wait("both are back", lambda: self.policies() == self.first)
        self.ctl("resume", "inventory.yaml", "--yes")
        self.calm()
