"""two strongSwan hosts with certificates of the mesh's own CA: ESP; a revoked certificate is refused"""
TIER = "full"
SECONDS = 60


def run(lab):
    mesh = lab.mesh("strongswan-x509")
    alpha, beta = mesh.hosts
    lab.equal("exit code of keys ca init", mesh.ctl("keys", "ca", "init").code, 0)
    lab.equal("exit code of keys issue", mesh.ctl("keys", "issue").code, 0)
    mesh.apply()
    lab.check_esp(mesh.hosts, tcp_size=65536)
    lab.contains("SAs of alpha", alpha.run("swanctl", "--list-sas").out, "CN=beta")
    lab.equal("mode of the private key", alpha.run("stat", "-c", "%a %U", "/etc/swanctl/private/meshctl-x509.pem").out, "600 root\n")

    # The certificate is revoked and another one issued; whoever still has the old one and its key gets no further
    names = ("/etc/swanctl/x509/meshctl.pem", "/etc/swanctl/private/meshctl-x509.pem")
    stolen = [beta.read(name) for name in names]
    lab.equal("exit code of keys revoke", mesh.ctl("keys", "revoke", "beta").code, 0)
    lab.equal("exit code of keys issue", mesh.ctl("keys", "issue").code, 0)
    mesh.apply()
    lab.check("beta has another certificate", beta.read(names[0]) != stolen[0])
    alpha.run("swanctl", "--terminate", "--ike", "mc-beta-1", "--timeout", lab.seconds(5))
    lab.check_esp(mesh.hosts, families=["ip"], tcp_size=65536)
    for name, text in zip(names, stolen):
        beta.write(name, text, 0o600)
    beta.run("swanctl", "--load-all", "--noprompt", "--clear", check=True)
    beta.run("swanctl", "--terminate", "--ike", "mc-alpha-1", "--timeout", lab.seconds(5))
    tried = beta.run("swanctl", "--initiate", "--ike", "mc-alpha-1", "--child", "s1", "--timeout", lab.seconds(10))
    lab.check("the revoked certificate is refused", tried.code != 0, tried.out[-200:])
    lab.contains("charon on alpha", alpha.read("/var/log/charon.log"), "certificate was revoked")
