"""host to net: ICMP errors between the host and the net go through the tunnel, as all else does; so they do while the holes are open"""
from sites import Inside, check_icmp_errors, inner_frames

TIER = "full"
SECONDS = 40
TIMEOUT = 180


def run(lab):
    mesh = lab.mesh("strongswan-host-net")
    gate, home = mesh["gate"], mesh["home"]
    desk = Inside(gate, 1)
    mesh.apply()
    with lab.wire() as wire:
        for address in (desk.ip, desk.ip6):
            lab.check("ping home > " + address, lab.ping(home, address, 4) >= 3)
        for address in (home.ip, home.ip6):
            lab.check("ping desk > " + address, desk.ping(address) >= 3)
    lab.check("ESP on the wire", wire.kinds(gate, home).get("esp", 0) >= 20, wire.kinds(gate, home))
    lab.equal("frames of the net in clear", inner_frames(wire, desk.net, desk.net6), [])
    check_icmp_errors(lab, home, desk)
