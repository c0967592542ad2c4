"""racoon, a NAT between two gateways: ESP in UDP through it, nets behind both"""
from nat import Crossing

TIER = "full"
SECONDS = 70
TIMEOUT = 240


def run(lab):
    lab.need("setkey", "racoon")
    mesh = lab.mesh("racoon-nat")
    crossing = Crossing(lab, mesh["branch"], mesh["office"])
    with lab.wire() as wire:
        mesh.apply(timeout=180)
        crossing.check_pings()
    crossing.check_frames(wire)
