"""a host with a peer's address and no keys sends from well-known and other ports to every listening port, before and after DNAT: nothing gets in, by either back end"""
import os
import re
import select
import socket
import struct
import subprocess
import time

import pace
from sites import Inside

TIER = "full"
SECONDS = 90
TIMEOUT = 300
UDP = (53, 123, 500, 4500, 5000, 40000)     # 500 and 4500 are charon's where it runs
MANY = 5000    # once from each of the first 1,023 source ports: a packet takes a millisecond in here
TCP = (22, 53, 123, 5432)
# A policy knows a source port or does not look at it. So the ports that any rule of ours, or a bypass, could name stand for all.
SOURCES = (20, 22, 53, 67, 68, 80, 88, 123, 443, 500, 546, 547, 4500, 5432, 33333)
KNOWN = sorted({*range(1, 32), *SOURCES, *UDP})
PUBLISHED = 5353    # of a container behind alpha, for UDP and TCP
LOADER = ("/lab/bin/tests/meshctl-spdload", "/lab/bin/meshctl-spdload")


class Listeners:
    """Servers on every port of the lists that is free."""

    def __init__(self, host):
        self.udp, self.tcp = {}, {}
        for kind, ports, into in ((socket.SOCK_DGRAM, UDP, self.udp), (socket.SOCK_STREAM, TCP, self.tcp)):
            for port in ports:
                listener = host.socket(kind=kind)
                if kind == socket.SOCK_STREAM:
                    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    listener.bind((host.ip, port))
                except OSError:
                    continue
                if kind == socket.SOCK_STREAM:
                    listener.listen(64)
                else:
                    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
                listener.setblocking(False)
                into[port] = listener

    def got(self, port):
        """Source ports of the datagrams that have come in."""
        ports = set()
        try:
            while True:
                ports.add(self.udp[port].recvfrom(64)[1][1])
        except BlockingIOError:
            return ports

    def close(self):
        for listener in (*self.udp.values(), *self.tcp.values()):
            listener.close()


def datagrams(attacker, address, port, sources):
    """One from each source port, with a header of our own, so that no program of the attacker's is in the way."""
    with attacker.socket(kind=socket.SOCK_RAW, protocol=socket.IPPROTO_UDP) as raw:
        for source in sources:
            raw.sendto(struct.pack("!HHHH", source, port, 9, 0) + b"x", (address, 0))


def connections(attacker, address, port, sources):
    """Source ports from which a TCP connection was made."""
    tries = {}
    for source in sources:
        one = attacker.socket()
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        one.setblocking(False)
        try:
            one.bind(("0.0.0.0", source))
        except OSError:
            one.close()     # the attacker's own sshd
            continue
        one.connect_ex((address, port))
        tries[one] = source
    made, limit = set(), pace.Limit(3)
    while tries and not limit.passed():
        _, ready, _ = select.select([], list(tries), [], 0.2)
        for one in ready:
            if one.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0:
                made.add(tries[one])
            del tries[one]
            one.close()
    for one in tries:
        one.close()
    return made


class Container:
    """Behind the host, with a service that the host publishes: its packets get another destination and are forwarded."""
    SERVER = """
import socket
tcp, udp = socket.create_server(("0.0.0.0", 53)), socket.socket(type=socket.SOCK_DGRAM)
udp.bind(("0.0.0.0", 53))
if not __import__("os").fork():
    while True: tcp.accept()[0].send(b"x")
print("ready", flush=True)
while True: print("from", udp.recvfrom(64)[1][1], flush=True)
"""

    def __init__(self, lab, host):
        self.host, self.inside = host, Inside(host, 5)
        # The lab's kernel has NAT for iptables alone, and a host's namespace loads no modules.
        subprocess.run(["modprobe", "-a", "iptable_nat", "iptable_mangle", "xt_nat", "xt_tcpudp", "xt_policy"], check=True)
        self.server = host.spawn("ip", "netns", "exec", "inside", "python3", "-c", self.SERVER)
        lab.wait_for("the container serves", lambda: "ready" in self.server.out, 30)
        for protocol in ("udp", "tcp"):
            host.run("iptables-legacy", "-t", "nat", "-A", "PREROUTING", "-d", host.ip, "-p", protocol, "--dport", str(PUBLISHED),
                     "-j", "DNAT", "--to-destination", self.inside.ip + ":53", check=True)

    def reached(self, attacker):
        """What got in: source ports of datagrams, and of connections."""
        seen = len(self.server.out)
        datagrams(attacker, self.host.ip, PUBLISHED, KNOWN)
        made = connections(attacker, self.host.ip, PUBLISHED, SOURCES)
        size = None
        while size != len(self.server.out):  # it is slower than the attacker
            size = len(self.server.out)
            time.sleep(1)
        udp = {int(port) for port in re.findall(r"from (\d+)", self.server.out[seen:])}
        return udp, made


def remedy(lab, host, peer):
    """What docs/security.md says, for this host, peer and port."""
    with open("/lab/src/docs/security.md") as file:
        rule = re.search(r"(?m)^iptables (-t mangle .*)$", file.read()).group(1)
    rule = rule.replace("192.0.2.2", peer.ip).replace("192.0.2.1", host.ip)
    for protocol in ("udp", "tcp"):
        host.run("iptables-legacy", *rule.replace("udp", protocol).split(), check=True)


def attack(attacker, victim, many=False):
    """({(protocol, port): source ports that got in}, UDP ports that were tried); ports that nothing reached are left out."""
    servers, found = Listeners(victim), {}
    for port in servers.udp:
        sources = sorted({*range(1, 1024), *KNOWN}) if many and port == MANY else KNOWN
        datagrams(attacker, victim.ip, port, sources)
        if got := servers.got(port):
            found[("udp", port)] = got
    for port in TCP:
        if got := connections(attacker, victim.ip, port, SOURCES):
            found[("tcp", port)] = got
    tried = sorted(servers.udp)
    servers.close()
    return {key: sorted(ports)[:10] for key, ports in found.items()}, tried


def run(lab):
    mesh = lab.mesh("holes")
    alpha, beta = mesh.hosts
    lab.need("iptables-legacy")
    container = Container(lab, alpha)

    def nothing_gets_in(what, many=False):
        """But IKE's own ports, from the same port, where no daemon has them."""
        reached, tried = attack(beta, alpha, many)
        lab.check("listening ports " + what, {53, 123, 5000, 40000} <= set(tried), tried)
        lab.equal("what got in " + what, reached, {("udp", port): [port] for port in (500, 4500) if port in tried})
        lab.equal("what got through the published port " + what, container.reached(beta), (set(), set()))
        lab.equal("exit code of ssh from the controller", mesh.controller.run(
            "ssh", "-n", "-o", "BatchMode=yes", "root@" + alpha.ip, "true", timeout=60).code, 0)

    reached, _ = attack(beta, alpha)
    lab.check("without policies all of it gets in", {("udp", 5000), ("tcp", 5432), ("tcp", 22)} <= set(reached), reached)
    udp, tcp = container.reached(beta)
    lab.check("and through the published port", {22, 53, 33333} <= udp and {53, 33333} <= tcp, (udp, tcp))
    warned = mesh.apply()
    lab.contains("apply on the bypass for everybody", warned.out + warned.err, "W1311")
    lab.check("apply names the rule that redirects", re.search(
        r"host 'alpha' redirects .*--dport %d -j DNAT --to-destination %s:53 \(and 1 more rule" % (PUBLISHED, container.inside.ip), warned.out + warned.err), warned.err)
    lab.check_esp([alpha, beta], families=["ip"], tcp_size=8192)
    remedy(lab, alpha, beta)
    udp, tcp = container.reached(beta)
    lab.check("with keys the published port is reached", {53, 33333} <= udp and {53, 33333} <= tcp, (udp, tcp))
    alpha.run("iptables-legacy", "-t", "mangle", "-F", check=True)

    # beta's keys and policies are gone, its address is not.
    for pid in beta.pids("charon"):
        beta.run("kill", "-9", str(pid), check=True)
    beta.sh("ip xfrm state flush; ip xfrm policy flush", check=True)
    udp, tcp = container.reached(beta)
    lab.check("as W6005 says, datagrams in clear get to the container, and no connection does", udp and not tcp, (udp, tcp))
    remedy(lab, alpha, beta)
    nothing_gets_in("with charon", many=True)
    for pid in alpha.pids("charon"):
        alpha.run("kill", "-9", str(pid), check=True)
    alpha.run("ip", "xfrm", "state", "flush", check=True)
    nothing_gets_in("without charon")

    # The controller's own address gets a link: a bypass for everybody is behind it, and the message says which one is not.
    mesh.edit("  - [alpha, beta]\n", "  - [alpha, beta]\n  - [alpha, boss]\n")
    refused = mesh.ctl("apply", "inventory.yaml", "--yes")
    lab.equal("exit code where the bypass does not help", refused.code, 6)
    lab.contains("the way out", refused.out + refused.err, "{ssh-controller: [10.77.0.200]}")
    mesh.edit("  - ssh-controller\n", "  - ssh-controller: [10.77.0.200]\n")
    loaders = [path for path in LOADER if os.path.exists(path)]
    lab.check("a loader for setkey files is built", loaders)
    for backend, path, load in (("strongswan", "etc/meshctl/policies.xfrm", ("ip", "-batch")), ("racoon", "etc/racoon/setkey.conf", (loaders[0], "-f"))):
        if backend != "strongswan":
            mesh.edit("backend: strongswan", "backend: " + backend)
        lab.equal("exit code of compile", mesh.ctl("compile", "inventory.yaml", "--out", backend).code, 0)
        alpha.write("/tmp/policies", mesh.controller.read("/root/mesh/%s/alpha/files/%s" % (backend, path)))
        alpha.run("ip", "xfrm", "policy", "flush", check=True)
        lab.equal("exit code of loading the policies of " + backend, alpha.run(*load, "/tmp/policies").code, 0)
        nothing_gets_in("by the policies of " + backend)
        servers = Listeners(alpha)
        lab.equal("connections of the controller to another port", connections(mesh.controller, alpha.ip, 5432, SOURCES), set())
        servers.close()
