"""The demonstration: three strongSwan hosts, ten lines of YAML, and proof from the wire. Run it with ./dev demo."""
import itertools
import os
import re
import socket
import time

import pace
from host import wait_for
from lab import Lab, pings, replies
from mesh import Mesh, FOLDER, ENVIRONMENT, slower

BOLD, OFF = ("\033[1m", "\033[0m") if os.environ.get("LAB_TERMINAL") else ("", "")


class Quiet(Lab):
    """Checks still fail loudly; what holds is told in the demonstration's own words."""

    def say(self, text):
        if text.startswith("FAIL"):
            print(text, flush=True)


def head(text):
    print("\n%s== %s%s" % (BOLD, text, OFF), flush=True)


def tell(text):
    print("   " + text.replace("\n", "\n   "), flush=True)


def shell(mesh, *words):
    """Runs meshctl as a user sees it: on a terminal, its output goes straight there."""
    words = slower(words)
    print("%s$ meshctl %s%s" % (BOLD, " ".join(words), OFF), flush=True)
    began = time.monotonic()
    process = mesh.controller.spawn("/lab/bin/meshctl", *words, cwd=FOLDER, env=dict(ENVIRONMENT, TERM="linux"), stdout=1).wait(120)
    print("   (exit code %d, %.1f s)" % (process.code, time.monotonic() - began), flush=True)
    return process.code


def must(code, want=0):
    if code != want:
        raise AssertionError("meshctl ended with exit code %d, not %d" % (code, want))


def prove(lab, mesh, hosts):
    """Ping and TCP between each pair; tcpdump on the bridge and the kernels' SA counters say what it was on the wire."""
    tcpdump = lab_tcpdump(mesh.controller, hosts[0])
    before = {host: host.sas() for host in hosts}
    started = [(one, two, one.spawn("ping", *pings(3, wait=3), address))
               for one, two in itertools.combinations(hosts, 2) for address in (two.ip, two.ip6)]
    for _, _, process in started:
        process.wait(60)
    size = 1 << 20
    sent = {(one, two): lab.tcp(one, two, two.ip, size) for one, two in itertools.combinations(hosts, 2)}
    after = {host: host.sas() for host in hosts}
    lines = tcpdump()
    for one, two in itertools.combinations(hosts, 2):
        came = [replies(process) for a, b, process in started if (a, b) == (one, two)]
        names = (one.ip, one.ip6), (two.ip, two.ip6)
        mine = [line for line in lines if any("%s > %s:" % pair in line or "%s > %s:" % pair[::-1] in line
                                              for pair in itertools.product(*names))]
        esp = [line for line in mine if "ESP(spi=" in line]
        other = [line for line in lines if talks(line, one, two) and "ESP(" not in line and not harmless(line)]
        packets = sum(count - before[one].get(sa, 0) for sa, count in after[one].items() if {sa[0], sa[1]} & {two.ip, two.ip6})
        tell("%s - %s: ping v4 %d/3, v6 %d/3, TCP %d KiB | kernel: %d packets through its SAs | wire: %d ESP, %d in clear"
             % (one.name, two.name, *came, sent[one, two] >> 10, packets, len(esp), len(other)))
        if other or len(esp) < 100 or packets < 100 or sent[one, two] != size:
            raise AssertionError("that is no proof:\n" + "\n".join(other[:10]))
    tell("as tcpdump shows it:")
    for line in [line for line in lines if "ESP(" in line][-3:]:
        tell("  " + line[:110])


def lab_tcpdump(controller, host):
    """tcpdump of everything that crosses the bridge; returns a function that stops it and gives its lines."""
    import signal
    import subprocess
    out = os.memfd_create("tcpdump")
    err = os.memfd_create("errors")
    process = subprocess.Popen(["tcpdump", "-Z", "root", "-i", "br0", "-n", "-l", "-B", "32768", "-s", "128", "ip or ip6"], stdout=out, stderr=err)
    wait_for(lambda: b"listening" in os.pread(err, 4096, 0), 30, "tcpdump listens")

    def shown():
        return os.pread(out, os.fstat(out).st_size, 0).decode()

    def stop():
        with controller.socket(kind=socket.SOCK_DGRAM) as last:  # it has shown all when it has shown this
            last.sendto(b"the end", (host.ip, 9))
        wait_for(lambda: "%s.9: UDP" % host.ip in shown(), 30, "tcpdump shows the last packet")
        process.send_signal(signal.SIGINT)
        process.wait()
        dropped = re.search(rb"(\d+) packets? dropped by kernel", os.pread(err, 4096, 0))
        if not dropped or int(dropped.group(1)):
            raise AssertionError("tcpdump lost packets: " + repr(dropped and dropped.group(0)))
        return shown().splitlines()
    return stop


def talks(line, one, two):
    return any(re.search(r" %s(\.\d+)? > %s(\.\d+)?: " % (re.escape(a), re.escape(b)), line)
               for x, y in ((one, two), (two, one)) for a, b in ((x.ip, y.ip), (x.ip6, y.ip6)))


def harmless(line):
    """What the inventory's bypasses leave in clear: IKE itself and neighbour discovery."""
    return "isakmp" in line or ".500 >" in line or ".4500 >" in line or "neighbor" in line


def main(_):
    began = time.monotonic()
    if pace.factor > 1.3:
        tell("this machine is busy, or slow: all time-outs are multiplied by %.1f" % pace.factor)
    lab = Quiet("/out")
    own_kernel = "LAB_OWN_KERNEL" in os.environ
    head("Three hosts with strongSwan and a controller, in " + ("namespaces on this machine's kernel" if own_kernel else "a kernel of their own"))
    mesh = Mesh(lab, "three-strongswan")
    alpha, beta, gamma = mesh.hosts
    print(mesh.text)
    tell("nothing is protected yet: ping alpha > beta gets %d of 2 replies, alpha has %d IPsec policies"
         % (lab.ping(alpha, beta.ip, 2), len(alpha.spd())))

    head("1. Apply: stage, check, arm the dead man, activate, use every link, confirm over a new connection")
    must(shell(mesh, "apply", "inventory.yaml", "--yes"))
    head("Proof, not a promise")
    prove(lab, mesh, mesh.hosts)

    head("2. A change: another suite for alpha - beta, shown before it is made")
    mesh.edit("- [alpha, beta]", "- {between: [alpha, beta], suite: {ike: aes256-sha256-ecp256, esp: aes128gcm16-ecp256}}")
    must(shell(mesh, "plan", "inventory.yaml", "--detailed-exitcode"), 2)
    kept = alpha.spis(gamma)
    must(shell(mesh, "apply", "inventory.yaml", "--yes"))
    tell("SPIs alpha - gamma before: %s" % " ".join(sorted(kept)))
    tell("SPIs alpha - gamma after:  %s" % " ".join(sorted(alpha.spis(gamma))))
    if not kept or not kept <= alpha.spis(gamma):
        raise AssertionError("the unchanged link lost its SAs")
    prove(lab, mesh, [alpha, beta])

    head("3. Back again")
    must(shell(mesh, "rollback", "inventory.yaml", "--yes"))
    prove(lab, mesh, mesh.hosts)
    lab.close(failed=False)
    head("Done in %.0f s. The hosts, their keys and their %s are gone; nothing on this machine was changed."
         % (time.monotonic() - began, "network" if own_kernel else "kernel"))
    return 0
