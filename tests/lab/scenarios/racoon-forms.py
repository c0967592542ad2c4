"""racoon, one host to one host, both families: tunnels, AH around ESP by IKE, compression, aggressive mode"""
from lab import pings

TIER = "full"
SECONDS = 80
TIMEOUT = 240


def run(lab):
    lab.need("setkey", "racoon")
    mesh = lab.mesh("racoon-forms")
    alpha, beta, gamma = mesh.hosts
    mesh.apply(timeout=180)
    lab.check_esp([alpha, beta], tcp_size=65536)
    lab.contains("SAs of alpha", alpha.run("ip", "xfrm", "state").out, "mode tunnel")

    with lab.wire() as wire:
        for family in ("ip", "ip6"):
            lab.check("ping by AH around ESP over " + family, lab.ping(alpha, getattr(gamma, family), 5) >= 3)
            lab.equal("bytes by TCP by AH around ESP over " + family, lab.tcp(alpha, gamma, getattr(gamma, family), 65536), 65536)
    kinds = wire.kinds(alpha, gamma)
    lab.check("nothing but AH", kinds.get("ah", 0) > 16 and set(kinds) <= {"ah", "ike", "nd"}, kinds)

    lab.check_esp([beta, gamma], tcp_size=65536)
    for address in (gamma.ip, gamma.ip6):
        big = beta.run("ping", *pings(4), "-s", "1200", "-p", "00", address)
        lab.contains("large pings that compress well", big.out, "4 received")
    lab.contains("SAs of beta", beta.run("ip", "xfrm", "state").out, "proto comp")
    rows = [row.split() for row in beta.run("racoonctl", "-l", "show-sa", "isakmp").out.splitlines()[1:]]
    exchanges = {row[0].rsplit(".", 1)[0]: row[5] for row in rows}  # 10.77.0.3.500 0123:4567  9 I 10 A ...
    lab.equal("exchange modes of beta's IKE SAs", exchanges, {alpha.ip: "M", alpha.ip6: "M", gamma.ip: "A", gamma.ip6: "A"})
