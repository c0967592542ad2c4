"""racoon on a host, as a scenario needs it."""
from host import wait_for


def stop(host):
    """racoon flushes all SAs when it ends."""
    for pid in host.pids("racoon"):
        host.run("kill", str(pid), check=True)
    wait_for(lambda: not host.pids("racoon"), 30, host.name + ": racoon ends")


def restart(host):
    stop(host)
    host.start_racoon()
    wait_for(lambda: ":01F4 " in host.run("cat", "/proc/net/udp").out, 30, host.name + ": racoon listens on port 500")


def renegotiate(lab, one, two):
    """Both forget what they agreed on, and agree again."""
    for host in (one, two):
        restart(host)
    lab.wait_for("%s and %s have agreed again" % (one.name, two.name), lambda: lab.ping(one, two.ip, 2) == 2, 60)
