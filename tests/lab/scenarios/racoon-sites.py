"""racoon, net to net across two gateways with hosts behind them, both families; nothing is forwarded in clear"""
from ipsec_tools import stop
from lab import pings
from sites import Inside, inner_frames

TIER = "full"
SECONDS = 70
TIMEOUT = 300


def run(lab):
    lab.need("setkey", "racoon")
    mesh = lab.mesh("racoon-sites")
    east, west = mesh["east"], mesh["west"]
    one, two = Inside(east, 1), Inside(west, 2)
    nets = (one.net, two.net, one.net6, two.net6)
    mesh.apply(timeout=180)
    with lab.wire() as wire:
        for source, address in ((one, two.ip), (two, one.ip), (one, two.ip6), (two, one.ip6)):
            lab.check("ping from behind %s to %s" % (source.gateway.name, address), source.ping(address, 8) >= 4)
        lab.check("ping from the gateway itself to %s" % two.ip, lab.ping(east, two.ip, 3) == 3)
        lab.check("ping from the gateway itself to %s" % two.ip6, lab.ping(east, two.ip6, 3) == 3)
    lab.check("ESP on the wire", wire.kinds(east, west).get("esp", 0) >= 30, wire.kinds(east, west))
    lab.equal("frames of the nets in clear", inner_frames(wire, *nets), [])

    # A stranger on the wire pretends to be behind the other gateway
    stranger = lab.add(type(east)("stranger", 9))
    stranger.sh("ip addr add 10.2.0.99/32 dev lo; ip route add 10.1.0.0/24 via 10.77.0.1", check=True)
    before = one.echoes()
    stranger.run("ping", *pings(3, wait=1), "-I", "10.2.0.99", one.ip)
    lab.equal("clear packets of a stranger that got through the gateway", one.echoes() - before, 0)

    # Without racoon and SAs the tunnel is closed, not open
    for host in (east, west):
        stop(host)
    with lab.wire() as wire:
        lab.equal("replies without racoon", (one.ping(two.ip, 2), one.ping(two.ip6, 2), lab.ping(east, two.ip, 2)), (0, 0, 0))
    lab.equal("frames of the nets in clear", inner_frames(wire, *nets), [])

    # The links are taken out: routes go with them
    mesh.edit("links:\n", "links: []\nbypass: [ike]\n#")
    mesh.apply(timeout=180)
    lab.check("no route of ours is left", "10.2.0.0" not in east.run("ip", "route").out, east.run("ip", "route").out)
