"""What a scenario gets: hosts, a controller with meshctl, a wire to listen on, and checks that print their evidence.

    def run(lab):
        mesh = lab.mesh("three-strongswan")          # inventories/three-strongswan.yaml, hosts started, vault made
        lab.equal("exit code of apply", mesh.ctl("apply", "inventory.yaml", "--yes").code, 0)
        lab.check_esp(mesh.hosts)
"""
import itertools
import os
import re
import shutil
import signal
import socket
import threading
import time

import pace
import roots
from host import Host, batch, wait_for
from wire import Wire


class Skip(Exception):
    """The machine lacks what a scenario needs; says what."""


def pings(count, interval=0.2, wait=2, quiet=True):
    """The options of ping for a number of requests, slower where all is slower."""
    options = "-n", "-c", str(count), "-i", "%.2f" % pace.scaled(interval), "-W", str(pace.whole(wait))
    return ("-q",) + options if quiet else options


def replies(ping):
    """Replies that an ended ping has received."""
    found = re.search(r"(\d+) received", ping.out)
    return int(found.group(1)) if found else 0


class Steady:
    """Pings from one host to an address until end(), which gives the numbers of those that got no reply. The last one does not count: its
    reply may have been on its way."""

    def __init__(self, source, address, interval=0.2):
        self._ping = source.spawn("ping", "-n", "-i", str(interval), address)

    def end(self):
        self._ping.kill(signal.SIGINT)
        text = self._ping.wait(20).out
        sent = int(re.search(r"(\d+) packets transmitted", text).group(1))
        return sorted(set(range(1, sent)) - {int(number) for number in re.findall(r"icmp_seq=(\d+) ttl", text)})


class Lab:
    def __init__(self, out):
        self.out, self.nodes, self.began = out, [], time.monotonic()
        self.checks = 0
        if not os.path.exists("/sys/class/net/br0"):
            batch(["link add br0 type bridge", "link set br0 type bridge mcast_snooping 0", "link set br0 up"])

    # ---- saying what happened ---------------------------------------------------------------------------------------------

    def say(self, text):
        print("%6.1f  %s" % (time.monotonic() - self.began, text), flush=True)

    def check(self, what, condition, evidence=""):
        """The one assertion: prints what was looked at, whether it held or not."""
        self.checks += 1
        self.say("%s %s%s" % ("ok  " if condition else "FAIL", what, ": %s" % (evidence,) if evidence != "" else ""))
        if not condition:
            raise AssertionError(what + (": %s" % (evidence,) if evidence != "" else ""))

    def equal(self, what, got, want):
        self.check(what, got == want, repr(got) if got == want else "got %r, want %r" % (got, want))

    def contains(self, what, text, wanted):
        self.check("%s says %r" % (what, wanted), wanted in text, "" if wanted in text else text[-3000:])

    def wait_for(self, what, condition, seconds):
        began = time.monotonic()
        wait_for(condition, seconds, what)
        self.checks += 1
        self.say("ok   %s (after %.1f s)" % (what, time.monotonic() - began))

    @staticmethod
    def seconds(number):
        """For a program's own time-out: so many seconds of a quiet machine."""
        return str(pace.whole(number))

    @staticmethod
    def skip(reason):
        raise Skip(reason)

    @staticmethod
    def need(*commands):
        """Skips the scenario where the hosts' root lacks a program."""
        top = roots.layer("hosts")
        path = ":".join(top + folder for folder in ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"))
        for command in commands:
            if not shutil.which(command, path=path):
                raise Skip(command + " is not installed")

    @staticmethod
    def need_root(release, kind="lab"):
        """A name for `root=`: a root with this Debian release. `kind`: "lab", or "systemd" where that is to be PID 1."""
        name = roots.find(release, kind)
        if not name:
            raise Skip("there is no root of Debian %s; ./dev lab-root %s%s makes it" % (release, release, "" if kind == "lab" else " " + kind))
        return name

    # ---- hosts ------------------------------------------------------------------------------------------------------------

    def add(self, node):
        self.nodes.append(node)
        return node.start()

    def host(self, name, number, daemon=None, key=None, root="hosts"):
        kind = Host
        if root.endswith("-systemd"):
            from systemd_host import SystemdHost as kind
        return self.add(kind(name, number, key or "host%d" % number, daemon, root))

    def mesh(self, inventory, **options):
        from mesh import Mesh
        return Mesh(self, inventory, **options)

    def close(self, failed):
        """Ends all hosts; after a failure their logs and kernel state are kept for the reader."""
        for node in self.nodes:
            if failed and node.pid:
                try:
                    self._keep(node)
                except Exception as error:  # evidence is welcome, but must not hide the failure
                    self.say("%s: no artefacts: %s" % (node.name, error))
            node.forget()
        self.nodes = []

    def _keep(self, node):
        folder = "%s/%s" % (self.out, node.name)
        os.makedirs(folder, exist_ok=True)
        for name in ("sshd.log", "charon.log", "racoon.log", "meshctl-boot.log"):
            text = node.read("/var/log/" + name)
            if text:
                with open("%s/%s" % (folder, name), "w") as file:
                    file.write(text)
        state = node.sh("ip xfrm policy; echo; ip -s xfrm state | grep -v -e auth -e enc; echo; cat /proc/net/xfrm_stat; echo; "
                        "cd /var/lib/meshctl 2>/dev/null && ls -lR . && head -50 current previous trial lock history.jsonl "
                        "txn/*/log txn/*/gen txn/*/from; ps -ef; [ ! -d /run/systemd/system ] || journalctl -b --no-pager | tail -300", timeout=20)
        with open(folder + "/state.txt", "w") as file:
            file.write(state.out)

    # ---- traffic ----------------------------------------------------------------------------------------------------------

    def wire(self):
        return Wire(time.time)

    def ping(self, source, address, count=5):
        """Replies received. The first packets of a trap are lost while IKE runs, so ask for some more than you need."""
        return replies(source.run("ping", *pings(count), address, timeout=60 + count))

    def tcp(self, client, server, address, size=256 * 1024):
        """Sends `size` bytes from one host to another; returns the bytes that arrived. No programs: sockets of both networks."""
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        listener, sender, got = server.socket(family), client.socket(family), 0
        with listener, sender:
            listener.bind((address, 0))
            listener.listen(1)
            listener.settimeout(pace.scaled(20))
            sender.settimeout(pace.scaled(20))

            def send():
                try:
                    sender.connect((address, listener.getsockname()[1]))
                    sender.sendall(b"meshctl " * (size // 8))
                    sender.shutdown(socket.SHUT_WR)
                except OSError as error:
                    self.say("tcp: %s" % error)
            thread = threading.Thread(target=send)
            thread.start()
            try:
                connection, _ = listener.accept()
                connection.settimeout(pace.scaled(20))
                with connection:
                    while True:
                        piece = connection.recv(65536)
                        if not piece:
                            break
                        got += len(piece)
            except OSError as error:
                self.say("tcp: %s" % error)
            thread.join()
        return got

    def check_esp(self, hosts, families=("ip", "ip6"), tcp_size=256 * 1024):
        """Pings and a TCP transfer between each pair arrive, and the wire and the kernel's counters show nothing but ESP."""
        pairs = list(itertools.combinations(hosts, 2))
        before = {host: host.sas() for host in hosts}
        with self.wire() as wire:
            started = [(one, two, family, one.spawn("ping", *pings(4, wait=3), getattr(two, family))) for one, two in pairs for family in families]
            for one, two, family, process in started:
                got = replies(process.wait(60))
                self.check("ping %s > %s over %s" % (one.name, two.name, family), got >= 3, "%d of 4 replies" % got)
            for one, two in pairs:
                for family in families:
                    got = self.tcp(one, two, getattr(two, family), tcp_size)
                    self.equal("bytes by TCP %s > %s over %s" % (one.name, two.name, family), got, tcp_size)
                wire.drain()
        after = {host: host.sas() for host in hosts}
        self.equal("frames that the capture lost", wire.lost, 0)
        self.equal("frames in clear", wire.clear(hosts), [])
        for one, two in pairs:
            kinds = wire.kinds(one, two)
            self.check("wire %s - %s" % (one.name, two.name), kinds.get("esp", 0) > 8, kinds)
            moved = sum(count - before[one].get(sa, 0) for sa, count in after[one].items()
                        if {sa[0], sa[1]} & {two.ip, two.ip6})
            self.check("SA counters of %s with %s moved" % (one.name, two.name), moved >= 8, "%d packets" % moved)
        return wire
