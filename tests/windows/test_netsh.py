"""The simulated netsh against the reference, and against meshctl's own checker: two readings of one text that must agree."""
import collections, os, re, subprocess

import kit

RULE = "advfirewall consec add rule name=%s endpoint1=192.0.2.10 endpoint2=192.0.2.20 action=requireinrequireout auth1=computerkerb"

QUICK_GOOD = """esp:sha256-aes256+60min+100000kb ah:sha256 ah:aesgmac128+esp:aesgcm128-aesgcm128 esp:sha1-none+5min+20480kb authnoencap:sha1,esp:sha1-aes128
default ah:sha1+esp:sha1-none esp:aesgmac256-none esp:aesgcm192-aesgcm192 esp:aesgcm128-aesgcm128+400min+100000000kb ESP:SHA1-AES128+60min+100000kb""".split()
QUICK_BAD = """esp:sha384-aes256 esp:aesgcm128-aes128 esp:aesgcm256-aesgcm128 esp:aesgmac128-aes128 ah:aesgcm128 ah:sha1+esp:sha256-aes128 authnoencap:sha1
esp:sha1-aes128+4min+100000kb esp:sha1-aes128+60min+20479kb esp:sha1-aes128+2881min+100000kb esp:aes128-sha1 ESP[3DES,SHA1] esp:aesgcm128-none
esp:sha1-aes128+100000kb+60min esp:sha1-aes128, ah:aesgmac128+esp:aesgcm256-aesgcm256""".split()
MAIN_GOOD = "ecdhp384:aes256-sha384 dhgroup14:aes256-sha256,dhgroup14:aes128-sha1 default dhgroup1:des-md5".split()
MAIN_BAD = """dhgroup5:aes128-sha1 dhgroup14-aes256-sha256 dhgroup14:aesgcm256-sha256 dhgroup14:aes256-sha512
dhgroup14:aes256-sha256,dhgroup2:aes128-sha1""".split()

STATIC_GOOD = ["3DES-SHA1-3", "DES-MD5-1 3DES-SHA1-2"]
STATIC_BAD = ["AES256-SHA1-3", "3DES-SHA1-4", "3DES-SHA1 DHGroup2;AES128-SHA256 DHGroup14"]
ACTION_GOOD = ["ESP[3DES,SHA1]:100000k/3600s", "AH[MD5]:204800k/300s ESP[DES,SHA1]:30000k/480s", "AH[SHA1]+ESP[3DES,NONE]"]
ACTION_BAD = ["ESP[AES128,SHA1]", "ESP:3DES-SHA1", "ESP[NONE,NONE]"]


class Netsh(kit.WindowsCase):
    def file(self, lines):
        """The lines in one `netsh -f`: for each, None or why it was refused."""
        with open(self.windows.path(r"C:\ProgramData\lines"), "w", newline="\r\n") as file:
            file.write("".join(line + "\n" for line in lines))
        answers = self.windows.run(r"netsh -f C:\ProgramData\lines").out.rstrip("\n").split("\n\n")
        self.assertEqual(len(answers), len(lines))
        return [re.sub(r"(?s).*simulator: ", "", answer) if "simulator: " in answer else None for answer in (one.strip() for one in answers)]

    def verdicts(self, good, bad):
        for line, answer in zip(good + bad, self.file(good + bad)):
            with self.subTest(line):
                self.assertEqual(answer is None, line in good, answer)

    def test_quick_mode_of_the_reference(self):
        line = RULE % "a" + " qmsecmethods="
        self.verdicts([line + value for value in QUICK_GOOD], [line + value for value in QUICK_BAD])

    def test_main_mode_of_the_reference(self):
        line = "advfirewall set global mainmode mmsecmethods "
        self.verdicts([line + value for value in MAIN_GOOD], [line + value for value in MAIN_BAD] + [line + "dhgroup1:3des-sha256, 3des-sha384"])

    def test_every_combination_of_quick_mode(self):
        integrities = ["md5", "sha1", "sha256"] + ["aesg%s%d" % (kind, bits) for kind in ("mac", "cm") for bits in (128, 192, 256)]
        ciphers = ["none", "des", "3des", "aes128", "aes192", "aes256", "aesgcm128", "aesgcm192", "aesgcm256"]
        esp = ["esp:%s-%s" % (one, other) for one in integrities for other in ciphers]
        both = ["ah:%s+%s" % (one, other) for one in integrities[:6] for other in esp]
        answers = self.file([RULE % "a" + " qmsecmethods=" + value for value in esp + both])
        self.assertEqual(sum(answer is None for answer in answers[:len(esp)]), 24)
        self.assertEqual(sum(answer is None for answer in answers[len(esp):]), 24)

    def test_static_methods_of_the_reference(self):
        policy = 'ipsec static add policy name="%d" mmsecmethods="%s"'
        action = 'ipsec static add filteraction name="%d" action=negotiate qmsecmethods="%s"'
        self.verdicts([policy % pair for pair in enumerate(STATIC_GOOD)] + [action % pair for pair in enumerate(ACTION_GOOD)],
                      [policy % pair for pair in enumerate(STATIC_BAD, 50)] + [action % pair for pair in enumerate(ACTION_BAD, 50)])

    def test_set_global(self):
        self.verdicts(["advfirewall set global ipsec defaultexemptions neighbordiscovery,dhcp", "advfirewall set global ipsec defaultexemptions none",
                       "advfirewall set global mainmode mmkeylifetime 480min,0sess", "advfirewall set global mainmode mmforcedh yes"],
                      ["advfirewall set global ipsec defaultexemptions none,dhcp", "advfirewall set global mainmode mmsecmethods=default",
                       "advfirewall set global mainmode mmkeylifetime 480min,0sess mmforcedh yes", "advfirewall set global mainmode mmkeylifetime 2880min",
                       "advfirewall set global ipsec saidletimemin 4", "advfirewall set global ipsec defaultexemptions notconfigured"])

    def test_what_is_no_command(self):
        self.verdicts([], ["advfirewall dump", "advfirewall consec del rule name=a", "advfirewall consec show rule all", "advfirewall consec add rule name = a",
                           RULE % "a" + " desc=x", RULE % "a" + " name=b", RULE % "a" + ' description="a', "ipsec static add policy x"])

    def test_two_rules_of_one_name(self):
        self.assertEqual(self.file([RULE % "a", RULE % "a"]), [None, None])
        self.assertIn("Updated 2 rule(s).", self.must("netsh advfirewall consec set rule name=A new profile=domain"))
        self.assertEqual(len(kit.rules(self.windows.policy())), 2)
        self.assertIn("Deleted 2 rule(s).", self.must("netsh advfirewall consec delete rule name=a"))
        self.assertEqual(kit.rules(self.windows.policy()), [])

    def test_no_match(self):
        for context in ("consec", "mainmode"):
            for verb in ("show", "delete"):
                self.assertIn("No rules match", self.must("netsh advfirewall %s %s rule name=gone" % (context, verb), 1))
            self.must("netsh advfirewall %s set rule name=gone new profile=any" % context, 1)

    def test_a_change_obeys_the_rules_too(self):
        self.file([RULE % "a"])
        before = self.windows.policy()
        for change in ("auth1=computerpsk", "protocol=any port1=80", "endpoint2=2001:db8::1", "action=noauthentication", "name=all", ""):
            self.must("netsh advfirewall consec set rule name=a new " + change, 1)
            self.assertEqual(self.windows.policy(), before)
        self.must('netsh advfirewall consec set rule name=a new auth1=computerpsk auth1psk="k"')
        self.must("netsh advfirewall consec set rule name=a new auth1=computerkerb")
        self.assertEqual(self.windows.policy(), before)

    def test_show_prints_the_key(self):
        self.file([(RULE % "a").replace("computerkerb", 'computerpsk auth1psk="a key"')])
        self.assertIn("a key", self.must("netsh advfirewall consec show rule name=a"))

    def test_a_file_goes_on_after_a_failure(self):
        answers = self.file(["advfirewall consec delete rule name=gone", RULE % "a"])
        self.assertEqual([answer is None for answer in answers], [False, True])
        self.must(r"netsh -f C:\ProgramData\lines", 1)
        self.must(r"netsh -f C:\ProgramData\none", 1)

    def test_export_and_import(self):
        self.file([RULE % "a", "advfirewall set global ipsec defaultexemptions icmp", 'ipsec static add policy name="p"'])
        before = self.windows.policy()
        self.must(r'netsh advfirewall export "C:\ProgramData\x.wfw"')
        self.must(r'netsh advfirewall export "C:\ProgramData\x.wfw"', 1)
        self.must("netsh advfirewall reset")
        self.assertNotEqual(self.windows.policy(), before)
        self.must(r'netsh advfirewall import "C:\ProgramData\x.wfw"')
        self.assertEqual(self.windows.policy(), before)
        self.must(r"netsh advfirewall import C:\ProgramData\y.wfw", 1)

    def test_security_associations(self):
        self.windows.write("associations.txt", "qmsa 192.0.2.1 192.0.2.2\nmmsa 192.0.2.1 192.0.2.2\n")
        self.assertIn("192.0.2.2", self.must("netsh advfirewall monitor show qmsa all"))
        self.must("netsh advfirewall monitor delete qmsa 192.0.2.1 192.0.2.3", 1)
        self.must("netsh advfirewall monitor delete qmsa 192.0.2.1 192.0.2.2")
        self.must("netsh advfirewall monitor show qmsa", 1)
        self.must("netsh advfirewall monitor show mmsa 192.0.2.1 192.0.2.2")

    def test_one_assigned_policy_and_what_it_uses(self):
        add = "ipsec static add "
        lines = [add + "policy name=a assign=yes", add + "policy name=b", add + "filterlist name=l", add + "filteraction name=p action=permit",
                 add + "filter filterlist=l srcaddr=me dstaddr=192.0.2.1 protocol=TCP mirrored=yes srcport=0 dstport=80",
                 add + "rule name=r policy=a filterlist=l filteraction=p kerberos=yes", "ipsec static set policy name=b assign=yes"]
        self.assertEqual(self.file(lines), [None] * len(lines))
        assigned = [line for line in self.windows.policy() if "assign=yes" in line]
        self.assertEqual(["name=b" in line for line in assigned], [True])
        self.must("netsh ipsec static add policy name=A", 1)
        self.must("netsh ipsec static delete filterlist name=l", 1)
        for gone in ("policy name=a", "filterlist name=l", "filteraction name=p", "policy name=b"):
            self.must("netsh ipsec static delete " + gone)
        self.assertEqual(kit.rules(self.windows.policy()), [])

    def test_lines_that_break_one_rule(self):
        """What the unit tests of meshctl's checker draw at random, with the rule that each line breaks."""
        tests = os.path.join(os.path.dirname(os.environ["MESHCTL"]), "tests", "test_windows")
        if not os.path.exists(tests):
            self.skipTest("the unit tests are not built")
        drawn = subprocess.run([tests, "-tc=print lines for another reader", "--no-skip"], env=dict(os.environ, RC_PARAMS="seed=1 max_success=12"),
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True).stdout
        lines = [line.split("\t")[1:] for line in drawn.splitlines() if line.startswith("line\t")]
        self.assertGreater(len(lines), 400)
        seen = collections.Counter()
        for (rule, line), answer in zip(lines, self.file([line for _, line in lines])):
            seen[rule] += 1
            with self.subTest(rule, line=line):
                if rule in ("ok", "W22"):  # weak algorithms are taken by Windows; meshctl warns
                    self.assertIsNone(answer)
                else:
                    self.assertIsNotNone(answer)
                    self.assertEqual(answer[:3], rule, answer)
        self.assertEqual(sorted(seen), sorted(["ok"] + ["W%02d" % number for number in range(1, 23)]))
