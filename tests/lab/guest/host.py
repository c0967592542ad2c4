"""A node as a mesh host: network, sshd, an IKE daemon, and what its kernel says about IPsec.

A boot follows the order of a real one: meshctl's boot script (before the network), network, sshd, IKE daemon.
"""
import glob
import os
import re
import subprocess
import time

import pace
from node import Node

# Only what IKE with pre-shared keys needs: with every plugin charon takes seconds to start and autoloads dozens of kernel modules.
# swanctl is as Debian has it, and complains of each plugin that it was built for and that is not installed.
STRONGSWAN_CONF = """charon {
  load = random nonce pem pkcs1 pkcs8 x509 pubkey constraints revocation openssl kdf hmac gcm kernel-netlink socket-default vici updown
  install_routes = no
  retransmit_tries = 3
  retransmit_timeout = %.1f
  filelog {
    log {
      path = /var/log/charon.log
      default = 1
      flush_line = yes
    }
  }
}
"""
SSHD_CONFIG = """HostKey /etc/ssh/lab_host_key
UsePAM no
UseDNS no
PermitRootLogin prohibit-password
PasswordAuthentication no
MaxStartups 100
LogLevel VERBOSE
PidFile /run/sshd.pid
Subsystem sftp internal-sftp
"""


def batch(lines):
    subprocess.run(["ip", "-batch", "-"], input="\n".join(lines) + "\n", text=True, check=True, stdout=subprocess.DEVNULL)


def wait_for(condition, seconds, what):
    limit = pace.Limit(seconds)
    while True:
        late = limit.passed()  # asked first: the last look is one after the limit
        result = condition()
        if result:
            return result
        if late:
            raise AssertionError("after %s still not so: %s" % (limit, what))
        time.sleep(0.1)


class Host(Node):
    def __init__(self, name, number, key="host1", daemon=None, root="hosts"):
        super().__init__(name, number, key, root)
        self.daemon = daemon  # "strongswan", "racoon" or None
        self.charon = None

    # ---- boot -------------------------------------------------------------------------------------------------------------

    def start(self):
        fresh = not os.path.exists(self.layers)
        self.create()
        if fresh:
            self._install()
        self._boot_scripts()
        self._network()
        self._boot_scripts(late=True)
        self.spawn("/usr/sbin/sshd", "-D", "-E", "/var/log/sshd.log")
        wait_for(lambda: self.exists("/run/sshd.pid"), 30, self.name + ": sshd listens")
        if self.daemon:
            getattr(self, "start_" + self.daemon)()
        return self

    def _boot_scripts(self, late=False):
        """What meshctl has asked the boot to do, in either form: scripts of run level S, units that sysinit.target wants. Late: those whose
        number is behind the network's."""
        scripts = [os.path.basename(path) for path in sorted(glob.glob(self.path("/etc/rcS.d/S*meshctl*")))]
        commands = [["/etc/rcS.d/" + name, "start"] for name in scripts if (name[1:3] > "50") == late]
        for unit in sorted(glob.glob(self.path("/etc/systemd/system/sysinit.target.wants/meshctl*"))) if not late else []:
            with open(unit) as file:
                commands += [line.strip().split("=", 1)[1].split() for line in file if line.startswith("ExecStart=")]
        for command in sorted(commands, key=lambda words: "witness" in words[0]):  # a scenario's own script looks at the result
            process = self.run(*command, timeout=120)
            with open(self.path("/var/log/meshctl-boot.log"), "a") as log:
                log.write("%s: exit %s\n%s%s" % (" ".join(command), process.code, process.out, process.err))

    def recreate(self):
        """Power cut and boot: the same files, new kernel state (policies and SAs are gone), /run and /tmp empty."""
        self.destroy()
        return self.start()

    def _install(self):
        with open("/lab/keys/" + self.key) as file:
            self.write("/etc/ssh/lab_host_key", file.read(), 0o600)
        with open("/lab/keys/client.pub") as file:
            self.write("/root/.ssh/authorized_keys", file.read(), 0o600)
        os.chmod(self.path("/root"), 0o700)
        os.chmod(self.path("/root/.ssh"), 0o700)
        self.write("/etc/ssh/sshd_config", SSHD_CONFIG)
        shadow = self.read("/etc/shadow")  # sshd without PAM refuses accounts whose password field starts with "!"
        self.write("/etc/shadow", re.sub(r"(?m)^root:[^:]*:", "root:*:", shadow), 0o640)
        self.write("/etc/strongswan.conf", STRONGSWAN_CONF % pace.factor)

    def _card(self):
        port = "v%d" % self.number
        if os.path.exists("/sys/class/net/" + port):  # of an earlier life whose namespace is not quite gone
            batch(["link del " + port])
        # The hardware address survives a boot, as a real one does: the neighbours' ARP entries stay right.
        batch(["link add %s type veth peer name eth0 address 02:77:00:00:00:%02x netns %d" % (port, self.number, self.pid),
               "link set %s master br0 up" % port])

    def _network(self):
        self._card()
        self.run("ip", "-batch", "-", check=True, stdin="link set lo up\nlink set eth0 up\n"
                 "addr add %s/24 dev eth0\naddr add %s/64 dev eth0 nodad\n" % (self.ip, self.ip6))

    def start_strongswan(self):
        self.charon = self.spawn("/usr/lib/ipsec/charon")
        wait_for(lambda: self.exists("/run/charon.vici"), 30, self.name + ": charon listens")
        if glob.glob(self.path("/etc/swanctl/conf.d/*.conf")):  # as Debian's unit does
            self.run("swanctl", "--load-all", "--noprompt")

    def start_racoon(self):
        if not self.exists("/etc/racoon/racoon.conf"):  # as a package would install: nothing but the paths
            self.write("/etc/racoon/psk.txt", "", 0o600)
            self.write("/etc/racoon/racoon.conf", 'path pre_shared_key "/etc/racoon/psk.txt";\n')
        self.write("/var/racoon/.keep", "")  # the folder of racoon's control socket
        self.run("racoon", "-f", "/etc/racoon/racoon.conf", "-l", "/var/log/racoon.log", check=True)

    def start_windows(self):
        """tests/windows/simulator.py on this host's network, port 2222; its sshd, keys and files (/var/win) are its own.
        A charon that follows its rules does the IPsec."""
        self.simulator = self.spawn("python3", "-B", "/lab/src/tests/windows/simulator.py", "/var/win", "--address", self.ip, "--port", "2222")
        wait_for(lambda: "simulated" in self.simulator.out or self.simulator.poll() is not None, 300, self.name + ": the simulated Windows is up")
        self.start_strongswan()
        self.ike = self.spawn("python3", "-B", "/lab/src/tests/lab/guest/windows_ike.py", "/var/win")

    def pids(self, name):
        """Process numbers by program name, inside the node's namespace."""
        found = []
        for folder in glob.glob(self.path("/proc/[0-9]*")):
            try:
                with open(folder + "/comm") as file:
                    if file.read().strip() == name:
                        found.append(int(os.path.basename(folder)))
            except OSError:
                pass
        return sorted(found)

    # ---- what the kernel says ---------------------------------------------------------------------------------------------

    def spd(self):
        """`ip xfrm policy` as text blocks, one a policy, sorted; socket policies left out."""
        text = self.run("ip", "xfrm", "policy", check=True).out
        blocks = re.split(r"\n(?=src )", text.strip())
        return sorted(re.sub(r"\s+", " ", block) for block in blocks if block and "socket" not in block)

    def sas(self):
        """{(source, destination, SPI): packets} of the ESP and AH SAs; larval ones (SPI only, no keys) left out."""
        text = self.run("ip", "-s", "xfrm", "state", check=True).out
        found = {}
        for block in re.split(r"\n(?=src )", text.strip()):
            head = re.match(r"src (\S+) dst (\S+)\s+proto (?:esp|ah) spi (0x[0-9a-f]+)", block)
            if head and re.search(r"\n\s+(auth|auth-trunc|aead|enc) ", block):
                packets = re.search(r"lifetime current:\s+\d+\(bytes\), (\d+)\(packets\)", block)
                found[head.groups()] = int(packets.group(1))
        return found

    def spis(self, peer):
        """SPIs of the mature SAs with one peer, both directions."""
        ends = {peer.ip, peer.ip6}
        return {spi for source, destination, spi in self.sas() if source in ends or destination in ends}

    # ---- meshctl's folder on the host -------------------------------------------------------------------------------------

    def state(self, name):
        return self.read("/var/lib/meshctl/" + name).split("\n", 1)[0].strip()

    def ssh_log(self):
        return self.read("/var/log/sshd.log")

    def ssh_sessions(self):
        """(connections accepted, programs started) so far."""
        log = self.ssh_log()
        return log.count("Accepted publickey"), log.count("Starting session: ")
