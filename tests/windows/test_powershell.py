"""PowerShell that meshctl writes, read by tree-sitter-powershell: no fault, and no cmdlet or parameter that Microsoft does not document."""
import json, os, shutil, subprocess, tempfile, unittest

import kit, simulator

PACKAGES = os.path.join(simulator.HERE, "powershell")
COMMON = {"policystore", "erroraction"}
SETS = {"name", "displayname", "group", "description"}
CMDLETS = {
    "set-strictmode": {"version"}, "out-null": set(), "out-string": set(), "start-sleep": {"seconds"}, "new-object": {"typename"}, "write-output": set(), "where-object": set(),
    "new-item": {"itemtype", "force", "path"}, "test-path": {"literalpath"}, "get-content": {"literalpath"}, "add-content": {"literalpath", "value", "encoding"},
    "set-content": {"literalpath", "value", "encoding"}, "move-item": {"literalpath", "destination", "force"}, "remove-item": {"literalpath", "deletekey"},
    "set-netfirewallsetting": {"exemptions", "allowipsecthroughnat", "certvalidationlevel"}, "get-netfirewallsetting": set(),
    "import-certificate": {"filepath", "certstorelocation"},
    "import-pfxcertificate": {"filepath", "certstorelocation", "password"},
    "new-netipsecmainmodecryptoproposal": {"encryption", "hash", "keyexchange"},
    "new-netipsecquickmodecryptoproposal": {"encapsulation", "ahhash", "esphash", "encryption", "maxkilobytes", "maxminutes"},
    "new-netipsecauthproposal": {"machine", "presharedkey", "cert", "authority", "authoritytype", "kerberos"},
    "new-netipsecmainmodecryptoset": SETS | {"proposal", "maxminutes", "maxsessions", "forcediffiehellman"},
    "new-netipsecquickmodecryptoset": SETS | {"proposal", "perfectforwardsecrecygroup"},
    "new-netipsecphase1authset": SETS | {"proposal"},
    "new-netipsecmainmoderule": SETS | {"enabled", "profile", "mainmodecryptoset", "phase1authset", "localaddress", "remoteaddress"},
    "new-netipsecrule": SETS | {"enabled", "profile", "mode", "inboundsecurity", "outboundsecurity", "quickmodecryptoset", "phase1authset", "keymodule",
                                "localaddress", "remoteaddress", "protocol", "localport", "remoteport", "interfacetype"},
}
PROGRAMS = {"certutil.exe", "icacls.exe", "sc.exe"}

INVENTORIES = {
    "mixed-certificates": lambda text: text,
    "home-network": lambda text: text.replace('version: "10"', 'version: "10", form: powershell'),
    "domain": lambda text: text.replace('version: "2019"', 'version: "2019", form: powershell'),
}
WRONG = ["Get-Foo -Name 'a\n", "if ($a) { Get-Foo\n", "$a = @{ x = \n", "Get-Foo | | Out-Null\n"]


class PowerShell(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.node_modules = install()
        cls.folder = tempfile.mkdtemp(prefix="meshctl-windows-")
        cls.addClassCleanup(shutil.rmtree, cls.folder)

    def parse(self, files):
        # Without the option V8 optimizes the whole parser before it lets go, for a minute.
        done = subprocess.run(["node", "--liftoff-only", os.path.join(PACKAGES, "parse.mjs")] + files, cwd=self.node_modules, stdout=subprocess.PIPE, check=True, timeout=1200)
        return json.loads(done.stdout)

    def test_the_parser_finds_faults(self):
        files = [os.path.join(self.folder, "%d.ps1" % number) for number in range(len(WRONG))]
        for path, text in zip(files, WRONG):
            with open(path, "w") as file:
                file.write(text)
        for path, found in self.parse(files).items():
            self.assertNotEqual(found["faults"], [], kit.read(path))

    def test_scripts(self):
        for name, change in INVENTORIES.items():
            with self.subTest(name):
                bundles = kit.Bundles(change(kit.read(os.path.join(kit.ROOT, "inventories", "windows", name + ".yaml"))))
                self.addCleanup(bundles.remove)
                files = [os.path.join(folder, one) for folder, _, names in os.walk(bundles.folder) for one in names if one.endswith(".ps1")]
                self.assertGreaterEqual(len(files), 2)
                bundles.ctl("check", "--format", "powershell", *files)
                for path, found in self.parse(files).items():
                    self.assertEqual(found["faults"], [], path)
                    self.look_at(found["events"])

    def test_what_is_not_documented_is_found(self):
        for command in ("Set-NetFirewallSetting -Exemptions Icmp; New-NetIPsecTunnel", "Set-NetFirewallSetting -Exemptions Icmp; New-NetIPsecRule -MainModeCryptoSet x"):
            path = os.path.join(self.folder, "invented.ps1")
            with open(path, "w") as file:
                file.write(command + "\n")
            with self.assertRaises(AssertionError):
                self.look_at(self.parse([path])[path]["events"])

    def look_at(self, events):
        """A splatted hash table (@values, or $values for our own Write-Object) belongs to the command after it."""
        keys, seen = None, set()
        for event in events:
            if "keys" in event:
                keys = {key.lower() for key in event["keys"]}
                continue
            name, words = event["command"].lower(), event["words"]
            if name.startswith('"') or name in PROGRAMS:
                continue  # "New-$noun": the nouns are those of Write-Object
            if name == "write-object":
                name = "new-" + words[1].lower()
            self.assertIn(name, CMDLETS)
            seen.add(name)
            used = {word[1:].lower() for word in words if word.startswith("-")} if name != "where-object" else set()
            if keys is not None and ("@values" in words or "$values" in words):
                used, keys = used | keys, None
            self.assertEqual(used - CMDLETS[name] - COMMON, set(), name)
        self.assertIn("set-netfirewallsetting", seen)


def install():
    """The npm packages, in build/windows/npm."""
    for program in ("node", "npm"):
        if not shutil.which(program):
            raise unittest.SkipTest("no %s: PowerShell is not parsed" % program)
    folder = os.path.join(simulator.BUILD, "npm")
    os.makedirs(folder, exist_ok=True)
    shutil.copy(os.path.join(PACKAGES, "package.json"), folder)
    if not os.path.exists(os.path.join(folder, "complete")):
        done = subprocess.run(["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=1200)
        if done.returncode:
            raise unittest.SkipTest("npm cannot deliver tree-sitter-powershell: " + done.stdout[-300:])
        open(os.path.join(folder, "complete"), "w").close()
    return folder
