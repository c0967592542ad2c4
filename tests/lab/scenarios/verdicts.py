"""meshctl check refuses what the real setkey and racoon refuse: several hundred files that are wrong, or look so, in small ways"""
import random
import re

TIER = "full"
SECONDS = 330
TIMEOUT = 600
CHECKOUT = "/lab/src/tests/lab/verdicts/"
# (kind, how many mutants, the real tool's command, what `check` calls the format)
TOOLS = [("setkey", 400, ("setkey", "-n", "-f"), "setkey"), ("racoon", 30, ("racoon", "-t", "-f"), "racoon")]
# Refused by meshctl alone: the tool passes these on, and the kernel refuses them, takes a number modulo 2^32, or gets ports that are chance.
KERNEL = re.compile(r"E2404|Linux refuses the action|wrong protocol|expected a protocol|takes nothing behind it")
LOOKED_UP = re.compile(r"W2407|W2408|W2410")  # whether such a name is known is the host's affair


def words(text):
    return re.findall(r'"[^"]*"|\s+|[;{},\[\]]|[^\s;{},\[\]"]+', text)


def mutant(dice, line, pool):
    """The line with one word (sometimes two) left out, doubled, replaced or exchanged."""
    all_words = words(line)
    places = [i for i, word in enumerate(all_words) if not word.isspace()]
    for _ in range(dice.choice([1, 1, 1, 2])):
        here, there = dice.choice(places), dice.choice(places)
        change = dice.randrange(6)
        if change == 0:
            all_words[here] = ""
        elif change == 1:
            all_words[here] += " " + all_words[here]
        elif change == 2:
            all_words[here], all_words[there] = all_words[there], all_words[here]
        elif change == 3:
            all_words[here] = dice.choice(pool)
        elif change == 4:
            all_words[here] += " " + dice.choice(pool)
        else:
            all_words[here] = all_words[there]
    return "".join(all_words)


def texts(kind, count):
    with open(CHECKOUT + kind) as file:
        lines = file.read().splitlines()
    with open(CHECKOUT + kind + ".pool") as file:
        pool = file.read().split()
    dice = random.Random(7)
    return lines + [mutant(dice, dice.choice(lines), pool) for _ in range(count)]


def said_by_meshctl(host, form, count):
    """What `check` says of each of the files, in one call."""
    done = host.run("/lab/bin/meshctl", "check", "--format", form, *["/root/%d" % number for number in range(count)])
    said = [""] * count
    for line in (done.out + done.err).splitlines():
        found = re.match(r"/root/(\d+)(?::\d+:\d+)?: (.*)", line)
        if found:
            said[int(found.group(1))] += found.group(2) + "\n"
    return said


def run(lab):
    lab.need("setkey", "racoon")
    host = lab.host("alpha", 1)
    host.write("/etc/nsswitch.conf", "hosts: files\nservices: files\nprotocols: files\n")
    host.write("/etc/racoon/psk.txt", "10.0.0.9 a-key-that-is-long-enough\n", 0o600)
    host.write("/var/racoon/.keep", "")
    for kind, mutants, command, form in TOOLS:
        files = texts(kind, mutants)
        for number, text in enumerate(files):
            host.write("/root/%d" % number, text + "\n")
        said = said_by_meshctl(host, form, len(files))
        refused, apart = 0, []
        for number, text in enumerate(files):
            real = host.run(*command, "/root/%d" % number)
            refused += real.code != 0
            if (real.code != 0) == ("error[" in said[number]) or (LOOKED_UP if real.code else KERNEL).search(said[number]):
                continue
            apart.append("%s\n  %s: %d %s\n  meshctl: %s" % (text, kind, real.code, (real.out + real.err)[-200:], said[number]))
        lab.check("%s and meshctl agree on %d files" % (kind, len(files)), not apart, "\n".join(apart))
        lab.check("%s refused some and took some" % kind, len(files) // 4 < refused < len(files), refused)
