"""Debian 12 (strongSwan 5.9) and Debian 13 (6.0) in one mesh: apply, ESP both ways, rekey from either end, a change, a rollback, a boot"""
import re

import pace
from lab import Steady

TIER = "full"
SECONDS = 90
TIMEOUT = 300


def rekey(lab, one, two, what):
    """`one` renews its IKE SA or the child SAs below it; traffic goes on, by new SAs, and nothing in clear. At a child's rekey the other end
    uses the new SA as soon as it has made it (docs/backend-strongswan.md, Limits): what it sends before this end has made it as well is lost."""
    name = "mc-%s-1" % two.name
    before, ike = one.spis(two), ike_spis(one)
    with lab.wire() as wire:
        pings = Steady(one, two.ip, 0.1)
        done = one.run("swanctl", "--rekey", "--ike", name, *(("--child", "s1") if what == "child" else ()), check=True)
        lab.contains("swanctl of " + one.name, done.out, "rekey completed")
        if what == "ike":
            lab.wait_for("%s has another IKE SA" % one.name, lambda: ike_spis(one) - ike, 20)
        else:
            lab.wait_for("%s has other SPIs" % one.name, lambda: one.spis(two) - before, 20)
        lab.equal("replies to the other one", lab.ping(two, one.ip, 4), 4)
        lost = pings.end()
        if what == "ike":
            lab.equal("pings lost during the rekey", lost, [])
        else:
            lab.check("at most half a second without replies", len(lost) <= pace.scaled(5) and lost == list(range(min(lost or [0]), max(lost or [-1]) + 1)), lost)
    lab.equal("frames in clear", wire.clear([one, two]), [])


def ike_spis(host):
    return set(re.findall(r"[0-9a-f]{16}_[ir]\*? [0-9a-f]{16}_[ir]\*?", host.run("swanctl", "--list-sas", check=True).out))


def run(lab):
    roots = {"alpha": lab.need_root("bookworm"), "beta": lab.need_root("trixie"), "gamma": lab.need_root("trixie")}
    mesh = lab.mesh("three-strongswan", root=roots)
    alpha, beta, gamma = mesh.hosts
    lab.contains("alpha", alpha.run("swanctl", "--help").out, "strongSwan 5.9.")
    lab.contains("beta", beta.run("swanctl", "--help").out, "strongSwan 6.0.")
    mesh.apply()
    lab.check_esp(mesh.hosts)
    lab.equal("exit code of status", mesh.ctl("status", "inventory.yaml").code, 0)
    old, policies = mesh.generations(), {host: host.spd() for host in mesh.hosts}

    for one, two in ((alpha, beta), (beta, alpha), (beta, gamma)):
        rekey(lab, one, two, "child")
        rekey(lab, one, two, "ike")
    lab.equal("exit code of status", mesh.ctl("status", "inventory.yaml").code, 0)

    kept = alpha.spis(gamma)
    mesh.edit("- [alpha, beta]", "- {between: [alpha, beta], suite: {ike: aes256-sha256-ecp256, esp: aes128gcm16-ecp256}}")
    with lab.wire() as wire:
        mesh.apply()
    lab.equal("frames in clear during apply", wire.clear(mesh.hosts), [])
    lab.check("alpha - gamma kept its SAs", kept <= alpha.spis(gamma), alpha.spis(gamma))
    lab.equal("hosts with a new generation", sorted(name for name, one in mesh.generations().items() if one != old[name]), ["alpha", "beta"])
    lab.check_esp([alpha, beta], families=["ip"], tcp_size=65536)

    lab.equal("exit code of rollback", mesh.ctl("rollback", "inventory.yaml", "--yes").code, 0)
    lab.equal("generations after rollback", mesh.generations(), old)
    lab.check_esp([alpha, beta], families=["ip6"], tcp_size=65536)

    for host, other in ((alpha, beta), (beta, alpha)):
        host.recreate()
        lab.wait_for("%s reaches %s after its boot" % (other.name, host.name), lambda: lab.ping(other, host.ip, 3) > 0, 60)
        lab.equal("policies of " + host.name, host.spd(), policies[host])
    lab.check_esp([alpha, beta], families=["ip"], tcp_size=8192)
