"""two racoon hosts with plain RSA keys, both families: ESP; a new key of one host reaches both ends"""
from ipsec_tools import renegotiate

TIER = "full"
SECONDS = 60
TIMEOUT = 240


def run(lab):
    lab.need("setkey", "racoon")
    mesh = lab.mesh("racoon-rsa")
    alpha, beta = mesh.hosts
    lab.equal("exit code of keys rsa", mesh.ctl("keys", "rsa").code, 0)
    mesh.apply(timeout=180)
    lab.check_esp(mesh.hosts, tcp_size=65536)
    for host in mesh.hosts:
        key = "/etc/racoon/certs/%s.key" % host.name
        lab.equal("mode of the private key of " + host.name, host.run("stat", "-c", "%a %U", key).out, "600 root\n")

    old = beta.read("/etc/racoon/certs/alpha.pub")
    lab.equal("exit code of keys rotate", mesh.ctl("keys", "rotate", "--kind", "rsa", "--host", "alpha").code, 0)
    mesh.apply(timeout=180)
    lab.check("beta has another key of alpha", beta.read("/etc/racoon/certs/alpha.pub") not in ("", old))
    renegotiate(lab, alpha, beta)
    lab.check_esp(mesh.hosts, families=["ip"], tcp_size=65536)
