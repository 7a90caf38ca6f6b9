"""Hosts simulated by network namespaces on a switch that can drop packets between any two of them.

The switch drops the packets, not the hosts, so nobody gets an error, as between real machines."""

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
    """Maps host names to namespaces. `number` makes the names of concurrent networks unique."""

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
        """Adds a host to the switch. Returns its address."""
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
        """Returns a command prefix that runs a command on a host under the same process id."""
        return ["nsenter", f"--net=/run/netns/{self.space(host)}", "--"]

    def cut(self, pairs):
        """Drops all packets between (from, to) pairs of hosts from now on."""
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
    """Returns the pairs that isolate a host from others in outgoing direction, incoming direction, or both."""
    pairs = set()
    for other in others:
        if out:
            pairs.add((host, other))
        if back:
            pairs.add((other, host))
    return pairs


def is_isolated():
    """Whether this process runs in the separate namespaces that scripts/chaos creates."""
    return os.getpid() == 1
