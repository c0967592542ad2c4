#!/usr/bin/python3
"""apply --until staged and a plan that finds nothing to do, beside OpenSSH's ssh and Ansible, on many sshd here.

Usage: fleet.py MESHCTL [--sizes 20,100,200] [--ansible 20,200] [--rounds 3]
Needs root. Every sshd has its own network and mount namespace with its own /etc and /var/lib. The rival `ssh` makes the same
number of connections with the same key exchange and runs `true`; Ansible copies the same files with its fastest settings."""
import argparse, hashlib, json, os, shutil, signal, subprocess, sys, tempfile
from common import Run, environment, full_mesh, median, row
from hosts import Hosts, address

KEX = "curve25519-sha256"


def ssh_config(folder):
    path = os.path.join(folder, "ssh_config")
    with open(path, "w") as f:
        f.write("Host *\n  User root\n  IdentityFile %s/id\n  IdentitiesOnly yes\n  UserKnownHostsFile %s/known_hosts\n"
                "  StrictHostKeyChecking yes\n  KexAlgorithms %s\n  ControlMaster no\n  LogLevel ERROR\n" % (folder, folder, KEX))
    return path


def bare_ssh(folder, count, at_once):
    hosts = "\n".join(address(i) for i in range(count))
    script = "xargs -P %d -I{} ssh -F %s {} true" % (at_once, ssh_config(folder))
    path = os.path.join(folder, "addresses")
    with open(path, "w") as f:
        f.write(hosts + "\n")
    return Run(["sh", "-c", script], stdin=open(path))


def ansible(folder, count, compiled):
    with open(os.path.join(folder, "hosts.ini"), "w") as f:
        for i in range(count):
            f.write("h%04d ansible_host=%s\n" % (i, address(i)))
        f.write("[all:vars]\nansible_user=root\nansible_python_interpreter=/usr/bin/python3\n"
                "ansible_ssh_common_args=-F %s\n" % ssh_config(folder))
    with open(os.path.join(folder, "ansible.cfg"), "w") as f:
        f.write("[defaults]\nforks=50\ngathering=explicit\n[ssh_connection]\npipelining=True\n"
                "ssh_args=-o ControlMaster=auto -o ControlPersist=60s -o ControlPath=%s/cm-%%C\n" % folder)
    with open(os.path.join(folder, "copy.yml"), "w") as f:
        json.dump([{"hosts": "all", "gather_facts": False,
                    "tasks": [{"copy": {"src": "%s/{{ inventory_hostname }}/files/" % compiled, "dest": "/", "mode": "0600"}}]}], f)
    env = dict(os.environ, ANSIBLE_CONFIG=os.path.join(folder, "ansible.cfg"), LC_ALL="C.UTF-8")
    return Run(["ansible-playbook", "-i", os.path.join(folder, "hosts.ini"), os.path.join(folder, "copy.yml")], env=env)


def pretend_applied(hosts, compiled, count):
    """This machine's own kernel has no IPsec, so that activation cannot run here: put the files, the generation with its
    lists and its name in place by hand, which is all that a plan looks at."""
    for i in range(count):
        host = os.path.join(compiled, "h%04d" % i)
        manifest = json.load(open(os.path.join(host, "manifest.json")))
        files = ["%s %s %s\n" % (f["mode"], f["owner"], f["path"]) for f in manifest["files"]]
        with open(os.path.join(host, "files.list"), "w") as f:
            f.writelines(files)
        with open(os.path.join(host, "SHA256SUMS"), "w") as f:
            for file in manifest["files"]:
                content = open(os.path.join(host, "files" + file["path"]), "rb").read()
                f.write("%s  files%s\n" % (hashlib.sha256(content).hexdigest(), file["path"]))
        hosts.run(i, "d=/var/lib/meshctl; mkdir -p $d/generations && cp -a %s $d/generations/%s && cp -a %s/files/. / && "
                     "echo %s > $d/current" % (host, manifest["generation"], host, manifest["generation"]))


def bench(meshctl, count, rounds, with_ansible, folder):
    inventory, vault = os.path.join(folder, "inventory.yaml"), os.path.join(folder, "vault")
    env = environment(folder)
    full_mesh(inventory, count, "strongswan", address,
              ", ssh: {key_file: %s/id, known_hosts: %s/known_hosts}" % (folder, folder))
    Run([meshctl, "keys", "init", inventory, "--vault", vault], env=env)
    compiled = os.path.join(folder, "compiled")
    Run([meshctl, "compile", inventory, "--vault", vault, "--out", compiled], env=env)
    with Hosts(folder, count) as hosts:
        common = [inventory, "--vault", vault, "--parallel", "32"]
        bare_ssh(folder, count, 32)  # warms up both ends' caches for all rivals
        staged, plain, plans = [], [], []
        for _ in range(rounds):
            plain.append(bare_ssh(folder, count, 32).wall)
            for i in range(count):
                hosts.run(i, "rm -rf /var/lib/meshctl")
            staged.append(Run([meshctl, "apply", "--until", "staged", "--yes"] + common, env=env, stderr=subprocess.DEVNULL))
        slow = ansible(folder, count, compiled).wall if with_ansible else None
        pretend_applied(hosts, compiled, count)
        for _ in range(rounds):
            plans.append(Run([meshctl, "plan", "--detailed-exitcode"] + common, env=env))  # exit 2 if anything would change
    stage, ssh, plan = median([r.wall for r in staged]), median(plain), median([r.wall for r in plans])
    row((count, 5), ("%.2f" % ssh, 8), ("%.2f" % stage, 9), ("%.2f" % (stage / ssh), 7), ("%.2f" % plan, 7), ("%.2f" % (plan / ssh), 7),
        ("%.2f" % median([r.cpu for r in staged]), 8), ("%.0f" % max(r.peak for r in staged), 5),
        ("%.1f" % slow if slow else "-", 9), ("%.1f" % (slow / stage) if slow else "-", 8))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("meshctl")
    parser.add_argument("--sizes", default="20,100,200")
    parser.add_argument("--ansible", default="20,100,200", help="sizes at which Ansible runs as well; 0 for none")
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    if os.geteuid() != 0:
        raise SystemExit("needs root: it makes network and mount namespaces")
    if "MESHCTL_BENCH_INSIDE" not in os.environ:  # our own namespaces: nothing of the machine's network is touched
        os.environ["MESHCTL_BENCH_INSIDE"] = "1"
        os.execvp("unshare", ["unshare", "-n", "-m", sys.executable] + sys.argv)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the hosts end with us
    ansible_sizes = [int(n) for n in args.ansible.split(",")] if shutil.which("ansible-playbook") else []
    print("full mesh of strongSwan hosts, %d rounds, medians; ssh and meshctl: 32 at once, %s" % (args.rounds, KEX))
    row(("hosts", 5), ("ssh s", 8), ("staged s", 9), ("/ssh", 7), ("plan s", 7), ("/ssh", 7), ("CPU s", 8), ("MiB", 5),
        ("ansible s", 9), ("/staged", 8))
    for count in (int(n) for n in args.sizes.split(",")):
        folder = tempfile.mkdtemp(prefix="meshctl-bench-")
        try:
            bench(args.meshctl, count, args.rounds, count in ansible_sizes, folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
