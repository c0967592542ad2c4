"""racoon, road warriors by certificate: one with an address inside, one without; the gateway blocks what is for the first while it is away; after a boot its policies come back"""
import re

from host import wait_for
from ipsec_tools import restart, stop
from road import certificates, check_blocks, check_frames, check_pings, check_stranger, clear, flood
from sites import Inside

TIER = "full"
SECONDS = 160
TIMEOUT = 580
INNER = "10.9.0.5"


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
    warriors = {laptop: INNER, phone: None}
    desk = Inside(gate, 1)
    laptop.run("ip", "addr", "add", INNER + "/32", "dev", "lo", check=True)  # racoon's hosts have their inner addresses themselves
    phone.run("ip", "route", "add", "default", "via", "10.77.0.1", check=True)  # as every road warrior has one
    certificates(lab, mesh)
    gate.sh("ip route add 10.9.0.0/24 via 10.77.0.2", check=True)  # as a router would have it: that is where clear packets would go
    with lab.wire() as wire:
        mesh.apply("--timeout", "150", timeout=400)  # three racoons read their files on one CPU
        check_pings(lab, desk, warriors)
    check_frames(lab, wire, gate, warriors)
    lab.equal("exit code of status", mesh.ctl("status", "inventory.yaml").code, 0)
    standing = blocks(gate)

    # It goes away, comes back, and goes: racoon's policies come and go, the blocks stay
    with lab.wire() as wire:
        pings = flood(gate, INNER)
        for _ in range(2):
            away(lab, gate, laptop)
            lab.equal("replies to the laptop without racoon", lab.ping(laptop, desk.ip, 2), 0)
            lab.equal("replies while it is away", desk.ping(INNER, 3), 0)
            wire.drain()
            restart(laptop)
            lab.wait_for("the laptop is back", lambda: lab.ping(laptop, desk.ip, 2) == 2, 60)
            wire.drain()
        away(lab, gate, laptop)
        pings.kill(2)
        pings.wait(10)
    lab.equal("frames that the capture lost", wire.lost, 0)
    lab.equal("frames in clear", clear(wire), [])
    lab.equal("the gateway's blocks", blocks(gate), standing)
    check_blocks(lab, gate)
    check_stranger(lab, gate, desk, INNER)
    lab.check("the phone was not disturbed", lab.ping(phone, desk.ip, 3) == 3)

    # It boots: its blocks stand before the network, its own policies and routes come with it
    restart(laptop)
    lab.wait_for("the laptop is back", lambda: lab.ping(laptop, desk.ip, 2) == 2, 60)
    wanted = laptop.spd()
    with lab.wire() as wire:
        pings = flood(gate, INNER)
        laptop.recreate()
        laptop.run("ip", "addr", "add", INNER + "/32", "dev", "lo", check=True)
        lab.wait_for("the laptop has its policies and reaches the net again", lambda: lab.ping(laptop, desk.ip, 2) == 2, 90)
        pings.kill(2)
        pings.wait(10)
    lab.equal("policies of the laptop", laptop.spd(), wanted)
    lab.equal("frames in clear while it booted", clear(wire), [])
    lab.equal("exit code of status after the boot", mesh.ctl("status", "inventory.yaml").code, 0)
    laptop.sh("sh /etc/racoon/roaming.sh down", check=True)
    status = mesh.ctl("status", "inventory.yaml", "--limit", "laptop")
    lab.equal("exit code of status without the laptop's own policies", status.code, 2)
    lab.check("status has no row that is up", re.search(r"laptop +gate +down .*2 policies are missing in the kernel", status.out), status.out)
