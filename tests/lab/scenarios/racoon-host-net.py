"""host to net behind a racoon gateway, from racoon and from strongSwan: ICMP errors go through the tunnel, as all else does"""
from sites import Inside, check_icmp_errors, inner_frames

TIER = "full"
SECONDS = 60
TIMEOUT = 300


def run(lab):
    lab.need("setkey", "racoon")
    mesh = lab.mesh("racoon-host-net")
    gate = mesh["gate"]
    desk = Inside(gate, 1)
    # Only hosts with inner addresses get routes from racoon's back end.
    mesh["home"].sh("ip route add 10.1.0.0/24 via %s; ip route add fd01::/64 via %s" % (gate.ip, gate.ip6), check=True)
    mesh.apply(timeout=180)
    for host in (mesh["home"], mesh["cabin"]):
        with lab.wire() as wire:
            for address in (desk.ip, desk.ip6):
                lab.check("ping %s > %s" % (host.name, address), lab.ping(host, address, 8) >= 4)
            for address in (host.ip, host.ip6):
                lab.check("ping desk > " + address, desk.ping(address, 8) >= 4)
        lab.check("ESP on the wire", wire.kinds(gate, host).get("esp", 0) >= 20, wire.kinds(gate, host))
        lab.equal("frames of the net in clear", inner_frames(wire, desk.net, desk.net6), [])
        check_icmp_errors(lab, host, desk)
