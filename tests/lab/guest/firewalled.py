"""Two gateways whose own firewalls drop what they do not know, in input and forward, and masquerade what leaves: page 002 on top of that."""
import subprocess

from lab import pings
from sites import Inside, inner_frames

MODULES = "iptable_filter iptable_nat ip6table_filter ip6table_nat xt_policy xt_conntrack xt_MASQUERADE xt_tcpudp".split()
PATH = "/etc/own-firewall"
# As an admin has it, who also loads it at boot and reloads it at will: with a clean slate.
RULES = """#!/bin/sh
for ip in iptables ip6tables; do
  for chain in INPUT FORWARD; do
    $ip -P $chain DROP
    $ip -F $chain
    $ip -A $chain -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
  done
  $ip -A INPUT -i lo -j ACCEPT
  $ip -A INPUT -p tcp --dport 22 -j ACCEPT
done
ip6tables -A INPUT -p icmpv6 --icmpv6-type neighbor-solicitation -j ACCEPT
ip6tables -A INPUT -p icmpv6 --icmpv6-type neighbor-advertisement -j ACCEPT
iptables -t nat -F POSTROUTING
iptables -t nat -A POSTROUTING -o eth0 -j MASQUERADE
"""


def install(host):
    """user-mode-linux comes without nftables' families, and so without what iptables is by default: the hosts have iptables-legacy."""
    for name in ("iptables", "ip6tables"):
        for end in ("", "-save", "-restore"):
            host.sh("ln -sf /usr/sbin/%s-legacy%s /usr/local/sbin/%s%s" % (name, end, name, end), check=True)
    host.write(PATH, RULES, 0o755)
    load(host)


def own(host):
    """The firewall as its admin knows it: tables with rules. One without comes up where somebody asks for it (iptables-save -t nat)."""
    text = host.sh("for ip in iptables ip6tables; do $ip-save | sed '/^#/d; s/\\[.*//'; done", check=True).out
    return "".join(table for table in text.split("COMMIT\n") if "\n-A " in table)


def load(host):
    host.run(PATH, check=True)


def ours(host):
    return "meshctl" in own(host).lower()


def proof(lab, one, two, what):
    nets = (one.net, two.net, one.net6, two.net6)
    with lab.wire() as wire:
        for source, address in ((one, two.ip), (two, one.ip), (one, two.ip6), (two, one.ip6)):
            lab.check("%s: ping from behind %s to %s" % (what, source.gateway.name, address), source.ping(address) >= 3)
    lab.equal("%s: frames of the nets in clear" % what, inner_frames(wire, *nets), [])


def scenario(lab, inventory):
    """east starts its daemon by `boot: rc`, west's comes by itself."""
    subprocess.run(["modprobe", "-a"] + MODULES, check=True)
    mesh = lab.mesh(inventory)
    east, west = mesh["east"], mesh["west"]
    mesh.edit("defaults: {", "defaults: {firewall: iptables, ")
    for host in (east, west):
        install(host)
    mesh.edit("east: {", "east: {boot: rc, ")
    # Its own rules come at the boot of east, behind meshctl's recovery, as a slow firewall's do.
    east.write("/etc/rcS.d/S60own-meshctl-lab", "#!/bin/sh\nexec %s\n" % PATH, 0o755)
    one, two = Inside(east, 1), Inside(west, 2)
    before = {host: own(host) for host in mesh.hosts}
    lab.check("nothing of meshctl in the firewalls", not ours(east) and not ours(west))

    mesh.apply(timeout=180)
    proof(lab, one, two, "applied")
    stranger = lab.add(type(east)("stranger", 9))
    stranger.sh("ip route add 10.1.0.0/24 via 10.77.0.1", check=True)
    lab.check("a stranger's pings do not come in", "0 received" in stranger.run("ping", *pings(2, wait=1), east.ip).out)
    for host in (east, west):
        left = [line for line in own(host).splitlines() if line not in before[host].splitlines()]
        gone = [line for line in before[host].splitlines() if line not in own(host).splitlines()]
        lab.check("what is new in the firewall of " + host.name, left, "%d lines" % len(left))
        lab.equal("and what is gone", gone, [])
    once = own(east)
    mesh.apply(timeout=180)
    lab.equal("the firewall after another apply", own(east), once)
    lab.equal("status", mesh.ctl("status").code, 0)

    # The admin reloads the firewall: status says so, apply mends it
    load(east)
    status = mesh.ctl("status")
    lab.equal("status without our rules", status.code, 2)
    lab.contains("and why", status.out, "does not jump to the rules for IPsec")
    mesh.apply(timeout=180)
    lab.check("apply has put them back", ours(east))
    proof(lab, one, two, "mended")

    # A generation without it takes it away, a rollback puts it back
    mesh.edit("east: {boot: rc", "east: {firewall: none, boot: rc")
    mesh.apply(timeout=180)
    lab.equal("the firewall of east without ours", own(east), before[east])
    lab.equal("exit code of rollback", mesh.ctl("rollback", "inventory.yaml", "--yes", timeout=180).code, 0)
    lab.equal("the firewall of east after the rollback", own(east), once)
    proof(lab, one, two, "rolled back")
    mesh.edit("firewall: none, ", "")

    # Power cut: east's daemon is started by boot alone, west's firewall comes last of all
    east.daemon = None
    for host in (east, west):
        host.recreate()
    load(west)
    one, two = Inside(east, 1), Inside(west, 2)
    for host in (east, west):  # the inner addresses came with Inside, later than a boot would have them
        host.sh("[ ! -x /etc/racoon/routes.sh ] || /etc/racoon/routes.sh up", check=True)
    lab.wait_for("the firewall of west has our rules again", lambda: ours(west), 60)
    lab.check("so has east's", ours(east))
    for address in (two.ip, two.ip6):  # the first packets of each family only ask for its SAs
        lab.wait_for("behind east %s answers after the boot" % address, lambda: one.ping(address, 2) > 0, 90)
    proof(lab, one, two, "booted")

    lab.equal("exit code of destroy", mesh.ctl("destroy", "inventory.yaml", "--yes", timeout=300).code, 0)
    for host in (east, west):
        lab.equal("the firewall of %s is as before" % host.name, own(host), before[host])
