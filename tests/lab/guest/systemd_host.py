"""A host on a root that ends in -systemd: systemd is PID 1 in there, with units, timers and journal as on a real machine.

A boot is: PID 1 gets its network card, then systemd starts and does everything else.
"""
import os

import pace
from host import Host, STRONGSWAN_CONF, wait_for

INTERFACES = """auto lo eth0
iface lo inet loopback
iface eth0 inet static
  address %s/24
iface eth0 inet6 static
  address %s/64
  dad-attempts 0
"""
# What has nothing to do with the tests and would look for a network or a disk.
MASKED = """apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer fstrim.timer e2scrub_all.timer e2scrub_reap.service man-db.timer
 systemd-tmpfiles-clean.timer""".split()


class SystemdHost(Host):
    def start(self):
        """Power on; returns when systemd says that everything runs."""
        fresh = not os.path.exists(self.layers)
        self.create()
        if fresh:
            self._install()
        self._card()
        self.release()
        wait_for(lambda: self.exists("/run/systemd/private"), 60, self.name + ": systemd runs")
        booted = self.run("systemctl", "is-system-running", "--wait", timeout=120).out.strip()
        if booted != "running":
            raise AssertionError("%s: systemd is %r\n%s" % (self.name, booted, self.sh("systemctl --failed --no-pager; journalctl -b --no-pager | tail -50").out))
        return self

    def start_strongswan(self):
        self.run("systemctl", "start", "strongswan.service", check=True)

    def reboot(self):
        """As an administrator does it: everything is stopped in order."""
        self.spawn("systemctl", "reboot")
        wait_for(lambda: not os.path.exists("/proc/%d/root/." % self.pid), 90, self.name + " goes down")
        return self.recreate()

    def unit(self, name, *properties):
        """What systemd says of a unit."""
        said = self.run("systemctl", "show", name, "-p", ",".join(properties), check=True).out
        return dict(line.split("=", 1) for line in said.splitlines())

    def _install(self):
        super()._install()
        self.write("/etc/strongswan.conf", (STRONGSWAN_CONF % pace.factor).replace("charon {", "charon-systemd {", 1))
        self.write("/etc/ssh/sshd_config", self.read("/etc/ssh/sshd_config").replace("UsePAM no", "UsePAM yes"))  # sessions are logind's
        self.write("/etc/systemd/logind.conf.d/lab.conf", "[Login]\nKillUserProcesses=yes\n")  # the strictest that a host may have
        self.write("/etc/network/interfaces", INTERFACES % (self.ip, self.ip6))
        self.write("/etc/machine-id", "%032x\n" % self.number)
        for unit in MASKED:
            os.symlink("/dev/null", self.path("/etc/systemd/system/" + unit))
        for folder in ("/etc", "/var"):  # up to date: no caches to build at the first boot
            self.write(folder + "/.updated", "")
