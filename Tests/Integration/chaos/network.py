"""Hosts made of network namespaces, on one switch that can lose what goes from one to another.

The cable is cut in the switch, not in the hosts: nobody gets an error, packets are just gone, as between real machines."""

import os
import subprocess

RULES = """
table bridge cable {
  set lost {
    type ifname . ifname
  }
  chain forward {
    type filter hook forward priority 0
    iifname . oifname @lost drop
  }
}
"""


def run(*command, **options):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, **options)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))}: {done.stderr}{done.stdout}")


class Network:
    """Host names to namespaces; `number` keeps the names of networks that live at the same time apart."""

    def __init__(self, number):
        self.prefix = f"r{number}"
        self.hosts = []
        self.cuts = set()
        self.switch = f"{self.prefix}-switch"
        run("ip", "netns", "add", self.switch)
        run("ip", "-n", self.switch, "link", "add", "name", "lan", "type", "bridge")
        run("ip", "-n", self.switch, "link", "set", "lan", "up")
        self.nft(RULES)

    def add(self, host):
        """A host on the switch; its address."""
        self.hosts.append(host)
        space, address = self.space(host), f"10.0.0.{9 + len(self.hosts)}"
        run("ip", "netns", "add", space)
        run("ip", "-n", self.switch, "link", "add", "name", host, "type", "veth", "peer", "name", "eth0", "netns", space)
        run("ip", "-n", self.switch, "link", "set", host, "master", "lan", "up")
        run("ip", "-n", space, "addr", "add", f"{address}/24", "dev", "eth0")
        for device in ["lo", "eth0"]:
            run("ip", "-n", space, "link", "set", device, "up")
        return address

    def space(self, host):
        return f"{self.prefix}-{host}"

    def inside(self, host):
        """What to put before a command so that it runs on a host; it becomes the command, with the same process id."""
        return ["nsenter", f"--net=/run/netns/{self.space(host)}", "--"]

    def cut(self, pairs):
        """Loses all packets of (from, to) pairs of hosts from now on."""
        self.change("add", set(pairs) - self.cuts)
        self.cuts |= set(pairs)

    def heal(self):
        self.change("delete", self.cuts)
        self.cuts = set()

    def change(self, verb, pairs):
        if pairs:
            elements = ", ".join(f"{source} . {target}" for source, target in sorted(pairs))
            self.nft(f"{verb} element bridge cable lost {{ {elements} }}\n")

    def nft(self, rules):
        run(*self.inside("switch"), "nft", "-f", "-", input=rules)

    def close(self):
        for host in [*self.hosts, "switch"]:
            subprocess.run(["ip", "netns", "delete", self.space(host)], capture_output=True)


def isolate(host, others, out=True, back=True):
    """The pairs that part a host from others: what it sends is lost, what is sent to it is lost, or both."""
    pairs = set()
    for other in others:
        if out:
            pairs.add((host, other))
        if back:
            pairs.add((other, host))
    return pairs


def is_apart():
    """Whether this process has namespaces of its own (scripts/chaos sees to it)."""
    return os.getpid() == 1
