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
