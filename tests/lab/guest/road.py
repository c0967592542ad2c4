"""Road warriors with certificates and the gateways that they come to, as several scenarios have them."""
import re

from lab import pings
from sites import inner_frames


def certificates(lab, mesh):
    for words in (("ca", "init"), ("issue",)):
        lab.equal("exit code of keys " + " ".join(words), mesh.ctl("keys", *words).code, 0)


def clear(wire):
    """Of the nets behind the gateways, and of the warriors' addresses inside."""
    return inner_frames(wire, "10.1.0.", "10.2.0.", "10.9.0.")


def check_pings(lab, desk, warriors):
    """`warriors`: {host: its address inside, None where it has none}."""
    for host, inner in warriors.items():
        lab.check("ping %s > desk" % host.name, lab.ping(host, desk.ip, 8) >= 4)
        if inner:
            lab.check("ping desk > " + host.name, desk.ping(inner) >= 3)


def check_frames(lab, wire, gate, warriors):
    for host in warriors:
        lab.check("ESP between %s and %s" % (gate.name, host.name), wire.kinds(gate, host).get("esp", 0) >= 8, wire.kinds(gate, host))
    lab.equal("frames in clear", clear(wire), [])


def flood(gate, inner):
    """Pings from the net behind the gateway, until it is killed."""
    return gate.spawn("ip", "netns", "exec", "inside", "ping", "-q", "-n", "-i", "0.02", inner)


def check_blocks(lab, gate):
    blocked = int(re.search(r"XfrmOutPolBlock\s+(\d+)", gate.run("cat", "/proc/net/xfrm_stat").out).group(1))
    lab.check("the blocks of %s were asked" % gate.name, blocked > 50, blocked)


def check_stranger(lab, gate, desk, inner):
    """A stranger on the wire pretends to be the warrior."""
    stranger = lab.add(type(gate)("stranger", 9))
    stranger.sh("ip addr add %s/32 dev lo; ip route add 10.1.0.0/24 via 10.77.0.1" % inner, check=True)
    before = desk.echoes()
    for target in (desk.ip, "10.1.0.1"):
        with lab.wire() as wire:
            stranger.run("ping", *pings(3, wait=1), "-I", inner, target)
        lab.equal("its packets, and no answer", {frame[1:3] for frame in wire.frames if inner in frame[1:3]}, {(inner, target)})
    lab.equal("what got through the gateway", desk.echoes() - before, 0)
