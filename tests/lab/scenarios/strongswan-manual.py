"""two strongSwan hosts with manual keys, both families: ESP without IKE; SAs come back after a flush, a boot and a restart of charon"""
TIER = "full"
SECONDS = 60


def run(lab):
    mesh = lab.mesh("strongswan-manual")
    alpha, beta = mesh.hosts
    lab.equal("exit code of keys manual", mesh.ctl("keys", "manual").code, 0)
    mesh.apply()
    with lab.wire() as wire:
        lab.equal("replies", lab.ping(alpha, beta.ip, 3), 3)  # the very first packet as well: nothing is negotiated
    lab.check("no IKE on the wire", "ike" not in wire.kinds(alpha, beta), wire.kinds(alpha, beta))
    lab.check_esp(mesh.hosts, tcp_size=65536)
    lab.equal("mode of the keys' file", alpha.run("stat", "-c", "%a %U", "/etc/meshctl/states.xfrm").out, "600 root\n")

    sas = set(alpha.sas())
    alpha.run("ip", "xfrm", "state", "flush", check=True)
    lab.equal("replies without SAs", lab.ping(alpha, beta.ip, 2), 0)
    lab.equal("exit code of status", mesh.ctl("status", "inventory.yaml").code, 2)
    mesh.apply("--force")
    lab.equal("SAs of alpha after a repair", set(alpha.sas()), sas)
    lab.check_esp(mesh.hosts, families=["ip"], tcp_size=65536)

    alpha.recreate()
    lab.equal("SAs of alpha after a boot", set(alpha.sas()), sas)
    lab.check_esp(mesh.hosts, families=["ip6"], tcp_size=65536)
