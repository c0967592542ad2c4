"""Confirm against expiry: both at once, many times. Exactly one wins, and the host agrees with the winner."""
import os
import time
import unittest

from host import Host
from test_kill import TWO, faults, prepared

RACES = int(os.environ.get("MESHCTL_AGENT_RACES", "200"))


def race(job):
    """Who won, and what is wrong with the host after it."""
    template, number = job
    host = Host(like=template)
    try:
        racers = {}
        for verb in ("confirm", "expire") if number % 2 else ("expire", "confirm"):
            racers[verb] = host.spawn(verb, "T")
            time.sleep(0.0005 * (number % 11))
        said = {verb: racer.communicate(timeout=600)[0].decode().splitlines() for verb, racer in racers.items()}
        won = said["confirm"][-1] == "ok"
        found = faults(host, "confirm", False, "expire")
        if won != (host.name("current") == TWO.id):
            found.append("confirm said %s, current is %s" % (said["confirm"], host.name("current")))
        if not won and not said["confirm"][-1].startswith("fail expired"):
            found.append("confirm said %s" % said["confirm"])
        return "confirm" if won else "expire", found
    finally:
        host.close()


class Race(unittest.TestCase):
    SECONDS = 12 * RACES // 200

    def test_confirm_against_expire(self):
        template = prepared("expire", False)
        self.addCleanup(template.close)
        outcomes = [race((template, number)) for number in range(RACES)]
        wins = [who for who, _ in outcomes]
        found = [fault for _, faults_found in outcomes for fault in faults_found]
        self.assertEqual(found, [], "\n".join(found))
        print("  of %d races confirm won %d, expire %d" % (RACES, wins.count("confirm"), wins.count("expire")), flush=True)
        self.assertGreater(min(wins.count("confirm"), wins.count("expire")), 0)
