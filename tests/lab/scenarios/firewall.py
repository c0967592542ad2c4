"""strongSwan, net to net behind firewalls that drop and masquerade: comes up, survives a reload of the firewall, a rollback, a boot; destroy leaves nothing"""
from firewalled import scenario

TIER = "full"
SECONDS = 150
TIMEOUT = 900


def run(lab):
    lab.need("iptables-legacy")
    scenario(lab, "strongswan-sites")
