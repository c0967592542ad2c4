"""two strongSwan hosts with raw RSA keys, both families: ESP; a new key of one host reaches both ends"""
TIER = "full"
SECONDS = 50


def run(lab):
    mesh = lab.mesh("strongswan-rsa")
    alpha, beta = mesh.hosts
    lab.equal("exit code of keys rsa", mesh.ctl("keys", "rsa").code, 0)
    mesh.apply()
    lab.check_esp(mesh.hosts, tcp_size=65536)
    lab.contains("charon on alpha", alpha.read("/var/log/charon.log"), "RSA_EMSA_PKCS1")
    for host in mesh.hosts:
        lab.equal("mode of the private key of " + host.name, host.run("stat", "-c", "%a %U", "/etc/swanctl/private/meshctl-rsa.pem").out, "600 root\n")

    old = beta.read("/etc/swanctl/pubkey/meshctl-alpha.pem")
    lab.equal("exit code of keys rotate", mesh.ctl("keys", "rotate", "--kind", "rsa", "--host", "alpha").code, 0)
    mesh.apply()
    new = beta.read("/etc/swanctl/pubkey/meshctl-alpha.pem")
    lab.check("beta has another key of alpha", new != old and new == alpha.read("/etc/swanctl/pubkey/meshctl.pem"))
    alpha.run("swanctl", "--terminate", "--ike", "mc-beta-1", "--timeout", lab.seconds(5))
    lab.check_esp(mesh.hosts, families=["ip"], tcp_size=65536)
