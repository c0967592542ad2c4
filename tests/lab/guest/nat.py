"""Two gateways with a NAT between them and a net behind each, as several scenarios have them."""
from sites import Inside, behind_nat


class Crossing:
    """The branch is behind the NAT, the office on the wire. Crossing N has 192.168.(7+N).2 inside of the NAT and 10.77.0.(60+N) outside,
    and the nets 10.(2N+1).0.0/24 and 10.(2N+2).0.0/24."""

    def __init__(self, lab, branch, office, number=0):
        self.lab, self.office, self.public = lab, office, "10.77.0.%d" % (60 + number)
        _, router = behind_nat(lab, branch, 50 + number, self.public, "192.168.%d.2" % (7 + number))
        branch.run("ip", "route", "add", office.ip + "/32", "via", router, check=True)
        lab.check("the NAT works", lab.ping(branch, office.ip, 3) >= 2)
        self.near, self.far = Inside(branch, 2 * number + 1), Inside(office, 2 * number + 2)

    def check_pings(self):
        self.lab.check("ping through the NAT", self.near.ping(self.far.ip, 8) >= 4)
        self.lab.check("ping back through the NAT", self.far.ping(self.near.ip) >= 3)

    def check_frames(self, wire):
        ends = {self.public, self.office.ip}
        kinds = {(frame.kind, frame.detail) for frame in wire.frames if {frame.source, frame.target} == ends}
        self.lab.check("ESP in UDP on the wire", ("esp", "in udp") in kinds, kinds)
        self.lab.check("and nothing else but IKE", {kind for kind, _ in kinds} <= {"esp", "ike"}, kinds)
        nets = (self.near.net, self.far.net)
        self.lab.equal("frames of the nets in clear", [frame[1:4] for frame in wire.frames if frame.source.startswith(nets)], [])
