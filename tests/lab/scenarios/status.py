"""status tells the truth: absent before the first run, open with policies gone, unfinished with the seconds left; apply repairs without --force"""
import json
import re

from killing import change, kill_at, settled

TIER = "full"
SECONDS = 60


def states(mesh, code):
    """{(host, peer, local): state}, and the documents."""
    status = mesh.ctl("status", "inventory.yaml", "-o", "json")
    lines = [json.loads(line) for line in status.out.splitlines()]
    for line in lines:
        for health in line.get("health", []):
            mesh.lab.say("%s: %s: %s" % (line["host"], health["word"], health["text"]))
    mesh.lab.equal("exit code of status", status.code, code)
    return {(line["host"], link["peer"], link["local"]): link["state"] for line in lines if line["type"] == "host" for link in line["links"]}, lines


def run(lab):
    mesh = lab.mesh("three-strongswan")
    alpha, beta, gamma = mesh.hosts
    lab.equal("states before the first run", set(states(mesh, 2)[0].values()), {"absent"})
    mesh.apply()
    lab.check_esp([alpha, beta], families=["ip"], tcp_size=8192)
    seen = states(mesh, 0)[0]
    lab.equal("states", set(seen.values()) - {"up", "idle"}, set())
    lab.equal("link ends", len(seen), 12)
    policies = alpha.spd()

    lab.say("--- policies of alpha are flushed")
    alpha.run("ip", "xfrm", "policy", "flush", check=True)
    seen = states(mesh, 2)[0]
    lab.equal("states of alpha's links", {state for (host, _, _), state in seen.items() if host == "alpha"}, {"open"})
    lab.equal("states of the others", {state for (host, _, _), state in seen.items() if host != "alpha"} - {"up", "idle"}, set())
    shown = mesh.ctl("status", "inventory.yaml")
    lab.contains("what it says", shown.out, "traffic with beta, gamma may pass in clear; put the policies back: `meshctl apply --limit alpha`")
    plan = mesh.ctl("plan", "inventory.yaml", "--detailed-exitcode")
    lab.equal("exit code of plan", plan.code, 2)
    lab.contains("plan", plan.out, "policies are missing in the kernel: will be put back")
    mesh.apply("--limit", "alpha")
    lab.equal("policies of alpha", alpha.spd(), policies)
    lab.check_esp([alpha, beta], families=["ip"], tcp_size=8192)

    lab.say("--- charon of beta is stopped, a file is changed")
    for pid in beta.pids("charon"):
        beta.run("kill", str(pid), check=True)
    lab.wait_for("charon of beta has ended", lambda: not beta.pids("charon"), 30)
    beta.write("/etc/swanctl/conf.d/meshctl.conf", beta.read("/etc/swanctl/conf.d/meshctl.conf") + "# by hand\n", 0o600)
    plan = mesh.ctl("plan", "inventory.yaml", "--diff")
    lab.contains("plan", plan.out, "! /etc/swanctl/conf.d/meshctl.conf changed by hand: will be put back")
    lab.contains("its diff", plan.out, "-# by hand\n")
    lab.contains("plan", plan.out, "! the IKE daemon does not run: will be started")
    mesh.apply()
    lab.check("charon of beta runs", len(beta.pids("charon")) == 1)
    lab.check("what was written by hand is gone", "by hand" not in beta.read("/etc/swanctl/conf.d/meshctl.conf"))
    lab.check_esp([alpha, beta], families=["ip"], tcp_size=8192)
    states(mesh, 0)

    lab.say("--- meshctl is killed during a change")
    change(mesh, 0)
    diff = mesh.ctl("plan", "inventory.yaml", "--diff")
    lab.check("plan --diff shows new proposals", re.search(r"(?m)^ *\+ *(esp_)?proposals = aes128gcm16", diff.out) is not None)
    lab.equal("keys in it", [key for key in mesh.psks() if key in diff.out], [])
    kill_at(lab, mesh, "links", dead_man=60)
    lines = states(mesh, 2)[1]
    for line in lines:
        if line["type"] == "host":
            lab.check("the dead-man timer of %s is armed" % line["host"], line["armed"] and 0 < line["seconds_left"] <= 600 and line["trial"] != "")
    shown = mesh.ctl("status", "inventory.yaml")
    lab.contains("what it says", shown.out, "unfinished: transaction ")
    lab.check("with the seconds left", re.search(r"its dead-man timer reverts it in \d+ s", shown.out) is not None)
    lab.contains("and of this machine", shown.err, "W6003")
    lab.equal("exit code of resume", mesh.ctl("resume", "inventory.yaml").code, 0)
    lab.check("no host runs a trial", settled(mesh))
