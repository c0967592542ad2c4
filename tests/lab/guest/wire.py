"""What really went over the lab's wire: every frame that a host sent, seen once, on the bridge port it came in by.

    with lab.wire() as wire:
        ...
    wire.kinds(alpha, beta)        # {"esp": 12}
    wire.clear([alpha, beta])      # frames between these hosts that should have been ESP
"""
import collections
import ipaddress
import socket
import struct

SO_RCVBUFFORCE, SOL_PACKET, PACKET_STATISTICS, PACKET_IGNORE_OUTGOING, ETH_P_ALL = 33, 263, 6, 23, 3
PROTOCOLS = {1: "icmp", 6: "tcp", 17: "udp", 50: "esp", 51: "ah", 58: "icmp6", 108: "ipcomp"}
ND = range(133, 138)  # ICMPv6 types of neighbour discovery
ERRORS = {"icmp": (3, 4, 5, 11, 12), "icmp6": (1, 2, 3, 4)}
ALLOWED = {"esp", "ah", "ike", "nd", "icmp-error"}  # what two hosts of a `require` link may say to each other
Frame = collections.namedtuple("Frame", "time source target kind detail raw")


def classify(protocol, payload):
    """(kind, detail) of one IP payload."""
    kind = PROTOCOLS.get(protocol, "proto-%d" % protocol)
    if kind in ("icmp", "icmp6") and payload:
        if payload[0] in ERRORS[kind]:
            return "icmp-error", payload[0]
        return ("nd" if kind == "icmp6" and payload[0] in ND else kind), payload[0]
    if kind in ("tcp", "udp") and len(payload) >= 8:
        ports = struct.unpack("!HH", payload[:4])
        if kind == "udp" and 4500 in ports and payload[8:12] not in (b"\0\0\0\0", b"\xff"):
            return "esp", "in udp"
        if kind == "udp" and (500 in ports or 4500 in ports):
            return "ike", ports
        return kind, ports
    if kind == "esp" and len(payload) >= 4:
        return kind, "0x%08x" % struct.unpack("!I", payload[:4])
    return kind, None


def parse(frame):
    """(source, target, kind, detail), or None for what is not IP."""
    ethertype, = struct.unpack("!H", frame[12:14])
    if ethertype == 0x0800 and len(frame) >= 34:
        header = (frame[14] & 15) * 4
        fragment = struct.unpack("!H", frame[20:22])[0] & 0x1FFF
        kind, detail = classify(frame[23], b"" if fragment else frame[14 + header:])
        return str(ipaddress.IPv4Address(frame[26:30])), str(ipaddress.IPv4Address(frame[30:34])), kind, detail
    if ethertype == 0x86DD and len(frame) >= 54:
        protocol, at = frame[20], 54
        while protocol in (0, 43, 44, 60) and len(frame) >= at + 8:  # extension headers
            protocol, at = frame[at], at + (8 if protocol == 44 else 8 + frame[at + 1] * 8)
        kind, detail = classify(protocol, frame[at:])
        return str(ipaddress.IPv6Address(frame[22:38])), str(ipaddress.IPv6Address(frame[38:54])), kind, detail
    return None


class Wire:
    def __init__(self, epoch):
        self.frames, self.lost = [], 0
        self._now, self._socket = epoch, None

    def __enter__(self):
        # Every interface of the guest's root namespace: the bridge and its ports.
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_NONBLOCK, socket.htons(ETH_P_ALL))
        self._socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 64 << 20)
        self._socket.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
        return self

    def __exit__(self, *_):
        self.drain()
        statistics = self._socket.getsockopt(SOL_PACKET, PACKET_STATISTICS, 8)
        self.lost = struct.unpack("II", statistics)[1]
        self._socket.close()

    def drain(self):
        """Takes over what the kernel has kept; call it now and then while a flood runs."""
        while True:
            try:
                raw, address = self._socket.recvfrom(200)
            except BlockingIOError:
                return
            parsed = parse(raw) if address[0].startswith("v") and len(raw) >= 14 else None
            if parsed:
                self.frames.append(Frame(self._now(), *parsed, raw))

    def between(self, one, two):
        ends = ({one.ip, one.ip6}, {two.ip, two.ip6})
        return [frame for frame in self.frames
                if (frame.source in ends[0] and frame.target in ends[1]) or (frame.source in ends[1] and frame.target in ends[0])]

    def kinds(self, one, two):
        return dict(collections.Counter(frame.kind for frame in self.between(one, two)))

    def clear(self, hosts):
        """One line for each frame between two of the hosts that is neither protected nor an agreed exception."""
        return ["%s > %s %s %s" % frame[1:5] for index, one in enumerate(hosts) for two in hosts[index + 1:]
                for frame in self.between(one, two) if frame.kind not in ALLOWED]

    def save(self, path):
        """As pcap, for tcpdump -r."""
        with open(path, "wb") as file:
            file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
            for frame in self.frames:
                file.write(struct.pack("<IIII", int(frame.time), int(frame.time % 1 * 1e6), len(frame.raw), len(frame.raw)) + frame.raw)
