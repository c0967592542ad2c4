"""racoon, road warriors by certificate: one with an address inside, one without; the gateway blocks what is for the first while it is away"""
import re

from host import wait_for
from ipsec_tools import restart, stop
from sites import Inside

TIER = "full"
SECONDS = 120
TIMEOUT = 580
INNER = "10.9.0.5"


def clear(wire):
    return ["%s > %s %s" % frame[1:4] for frame in wire.frames
            if frame.source.startswith(("10.1.0.", "10.9.0.")) or frame.target.startswith(("10.1.0.", "10.9.0."))]


def blocks(host):
    return [policy for policy in host.spd() if "action block" in policy]


def away(lab, gate, laptop):
    """The laptop's racoon ends, and the gateway has forgotten it."""
    stop(laptop)
    wait_for(lambda: not [policy for policy in gate.spd() if INNER in policy and "tmpl" in policy], 60, "the gateway forgets the laptop")


def run(lab):
    lab.need("setkey", "racoon")
    mesh = lab.mesh("racoon-road")
    gate, laptop, phone = mesh["gate"], mesh["laptop"], mesh["phone"]
    desk = Inside(gate, 1)
    laptop.run("ip", "addr", "add", INNER + "/32", "dev", "lo", check=True)  # racoon's hosts have their inner addresses themselves
    phone.run("ip", "route", "add", "default", "via", "10.77.0.1", check=True)  # as every road warrior has one
    lab.equal("exit code of keys ca init", mesh.ctl("keys", "ca", "init").code, 0)
    lab.equal("exit code of keys issue", mesh.ctl("keys", "issue").code, 0)
    gate.sh("ip route add 10.9.0.0/24 via 10.77.0.2", check=True)  # as a router would have it: that is where clear packets would go
    with lab.wire() as wire:
        mesh.apply("--timeout", "150", timeout=400)  # three racoons read their files on one CPU
        for host in (laptop, phone):
            lab.check("ping %s > desk" % host.name, lab.ping(host, desk.ip, 8) >= 4)
        lab.check("ping desk > laptop", desk.ping(INNER) >= 3)
    for host in (laptop, phone):
        lab.check("ESP between gate and " + host.name, wire.kinds(gate, host).get("esp", 0) >= 8, wire.kinds(gate, host))
    lab.equal("frames in clear", clear(wire), [])
    lab.equal("exit code of status", mesh.ctl("status", "inventory.yaml").code, 0)
    standing = blocks(gate)

    # It goes away, comes back, and goes: racoon's policies come and go, the blocks stay
    with lab.wire() as wire:
        flood = gate.spawn("ip", "netns", "exec", "inside", "ping", "-q", "-n", "-i", "0.02", INNER)
        for _ in range(2):
            away(lab, gate, laptop)
            lab.equal("replies to the laptop without racoon", lab.ping(laptop, desk.ip, 2), 0)
            lab.equal("replies while it is away", desk.ping(INNER, 3), 0)
            wire.drain()
            restart(laptop)
            lab.wait_for("the laptop is back", lambda: lab.ping(laptop, desk.ip, 2) == 2, 60)
            wire.drain()
        away(lab, gate, laptop)
        flood.kill(2)
        flood.wait(10)
    lab.equal("frames that the capture lost", wire.lost, 0)
    lab.equal("frames in clear", clear(wire), [])
    lab.equal("the gateway's blocks", blocks(gate), standing)
    blocked = int(re.search(r"XfrmOutPolBlock\s+(\d+)", gate.run("cat", "/proc/net/xfrm_stat").out).group(1))
    lab.check("they were asked", blocked > 50, blocked)

    # A stranger on the wire pretends to be the laptop
    stranger = lab.add(type(gate)("stranger", 9))
    stranger.sh("ip addr add %s/32 dev lo; ip route add 10.1.0.0/24 via 10.77.0.1" % INNER, check=True)
    before = desk.echoes()
    for target in (desk.ip, "10.1.0.1"):
        with lab.wire() as wire:
            stranger.run("ping", "-q", "-n", "-c", "3", "-i", "0.2", "-W", "1", "-I", INNER, target)
        lab.equal("its packets, and no answer", {frame[1:3] for frame in wire.frames if INNER in frame[1:3]}, {(INNER, target)})
    lab.equal("what got through the gateway", desk.echoes() - before, 0)
    lab.check("the phone was not disturbed", lab.ping(phone, desk.ip, 3) == 3)
