"""racoon towards strongSwan over IKEv1, both families: tunnel with a pre-shared key, plain RSA keys, certificates; started by either side"""
from ipsec_tools import restart

TIER = "full"
SECONDS = 90
TIMEOUT = 300


def run(lab):
    lab.need("setkey", "racoon")
    mesh = lab.mesh("racoon-strongswan-auth")
    alpha, others = mesh["alpha"], mesh.hosts[1:]
    for words in (("rsa",), ("ca", "init"), ("issue",)):
        lab.equal("exit code of keys " + " ".join(words), mesh.ctl("keys", *words).code, 0)
    mesh.apply(timeout=180)
    for other in others:
        lab.check_esp([alpha, other], tcp_size=65536)
    tunnels = alpha.run("ip", "xfrm", "state", "list", "mode", "tunnel").out
    lab.contains("tunnels of alpha", tunnels, mesh["beta"].ip)

    restart(alpha)
    for other in others:
        other.run("swanctl", "--terminate", "--ike", "mc-alpha-1", "--force")
        other.run("swanctl", "--terminate", "--ike", "mc-alpha-2", "--force")
    for other in others:
        for address in (alpha.ip, alpha.ip6):
            lab.wait_for("%s has come to %s" % (other.name, address), lambda: lab.ping(other, address, 2) == 2, 60)
        lab.check_esp([other, alpha], tcp_size=8192)
