"""charon dies on a strongSwan host: nothing of a `require` link leaves in clear"""
TIER = "fast"
SECONDS = 35


def run(lab):
    mesh = lab.mesh("three-strongswan")
    alpha, beta, _ = mesh.hosts
    mesh.apply()
    lab.check_esp([alpha, beta], families=["ip"], tcp_size=8192)
    with lab.wire() as wire:
        flood = alpha.spawn("ping", "-q", "-n", "-i", "0.01", beta.ip)
        for host in (alpha, beta):
            for pid in host.pids("charon"):
                host.run("kill", "-9", str(pid), check=True)
        alpha.run("ip", "xfrm", "state", "flush", check=True)
        lab.ping(alpha, beta.ip6, 5)
        flood.kill(2)
        flood.wait(10)
    lab.equal("frames in clear", wire.clear(mesh.hosts), [])
