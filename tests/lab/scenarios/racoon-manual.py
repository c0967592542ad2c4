"""racoon hosts with manual keys, both families: ESP, and AH around ESP, without IKE; SAs come back after a flush and a boot"""
TIER = "full"
SECONDS = 70
TIMEOUT = 400


def traffic(lab, mesh):
    """alpha and beta by ESP, alpha and gamma by AH around ESP, as the first apply leaves them."""
    alpha, beta, gamma = mesh.hosts
    lab.equal("exit code of keys manual", mesh.ctl("keys", "manual").code, 0)
    mesh.apply("--timeout", "120", timeout=240)
    with lab.wire() as wire:
        lab.equal("replies", lab.ping(alpha, beta.ip, 3), 3)  # the very first packet as well: nothing is negotiated
        for family in ("ip", "ip6"):
            lab.equal("replies by AH around ESP over " + family, lab.ping(alpha, getattr(gamma, family), 3), 3)
            lab.equal("bytes by TCP by AH around ESP over " + family, lab.tcp(alpha, gamma, getattr(gamma, family), 65536), 65536)
    lab.check("no IKE on the wire", "ike" not in wire.kinds(alpha, beta), wire.kinds(alpha, beta))
    kinds = wire.kinds(alpha, gamma)
    lab.check("nothing but AH", kinds.get("ah", 0) > 16 and set(kinds) <= {"ah", "nd"}, kinds)
    lab.check_esp([alpha, beta], tcp_size=65536)


def run(lab):
    lab.need("setkey", "racoon")
    mesh = lab.mesh("racoon-manual")
    alpha, beta, gamma = mesh.hosts
    traffic(lab, mesh)
    lab.equal("mode of the keys' file", alpha.run("stat", "-c", "%a %U", "/etc/racoon/setkey-sa.conf").out, "700 root\n")

    sas = set(alpha.sas())
    alpha.run("ip", "xfrm", "state", "flush", check=True)
    lab.equal("replies without SAs", lab.ping(alpha, beta.ip, 2), 0)
    lab.equal("exit code of status", mesh.ctl("status", "inventory.yaml").code, 2)
    mesh.apply("--force", timeout=180)
    lab.equal("SAs of alpha after a repair", set(alpha.sas()), sas)
    lab.check_esp([alpha, beta], families=["ip"], tcp_size=65536)

    alpha.recreate()
    lab.equal("SAs of alpha after a boot", set(alpha.sas()), sas)
    lab.check_esp([alpha, beta], families=["ip6"], tcp_size=65536)
    lab.equal("replies by AH around ESP after a boot", lab.ping(gamma, alpha.ip6, 3), 3)
