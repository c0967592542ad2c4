#!/usr/bin/python3
"""The built program as a user meets it: arguments, exit codes, both output forms, files.

usage: run.py MESHCTL --jobs | run.py MESHCTL [NAME…], as tests/suite.py says: run.Usage, run.Keys.test_rotate_changes_one_link_only"""
import json, os, random, re, shutil, signal, socket, subprocess, sys, tempfile, unittest

MESHCTL = os.environ.get("MESHCTL", "meshctl")
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
HOSTS = {"alpha": '[192.0.2.1, "2001:db8::1"]', "bravo": '[192.0.2.2, "2001:db8::2"]', "charlie": "[192.0.2.3]"}
TAIL = "links:\n  - {among: all}\n"
sys.path.insert(0, os.path.join(ROOT, "tests"))
sys.dont_write_bytecode = True
import suite, vaults  # noqa: E402


def inventory(hosts, tail=TAIL, backend="strongswan"):
    lines = ["version: 1", "mesh: office", "defaults: {backend: %s}" % backend, "hosts:"]
    return "\n".join(lines + ["  %s: {addresses: %s}" % pair for pair in hosts]) + "\n" + tail


def tree(folder):
    """{path below the folder: (bytes, mode)}"""
    out = {}
    for at, _, files in os.walk(folder):
        for file in files:
            path = os.path.join(at, file)
            out[os.path.relpath(path, folder)] = (open(path, "rb").read(), os.stat(path).st_mode)
    return out


class Base(unittest.TestCase):
    PASS_PHRASE = False  # what the vault opens with, else a key file

    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="meshctl-cli-")
        self.addCleanup(shutil.rmtree, self.dir)
        self.write("pass", "correct horse battery\n", 0o600)
        self.env = {"PATH": os.environ["PATH"], "MESHCTL_PASSPHRASE_FILE": self.path("pass"), "HOME": self.dir}

    def path(self, name):
        return os.path.join(self.dir, name)

    def write(self, name, text, mode=0o644):
        with open(os.open(self.path(name), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w") as f:
            f.write(text)

    def run_it(self, *args, code=0, **options):
        words = args if self.PASS_PHRASE else vaults.opened(self.path("key"), args)
        done = subprocess.run([MESHCTL, *words], cwd=self.dir, env=dict(self.env, **options.pop("env", {})), text=True,
                              capture_output=True, stdin=subprocess.DEVNULL, timeout=1200, **options)
        self.assertEqual(done.returncode, code, "%s\n%s\n%s" % (args, done.stdout, done.stderr))
        return done

    def openssl(self, *args, data=None):
        return subprocess.run(("openssl",) + args, cwd=self.dir, input=data, capture_output=True, text=True, timeout=1200, check=True).stdout

    def project(self, text=None):
        self.write("inventory.yaml", text or inventory(HOSTS.items()))
        self.run_it("keys", "init")


def section(help_text, title):
    """The lines below "Options:" or "Verbs:"."""
    return re.findall(r"^ *%s:\n((?:  .*\n|\n(?=  ))*)" % title, help_text, re.MULTILINE | re.IGNORECASE)


def all_verbs(test, words=()):
    """Every verb, and verb of a verb, by what --help says."""
    out = [words] if words else []
    for part in section(test.run_it(*words, "--help").stdout, "Verbs"):
        for verb in re.findall(r"^  ([a-z][a-z-]*)\b", part, re.MULTILINE):
            out += all_verbs(test, words + (verb,))
    return out


def options_of(help_text):
    """(the long options, the first line)"""
    parts = "".join(section(help_text, "Options"))
    return set(re.findall(r"(?:^ +|, ?)(?:-[a-z],)?(--[a-z-]+)", parts, re.MULTILINE)), help_text.split("\n")[0]


class Usage(Base):
    def test_help_teaches(self):
        out = self.run_it("--help").stdout
        for verb in "init validate facts keys compile plan apply rollback destroy resume status check verify import completion man version".split():
            self.assertIn("\n  " + verb, out)
        self.assertIn("Exit codes", out)

    def test_every_verb_has_help(self):
        for verb in "init validate facts compile plan apply rollback destroy resume status check verify import completion man version".split():
            self.assertIn("Usage: meshctl %s" % verb, self.run_it(verb, "--help").stdout)

    def test_the_manual_page_has_every_verb_and_option(self):
        page = self.run_it("man").stdout
        self.assertTrue(page.startswith('.TH MESHCTL 1 "" "%s"' % self.run_it("--version").stdout.strip()), page[:80])
        self.assertNotIn("@", re.sub("user@address", "", page))
        plain = re.sub(r"\\f[BIR]|\\&", "", page).replace("\\-", "-").replace("\\e", "\\")
        sections = dict(re.findall(r"^\.SS (meshctl [a-z -]*[a-z])[^\n]*\n(.*?)(?=^\.S[SH] |\Z)", plain, re.MULTILINE | re.DOTALL))
        shared = plain.partition("\n.SH OPTIONS\n")[2].partition("\n.SH ")[0]
        seen = set()
        for words in all_verbs(self):
            name = " ".join(("meshctl",) + words)
            self.assertIn(name, sections)
            options, help_text = options_of(self.run_it(*words, "--help").stdout)
            self.assertIn("--help", options)
            self.assertIn(help_text, sections[name])
            for option in options:
                own = re.search(r"^\.TP\n(-., |--[a-z-]+, )*%s\b" % option, sections[name], re.MULTILINE)
                also = re.search(r"%s[,.]" % option, sections[name]) and re.search(r"^\.TP\n(-., |--[a-z-]+, )*%s\b" % option, shared, re.MULTILINE)
                self.assertTrue(own or also, "%s %s" % (name, option))
            seen.add(name)
        self.assertEqual(seen, set(sections))
        self.assertGreater(len(seen), 30)

    def test_the_manual_page_has_every_variable_that_is_read(self):
        page = self.run_it("man").stdout
        found = set()
        for folder, _, files in os.walk(os.path.join(ROOT, "src")):
            for file in files:
                with open(os.path.join(folder, file), errors="replace") as source:
                    found |= set(re.findall(r'getenv\("([A-Z_]+)"\)', source.read()))
        self.assertIn("MESHCTL_PASSPHRASE_FILE", found)
        for name in found - {"TERM"}:
            self.assertIn("\n.B %s\n" % name, page)

    @unittest.skipUnless(shutil.which("groff"), "groff is not installed")
    def test_the_manual_page_formats_without_a_warning(self):
        done = subprocess.run(["groff", "-man", "-Tutf8", "-ww", "-z"], input=self.run_it("man").stdout, text=True, capture_output=True)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def test_wrong_usage_is_4_and_says_where_help_is(self):
        for args in ([], ["aply"], ["apply", "--no-such"], ["plan", "--parallel", "0"], ["completion", "tcsh"], ["nosuch", "--help"]):
            self.assertIn("--help", self.run_it(*args, code=4).stderr)
        self.assertIn("--out DIR", self.run_it("compile", code=4).stderr)

    def test_o_is_a_form_and_out_a_place_and_the_older_form_still_works_with_a_note(self):
        self.project()
        self.assertEqual(self.run_it("compile", "--out", "new").stderr, "")
        self.assertEqual(json.loads(self.run_it("compile", "--out", "new", "-o", "json").stdout)["folder"], "new")
        older = self.run_it("compile", "-o", "old").stderr
        self.assertIn("note[N4001]: '-o DIR' is an older form", older)
        self.assertIn("write '--out DIR'", older)
        self.assertEqual(tree(self.path("old")), tree(self.path("new")))
        self.assertIn("E4065", self.run_it("compile", "-o", "jsn", "--out", "new", code=4).stderr)
        self.assertIn("E4064", self.run_it("compile", "-o", "json", code=4).stdout)
        self.assertIn("N4001", self.run_it("import", "new/alpha", "-o", "old.yaml").stderr)
        os.rename(self.path("psk"), self.path("psk.old"))
        self.assertNotIn("N4001", self.run_it("import", "new/alpha", "--out", "new.yaml").stderr)
        self.assertEqual(open(self.path("old.yaml")).read(), open(self.path("new.yaml")).read())

    def test_keys_take_the_inventory_first_and_i_still_works_with_a_note(self):
        self.project()
        os.rename(self.path("inventory.yaml"), self.path("office.yaml"))
        made = self.run_it("keys", "rsa", "office.yaml", "alpha", "--bits", "2048")
        self.assertEqual((made.stdout, made.stderr), ("1 RSA key made, 0 kept.\n", ""))
        older = self.run_it("keys", "rsa", "alpha", "-i", "office.yaml", "--bits", "2048")
        self.assertEqual(older.stdout, "0 RSA keys made, 1 kept.\n")
        self.assertIn("N4001", older.stderr)
        self.assertIn("inventory.yaml", self.run_it("keys", "rsa", "alpha", code=4).stderr)
        self.assertIn("BEGIN CERTIFICATE REQUEST", self.run_it("keys", "csr", "office.yaml", "bravo", "--bits", "2048").stdout)
        self.assertNotIn("--inventory", self.run_it("keys", "rsa", "--help").stdout)

    def test_version_in_both_forms(self):
        lines = self.run_it("version").stdout.splitlines()
        data = json.loads(self.run_it("version", "-o", "json").stdout)
        with open(os.path.join(ROOT, "CMakeLists.txt")) as file:
            self.assertIn("project(meshctl VERSION %s " % data["version"], file.read())
        self.assertEqual((data["type"], data["schema_version"]), ("version", 1))
        self.assertEqual(set(data), {"type", "schema_version", "version", "commit", "compiler", "build_type", "sanitizers", "libraries",
                                     "backends"})
        self.assertEqual(set(data["libraries"]), {"OpenSSL", "libssh", "yaml-cpp", "nlohmann-json", "fmt", "CLI11"})
        for name, version in data["libraries"].items():
            self.assertRegex(version, r"^[0-9]+\.[0-9]+", name)
        self.assertEqual(data["backends"], ["racoon", "strongswan", "windows"])
        self.assertRegex(data["commit"], "^([0-9a-f]{12}(-dirty)?|unknown)$")
        self.assertEqual(lines[0], "meshctl " + data["version"])
        self.assertEqual(lines[0], self.run_it("--version").stdout.strip())
        self.assertEqual(lines[1], "commit:     " + data["commit"])
        self.assertTrue(lines[2].startswith("compiler:   %s, %s" % (data["compiler"], data["build_type"])), lines[2])
        for name, version in data["libraries"].items():
            self.assertIn("%s %s" % (name, version), lines[3])
        self.assertEqual(lines[4:], ["back ends:  racoon, strongswan, windows"])

    def test_completion_scripts_are_valid(self):
        for shell in ("bash", "zsh", "fish"):
            script = self.run_it("completion", shell).stdout
            self.assertIn("rollback", script)
            if shutil.which(shell):
                subprocess.run([shell, "-n"], input=script, text=True, check=True)

    def test_bash_completes_verbs_and_options(self):
        script = self.run_it("completion", "bash").stdout
        ask = '\nCOMP_WORDS=(meshctl %s); COMP_CWORD=%d; _meshctl; echo "${COMPREPLY[*]}"'
        shell = lambda words, at: subprocess.run(["bash", "-c", script + ask % (words, at)], text=True, capture_output=True).stdout.split()
        self.assertEqual(shell("app", 1), ["apply"])
        self.assertIn("--dead-man", shell("apply --d", 2))
        self.assertEqual(shell("keys ca ro", 3), ["roll"])
        verbs = shell("keys ''", 2)
        self.assertIn("make", verbs)
        self.assertIn("ca", verbs)
        self.assertNotIn("roll", verbs)
        self.assertEqual(shell("apply -o ''", 3), ["human", "json"])
        self.assertEqual(shell("apply --output = j", 4), ["json"])
        self.assertEqual(shell("apply --until s", 3), ["staged"])
        self.assertEqual(shell("apply --timeout ''", 3), [])
        self.assertEqual(shell("completion z", 2), ["zsh"])

    def test_bash_completes_host_names(self):
        self.write("office.yaml", inventory(HOSTS.items()))
        script = self.run_it("completion", "bash").stdout
        ask = '\nmeshctl() { "$MESHCTL" "$@"; }; COMP_WORDS=(meshctl %s); COMP_CWORD=%d; _meshctl; echo "${COMPREPLY[*]}"'
        shell = lambda words, at: subprocess.run(["bash", "-c", script + ask % (words, at)], text=True, capture_output=True, cwd=self.dir,
                                                 env=dict(self.env, MESHCTL=MESHCTL)).stdout.split()
        self.assertEqual(shell("plan office.yaml --limit ''", 4), ["alpha", "bravo", "charlie"])
        self.assertEqual(shell("plan office.yaml --limit alpha,br", 4), ["alpha,bravo"])
        self.assertIn("bravo", shell("keys rsa office.yaml br", 4))


class Input(Base):
    def test_missing_inventory_names_the_file(self):
        self.assertIn("nowhere.yaml", self.run_it("validate", "nowhere.yaml", code=4).stderr)

    def test_faults_have_place_code_and_hint(self):
        self.write("inventory.yaml", inventory(HOSTS.items(), "links:\n  - [alpha, brvo]\n"))
        err = self.run_it("validate", code=4).stderr
        self.assertRegex(err, r"inventory\.yaml:9:\d+: error\[E1\d\d\d\]")
        self.assertIn("bravo", err)

    def test_json_form_carries_the_same_fault(self):
        self.write("inventory.yaml", inventory(HOSTS.items(), "links:\n  - [alpha, brvo]\n"))
        lines = [json.loads(l) for l in self.run_it("validate", "-o", "json", code=4).stdout.splitlines()]
        self.assertEqual(lines[0]["severity"], "error")
        self.assertEqual(lines[0]["where"]["line"], 9)
        self.assertEqual((lines[-1]["type"], lines[-1]["reason"], lines[-1]["exit_code"]), ("result", "bad-input", 4))

    def test_a_hundred_megabytes_of_garbage(self):
        with open(self.path("inventory.yaml"), "wb") as f:
            f.truncate(100 << 20)
        err = self.run_it("validate", code=4).stderr
        self.assertEqual(err.count("error["), 1, err)

    def test_garbage_bytes_never_crash(self):
        for seed in range(20):
            data = random.Random(seed).randbytes(4096)
            with open(self.path("inventory.yaml"), "wb") as f:
                f.write(data)
            self.run_it("validate", code=4)

    def test_standard_input_is_an_inventory(self):
        for text, code in ((inventory(HOSTS.items()), 0), (inventory(HOSTS.items(), "links:\n  - [alpha, brvo]\n"), 4)):
            done = subprocess.run([MESHCTL, "validate", "-"], cwd=self.dir, env=self.env, text=True, capture_output=True, input=text, timeout=1200)
            self.assertEqual(done.returncode, code, done.stderr)
        self.assertIn("<stdin>:9:", done.stderr)
        self.assertIn("- is standard input", self.run_it("validate", "/dev/null", code=4).stderr)

    def test_validate_says_what_belongs_into_a_file_that_is_not_there(self):
        for link, said in (
                ("{between: [alpha, bravo], psk_file: keys/ab.psk}", "put the key that both ends agreed on into it, mode 0600; without psk_file one is derived"),
                ("{between: [alpha, third], auth: rsa}", "put third's public key into it"),
                ("{between: [alpha, third], auth: x509}", "put the certificate of the CA that signs for third into it, or its CRL")):
            third = "  third: {addresses: [192.0.2.9], managed: false, rsa_public_key: no.pub, certificate: {ca_file: no.pem}}\n"
            self.write("inventory.yaml", inventory(HOSTS.items(), third + "links:\n  - %s\n" % link))
            err = self.run_it("validate", code=4).stderr
            self.assertIn("E4001", err)
            self.assertIn(said, err)

    def test_validate_refuses_an_identity_that_main_mode_cannot_send(self):
        self.write("inventory.yaml", "version: 1\nmesh: fqdn\ndefaults: {backend: racoon, ike: 1, mode: tunnel}\nhosts:\n"
                   "  gate: {addresses: [192.0.2.1], subnets: [10.1.0.0/24], inner_addresses: [10.1.0.1], identity: {fqdn: gate.example}}\n"
                   "  peer: {addresses: [192.0.2.2], subnets: [10.2.0.0/24], inner_addresses: [10.2.0.1]}\nlinks:\n  - [gate, peer]\n")
        self.assertIn("inventory.yaml:8:5: error[E2130]", self.run_it("validate", code=4).stderr)

    def test_a_host_without_a_back_end_is_refused_by_validate(self):
        self.write("inventory.yaml", inventory(HOSTS.items()).replace("defaults: {backend: strongswan}\n", ""))
        err = self.run_it("validate", code=4).stderr
        self.assertEqual(err.count("E1014"), 1, err)
        self.assertIn("hosts 'alpha', 'bravo', 'charlie' have no back end", err)
        self.assertIn("backend: strongswan", err)

    def test_validate_refuses_what_compile_refuses(self):
        self.project()
        hosts = inventory([("w1", "[192.0.2.11], backend: windows"), ("w2", "[192.0.2.12], backend: windows"), ("l", "[192.0.2.13]")], "links:\n")
        for link, codes in (("{between: [w1, w2], select: [{protocol: icmp, type: 8}]}", ["E2065"]),
                            ("{between: [w1, w2], select: [{protocol: tcp, port: 80, action: discard}]}", ["E2073"]),
                            ("{between: [w1, l], mode: tunnel}", ["E2063"]),
                            ("{between: [w1, l], ipcomp: true}", ["E2070"]),
                            ("{between: [w1, l], nonce_size: 32}", ["E1095", "E1095"]),
                            ("{between: [w1, l], psk_file: keys/none.psk}", ["E4001"]),
                            ("{between: [w2, l], auth: manual}", ["E2060"])):
            with self.subTest(link):
                self.write("inventory.yaml", hosts + "  - " + link + "\n")
                said = self.run_it("validate", code=4).stderr
                self.assertEqual(re.findall(r"error\[(E\d+)\]", said), codes, said)
                self.assertEqual(self.run_it("compile", "--out", "out", code=4).stderr, said)
        self.write("inventory.yaml", hosts + "  - [w1, l]\n")
        self.run_it("validate")
        self.run_it("compile", "--out", "out")

    def test_missing_keys_are_a_note_with_the_command(self):
        self.write("office.yaml", inventory(HOSTS.items(), "links:\n  - {among: all, auth: x509}\n"))
        said = self.run_it("validate", "office.yaml").stderr
        self.assertIn("note[N3021]: there are no keys yet", said)
        self.assertIn("'meshctl keys init office.yaml', then 'meshctl keys make office.yaml'", said)
        for verb in (["compile", "office.yaml", "--out", "out"], ["plan", "office.yaml"], ["keys", "make", "office.yaml"]):
            self.write("key", "0" * 64 + "\n", 0o600)
            self.assertIn("'meshctl keys init office.yaml', then 'meshctl keys make office.yaml'", self.run_it(*verb, code=4).stderr)
        self.run_it("keys", "init", "office.yaml")
        said = self.run_it("validate", "office.yaml").stderr
        self.assertRegex(said, r"note\[N3020\]: the vault has no certificate for 'alpha', and 2 more are missing\n +help: meshctl keys make office.yaml\n")
        self.run_it("keys", "make", "office.yaml")
        self.assertEqual(self.run_it("validate", "office.yaml").stderr, "")

    def test_the_example_of_init_is_valid(self):
        self.run_it("init")
        self.run_it("validate")
        self.run_it("init", code=6)

    def test_the_shipped_inventories_are_valid(self):
        folder = os.path.join(ROOT, "inventories")
        names = [name for name in sorted(os.listdir(folder)) if name.endswith((".yaml", ".json"))]
        self.assertGreaterEqual(len(names), 4)
        for name in names:
            with self.subTest(name), open(os.path.join(folder, name)) as file:
                if "keys/" not in file.read():  # a partner's, which Examples makes
                    self.run_it("validate", os.path.join(folder, name))


class Keys(Base):
    PASS_PHRASE = True

    def test_init_makes_a_private_vault_once(self):
        self.project()
        self.assertEqual(os.stat(self.path("meshctl.vault")).st_mode & 0o777, 0o600)
        before = open(self.path("meshctl.vault"), "rb").read()
        self.run_it("keys", "init", code=6)
        self.assertEqual(open(self.path("meshctl.vault"), "rb").read(), before)

    def test_a_short_pass_phrase_is_refused(self):
        self.write("inventory.yaml", inventory(HOSTS.items()))
        self.write("short", "x\n", 0o600)
        self.assertIn("E3017", self.run_it("keys", "init", code=4, env={"MESHCTL_PASSPHRASE_FILE": self.path("short")}).stderr)
        self.assertFalse(os.path.exists(self.path("meshctl.vault")))

    def test_a_wrong_pass_phrase_is_refused_and_not_repeated(self):
        self.project()
        self.write("wrong", "hunter2-hunter2\n", 0o600)
        err = self.run_it("compile", "--out", "out", code=4, env={"MESHCTL_PASSPHRASE_FILE": self.path("wrong")}).stderr
        self.assertNotIn("hunter2", err)
        self.assertFalse(os.path.exists(self.path("out")))

    def test_a_pass_phrase_file_that_others_can_read_is_refused(self):
        self.project()
        os.chmod(self.path("pass"), 0o644)
        self.run_it("compile", "--out", "out", code=4)

    def test_without_terminal_and_pass_phrase_nothing_is_asked(self):
        self.write("inventory.yaml", inventory(HOSTS.items()))
        done = subprocess.run([MESHCTL, "keys", "init"], cwd=self.dir, env={"PATH": os.environ["PATH"]}, text=True, timeout=1200,
                              capture_output=True, stdin=subprocess.DEVNULL, start_new_session=True)
        self.assertEqual(done.returncode, 4, done.stderr)
        self.assertIn("MESHCTL_PASSPHRASE_FILE", done.stderr)

    def test_openssl_opens_it_as_the_docs_say(self):
        self.project()
        opened = self.openssl("cms", "-decrypt", "-inform", "DER", "-in", "meshctl.vault", "-pwri_password", "correct horse battery")
        self.assertEqual(json.loads(opened)["mesh"], "office")

    def test_key_file_opens_the_vault(self):
        self.write("inventory.yaml", inventory(HOSTS.items()))
        self.run_it("keys", "init", "--key-file", "ci.key")
        self.assertEqual(os.stat(self.path("ci.key")).st_mode & 0o777, 0o600)
        self.run_it("compile", "--out", "out", "--key-file", "ci.key", env={"MESHCTL_PASSPHRASE_FILE": ""})

    def test_rotate_changes_one_link_only(self):
        self.project()
        self.run_it("compile", "--out", "one")
        self.run_it("keys", "rotate", "--link", "alpha", "bravo")
        self.run_it("compile", "--out", "two")
        manifest = lambda out, host: json.load(open(self.path("%s/%s/manifest.json" % (out, host))))
        self.assertEqual(manifest("one", "charlie"), manifest("two", "charlie"))
        self.assertNotEqual(manifest("one", "alpha"), manifest("two", "alpha"))
        self.assertIn("epoch 2", json.dumps(manifest("two", "bravo")["links"]))


class KeyMaterial(Base):
    """Keys other than pre-shared ones: made, listed, replaced; judged by openssl where it can."""
    SECONDS = 12
    LINKS = ("links:\n  - {between: [alpha, bravo], auth: x509}\n  - {between: [alpha, charlie], auth: rsa}\n"
             "  - {between: [bravo, charlie], auth: manual, suite: {ike: aes256-sha512-modp3072, esp: aes256-sha512}}\n")

    def setUp(self):
        super().setUp()
        self.project(inventory(HOSTS.items(), self.LINKS))

    def test_the_inventory_may_be_named_where_keys_are_listed(self):
        self.assertIn("mesh office", self.run_it("keys", "list", "inventory.yaml").stdout)
        self.write("other.yaml", inventory(HOSTS.items()).replace("mesh: office", "mesh: other"))
        self.assertIn("E3016", self.run_it("keys", "list", "other.yaml", code=4).stderr)
        os.remove(self.path("meshctl.vault"))
        self.assertIn("'meshctl keys init inventory.yaml', then 'meshctl keys make inventory.yaml'", self.run_it("keys", "list", "inventory.yaml", code=4).stderr)

    def test_without_a_ca_the_help_is_the_command_for_this_inventory(self):
        os.rename(self.path("inventory.yaml"), self.path("my.yaml"))
        err = self.run_it("keys", "issue", "my.yaml", "alpha", code=4).stderr
        self.assertIn("E3036", err)
        self.assertIn("'meshctl keys make my.yaml' makes one; for an external CA use 'meshctl keys csr my.yaml alpha'", err)

    def listed(self):
        return json.loads(self.run_it("keys", "list", "-o", "json").stdout.splitlines()[-1])

    def content(self):
        """The vault as docs/keys.md opens it with a key file and without meshctl."""
        key_id = re.search(r"OCTET STRING .*\[HEX DUMP\]:([0-9A-F]{16})$", self.openssl("asn1parse", "-inform", "DER", "-in", "meshctl.vault"), re.MULTILINE)
        with open(self.path("key")) as file:
            return json.loads(self.openssl("cms", "-decrypt", "-inform", "DER", "-in", "meshctl.vault", "-secretkey", file.read().strip(),
                                           "-secretkeyid", key_id[1]))

    def pem(self, name, der_in_base64):
        lines = [der_in_base64[i:i + 64] for i in range(0, len(der_in_base64), 64)]
        self.write(name, "\n".join(["-----BEGIN CERTIFICATE-----"] + lines + ["-----END CERTIFICATE-----", ""]))

    def test_make_makes_everything_once_and_says_so(self):
        self.assertIn("help: meshctl keys make inventory.yaml\n", self.run_it("compile", "--out", "out", code=4).stderr)
        made = self.run_it("keys", "make", "inventory.yaml").stdout
        for line in ("2 RSA keys made, 0 kept.", "Made the CA 'O=office, CN=office CA 1'", "alpha: a certificate until", "bravo: a certificate until",
                     "2 manual SAs made, 0 kept"):
            self.assertIn(line, made)
        self.run_it("compile", "--out", "out")
        before = open(self.path("meshctl.vault"), "rb").read()
        again = self.run_it("keys", "make", "-o", "json")
        self.assertEqual((json.loads(again.stdout)["changed"], json.loads(again.stdout)["missing"]), (False, 0))
        again = self.run_it("keys", "make").stdout
        self.assertIn("0 RSA keys made, 2 kept.\nNo certificate is due.\n0 manual SAs made, 2 kept", again)
        self.assertIn("meshctl.vault has every key that the inventory needs.\n", again)
        self.assertEqual(open(self.path("meshctl.vault"), "rb").read(), before)

    def test_make_names_what_it_cannot_make(self):
        third = "  third: {addresses: [192.0.2.9], managed: false}\n"
        self.write("inventory.yaml", inventory(HOSTS.items(), third + "links:\n  - {between: [alpha, third], auth: rsa}\n"))
        done = self.run_it("keys", "make", code=2)
        self.assertIn("1 RSA key made", done.stdout)
        self.assertIn("the vault has no RSA key for 'third'", done.stderr)
        self.assertIn("'meshctl keys rsa inventory.yaml third --public FILE'", done.stderr)

    def test_rsa_keys_are_made_once_and_replaced_when_asked(self):
        self.assertIn("2 RSA keys made", self.run_it("keys", "rsa", "--bits", "2048").stdout)
        first = {item["host"]: item for item in self.listed()["rsa"]}
        self.assertEqual(sorted(first), ["alpha", "charlie"])
        self.assertEqual(first["alpha"]["key_bits"], 2048)
        self.assertIn("0 RSA keys made, 2 kept", self.run_it("keys", "rsa").stdout)
        self.assertIn("did you mean 'bravo'", self.run_it("keys", "rsa", "brav", code=4).stderr)
        self.run_it("keys", "rsa", "--bits", "1024", "bravo", code=4)
        self.run_it("keys", "rotate", "--host", "alpha", "--kind", "rsa", "--bits", "2048")
        second = {item["host"]: item for item in self.listed()["rsa"]}
        self.assertNotEqual(first["alpha"]["key_fingerprint"], second["alpha"]["key_fingerprint"])
        self.assertEqual(first["charlie"], second["charlie"])
        self.openssl("pkey", "-check", "-noout", "-inform", "PEM", "-in", "/dev/stdin", data="-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----\n"
                     % "\n".join(self.content()["rsa"]["alpha"]["private_key"][i:i + 64] for i in range(0, 4000, 64)).strip())

    def test_rsa_keys_come_from_files_too(self):
        self.write("k.pem", self.openssl("genrsa", "2048"), 0o644)
        self.assertIn("chmod 600", self.run_it("keys", "rsa", "alpha", "--private", "k.pem", code=4).stderr)
        os.chmod(self.path("k.pem"), 0o600)
        self.run_it("keys", "rsa", "alpha", "--private", "k.pem")
        self.write("pub.pem", self.openssl("pkey", "-in", "k.pem", "-pubout"))
        self.run_it("keys", "rsa", "charlie", "--public", "pub.pem", "--held", "/etc/racoon/certs/own.key")
        both = {item["host"]: item for item in self.listed()["rsa"]}
        self.assertEqual(both["alpha"]["key_fingerprint"], both["charlie"]["key_fingerprint"])
        self.assertEqual(both["charlie"]["private"], "host")
        self.assertNotIn("private_key", self.content()["rsa"]["charlie"])
        self.run_it("keys", "rsa", "--public", "pub.pem", code=4)

    def test_own_ca_from_first_certificate_to_roll_over(self):
        self.assertIn("meshctl keys make", self.run_it("keys", "issue", code=4).stderr)
        self.run_it("keys", "ca", "init", "--key", "ec-p384")
        self.run_it("keys", "ca", "init", code=4)
        out = self.run_it("keys", "issue", "--bits", "2048", "--days", "100").stdout
        self.assertEqual(sorted(line.split(":")[0] for line in out.splitlines()), ["alpha", "bravo"])
        self.assertEqual(self.run_it("keys", "issue").stdout, "No certificate is due.\n")
        self.assertIn("expires on", self.run_it("keys", "issue", "--before", "101", "--days", "100").stdout)
        store = self.content()
        self.pem("ca.pem", store["authorities"][0]["certificate"])
        self.pem("bravo.pem", store["certificates"]["bravo"]["certificate"])
        self.assertEqual(self.openssl("verify", "-x509_strict", "-verify_ip", "2001:db8::2", "-CAfile", "ca.pem", "bravo.pem"), "bravo.pem: OK\n")
        # Lost: on the CRL, and gone from the vault until a new one is issued.
        said = self.run_it("keys", "revoke", "bravo", "--next-update", "30").stdout
        self.assertIn("'meshctl apply' brings the CRL to: alpha, bravo.", said)
        self.write("crl.der64", self.content()["authorities"][0]["crl"])
        self.openssl("base64", "-d", "-A", "-in", "crl.der64", "-out", "crl.der")
        self.openssl("crl", "-inform", "DER", "-in", "crl.der", "-out", "crl.pem")
        done = subprocess.run(["openssl", "verify", "-crl_check", "-CAfile", "ca.pem", "-CRLfile", "crl.pem", "bravo.pem"],
                              cwd=self.dir, capture_output=True, text=True)
        self.assertIn("certificate revoked", done.stderr)
        self.assertEqual([item["host"] for item in self.listed()["certificates"]], ["alpha"])
        self.assertIn("bravo", self.run_it("keys", "issue", "--bits", "2048").stdout)
        # Three phases, each in its turn.
        self.run_it("keys", "ca", "roll", "drop", code=4)
        self.run_it("keys", "ca", "roll", "issue", code=4)
        self.run_it("keys", "ca", "roll", "add", "--key", "ec-p384")
        self.assertIn("2 certificates issued", self.run_it("keys", "ca", "roll", "issue").stdout)
        self.run_it("keys", "ca", "roll", "drop")
        self.assertEqual([(ca["role"], ca["subject"]) for ca in self.listed()["authorities"]], [("current", "O=office, CN=office CA 2")])

    def test_external_ca_answers_a_request(self):
        self.write("ca.key", self.openssl("ecparam", "-genkey", "-name", "prime256v1", "-noout"), 0o600)
        self.openssl("req", "-x509", "-key", "ca.key", "-subj", "/C=DE/O=Corp/CN=Root", "-days", "30", "-out", "root.pem")
        csr = self.run_it("keys", "csr", "alpha", "--bits", "2048").stdout
        self.assertEqual(csr.splitlines()[0], "-----BEGIN CERTIFICATE REQUEST-----")
        self.run_it("keys", "csr", "alpha", "--out", "alpha.csr")
        # The same key until it is answered (only a signature that is not deterministic could differ, and RSA's is).
        self.assertEqual(open(self.path("alpha.csr")).read(), csr)
        self.openssl("x509", "-req", "-in", "alpha.csr", "-CA", "root.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "9",
                     "-copy_extensions", "copyall", "-out", "alpha.pem")
        err = self.run_it("keys", "install-cert", "alpha", "alpha.pem", code=4).stderr
        self.assertIn("E3034", err)
        self.run_it("keys", "ca", "import", "root.pem")
        self.run_it("keys", "ca", "import", "alpha.pem", code=4)
        self.assertIn("E3033", self.run_it("keys", "install-cert", "bravo", "alpha.pem", code=4).stderr)
        self.run_it("keys", "install-cert", "alpha", "alpha.pem")
        done = self.run_it("keys", "list")
        self.assertIn("certificate alpha: 'CN=alpha' by 'C=DE, O=Corp, CN=Root'", done.stdout)
        self.assertIn("W3030", done.stderr)
        self.run_it("keys", "revoke", "alpha", code=4)

    def test_a_third_partys_private_half_is_left_out(self):
        """Never an empty file in its place; without `send_cert` its peers need its certificate."""
        thirds = [("third-" + backend, backend) for backend in ("racoon", "strongswan", "windows")]
        hosts = "".join("  %s: {addresses: [192.0.2.%d], managed: false, backend: %s}\n" % (name, 11 + i, backend)
                        for i, (name, backend) in enumerate(thirds))

        def mesh(backend, *links):
            self.write("inventory.yaml", inventory([("alpha", HOSTS["alpha"])], hosts + "links:\n" + "".join(links), backend))

        links = ["  - {between: [alpha, %s], auth: x509}\n" % name for name, backend in thirds]
        links += ["  - {between: [third-racoon, third-strongswan], auth: rsa}\n"]
        mesh("strongswan", *links)
        self.run_it("keys", "ca", "init")
        self.run_it("keys", "issue")
        self.openssl("genrsa", "-out", "third.key", "2048")
        self.write("third.pub", self.openssl("pkey", "-in", "third.key", "-pubout"))
        for name, _ in thirds[:2]:
            self.run_it("keys", "rsa", name, "--public", "third.pub")
        self.run_it("compile", "--out", "out")
        written = {name: content for name, (content, _) in tree(self.path("out")).items() if name.startswith("third-")}
        self.assertEqual([name for name, content in written.items() if not content], [])
        own = ("certs/cert.pem", "key.pem", ".key", "host.cer", "x509/meshctl.pem", "meshctl-rsa.pem", "meshctl-x509.pem")
        self.assertEqual([name for name in written if name.endswith(own)], [])
        for backend in ("racoon", "strongswan"):
            hidden = [link.replace("auth: x509", "auth: x509, ike: 1, send_cert: false") for link in links[:2]]
            mesh(backend, *hidden)
            said = self.run_it("compile", "--out", "out", code=4).stderr
            self.assertEqual((said.count("E3021"), said.count("keys install-cert inventory.yaml third-")), (2, 2), said)

    def test_two_changes_at_once_lose_nothing(self):
        runs = [subprocess.Popen([MESHCTL, "keys", "rsa", host, "--bits", "2048", "--key-file", self.path("key")], cwd=self.dir, env=self.env, stdout=subprocess.PIPE,
                                 stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL) for host in HOSTS]
        for run in runs:
            out, _ = run.communicate(timeout=1200)
            self.assertEqual(run.returncode, 0, out)
        self.assertEqual([item["host"] for item in self.listed()["rsa"]], sorted(HOSTS))

    def test_manual_keys_are_kept_until_rotated(self):
        self.assertIn("2 manual SAs made", self.run_it("keys", "manual").stdout)
        first = self.listed()["manual"]
        self.assertEqual([sa["spi"] for sa in first[0]["sas"]], [4096, 4097])
        self.assertEqual(first[0]["sas"][0]["encryption_bits"], 256)
        self.assertIn("0 manual SAs made, 2 kept", self.run_it("keys", "manual").stdout)
        self.run_it("keys", "rotate", "--link", "bravo", "charlie", "--kind", "manual")
        self.assertEqual([sa["spi"] for sa in self.listed()["manual"][0]["sas"]], [4098, 4099])
        self.write("inventory.yaml", inventory(HOSTS.items()))
        self.assertIn("2 dropped", self.run_it("keys", "manual").stdout)

    def test_nothing_secret_is_printed(self):
        for args in (["rsa", "--bits", "2048"], ["ca", "init", "--key", "ec-p384"], ["issue", "--bits", "2048"], ["manual"]):
            self.run_it("keys", *args)
        secrets = []
        def collect(value, key=""):
            if isinstance(value, dict):
                for name, item in value.items():
                    collect(item, name)
            elif isinstance(value, list):
                for item in value:
                    collect(item)
            elif key in ("master", "private_key", "encryption_key", "authentication_key"):
                secrets.append(value)
        collect(self.content())
        self.assertEqual(len(secrets), 1 + 2 + 1 + 2 + 4)
        for form in ("human", "json"):
            for verb in (["list"], ["rotate", "--mesh", "--bits", "2048"], ["manual"]):
                done = self.run_it("keys", *verb, "-o", form)
                for secret in secrets:
                    self.assertNotIn(secret[:40] if len(secret) > 40 else secret, done.stdout + done.stderr)


class Compile(Base):
    def tree(self, name):
        return tree(self.path(name))

    def test_same_bytes_again_and_in_another_order(self):
        for backend in ("strongswan", "racoon"):
            self.write("inventory.yaml", inventory(HOSTS.items(), backend=backend))
            if backend == "strongswan":
                self.run_it("keys", "init")
            self.run_it("compile", "--out", "a-" + backend)
            self.run_it("compile", "--out", "b-" + backend)
            self.write("inventory.yaml", inventory(reversed(list(HOSTS.items())), backend=backend))
            self.run_it("compile", "--out", "c-" + backend, env={"LC_ALL": "C.UTF-8", "TZ": "Asia/Tokyo"})
            first = self.tree("a-" + backend)
            self.assertGreater(len(first), 6)
            self.assertEqual(first, self.tree("b-" + backend))
            self.assertEqual(first, self.tree("c-" + backend))

    def test_check_accepts_everything_we_write(self):
        for backend in ("strongswan", "racoon"):
            self.write("inventory.yaml", inventory(HOSTS.items(), backend=backend))
            if backend == "strongswan":
                self.run_it("keys", "init")
            self.run_it("compile", "--out", backend)
            for host in HOSTS:
                files = [os.path.join(at, f) for at, _, names in os.walk(self.path("%s/%s/files" % (backend, host))) for f in names
                         if not f.endswith(".xfrm")]
                done = self.run_it("check", *files)
                self.assertIn("0 errors, 0 warnings, 0 notes", done.stdout)

    def test_import_of_what_compile_wrote_is_the_same_again(self):
        self.project(inventory(HOSTS.items(), backend="racoon"))
        self.run_it("compile", "--out", "old")
        folders = ["old/" + host for host in HOSTS]
        done = self.run_it("import", *folders, "--out", "again.yaml", "--json")
        self.assertEqual(json.loads(done.stdout.splitlines()[-1])["left_over"], 0)
        keys = [os.path.join(self.path("psk"), name) for name in os.listdir(self.path("psk"))]
        self.assertEqual([os.stat(key).st_mode & 0o777 for key in keys], [0o600] * 3)
        self.assertNotIn("mk1-", open(self.path("again.yaml")).read())
        self.run_it("compile", "again.yaml", "--out", "new")
        subprocess.run(["diff", "-r", "-x", "manifest.json", "old", "new"], cwd=self.dir, check=True)
        self.assertIn("E4008", self.run_it("import", *folders, "--out", "again.yaml", code=4).stderr)  # nothing is overwritten

    def test_import_of_leftovers_is_2_and_of_nonsense_4(self):
        os.mkdir(self.path("alone"))
        self.write("alone/setkey.conf", "spdadd 192.0.2.1 192.0.2.2 any -P out ipsec esp/transport//require;\n")
        done = self.run_it("import", "alone", "--out", "alone.yaml", code=2)
        self.assertRegex(done.stderr, r"alone/setkey\.conf:1:1: warning\[W8002\]")
        self.write("alone/setkey.conf", "spdadd any -P out ipsec;\n")
        self.assertRegex(self.run_it("import", "alone", "--out", "other.yaml", code=4).stderr, r"setkey\.conf:1:8: error")
        self.assertFalse(os.path.exists(self.path("other.yaml")))

    def test_check_refuses_with_place(self):
        self.write("racoon.conf", 'remote 192.0.2.1 {\n  exchange_mode main\n}\n')
        self.assertRegex(self.run_it("check", "racoon.conf", code=4).stderr, r"racoon\.conf:\d+:\d+: error")

    def test_check_looks_for_the_files_that_a_copy_names(self):
        os.makedirs(self.path("alpha/etc/racoon"))
        os.makedirs(self.path("alpha/etc/swanctl/x509"))
        conf = "alpha/etc/racoon/racoon.conf"
        self.write(conf, 'path pre_shared_key "/etc/racoon/psk.txt";\npath certificate "/etc/racoon/certs";\n'
                   'include "remotes/*.conf";\npath include "/etc/racoon";\n')
        swan = "alpha/etc/swanctl/swanctl.conf"
        self.write(swan, "include conf.d/*.conf\nconnections { a { remote_addrs = 192.0.2.1\n local { certs = a.pem } } }\n")
        done = self.run_it("check", conf, swan)
        for line in ("racoon.conf:1:21: warning[W4061]: '/etc/racoon/psk.txt' is not there",
                     "racoon.conf:3:1: warning[W4061]: no file matches '/etc/racoon/remotes/*.conf', which is included",
                     "swanctl.conf:1:9: warning[W4061]: no file matches '/etc/swanctl/conf.d/*.conf', which is included",
                     "'/etc/swanctl/x509/a.pem' is not there"):
            self.assertIn(line, done.stderr)
        os.makedirs(self.path("alpha/etc/racoon/remotes"))
        os.makedirs(self.path("alpha/etc/swanctl/conf.d"))
        for name in ("racoon/psk.txt", "racoon/remotes/a.conf", "swanctl/conf.d/b.conf", "swanctl/x509/a.pem"):
            self.write("alpha/etc/" + name, "")
        self.assertNotIn("W4061", self.run_it("check", conf, swan).stderr)
        os.rename(self.path("alpha/etc"), self.path("etc"))
        conf = "etc/racoon/racoon.conf"
        self.assertNotIn("W4061", self.run_it("check", conf).stderr)
        os.unlink(self.path("etc/racoon/psk.txt"))
        self.assertIn("W4061", self.run_it("check", conf).stderr)
        shutil.copy(self.path(conf), self.path("racoon.conf"))  # nothing tells where its folder is
        self.assertNotIn("W4061", self.run_it("check", "racoon.conf").stderr)

    def test_a_foreign_folder_is_not_replaced(self):
        self.project()
        os.mkdir(self.path("out"))
        self.write("out/precious", "x")
        self.run_it("compile", "--out", "out", code=4)
        self.assertEqual(os.listdir(self.path("out")), ["precious"])

    def test_keys_in_both_ends_files_are_equal_and_private(self):
        self.project(inventory(HOSTS.items(), backend="racoon"))
        self.run_it("compile", "--out", "out")
        key = lambda host, peer: [l.split()[1] for l in open(self.path("out/%s/files/etc/racoon/psk.txt" % host)) if l.startswith(peer + " ")]
        self.assertEqual(key("alpha", "192.0.2.2"), key("bravo", "192.0.2.1"))
        self.assertEqual(len(key("alpha", "192.0.2.2")[0]), 47)
        self.assertEqual(os.stat(self.path("out/alpha/files/etc/racoon/psk.txt")).st_mode & 0o777, 0o600)

    def test_limit_with_unknown_name(self):
        self.project()
        self.assertIn("alpha", self.run_it("compile", "--out", "out", "--limit", "alpa", code=4).stderr)

    def test_limit_takes_names_tags_and_patterns(self):
        tags = {"alpha": ", tags: [web, old]", "bravo": ", tags: [web]", "charlie": ""}
        self.project(inventory([(name, addresses + tags[name]) for name, addresses in HOSTS.items()]))
        for limit, hosts in (("alpha", "a"), ("alpha,charlie", "ac"), ("web", "ab"), ("old,charlie", "ac"), ("*", "abc"), ("all", "abc"),
                             ("[ab]*", "ab"), ("?r*", "b"), ("o*", "a")):
            shutil.rmtree(self.path("out"), ignore_errors=True)
            self.run_it("compile", "--out", "out", "--limit", limit)
            self.assertEqual("".join(name[0] for name in sorted(os.listdir(self.path("out"))) if name[0] != "."), hosts, limit)
        for limit, said in (("wbe", "'wbe', which is not a host or tag of mesh"), ("alpha,x*", "'x*', which is not")):
            self.assertIn(said, self.run_it("compile", "--out", "other", "--limit", limit, code=4).stderr)


class Examples(Base):
    """Every inventory that we show validates and compiles, once the keys that it names are there."""
    SECONDS = 20

    def make_partner_files(self, keys):
        """What partners would have sent: a secret, a CA with an empty list of revocations, a public key."""
        os.mkdir(keys)
        self.write(os.path.join(keys, "partner.psk"), "a-secret-that-the-partner-sent-us-once-0123456789", 0o600)
        self.write(os.path.join(keys, "ca.cnf"), "[ca]\ndefault_ca=d\n[d]\ndatabase=%s\ndefault_md=sha256\ndefault_crl_days=30\n" % "index")
        self.write(os.path.join(keys, "index"), "")
        for command in (
            "req -x509 -newkey rsa:3072 -nodes -keyout ca.key -out partner-ca.pem -days 30 -subj /C=ES/O=Partner/CN=CA "
            "-addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign",
            "ca -gencrl -config ca.cnf -keyfile ca.key -cert partner-ca.pem -out partner.crl",
            "rsa -in ca.key -pubout -out old-partner.pub"):
            done = subprocess.run(["openssl"] + command.split(), cwd=keys, capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)

    def test_all_compile(self):
        source = os.path.join(ROOT, "inventories")
        names = sorted(os.path.join(f, n)[len(source) + 1:] for f, _, all_n in os.walk(source) for n in all_n if n.endswith(".yaml"))
        self.assertGreater(len(names), 15)
        self.make_partner_files(self.path("partners"))
        for name in names:
            with self.subTest(name):
                shutil.rmtree(self.path("tree"), ignore_errors=True)
                shutil.copytree(source, self.path("tree"))
                folder, file = os.path.split(self.path("tree/" + name))
                shutil.copytree(self.path("partners"), os.path.join(folder, "keys"), dirs_exist_ok=True)
                os.rename(os.path.join(folder, file), os.path.join(folder, "inventory.yaml"))
                self.run_in(folder, "validate", "inventory.yaml")
                text = open(os.path.join(folder, "inventory.yaml")).read()
                self.run_in(folder, "keys", "init")
                if re.search("auth: (rsa|x509|manual)", text):
                    self.run_in(folder, "keys", "make")
                self.run_in(folder, "compile", "inventory.yaml", "--out", "out")
                self.assertTrue(os.listdir(os.path.join(folder, "out")))

    def run_in(self, folder, *args):
        done = subprocess.run([MESHCTL, *vaults.opened(os.path.join(folder, "key"), args)], cwd=folder, env=self.env, text=True, capture_output=True,
                              stdin=subprocess.DEVNULL, timeout=1200)
        self.assertEqual(done.returncode, 0, "%s\n%s\n%s" % (args, done.stdout, done.stderr))


class Ends(Base):
    """What of the keys ends soon is told before links go down, whatever the hosts say."""
    def told(self, days, *verb):
        self.project(inventory(HOSTS.items()).replace("backend: strongswan", "backend: strongswan, auth: x509"))
        self.run_it("keys", "ca", "init", "--key", "ec-p384")
        self.run_it("keys", "issue", "--days", str(days), "--bits", "2048")
        return self.run_it(*verb, "--connect-timeout", "1", "--limit", "alpha", code=5).stderr

    def test_plan_warns_before_certificates_end(self):
        err = self.told(7, "plan")
        self.assertEqual(err.count("W3030"), 3, err)
        self.assertIn("keys issue", err)

    def test_apply_warns_as_well(self):
        self.assertIn("W3030", self.told(7, "apply", "--yes"))

    def test_nobody_is_told_a_year_before(self):
        self.assertNotIn("W3030", self.told(365, "plan"))


class Silent(Base):
    """A host that takes the connection and never says a word."""
    def setUp(self):
        super().setUp()
        self.host = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(self.host.close)
        self.host.settimeout(60)
        ssh = "[192.0.2.1], ssh: {address: 127.0.0.1, port: %d}" % self.host.getsockname()[1]
        self.project(inventory(dict(HOSTS, alpha=ssh).items()))

    def test_the_error_says_where_it_waited_how_long_and_what_gives_more_time(self):
        err = self.run_it("plan", "--connect-timeout", "1", "--limit", "alpha", code=5).stderr
        self.assertRegex(err, r"error\[E5001\]: alpha: SSH greeting: no byte from the host for 1(\.\d)? s \(0 before\)\n  help: .*--connect-timeout")

    def test_ctrl_c_is_130_at_once(self):
        for verb in (["plan"], ["status"], ["apply", "--yes"]):
            with self.subTest(verb=verb):
                words = vaults.opened(self.path("key"), [*verb, "--limit", "alpha", "--connect-timeout", "600", "-o", "json"])
                process = subprocess.Popen([MESHCTL, *words], cwd=self.dir, env=self.env,
                                           stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
                with self.host.accept()[0]:
                    process.send_signal(signal.SIGINT)
                    out = process.communicate(timeout=60)[0]
                self.assertEqual(process.returncode, 130, out)
                self.assertEqual(json.loads(out.splitlines()[-1])["reason"], "interrupted")


class Verify(Base):
    SECONDS = 6

    def compiled(self, text):
        self.project(text)
        if "x509" in text:
            self.run_it("keys", "ca", "init", "--key", "ec-p384")
            self.run_it("keys", "issue", "--bits", "2048")
        self.run_it("compile", "--out", "out")

    def edit(self, name, old, new):
        text = open(self.path(name)).read()
        self.assertIn(old, text)
        self.write(name, text.replace(old, new, 1), 0o600)

    def documents(self, *args, code=0):
        return [json.loads(line) for line in self.run_it("verify", *args, "-o", "json", code=code).stdout.splitlines()]

    def test_clean_is_0_from_folders_and_from_an_inventory(self):
        self.compiled(inventory(HOSTS.items()))
        expected = {"type": "result", "reason": "done", "exit_code": 0, "schema_version": 1, "hosts": 3, "links": 4,
                    "unknown_peers": 0, "errors": 0, "warnings": 0}
        self.assertEqual(self.documents("out"), [expected])
        self.assertEqual(self.documents("inventory.yaml"), [expected])
        self.assertIn("3 hosts, 4 links: 0 errors, 0 warnings\n", self.run_it("verify", "out").stdout)

    def test_a_fault_is_2_and_names_both_ends(self):
        self.compiled(inventory(HOSTS.items(), backend="racoon"))
        self.edit("out/bravo/files/etc/racoon/racoon.conf", "dh_group modp3072", "dh_group modp2048")
        lines = self.documents("out", code=2)
        self.assertEqual((lines[-1]["reason"], lines[-1]["exit_code"], lines[-1]["errors"]), ("differences", 2, 1))
        self.assertEqual(lines[0]["code"], "E7103")
        self.assertIn("alpha", lines[0]["text"])
        places = [lines[0]["where"]["file"]] + [one["where"]["file"] for one in lines[0]["related"]]
        self.assertEqual(sorted(p.split("/")[1] for p in places), ["alpha", "bravo"])
        self.assertNotIn("mk1-", json.dumps(lines))

    def test_a_warning_alone_is_2(self):
        self.compiled(inventory(HOSTS.items(), backend="racoon"))
        self.edit("out/bravo/files/etc/racoon/racoon.conf", "lifetime time 3600 sec", "lifetime time 1800 sec")
        result = self.documents("out", code=2)[-1]
        self.assertEqual((result["errors"], result["warnings"]), (0, 1))

    def test_files_that_a_daemon_refuses_are_4(self):
        self.compiled(inventory(HOSTS.items(), backend="racoon"))
        self.edit("out/bravo/files/etc/racoon/racoon.conf", "dh_group modp3072", "dh_grup modp3072")
        lines = self.documents("out", code=4)
        self.assertEqual((lines[-1]["reason"], lines[-1]["exit_code"]), ("bad-input", 4))

    def test_what_is_no_folder_of_hosts_is_4(self):
        os.mkdir(self.path("empty"))
        for name, code in (("empty", "E7002"), ("nowhere", "E7001")):
            lines = self.documents(name, code=4)
            self.assertEqual((lines[0]["code"], lines[-1]["reason"]), (code, "bad-input"))

    def test_certificates_at_a_date(self):
        self.compiled(inventory(HOSTS.items()).replace("backend: strongswan", "backend: strongswan, auth: x509"))
        self.run_it("verify", "out")
        self.assertIn("E7163", self.run_it("verify", "out", "--at", "2099-12-31", code=2).stderr)
        self.assertIn("E7163", self.run_it("verify", "out", "--at", "2001-01-01T00:00:00Z", code=2).stderr)
        for wrong in ("tomorrow", "2026-13-01", "2026-12-31 "):
            self.assertIn("E7007", self.run_it("verify", "out", "--at", wrong, code=4).stderr)

    def test_a_missing_host_is_counted_not_guessed_at(self):
        self.compiled(inventory(HOSTS.items()))
        result = self.documents("out/alpha", "out/bravo")[-1]
        self.assertEqual((result["links"], result["unknown_peers"], result["exit_code"]), (2, 2, 0))


if __name__ == "__main__":
    os.environ["MESHCTL"] = os.path.abspath(sys.argv[1])
    sys.exit(suite.main(["run"], sys.argv[2:]))
