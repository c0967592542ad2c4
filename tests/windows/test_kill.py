"""cmd killed before each command of a short script, and after each that changes something; then what the dead man runs."""
import os
import re

import kit
from kit import APPLY, UNDO

INVENTORY = """version: 1
mesh: kill
hosts:
  linux: {addresses: [192.0.2.1], backend: strongswan}
  other: {addresses: [192.0.2.2], backend: strongswan}
  win: {addresses: [192.0.2.8], backend: windows, windows: {version: "10"}}
links:
  - {between: [linux, win], select: [{protocol: tcp, port: 443}]}
"""


def changes(call):
    return any(word in call for word in (" -f ", " rule ", "export")) and " show " not in call


class Kill(kit.WindowsCase):
    def setUp(self):
        super().setUp()
        self.bundles = kit.Bundles(INVENTORY)
        self.addCleanup(self.bundles.remove)

    def killed_everywhere(self, prepare, back):
        """prepare() leads to the script that is killed; back() is what the dead man does."""
        prepare()
        before = self.windows.policy()
        disk = self.state()
        self.services = self.windows.read("services.txt")
        self.windows.faults()
        self.must(APPLY)
        after = self.windows.policy()
        calls = self.windows.calls()
        self.assertNotEqual(kit.rules(before), kit.rules(after))
        reached = set()
        faults = ["kill-before %d" % number for number in range(1, len(calls) + 1)]
        faults += ["kill-after %d" % number for number, call in enumerate(calls, 1) if changes(call)]
        for fault in faults:
            with self.subTest(fault, call=calls[int(fault.split()[1]) - 1]):
                self.restore(before, disk)
                prepare()
                self.windows.faults(fault)
                self.assertNotIn("MESHCTL-RC", self.windows.run(APPLY).out)
                reached.add("\n".join(self.windows.policy()))
                self.windows.faults()
                back()
                self.assertEqual(kit.rules(self.windows.policy()), kit.rules(before))
                self.assertEqual(self.windows.policy(), before)
                self.assertEqual(self.starts(self.windows.read("services.txt")), self.starts(self.services))
        self.assertGreater(len(reached), 3)  # it was really cut off in the middle of things

    def state(self):
        return {name: kit.read(self.windows.path("C:\\ProgramData\\meshctl\\state\\" + name)) for name in self.listing()}

    @staticmethod
    def starts(text):
        """How ikeext starts: on a Windows without rules when it is asked for."""
        return re.findall(r"(?m)^ikeext (\w+)", text) or ["demand"]

    def listing(self):
        folder = self.windows.path(r"C:\ProgramData\meshctl\state")
        return os.listdir(folder) if os.path.isdir(folder) else []

    def restore(self, policy, disk):
        self.windows.write("policy.txt", "".join(line + "\n" for line in sorted(policy, key=lambda line: not line.startswith("global"))))
        self.windows.write("services.txt", self.services)
        folder = self.windows.path(r"C:\ProgramData\meshctl\state")
        for name in self.listing():
            os.unlink(os.path.join(folder, name))
        for name, text in disk.items():
            with open(os.path.join(folder, name), "w", newline="") as file:
                file.write(text)

    def test_the_first_time(self):
        """undo.cmd brings the host back to what it was, with rules of others on it."""
        kit.add_foreign(self)
        self.killed_everywhere(lambda: self.bundles.copy_to(self.windows, "win"), lambda: self.must(UNDO))

    def test_a_change(self):
        """The scripts of the generation before bring it back: a rule changed, one added, one gone."""
        self.bundles.copy_to(self.windows, "win")
        self.must(APPLY)
        old = self.bundles
        new = kit.Bundles(INVENTORY)
        self.addCleanup(new.remove)
        new.edit("port: 443}]}", "port: 444}]}\n  - [other, win]")
        self.killed_everywhere(lambda: new.copy_to(self.windows, "win"), lambda: (old.copy_to(self.windows, "win"), self.must(APPLY)))
