"""racoon and strongSwan with a NAT between them, either one behind it: ESP in UDP through it, nets behind both, started from either side"""
from ipsec_tools import restart
from nat import Crossing

TIER = "full"
SECONDS = 120
TIMEOUT = 480


def run(lab):
    lab.need("setkey", "racoon")
    mesh = lab.mesh("racoon-strongswan-nat")
    crossings = [Crossing(lab, mesh["branch"], mesh["office"]), Crossing(lab, mesh["cabin"], mesh["depot"], 1)]
    with lab.wire() as wire:
        mesh.apply(timeout=240)
        for crossing in crossings:
            crossing.check_pings()
    for crossing in crossings:
        crossing.check_frames(wire)

    for racoon, other, name in ((mesh["branch"], mesh["office"], "mc-branch-1"), (mesh["depot"], mesh["cabin"], "mc-depot-1")):
        restart(racoon)
        other.run("swanctl", "--terminate", "--ike", name, "--force")
    for crossing in crossings:
        lab.check("started by the office", crossing.far.ping(crossing.near.ip, 12) >= 4)
