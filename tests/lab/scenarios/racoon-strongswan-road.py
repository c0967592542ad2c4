"""road warriors by certificate: strongSwan's at a racoon gateway, racoon's at a strongSwan gateway, with and without an address inside; both go away and come back"""
from host import wait_for
from ipsec_tools import restart, stop
from road import certificates, check_blocks, check_frames, check_pings, clear, flood
from sites import Inside

TIER = "full"
SECONDS = 200
TIMEOUT = 580


def run(lab):
    lab.need("setkey", "racoon")
    mesh = lab.mesh("racoon-strongswan-road")
    gate, hub, laptop, phone, tablet, reader = mesh.hosts
    at_gate, at_hub = {laptop: "10.9.0.5", phone: None}, {tablet: "10.9.0.6", reader: None}
    desk, shelf = Inside(gate, 1), Inside(hub, 2)
    tablet.run("ip", "addr", "add", at_hub[tablet] + "/32", "dev", "lo", check=True)  # racoon's hosts have their inner addresses themselves
    reader.run("ip", "route", "add", "default", "via", hub.ip, check=True)  # as every road warrior has one
    certificates(lab, mesh)
    for gateway, warrior in ((gate, laptop), (hub, tablet)):  # as a router would have it: that is where clear packets would go
        gateway.sh("ip route add 10.9.0.0/24 via " + warrior.ip, check=True)
    with lab.wire() as wire:
        mesh.apply("--timeout", "150", timeout=400)
        check_pings(lab, desk, at_gate)
        check_pings(lab, shelf, at_hub)
    check_frames(lab, wire, gate, at_gate)
    check_frames(lab, wire, hub, at_hub)
    lab.equal("exit code of status", mesh.ctl("status", "inventory.yaml").code, 0)

    with lab.wire() as wire:
        floods = [flood(gate, at_gate[laptop]), flood(hub, at_hub[tablet])]
        laptop.run("swanctl", "--terminate", "--ike", "mc-gate-1", "--timeout", lab.seconds(5))
        stop(tablet)
        for gateway, inner in ((gate, at_gate[laptop]), (hub, at_hub[tablet])):
            wait_for(lambda: not [policy for policy in gateway.spd() if inner in policy and "tmpl" in policy and "dir in" in policy], 60,
                     "%s forgets %s" % (gateway.name, inner))
        lab.equal("replies while the tablet is away", shelf.ping(at_hub[tablet], 3), 0)
        wire.drain()
        restart(tablet)
        for warrior, inside in ((laptop, desk), (tablet, shelf)):
            lab.wait_for("the %s is back" % warrior.name, lambda: lab.ping(warrior, inside.ip, 2) == 2, 60)
            wire.drain()
        for pings in floods:
            pings.kill(2)
            pings.wait(10)
    lab.equal("frames that the capture lost", wire.lost, 0)
    lab.equal("frames in clear", clear(wire), [])
    for gateway in (gate, hub):
        check_blocks(lab, gateway)
