"""racoon, a NAT between two gateways: ESP in UDP through it, nets behind both"""
from sites import Inside, behind_nat

TIER = "full"
SECONDS = 70
TIMEOUT = 240


def run(lab):
    lab.need("setkey", "racoon")
    mesh = lab.mesh("racoon-nat")
    branch, office = mesh["branch"], mesh["office"]
    nat, router = behind_nat(lab, branch, 50, "10.77.0.60", "192.168.7.2")
    branch.run("ip", "route", "add", "10.77.0.2/32", "via", router, check=True)
    lab.check("the NAT works", lab.ping(branch, office.ip, 3) >= 2)
    near, far = Inside(branch, 1), Inside(office, 2)
    with lab.wire() as wire:
        mesh.apply(timeout=180)
        lab.check("ping through the NAT", near.ping(far.ip, 8) >= 4)
        lab.check("ping back through the NAT", far.ping(near.ip) >= 3)
    ends = {"10.77.0.60", office.ip}
    kinds = {(frame.kind, frame.detail) for frame in wire.frames if {frame.source, frame.target} == ends}
    lab.check("ESP in UDP on the wire", ("esp", "in udp") in kinds, kinds)
    lab.check("and nothing else but IKE", {kind for kind, _ in kinds} <= {"esp", "ike"}, kinds)
    lab.equal("frames of the nets in clear", [frame[1:4] for frame in wire.frames if frame.source.startswith(("10.1.", "10.2."))], [])
