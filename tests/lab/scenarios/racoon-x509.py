"""two racoon hosts with certificates of the mesh's own CA: ESP; a revoked certificate is refused"""
from ipsec_tools import renegotiate, restart

TIER = "full"
SECONDS = 100
TIMEOUT = 300


def run(lab):
    lab.need("setkey", "racoon")
    mesh = lab.mesh("racoon-x509")
    alpha, beta = mesh.hosts
    lab.equal("exit code of keys ca init", mesh.ctl("keys", "ca", "init").code, 0)
    lab.equal("exit code of keys issue", mesh.ctl("keys", "issue").code, 0)
    mesh.apply(timeout=180)
    lab.check_esp(mesh.hosts, tcp_size=65536)
    lab.equal("mode of the private key", alpha.run("stat", "-c", "%a %U", "/etc/racoon/certs/key.pem").out, "600 root\n")

    # The certificate is revoked and another one issued; whoever still has the old one and its key gets no further
    names = ("/etc/racoon/certs/cert.pem", "/etc/racoon/certs/key.pem")
    stolen = [beta.read(name) for name in names]
    lab.equal("exit code of keys revoke", mesh.ctl("keys", "revoke", "beta").code, 0)
    lab.equal("exit code of keys issue", mesh.ctl("keys", "issue").code, 0)
    mesh.apply(timeout=180)
    lab.check("beta has another certificate", beta.read(names[0]) != stolen[0])
    renegotiate(lab, alpha, beta)
    lab.check_esp(mesh.hosts, families=["ip"], tcp_size=65536)
    for name, text in zip(names, stolen):
        beta.write(name, text, 0o600)
    for host in mesh.hosts:
        restart(host)
    with lab.wire() as wire:
        lab.equal("replies with the revoked certificate", lab.ping(beta, alpha.ip, 8), 0)
    lab.check("no ping in clear", "icmp" not in wire.kinds(alpha, beta), wire.kinds(alpha, beta))  # IKE with certificates comes in fragments
    lab.contains("racoon on alpha", alpha.read("/var/log/racoon.log"), "certificate revoked")
