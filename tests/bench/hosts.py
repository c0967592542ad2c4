"""Many sshd on one machine: each in its own network and mount namespace, /etc and /var/lib on its own tmpfs."""
import os, signal, subprocess, time

HOST = r"""
set -e
mount -t tmpfs -o mode=755 tmpfs "$1"
for part in etc var/lib root; do
  mkdir -p "$1/$part/up" "$1/$part/work"
  mount -t overlay -o "lowerdir=/$part,upperdir=$1/$part/up,workdir=$1/$part/work" overlay "/$part"
done
rm -f /root/.bashrc /root/.profile /root/.ssh/rc
mkdir -p /run/sshd
exec sleep infinity
"""

SSHD_CONFIG = """
HostKey {folder}/hostkey
AuthorizedKeysFile {folder}/id.pub
PidFile none
UsePAM no
StrictModes no
MaxStartups 1000
PrintMotd no
Subsystem sftp internal-sftp
LogLevel ERROR
"""


def address(index):
    return "10.77.%d.%d" % (index // 200, index % 200 + 1)


class Hosts:
    """Call inside a network and mount namespace of our own: a bridge with one veth pair a host."""

    def __init__(self, folder, count):
        self.folder, self.count, self.processes = folder, count, []
        for name in ("hostkey", "id"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", os.path.join(folder, name)], check=True)
        with open(os.path.join(folder, "sshd_config"), "w") as f:
            f.write(SSHD_CONFIG.format(folder=folder))
        with open(os.path.join(folder, "known_hosts"), "w") as f:
            key = " ".join(open(os.path.join(folder, "hostkey.pub")).read().split()[:2])
            for i in range(count):
                f.write("%s %s\n" % (address(i), key))

    def __enter__(self):
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _start(self):
        namespaces = [self._namespace(i) for i in range(self.count)]
        lines = ["link set lo up", "link add br0 type bridge", "link set br0 up", "addr add 10.77.255.254/16 dev br0"]
        for i, pid in enumerate(namespaces):
            lines += ["link add v%d type veth peer name eth0 netns %d" % (i, pid), "link set v%d master br0 up" % i]
        self._ip("\n".join(lines))
        for i, pid in enumerate(namespaces):
            self._ip("link set lo up\nlink set eth0 up\naddr add %s/16 dev eth0" % address(i), pid)
            self.processes.append(subprocess.Popen(
                self._enter(pid) + ["/usr/sbin/sshd", "-D", "-e", "-f", os.path.join(self.folder, "sshd_config")],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        self.pids = namespaces
        self._wait()

    def __exit__(self, *_):
        for process in reversed(self.processes):
            process.send_signal(signal.SIGKILL)
            process.wait()
        subprocess.run(["ip", "link", "del", "br0"], stderr=subprocess.DEVNULL)  # the next size makes its own

    def run(self, index, script):
        subprocess.run(self._enter(self.pids[index]) + ["sh", "-c", script], check=True)

    def _namespace(self, index):
        private = os.path.join(self.folder, "host%d" % index)
        os.mkdir(private)
        process = subprocess.Popen(["unshare", "-n", "-m", "sh", "-c", HOST, "host", private],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        self.processes.append(process)
        deadline = time.monotonic() + 20
        while b"sleep\0infinity" not in open("/proc/%d/cmdline" % process.pid, "rb").read():
            if time.monotonic() > deadline or process.poll() is not None:
                raise SystemExit("host %d did not start" % index)
            time.sleep(0.005)
        return process.pid

    @staticmethod
    def _enter(pid):
        return ["nsenter", "-t", str(pid), "-n", "-m"]

    @staticmethod
    def _ip(lines, pid=None):
        prefix = ["nsenter", "-t", str(pid), "-n"] if pid else []
        subprocess.run(prefix + ["ip", "-batch", "-"], input=lines + "\n", text=True, check=True)

    def _wait(self):
        import socket
        for i in range(self.count):
            for _ in range(400):
                try:
                    socket.create_connection((address(i), 22), 1).close()
                    break
                except OSError:
                    time.sleep(0.05)
            else:
                raise SystemExit("sshd of host %d does not answer" % i)
