"""two applies at once: the second refuses with exit code 6 and changes nothing, the first one ends well"""
from mesh import events

TIER = "fast"
SECONDS = 18


def run(lab):
    mesh = lab.mesh("three-strongswan")
    box = mesh.controller
    box.run("cp", "-a", "/root/mesh", "/root/colleague", check=True)  # another person's checkout: no common journal
    first = mesh.start("apply", "inventory.yaml", "--yes", "-o", "json")
    lab.wait_for("the first apply holds every host", lambda: sum(
        event.get("phase") == "stage" and event.get("event") == "ended" for event in events(first)) == 3, 60)
    second = mesh.ctl("apply", "inventory.yaml", "--yes", cwd="/root/colleague")
    lab.equal("exit code of the second apply", second.code, 6)
    lab.contains("it", second.out + second.err, "another run")
    same = mesh.ctl("apply", "inventory.yaml", "--yes")
    lab.equal("exit code of a second apply in the same folder", same.code, 6)
    lab.equal("exit code of the first apply", first.wait(120).code, 0)
    lab.check_esp(mesh.hosts, families=["ip"], tcp_size=8192)
