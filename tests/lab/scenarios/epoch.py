"""a changed pre-shared key: plan shows the epoch and no key bytes, both ends move, the other links' SAs stay"""
TIER = "full"
SECONDS = 60


def run(lab):
    mesh = lab.mesh("three-strongswan")
    alpha, beta, gamma = mesh.hosts
    mesh.apply()
    lab.check_esp(mesh.hosts, families=["ip"], tcp_size=8192)
    old_keys, kept = mesh.psks(), alpha.spis(gamma)
    lab.equal("keys of three links", len(old_keys), 3)

    rotated = mesh.ctl("keys", "rotate", "--link", "alpha", "beta")
    lab.equal("exit code of keys rotate", rotated.code, 0)
    plans = [mesh.ctl("plan", "inventory.yaml", "--detailed-exitcode", "--no-color"),
             mesh.ctl("plan", "inventory.yaml", "--detailed-exitcode", "-o", "json")]
    for plan in plans:
        lab.equal("exit code of plan --detailed-exitcode", plan.code, 2)
        lab.contains("plan", plan.out, "epoch")
    with lab.wire() as wire:
        applied = mesh.apply()
        new_keys = mesh.psks()
        lab.equal("keys of three links", len(new_keys), 3)
        lab.equal("keys that stayed", len(old_keys & new_keys), 2)
        lab.check_esp([alpha, beta], families=["ip"], tcp_size=8192)
    lab.equal("frames in clear", wire.clear(mesh.hosts), [])
    said = "".join(process.out + process.err for process in plans + [rotated, applied])
    lab.equal("key bytes in what was printed", [key[:8] for key in old_keys | new_keys if key in said or key[4:] in said], [])
    lab.check("alpha - gamma kept its SAs", kept <= alpha.spis(gamma), alpha.spis(gamma))
    # A fresh negotiation needs the new key at both ends.
    for host in (alpha, beta):
        host.sh("swanctl --list-sas --raw >/dev/null; ip xfrm state flush")
        for pid in host.pids("charon"):
            host.run("kill", "-9", str(pid))
        host.sh("rm -f /run/charon.vici /run/charon.pid /var/run/charon.pid")
        host.start_strongswan()
    lab.wait_for("alpha reaches beta with the new key", lambda: lab.ping(alpha, beta.ip, 3) > 0, 60)
