"""all ICMP is bypassed: apply proves the links without pings, pings go in clear, TCP is ESP"""
TIER = "full"
SECONDS = 35


def run(lab, inventory="bypass-icmp"):
    mesh = lab.mesh(inventory)
    alpha, beta = mesh.hosts
    mesh.apply(timeout=180)
    lab.equal("exit code of status", mesh.ctl("status", "inventory.yaml").code, 0)
    for family, kind in (("ip", "icmp"), ("ip6", "icmp6")):
        with lab.wire() as wire:
            lab.equal("replies over " + family, lab.ping(alpha, getattr(beta, family), 3), 3)
        lab.equal("frames of three pings over " + family, wire.kinds(alpha, beta).get(kind), 6)
        with lab.wire() as wire:
            lab.equal("bytes by TCP over " + family, lab.tcp(alpha, beta, getattr(beta, family), 65536), 65536)
        kinds = wire.kinds(alpha, beta)
        lab.check("TCP over %s is ESP" % family, kinds.get("esp", 0) > 8 and "tcp" not in kinds, kinds)
        lab.equal("frames in clear", wire.clear(mesh.hosts), [])
    mesh.edit("level: require}", "level: require, child_lifetime: 1800}")  # a change proves links that already stand
    mesh.apply(timeout=180)
    lab.equal("bytes by TCP after a change", lab.tcp(alpha, beta, beta.ip, 65536), 65536)
