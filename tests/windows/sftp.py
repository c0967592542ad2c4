#!/usr/bin/python3
"""sftp.py FOLDER: the simulator's SFTP server. OpenSSH's own sftp-server does the work; paths are translated on the way, since OpenSSH for Windows
calls a file /C:/ProgramData/x and does not mind upper and lower case.

FOLDER/drives is `/`, with `C:` in it. Permissions are accepted and ignored, as they mean nothing there; there are no links."""
import os, posixpath, struct, subprocess, sys, threading

SERVER = "/usr/lib/openssh/sftp-server"
VERSION, OPEN, LSTAT, SETSTAT, FSETSTAT, OPENDIR, REMOVE, MKDIR, RMDIR, REALPATH, STAT, RENAME, READLINK, SYMLINK = 2, 3, 7, 9, 10, 11, 13, 14, 15, 16, 17, 18, 19, 20
STATUS, NAME, EXTENDED = 101, 104, 200
ONE_PATH = {VERSION, OPEN, LSTAT, OPENDIR, REMOVE, MKDIR, RMDIR, STAT}
OK, UNSUPPORTED = 0, 8
EXTENDED_PATHS = {b"posix-rename@openssh.com": 2, b"statvfs@openssh.com": 1, b"fsync@openssh.com": 0, b"fstatvfs@openssh.com": 0,
                  b"limits@openssh.com": 0}


def string(data):
    return struct.pack(">I", len(data)) + data


class Paths:
    def __init__(self, folder):
        self.root = os.path.join(folder, "drives")
        self.home = "/C:/users/" + (os.environ.get("USER") or "root")

    def absolute(self, path):
        r"""C:\x, /c:/x and x as /C:/x"""
        path = path.replace("\\", "/")
        if path[1:2] == ":":
            path = "/" + path
        path = posixpath.normpath("/" + posixpath.join(self.home, path).lstrip("/"))
        return path[0] + path[1].upper() + path[2:] if path[2:3] == ":" else path

    def real(self, path):
        """The file of this machine; a component that exists in other letters is that one."""
        here = self.root
        for part in [part for part in self.absolute(path).split("/") if part]:
            if not os.path.lexists(os.path.join(here, part)) and os.path.isdir(here):
                part = next((name for name in os.listdir(here) if name.lower() == part.lower()), part)
            here = os.path.join(here, part)
        return here


class Translator:
    def __init__(self, folder):
        self.paths = Paths(folder)
        self.server = subprocess.Popen([SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.lock = threading.Lock()

    def answer(self, packet):
        with self.lock:
            sys.stdout.buffer.write(string(packet))
            sys.stdout.buffer.flush()

    def status(self, request, code):
        self.answer(struct.pack(">BII", STATUS, request, code) + string(b"") + string(b""))

    def translated(self, body, count):
        """The first COUNT strings are paths."""
        out = b""
        for _ in range(count):
            size = struct.unpack(">I", body[:4])[0]
            out += string(os.fsencode(self.paths.real(os.fsdecode(body[4:4 + size]))))
            body = body[4 + size:]
        return out + body

    def ask(self, packet):
        kind, head, body = packet[0], packet[:5], packet[5:]
        request = struct.unpack(">I", packet[1:5])[0] if len(packet) >= 5 else 0
        if kind in (SETSTAT, FSETSTAT):
            return self.status(request, OK)
        if kind in (READLINK, SYMLINK):
            return self.status(request, UNSUPPORTED)
        if kind == REALPATH:
            path = string(os.fsencode(self.paths.absolute(os.fsdecode(body[4:]))))
            return self.answer(struct.pack(">BII", NAME, request, 1) + path + path + struct.pack(">I", 0))
        if kind in ONE_PATH:
            packet = head + self.translated(body, 1)
        elif kind == RENAME:
            packet = head + self.translated(body, 2)
        elif kind == EXTENDED:
            size = 4 + struct.unpack(">I", body[:4])[0]
            if body[4:size] not in EXTENDED_PATHS:
                return self.status(request, UNSUPPORTED)
            packet = head + body[:size] + self.translated(body[size:], EXTENDED_PATHS[body[4:size]])
        self.server.stdin.write(string(packet))
        self.server.stdin.flush()

    def run(self):
        threading.Thread(target=self.copy_answers, daemon=True).start()
        for packet in packets(sys.stdin.buffer):
            self.ask(packet)
        self.server.stdin.close()
        self.server.wait()

    def copy_answers(self):
        for packet in packets(self.server.stdout):
            self.answer(supported(packet) if packet[0] == VERSION else packet)


def supported(version):
    """Names no extension that is refused later."""
    out, rest = version[:5], version[5:]
    while rest:
        name = 4 + struct.unpack(">I", rest[:4])[0]
        whole = name + 4 + struct.unpack(">I", rest[name:name + 4])[0]
        out += rest[:whole] if rest[4:name] in EXTENDED_PATHS else b""
        rest = rest[whole:]
    return out


def packets(stream):
    while True:
        size = stream.read(4)
        if len(size) < 4:
            return
        packet = stream.read(struct.unpack(">I", size)[0])
        if not packet:
            return
        yield packet


if __name__ == "__main__":
    Translator(sys.argv[1]).run()
