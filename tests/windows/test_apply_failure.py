"""meshctl over SSH against two simulated Windows hosts: something fails, and all go back."""
import os

import pace
from kit import rules
from two_hosts import ADDRESSES, Apply


class Failure(Apply):
    SECONDS = 30

    def test_one_host_fails_and_all_go_back(self):
        fresh = self.policies()
        self.hosts["win2"].faults("fail add rule")
        out = self.apply(code=1)
        self.assertIn("meshctl-sim-win1", out)  # the step that failed is named
        self.assertEqual({name: rules(policy) for name, policy in self.policies().items()},
                         {name: rules(policy) for name, policy in fresh.items()})
        self.calm()
        self.hosts["win2"].faults()
        self.negotiate()
        self.apply()
        first = self.policies()
        self.edit("port: 445}", "port: 139}")
        self.hosts["win2"].faults("fail -139")  # what the new generation alone has
        self.apply(code=1)
        self.assertEqual(self.policies(), first)
        self.calm()


class MoreFailure(Apply):
    TIER = "full"
    SECONDS = 120

    def test_a_way_back_that_fails_is_tried_again(self):
        self.apply()
        first = self.policies()
        self.edit("port: 445}", "port: 139}")
        self.hosts["win2"].faults("fail set global mainmode mmkeylifetime")
        self.apply("--dead-man", str(pace.seconds(20)), code=3)
        self.assertTrue(os.path.exists(self.path("win2", "lock")))
        self.hosts["win2"].faults()
        self.wait("the task takes it back", lambda: not os.path.exists(self.path("win2", "lock")))
        self.assertEqual(self.policies(), first)
        self.ctl("resume", "inventory.yaml", "--yes")
        self.calm()

    def test_links_that_do_not_come_up(self):
        self.hosts["win2"].write("associations.txt", "")
        fresh = self.policies()
        out = self.apply(code=1)
        self.assertIn("does not come up", out)
        self.assertEqual({name: rules(policy) for name, policy in self.policies().items()},
                         {name: rules(policy) for name, policy in fresh.items()})
        self.calm()
