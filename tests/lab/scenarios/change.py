"""a plan with a change, applied without disturbing the other links' SAs, then rolled back"""
from lab import Steady

TIER = "fast"
SECONDS = 50


def run(lab):
    mesh = lab.mesh("three-strongswan")
    alpha, beta, gamma = mesh.hosts
    mesh.apply()
    lab.check_esp(mesh.hosts, families=["ip"], tcp_size=65536)
    old = mesh.generations()
    kept = alpha.spis(gamma)
    lab.check("alpha - gamma has SAs", len(kept) >= 2, kept)

    mesh.edit("- [alpha, beta]", "- {between: [alpha, beta], suite: {ike: aes256-sha256-ecp256, esp: aes128gcm16-ecp256}}")
    plan = mesh.ctl("plan", "inventory.yaml", "--detailed-exitcode")
    lab.equal("exit code of plan --detailed-exitcode with a change", plan.code, 2)
    lab.contains("plan", plan.out, "beta")
    lab.equal("generations after plan", mesh.generations(), old)

    with lab.wire() as wire:
        pings = Steady(alpha, gamma.ip)
        mesh.apply()
        lab.equal("pings lost over the unchanged link during apply", pings.end(), [])
    lab.equal("frames in clear during apply", wire.clear(mesh.hosts), [])
    lab.check("alpha - gamma kept its SAs", kept <= alpha.spis(gamma), alpha.spis(gamma))
    new = mesh.generations()
    lab.equal("hosts with a new generation", sorted(name for name in new if new[name] != old[name]), ["alpha", "beta"])
    lab.check("alpha - beta uses AES-GCM with 128 bits now", "rfc4106(gcm(aes))" in
              alpha.run("ip", "xfrm", "state", "list", "dst", beta.ip).out)
    lab.check_esp([alpha, beta], families=["ip"], tcp_size=65536)

    back = mesh.ctl("rollback", "inventory.yaml", "--yes")
    lab.equal("exit code of rollback", back.code, 0)
    lab.equal("generations after rollback", mesh.generations()["alpha"], old["alpha"])
    lab.equal("generation of beta after rollback", mesh.generations()["beta"], old["beta"])
    lab.check_esp([alpha, beta], families=["ip"], tcp_size=65536)
