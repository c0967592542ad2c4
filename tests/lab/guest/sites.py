"""Networks behind gateways, and NAT: what a scenario needs beside the hosts of its mesh.

    inside = Inside(mesh["east"], 1)      # 10.1.0.10, fd01::10 behind 10.1.0.1, fd01::1
    inside.ping("10.2.0.10")
"""
from host import batch
from lab import pings, replies


class Inside:
    """A machine behind a gateway: a network namespace of its own on the gateway's node, with one cable to the gateway."""

    def __init__(self, gateway, number):
        self.gateway, self.net, self.net6 = gateway, "10.%d.0." % number, "fd%02d::" % number
        self.ip, self.ip6 = self.net + "10", self.net6 + "10"
        gateway.run("mkdir", "-p", "/run/netns", check=True)
        gateway.sh("ip netns add inside && ip link add lan0 type veth peer name eth0 netns inside", check=True)
        gateway.run("ip", "-batch", "-", check=True, stdin="link set lan0 up\naddr add %s1/24 dev lan0\naddr add %s1/64 dev lan0 nodad\n"
                    % (self.net, self.net6))
        gateway.run("ip", "-n", "inside", "-batch", "-", check=True,
                    stdin="link set lo up\nlink set eth0 up\naddr add %s/24 dev eth0\naddr add %s/64 dev eth0 nodad\n"
                          "route add default via %s1\nroute add default via %s1\n" % (self.ip, self.ip6, self.net, self.net6))
        gateway.sh("echo 1 > /proc/sys/net/ipv4/ip_forward; echo 1 > /proc/sys/net/ipv6/conf/all/forwarding", check=True)

    def run(self, *argv, **options):
        return self.gateway.run("ip", "netns", "exec", "inside", *argv, **options)

    def ping(self, address, count=4):
        """Replies received."""
        return replies(self.run("ping", *pings(count), address))

    def echoes(self):
        """Echo requests that have come in so far."""
        return icmp_count(self, "InEchos")


def icmp_count(machine, name):
    """One of the kernel's counters for ICMP over IPv4."""
    rows = [line.split() for line in machine.run("cat", "/proc/net/snmp", check=True).out.splitlines() if line.startswith("Icmp:")]
    return int(dict(zip(*rows))[name])


def icmp6_count(machine, name):
    rows = dict(line.split() for line in machine.run("cat", "/proc/net/snmp6", check=True).out.splitlines())
    return int(rows["Icmp6" + name])


def inner_frames(wire, *nets):
    """What is on the wire between the gateways with an address of a net behind them: never anything."""
    return ["%s > %s %s" % frame[1:4] for frame in wire.frames if frame.source.startswith(nets) or frame.target.startswith(nets)]


def check_icmp_errors(lab, host, desk):
    """ICMP errors between a host and a machine behind its gateway arrive, both ways and both families, and none is in clear; so does
    the gateway's own word about a packet that is too large for the net."""
    knock = "for i in 1 2 3; do echo > /dev/udp/%s/9; sleep 0.3; done"
    with lab.wire() as wire:
        for machine, other, name in ((desk, host, "desk"), (host, desk, host.name)):
            before = icmp_count(machine, "InDestUnreachs"), icmp6_count(machine, "InDestUnreachs")
            machine.run("bash", "-c", knock % other.ip)
            machine.run("bash", "-c", knock % other.ip6)
            lab.wait_for("'port unreachable' comes to %s" % name, lambda: icmp_count(machine, "InDestUnreachs") > before[0], 5)
            lab.wait_for("and over IPv6", lambda: icmp6_count(machine, "InDestUnreachs") > before[1], 5)
    lab.equal("frames of the net in clear", inner_frames(wire, desk.net, desk.net6), [])
    desk.gateway.sh("ip link set lan0 mtu 1300", check=True)
    for address in (desk.ip, desk.ip6):
        said = host.run("ping", "-M", "do", "-s", "1280", *pings(3, quiet=False), address)
        lab.contains("ping %s with packets too large for its net" % address, said.out + said.err, "1300")
    desk.gateway.sh("ip link set lan0 mtu 1500", check=True)


def behind_nat(lab, inner, number, public, private):
    """`inner` reaches the wire's addresses through a node that gives its packets the address `public`, and back: one to one, no port
    is changed. Its own address on the wire stays, for the controller alone."""
    from host import Host
    box = lab.add(Host("nat", number))
    batch(["link add natin netns %d type veth peer name wan netns %d" % (box.pid, inner.pid)])
    prefix = private.rsplit(".", 1)[0]
    box.run("ip", "-batch", "-", check=True, stdin="link set natin up\naddr add %s.1/24 dev natin\naddr add %s/32 dev eth0\n" % (prefix, public))
    box.sh("echo 1 > /proc/sys/net/ipv4/ip_forward; tc qdisc add dev eth0 clsact && "
           "tc filter add dev eth0 egress protocol ip matchall action nat egress %s/32 %s && "
           "tc filter add dev eth0 ingress protocol ip matchall action nat ingress %s/32 %s" % (private, public, public, private), check=True)
    inner.run("ip", "-batch", "-", check=True, stdin="link set wan up\naddr add %s/24 dev wan\n" % private)
    return box, prefix + ".1"
