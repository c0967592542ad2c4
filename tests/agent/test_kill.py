"""kill -9 before every command of the agent, then the recovery: exactly old or exactly new, and at rest.

The shell counts its own commands (host.KILLED). MESHCTL_AGENT_STRIDE=1 tries every command, the default one of 37;
MESHCTL_AGENT_OFFSET shifts which."""
import os
import unittest

from host import Host, generation

STRIDE = int(os.environ.get("MESHCTL_AGENT_STRIDE", "37"))
OFFSET = int(os.environ.get("MESHCTL_AGENT_OFFSET", "0"))
ONE = generation("1", ["/etc/x/only1"])
TWO = generation("2", ["/etc/y/z/only2"])
OWN = ("the admin's own\n", 0o604)

# What is done before the call that is killed, for an update and for a first adoption
STEPS = ("stage", "arm", "activate", "confirm", "revert", "expire", "boot")
# Of a transaction to the original state
BACK = {"destroy-activate": "activate", "destroy-confirm": "confirm", "destroy-revert": "revert"}
ORDER = (*STEPS, *BACK)


def prepared(step, first):
    """A host right before `step` of transaction T."""
    host = Host()
    host.write("/etc/tb/daemon.conf", *OWN)
    host.write("/daemon", OWN[0])
    if not first:
        host.apply("T0", ONE)
    if step in BACK:
        calls = [("reuse", "T", "original"), ("check", "T"), ("arm", "T", 600)] + [("activate", "T")] * (BACK[step] != "activate")
        answers = [host.call(*call) for call in calls]
        assert all(answer.last == "ok" for answer in answers), answers
        host.stop_processes()
        return host
    done = {"stage": 0, "arm": 1, "activate": 2}.get(step, 3)
    answers = [host.stage("T", TWO)] if done > 0 else []
    answers += [host.call("arm", "T", 600)] if done > 1 else []
    answers += [host.call("activate", "T")] if done > 2 else []
    assert all(answer.last == "ok" for answer in answers), answers
    host.stop_processes()
    if step == "expire":
        (host.state / "txn/T/deadline").write_text("1\n")
    return host


def faults(host, step, first, recovered_by):
    """What is wrong with a host at rest after the recovery; empty: nothing."""
    current = host.name("current")
    wanted = {TWO.id: TWO, ONE.id: ONE}.get(current)
    found = []
    live = host.live()
    if wanted is None and not first and step not in BACK:
        found.append("current is %s" % current)
    expected = wanted.files if wanted else {"/etc/tb/daemon.conf": (OWN[0].encode(), OWN[1])}
    if live != expected:
        found.append("live files are %s, current is %s" % (live, current))
    policies = wanted.files["/etc/tb/policy"][0].decode().splitlines() if wanted else []
    if host.kernel() != {"foreign", *policies}:
        found.append("kernel has %s" % host.kernel())
    if recovered_by != "boot" and host.read("/daemon") != host.read("/etc/tb/daemon.conf"):
        found.append("the daemon runs %s" % host.read("/daemon"))
    for name in ("lock", "trial"):
        if host.name(name) is not None:
            found.append("%s is left: %s" % (name, host.name(name)))
    if list(host.state.glob("txn/*/armed")):
        found.append("still armed")
    confirmed = (host.state / "txn/T/confirmed").exists()
    if confirmed != (current == (None if step in BACK else TWO.id)):
        found.append("confirmed: %s, but current is %s" % (confirmed, current))
    original = host.state / "original/files/etc/tb/daemon.conf"
    if original.exists() and (original.read_text(), original.stat().st_mode & 0o7777) != OWN:
        found.append("the original is damaged")
    history = (host.text("history.jsonl") or "").count('"txn":"T"')
    if history > 1:
        found.append("%d lines of history" % history)
    return found


def recover(host, by):
    if by == "boot":
        host.reboot()
        answer = host.file_call("boot", reboot=True)
        if answer:
            return answer
        by = "next"  # killed before boot recovery was there; nothing live was touched either
    if by == "next":  # the next apply finds a lock whose time is over
        lock = host.state / "lock"
        if lock.exists():
            txn, boot, _ = lock.read_text().split()
            lock.write_text("%s %s 1\n" % (txn, boot))
        host.stage("NEXT", ONE)
        return host.call("abandon", "NEXT")
    deadline = host.state / "txn/T/deadline"
    if deadline.parent.exists():
        deadline.write_text("1\n")
    return host.call("expire", "T")


def arguments(step):
    args = {"stage": ("T", TWO.id, TWO.sum), "arm": ("T", 600), "boot": ()}.get(step, ("T",))
    return (BACK.get(step, step), *args), TWO.tar() if step == "stage" else b""


def attempt(job):
    """Kills `step` at its k-th command on a copy of `template`, recovers, and says what is wrong then."""
    template, step, first, k, by = job
    host = Host(like=template)
    try:
        args, payload = arguments(step)
        if args[0] == "activate":
            host.start_dead_man("T")
        # The last commands may be fewer by one or two than counted, as a process was seen or not.
        killed = host.killed_at(k, *args, payload=payload)
        host.stop_processes()
        answer = recover(host, by)
        found = faults(host, step, first, by)
        if not found and k % 5 == 0:  # and it still works
            host.apply("AGAIN", TWO)
            if host.name("current") != TWO.id:
                found.append("the next apply did not work")
        return ["%s %s command %d, then %s: %s (%r)" % (step, "killed at" if killed else "ended before", k, by, fault, answer)
                for fault in found]
    finally:
        host.close()


def count_commands(template, step):
    host = Host(like=template)
    try:
        args, payload = arguments(step)
        if args[0] == "activate":
            host.start_dead_man("T")
        assert not host.killed_at(10**9, *args, payload=payload)
        return (host.base / "ticks").stat().st_size
    finally:
        host.close()


class Kill(unittest.TestCase):
    APART = True
    SECONDS = 6 * 37 // STRIDE

    def sweep(self, step, first):
        template = prepared(step, first)
        self.addCleanup(template.close)
        recoveries = ("boot", "expire", "next") if step != "boot" else ("boot", "expire")
        last = count_commands(template, step)
        points = range(1 + (OFFSET + ORDER.index(step) * 5 + first * 3) % STRIDE, last + 1, STRIDE)
        jobs = [(template, step, first, k, recoveries[n % len(recoveries)]) for n, k in enumerate(points)]
        found = [fault for job in jobs for fault in attempt(job)]
        self.assertEqual(found, [], "\n".join(found))
        print("  %s%s: killed at %d of %d commands" % (step, " (first adoption)" if first else "", len(jobs), last), flush=True)


def add(step, first):
    def test(self):
        self.sweep(step, first)
    setattr(Kill, "test_%s_%s" % (step.replace("-", "_"), "first" if first else "update"), test)


for a_step in ORDER:
    for is_first in (False, True) if a_step in STEPS else (False,):
        add(a_step, is_first)
