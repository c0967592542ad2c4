"""strongSwan's activation.sh on its own: what it makes of a generation's files."""
import os
import shutil
import subprocess
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
SCRIPT = os.path.join(HERE, "../../src/backend/strongswan/activation.sh")
GOLDEN = os.path.join(HERE, "../golden/strongswan")


class Strongswan(unittest.TestCase):
    def children(self, host, *holes):
        """The two ends of pings, for each protected piece of traffic."""
        with tempfile.TemporaryDirectory() as folder:
            gen = folder + "/gen"
            shutil.copytree(os.path.join(GOLDEN, host), gen + "/files")
            with open(gen + "/files/etc/meshctl/policies.xfrm", "a") as file:
                file.write("".join("xfrm policy update src %s dst %s proto %s dir out priority 9 action %s\n" % hole for hole in holes))
            done = subprocess.run(["sh", "-c", 'set -u; . "$0"; be_children "$1"', SCRIPT, gen],
                                  capture_output=True, text=True, timeout=600)
        self.assertEqual(done.stderr, "")
        return [" ".join(line.split()[6:]) for line in done.stdout.splitlines()]

    def test_pings_are_sent_where_no_hole_lets_them_pass(self):
        both = ["10.77.0.1 10.77.0.2", "fd77::1 fd77::2"]
        self.assertEqual(self.children("pair/alice"), both)  # the bypass of errors is none of pings
        self.assertEqual(self.children("pair/alice", ("0.0.0.0/0", "0.0.0.0/0", "1", "allow")), ["- -", both[1]])
        self.assertEqual(self.children("pair/alice", ("::/0", "::/0", "58", "allow")), [both[0], "- -"])
        self.assertEqual(self.children("pair/alice", ("10.77.0.1/32", "10.77.0.2/32", "1 type 8", "block")), ["- -", both[1]])
        self.assertEqual(self.children("pair/alice", ("10.77.0.1/32", "10.77.0.3/32", "1", "allow")), both)

    def test_a_silent_peer_need_not_answer(self):
        """Before and after the pings: packets went out, none came in."""
        states = "be_mine=any; be_join_states() { echo '10.77.0.1 10.77.0.2 mc-b-1 s1 7 0 10.77.0.1 10.77.0.2 initiator 5 0'; }; "
        report = states + "be_report \"b 10.77.0.1 10.77.0.2 initiator require$1\" '10.77.0.1 10.77.0.2 mc-b-1 s1 7 0 - - initiator 2 0'"
        for word, said in (("", "down no packet came back through the SA of mc-b-1 s1"), (" silent", "up")):
            done = subprocess.run(["sh", "-c", '. "$0"; ' + report, SCRIPT, word], capture_output=True, text=True, timeout=600)
            self.assertEqual(done.stdout + done.stderr, "link b 10.77.0.1 10.77.0.2 %s\n" % said)

    def test_pings_are_sent_where_the_selector_lets_them_pass(self):
        self.assertEqual(self.children("manual"), ["- -", "- -", "192.0.2.1 192.0.2.3"])  # TCP, UDP, anything


if __name__ == "__main__":
    unittest.main()
