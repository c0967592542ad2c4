"""kill -9 of meshctl at a chosen moment of its run, seen in its own JSON events."""
import time

import pace
from mesh import events

CHANGES = ["aes256-sha256-ecp256", "aes256-sha384-ecp384", "aes128-sha256-ecp256", "aes256-sha512-ecp521"]


def change(mesh, number):
    """A change of every link, another one for each number; running SAs need not be cut for it."""
    text = mesh.original if hasattr(mesh, "original") else mesh.text
    mesh.original = text
    mesh.inventory(text.replace("suite: modern", "suite: {ike: %s, esp: aes128gcm16}" % CHANGES[number % len(CHANGES)])
                   .replace("level: require}", "level: require, child_lifetime: %d}" % (3600 + number)))


def kill_at(lab, mesh, phase, event="began", host=None, dead_man=40):
    """Starts an apply and kills meshctl when the event shows. Returns the events that were seen."""
    process = mesh.start("apply", "inventory.yaml", "--yes", "-o", "json", "--dead-man", str(dead_man))
    limit = pace.Limit(90)
    while True:
        seen = events(process)
        if any(one.get("phase") == phase and one.get("event") == event and host in (None, one.get("host")) for one in seen):
            process.kill()
            break
        if process.poll() is not None:
            raise AssertionError("apply ended (exit %s) before %s %s:\n%s" % (process.code, phase, event, process.out[-2000:]))
        if limit.passed():
            process.kill()
            raise AssertionError("no %s %s within %s:\n%s" % (phase, event, limit, process.out[-2000:]))
        time.sleep(0.002)
    process.wait(10)
    lab.say("killed meshctl at %s %s" % (phase, event))
    return seen


def settled(mesh):
    """No host runs something that nobody has confirmed."""
    return not any(host.state("trial") for host in mesh.hosts)
