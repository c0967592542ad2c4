"""one host to one host: tunnels over both families, AH alone, compression in ESP in UDP, one protected protocol beside a dropped one"""
from lab import pings

TIER = "full"
SECONDS = 60


def run(lab):
    mesh = lab.mesh("strongswan-forms")
    alpha, beta, gamma = mesh.hosts
    mesh.apply()
    lab.check_esp([alpha, beta], tcp_size=65536)
    lab.contains("SAs of alpha", alpha.run("ip", "xfrm", "state").out, "mode tunnel")

    with lab.wire() as wire:
        for family in ("ip", "ip6"):
            lab.check("ping by AH over " + family, lab.ping(alpha, getattr(gamma, family), 4) >= 3)
            lab.equal("bytes by TCP by AH over " + family, lab.tcp(alpha, gamma, getattr(gamma, family), 65536), 65536)
    kinds = wire.kinds(alpha, gamma)
    lab.check("nothing but AH", kinds.get("ah", 0) > 16 and not set(kinds) & {"esp", "tcp", "icmp", "icmp6"}, kinds)

    with lab.wire() as wire:
        lab.check("ping, compressed", lab.ping(beta, gamma.ip, 4) >= 3)
        big = beta.run("ping", *pings(4), "-s", "1200", "-p", "00", gamma.ip)
        lab.contains("large pings that compress well", big.out, "4 received")
        lab.equal("echoes that are dropped", lab.ping(beta, gamma.ip6, 2), 0)
        lab.equal("bytes by TCP, which nothing was said about", lab.tcp(beta, gamma, gamma.ip, 8192), 8192)
    frames = wire.between(beta, gamma)
    lab.check("pings are ESP in UDP", {f.detail for f in frames if f.kind == "esp"} == {"in udp"}, wire.kinds(beta, gamma))
    lab.check("no ping in clear", not {f.kind for f in frames} & {"icmp", "icmp6"}, wire.kinds(beta, gamma))
    lab.contains("SAs of beta", beta.run("ip", "xfrm", "state").out, "proto comp")
