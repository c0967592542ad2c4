"""a NAT between two gateways: ESP in UDP through it, nets behind both, started from either side"""
from nat import Crossing

TIER = "full"
SECONDS = 70
TIMEOUT = 240


def run(lab):
    mesh = lab.mesh("strongswan-nat")
    crossing = Crossing(lab, mesh["branch"], mesh["office"])
    with lab.wire() as wire:
        mesh.apply()
        crossing.check_pings()
    crossing.check_frames(wire)
    mesh["branch"].run("swanctl", "--terminate", "--ike", "mc-office-1", "--timeout", lab.seconds(5))
    lab.check("started by the office", crossing.far.ping(crossing.near.ip, 8) >= 4)
