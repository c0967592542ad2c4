#!/usr/bin/python3
"""The set-ups of the old how-to pages, end to end: for each inventory of inventories/seeds, every directive of its page is found in
what meshctl writes, or deliberately replaced; a second compilation gives the same bytes; verify finds nothing; and what import makes
of those files, with a vault of its own, compiles to the same bytes.

Usage: run.py MESHCTL --jobs | run.py MESHCTL [NAME...]

NAME.txt beside this file has one row for each directive of the page:
    DIRECTIVE => HOST PATH REGEX      REGEX is found in a line of that file of the host
    DIRECTIVE => replaced: REASON     not found on purpose
Lines that begin with '#' are comments. The last line printed is "N passed, N failed, N skipped"."""
import os, re, shutil, subprocess, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
sys.dont_write_bytecode = True
import suite  # noqa: E402
import vaults  # noqa: E402

SEEDS = os.path.join(HERE, "..", "..", "inventories", "seeds")
NAMES = sorted(file[:-5] for file in os.listdir(SEEDS) if file.endswith(".yaml"))


class Failed(Exception):
    pass


def check(condition, text):
    if not condition:
        raise Failed(text)


class Mesh:
    """One inventory in a folder of its own, with keys made for the occasion."""

    def __init__(self, meshctl, name, folder):
        self.meshctl, self.name, self.folder = meshctl, name, folder
        shutil.copy(os.path.join(SEEDS, name + ".yaml"), os.path.join(folder, "inventory.yaml"))

    def ctl(self, *args, codes=(0,)):
        done = subprocess.run([self.meshctl, *vaults.opened(self.path("key"), args)], cwd=self.folder, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=1200)
        check(done.returncode in codes, "meshctl %s: exit %d\n%s%s" % (" ".join(args), done.returncode, done.stdout, done.stderr))
        return done

    def auth(self):
        return set(re.findall(r"auth: (\w+)", open(os.path.join(self.folder, "inventory.yaml")).read()))

    def make_keys(self):
        self.ctl("keys", "init")
        if "rsa" in self.auth():
            self.ctl("keys", "rsa")
        if "x509" in self.auth():
            self.ctl("keys", "ca", "init")
            self.ctl("keys", "issue")
        if "manual" in self.auth():
            self.ctl("keys", "manual")

    def path(self, *parts):
        return os.path.join(self.folder, *parts)


def rows(name):
    for number, line in enumerate(open(os.path.join(HERE, name + ".txt")), 1):
        if not line.strip() or line.startswith("#"):
            continue
        directive, arrow, target = line.rstrip("\n").partition(" => ")
        check(arrow, "%s.txt:%d: no ' => ' in it" % (name, number))
        yield number, directive.strip(), target.strip()


def directives(mesh, compiled):
    seen = 0
    for number, directive, target in rows(mesh.name):
        seen += 1
        if target.startswith("replaced: "):
            check(len(target) > 20, "%s.txt:%d: a reason is needed" % (mesh.name, number))
            continue
        host, path, regex = target.split(None, 2)
        file = mesh.path(compiled, host, "files" + path)
        check(os.path.exists(file), "%s.txt:%d: %s has no %s" % (mesh.name, number, host, path))
        text = open(file, newline="").read()
        check(re.search(regex, text, re.MULTILINE), "%s.txt:%d: no line of %s on %s is /%s/ (for: %s)\n%s"
              % (mesh.name, number, path, host, regex, directive, text))
    check(seen > 3, "%s.txt has hardly a row" % mesh.name)


def same_bytes(mesh, one, two):
    """Both trees have the same files with the same content, manifests aside: these name the mesh's own secrets' digests."""
    done = subprocess.run(["diff", "-r", "-x", "manifest.json", mesh.path(one), mesh.path(two)], capture_output=True, text=True)
    check(done.returncode == 0, "%s and %s differ:\n%s" % (one, two, done.stdout[:3000]))


def compiled_twice(mesh):
    mesh.ctl("compile", "inventory.yaml", "--out", "again")
    same_bytes(mesh, "out", "again")


def proved(mesh, compiled):
    said = mesh.ctl("verify", compiled).stdout
    check(re.search(r"hosts, [1-9]\d* links?: 0 errors", said), "verify proves no link: %s" % said)


def imported_again(mesh, compiled):
    """Hosts of racoon's and of Windows', back into an inventory: its files are those that were imported, keys and certificates too."""
    out = mesh.path(compiled)
    theirs = [os.path.join("etc", "racoon"), os.path.join("ProgramData", "meshctl")]
    hosts = [h for h in sorted(os.listdir(out)) if any(os.path.isdir(os.path.join(out, h, "files", d)) for d in theirs)]
    back = mesh.path("back")
    os.mkdir(back)
    mesh.ctl("keys", "init", "inventory.yaml", "--vault", "back/meshctl.vault")
    # 2: what people should look at, such as the address at which a road warrior is reached
    mesh.ctl("import", *[os.path.join(compiled, h) for h in hosts], "--out", "back/inventory.yaml", "--vault", "back/meshctl.vault",
             codes=(0, 2))
    mesh.ctl("compile", "back/inventory.yaml", "--vault", "back/meshctl.vault", "--out", "back/out")
    for host in hosts:
        same_bytes(mesh, os.path.join(compiled, host), os.path.join("back/out", host))


def run(meshctl, name):
    with tempfile.TemporaryDirectory(prefix="meshctl-seeds-") as folder:
        mesh = Mesh(meshctl, name, folder)
        mesh.make_keys()
        mesh.ctl("compile", "inventory.yaml", "--out", "out")
        directives(mesh, "out")
        compiled_twice(mesh)
        proved(mesh, "out")
        imported_again(mesh, "out")


def main():
    meshctl = os.path.abspath(sys.argv[1])
    names = sys.argv[2:] or NAMES
    if names == ["--jobs"]:
        print("\n".join("3 " + name for name in NAMES))
        return 0
    suite.end_in_order()
    passed = failed = 0
    for name in names:
        print("> " + name, flush=True)
        try:
            run(meshctl, name)
            passed += 1
            print("passed  %s" % name, flush=True)
        except Failed as why:
            failed += 1
            print("FAILED  %s: %s" % (name, why), flush=True)
    return suite.report(passed, failed, 0)


if __name__ == "__main__":
    sys.exit(main())
