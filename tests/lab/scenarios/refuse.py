"""a host that refuses at check, at activation or at probe: all hosts are back on the old generation, host and reason named"""
TIER = "full"
SECONDS = 85
TIMEOUT = 300
# In front of the real one in PATH. It fails while a transaction is armed, that is in the middle of the activation only.
BAD_SWANCTL = """#!/bin/sh
for armed in /var/lib/meshctl/txn/*/armed; do
  case "$*" in *--load*) [ ! -e "$armed" ] || { echo "lab: swanctl refuses" >&2; exit 1; } ;; esac
done
exec /usr/sbin/swanctl "$@"
"""


def refused(lab, mesh, old, phase):
    done = mesh.apply("--dead-man", "60", want=1)
    text = done.out + done.err
    lab.contains("the report", text, "beta")
    lab.contains("the report", text, phase)
    lab.equal("generations", mesh.generations(), old)
    lab.equal("trials and locks left", [mesh.generations("trial"), mesh.generations("lock")],
              [dict.fromkeys(old, ""), dict.fromkeys(old, "")])
    lab.check_esp(mesh.hosts, families=["ip"], tcp_size=8192)


def run(lab):
    mesh = lab.mesh("three-strongswan")
    alpha, beta, _ = mesh.hosts
    mesh.apply()
    old = mesh.generations()
    mesh.edit("- [alpha, beta]", "- {between: [alpha, beta], suite: {ike: aes256-sha256-ecp256, esp: aes128gcm16-ecp256}}")

    lab.say("--- check: a syntax error in a file that somebody else left")
    beta.write("/etc/swanctl/conf.d/zz-other.conf", "connections {\n  broken {\n")
    refused(lab, mesh, old, "check")
    beta.run("rm", "/etc/swanctl/conf.d/zz-other.conf", check=True)

    lab.say("--- activation: swanctl fails half way")
    beta.write("/usr/local/sbin/swanctl", BAD_SWANCTL, 0o755)
    refused(lab, mesh, old, "activate")
    beta.run("rm", "/usr/local/sbin/swanctl", check=True)

    lab.say("--- probe: alpha and beta cannot reach each other")
    for address in (alpha.ip + "/32", alpha.ip6 + "/128"):
        beta.run("ip", "route", "add", "blackhole", address, check=True)
    done = mesh.apply("--dead-man", "60", want=1)
    lab.contains("the report", done.out + done.err, "links")
    lab.equal("generations", mesh.generations(), old)
    for address in (alpha.ip + "/32", alpha.ip6 + "/128"):
        beta.run("ip", "route", "del", "blackhole", address, check=True)
    lab.wait_for("alpha reaches beta again", lambda: lab.ping(alpha, beta.ip, 3) > 0, 40)
    mesh.apply()
    lab.check_esp(mesh.hosts, families=["ip"], tcp_size=8192)
