"""strongSwan towards a Windows host, played by a strongSwan that offers exactly what the netsh lines say: keys, certificates, started by either side"""
import re

import windows_peer

TIER = "full"
SECONDS = 90
TIMEOUT = 300


def run(lab, inventory="windows-peer"):
    mesh = lab.mesh(inventory, daemons=False)
    alpha, win = mesh["alpha"], mesh["win"]
    alpha.daemon = re.search(r"backend: (\w+)", mesh.text).group(1)
    getattr(alpha, "start_" + alpha.daemon)()
    win.start_strongswan()
    meet(lab, mesh, "psk")
    mesh.edit("auth: psk", "auth: x509")
    for words in (("ca", "init"), ("issue", "alpha", "win")):
        lab.equal("exit code of keys " + " ".join(words), mesh.ctl("keys", *words).code, 0)
    meet(lab, mesh, "x509")
    wrong(lab, mesh)


def meet(lab, mesh, auth):
    """The two ends as compiled find each other, whoever begins."""
    alpha, win = mesh["alpha"], mesh["win"]
    folder, lines = windows_peer.compiled(mesh, "win")
    windows_peer.load(mesh, win, lines, folder)
    mesh.apply()
    for one, other in ((alpha, win), (win, alpha)):  # Windows forgets idle SAs; either may begin anew
        forget(lab, win)
        lab.wait_for("%s has come to terms with %s" % (one.name, other.name), lambda: lab.ping(one, other.ip, 2) == lab.ping(one, other.ip6, 2) == 2, 60)
    lab.check_esp([alpha, win], tcp_size=65536)
    seen = win.run("swanctl", "--list-sas").out
    main, quick = chosen(lines)
    lab.contains("SAs of win", seen, "IKEv1")
    lab.contains("main mode of win", seen, main)
    lab.contains("quick mode of win", seen, quick)
    if auth == "x509":
        lab.contains("identity of alpha", seen, "CN=alpha")
    before = win.spis(alpha)
    lab.equal("win renews quick mode", win.run("swanctl", "--rekey", "--child", "all").code, 0)
    lab.wait_for("other SPIs", lambda: win.spis(alpha) - before, 20)
    lab.check("replies afterwards", lab.ping(win, alpha.ip, 4) >= 3)


def chosen(lines):
    """What `swanctl --list-sas` calls the algorithms of the lines."""
    text = "\n".join(lines)
    names = {"aes256": "AES_CBC-256", "aes128": "AES_CBC-128", "sha256": "HMAC_SHA2_256_128", "sha1": "HMAC_SHA1_96", "modp2048": "MODP_2048"}
    main = windows_peer.main_proposal(re.search(r"mmsecmethods (\S+)", text).group(1)).split("-")
    rule = windows_peer.values(next(line for line in lines if "consec add rule" in line))
    quick = windows_peer.quick_proposal(rule["qmsecmethods"], rule["qmpfs"])[0].split("-")
    return "/".join(names[word] for word in main[:2]), "/".join(names[word] for word in quick)


def forget(lab, host):
    """Deletes the SAs and says so."""
    for name in ("w1", "w2"):
        host.run("swanctl", "--terminate", "--ike", name, "--timeout", lab.seconds(5))


def wrong(lab, mesh):
    """Another proposal than the one that was compiled meets nobody."""
    win = mesh["win"]
    folder, lines = windows_peer.compiled(mesh, "win")
    forget(lab, win)
    windows_peer.load(mesh, win, [re.sub(r"(mmsecmethods) \S+", r"\1 dhgroup2:aes128-sha1", line) for line in lines], folder)
    tried = win.run("swanctl", "--initiate", "--ike", "w1", "--child", "all", "--timeout", lab.seconds(10))
    lab.check("the default of Windows is refused", tried.code != 0, tried.out[-300:])
    log, words = {"strongswan": ("charon", "no proposal found"), "racoon": ("racoon", "no suitable proposal")}[mesh["alpha"].daemon]
    lab.contains("log of alpha", mesh["alpha"].read("/var/log/%s.log" % log), words)
