"""Runs deploy/Dockerfile without a container engine. See scripts/check-image."""

import argparse
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

import dockerfile

ROOT = pathlib.Path(__file__).resolve().parents[3]
PRODUCTS = ["swift-submit", "swift-driver", "swift-worker", "swift-events"]
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def say(text):
    print(f"== {text}", file=sys.stderr, flush=True)


def toolchain():
    """Returns the folder that contains usr/bin/swift. The base image of the build has it; plain Debian does not."""
    swift = pathlib.Path(shutil.which("swift") or "").resolve()
    folder = next((parent.parent for parent in swift.parents if parent.name == "usr"), None)
    if folder is None or folder == pathlib.Path("/"):
        raise SystemExit("check-image: expected a Swift toolchain in its own folder, as unpacked from swift.org")
    return folder


class Container:
    """A build stage: its root folder and the state set by the lines run so far."""

    def __init__(self, base, folder):
        self.root, self.env, self.workdir, self.user, self.path = folder, {}, "/", None, PATH
        self.shell = ["sh", "-c"]
        say(f"creating a clean root for {base}")
        subprocess.run(
            ["debootstrap", "--variant=minbase", "--include=ca-certificates", f"--cache-dir={cache()}", "bookworm", folder],
            check=True, stdout=subprocess.DEVNULL)
        for name in ("proc", "sys", "dev"):
            subprocess.run(["mount", "--rbind", f"/{name}", folder / name], check=True)
        shutil.copy("/etc/resolv.conf", folder / "etc/resolv.conf")
        for name in pathlib.Path("/etc/apt").glob("apt.conf.d/*proxy*"):
            shutil.copy(name, folder / "etc/apt/apt.conf.d")
        if base.startswith("swift:"):
            self.add_toolchain()

    def add_toolchain(self):
        """Turns Debian into swift:X-bookworm: the compiler's dependencies, and the toolchain."""
        tools = toolchain()
        (self.root / "toolchain").mkdir()
        subprocess.run(["mount", "--bind", "-o", "ro", tools, self.root / "toolchain"], check=True)
        self.path = f"/toolchain/usr/bin:{PATH}"
        # The packages in swift.org's image for bookworm.
        packages = "binutils git gnupg2 libc6-dev libcurl4-openssl-dev libedit2 libgcc-12-dev libncurses-dev libpython3.11"
        packages += " libsqlite3-0 libstdc++-12-dev libxml2-dev libz3-dev pkg-config tzdata unzip zlib1g-dev"
        install = "DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends"
        self.run(["sh", "-c", f"apt-get update -qq && {install} {packages} >/dev/null"])

    def run(self, command, check=True, user=None, **options):
        chroot = ["chroot"]
        if user:
            chroot.append(f"--userspec={user}")
        variables = [f"PATH={self.path}", "HOME=/root", *[f"{name}={value}" for name, value in self.env.items()]]
        inside = ["/usr/bin/env", "-i", *variables, "sh", "-c", 'cd "$0" && exec "$@"', self.workdir, *command]
        return subprocess.run([*chroot, self.root, *inside], check=check, **options)

    def inside(self, path):
        return self.root / path.lstrip("/") if path.startswith("/") else self.root / self.workdir.lstrip("/") / path


def cache():
    folder = pathlib.Path(tempfile.gettempdir()) / "swiftlet-debs"
    folder.mkdir(exist_ok=True)
    return folder


def copy(source, target, into_folder):
    if source.is_dir():
        shutil.copytree(source, target, symlinks=True, dirs_exist_ok=True)
    else:
        target = target / source.name if into_folder else target
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)


def copy_binaries(binaries, out):
    """Copies what the build would produce: binaries and the Swift libraries they load."""
    say(f"binaries from {binaries} instead of the build")
    for product in PRODUCTS:
        copy(binaries / product, out / "bin" / product, False)
        output = subprocess.run(["ldd", binaries / product], check=True, capture_output=True, text=True).stdout
        for line in output.splitlines():
            words = line.split()
            if len(words) > 2 and "/swift/linux/" in words[2]:
                copy(pathlib.Path(words[2]), out / "lib" / words[0], False)


def run_stage(stage, container, stages, binaries):
    """Executes the lines of one stage."""
    for name, value in stage.lines:
        if name == "RUN" and binaries and "swift build" in value:
            # Both the line that builds and the one that collects the results.
            copy_binaries(binaries, container.root / "out")
        elif name == "RUN":
            say(f"RUN {value[:100]}")
            container.run([*container.shell, value])
        elif name == "SHELL":
            container.shell = json.loads(value)
        elif name == "COPY":
            *sources, target = [word for word in value.split() if not word.startswith("--")]
            origin = next((word.removeprefix("--from=") for word in value.split() if word.startswith("--from=")), None)
            for source in sources:
                base = stages[origin].root / source.lstrip("/") if origin else ROOT / source
                if not base.exists():
                    raise SystemExit(f"check-image: COPY {value}: {base} does not exist")
                copy(base, container.inside(target), target.endswith("/"))
        elif name == "ENV":
            container.env |= dict(word.split("=", 1) for word in value.split())
        elif name == "WORKDIR":
            container.workdir = value
            container.inside(value).mkdir(parents=True, exist_ok=True)
        elif name == "USER":
            container.user = value


def check(image, script):
    """Checks libraries and versions, and runs a job in the image as its user."""
    for product in PRODUCTS:
        output = image.run(["ldd", f"/usr/local/bin/{product}"], capture_output=True, text=True).stdout
        missing = [line.strip() for line in output.splitlines() if "not found" in line]
        if missing:
            raise SystemExit(f"check-image: {product}: missing libraries {missing}")
        libraries = sorted(line.split()[0] for line in output.splitlines() if "=>" in line)
        version = image.run([product, "--version"], user=image.user, capture_output=True, text=True).stdout.strip()
        say(f"{version}: {', '.join(libraries)}")
    shutil.copy(script, image.root / "check.sh")
    image.run(["bash", "/check.sh"], user=image.user, timeout=300)
    size = subprocess.run(["du", "-sxm", image.root], check=True, capture_output=True, text=True).stdout.split()[0]
    say(f"the image works; its root takes {size} MiB")


def main():
    parser = argparse.ArgumentParser(prog="check-image")
    parser.add_argument("--binaries", type=lambda text: pathlib.Path(text).resolve())
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    work = pathlib.Path(tempfile.mkdtemp(prefix="swiftlet-image-"))
    stages = {}
    try:
        for number, stage in enumerate(dockerfile.stages((ROOT / "deploy/Dockerfile").read_text())):
            container = Container(stage.base, work / (stage.name or str(number)))
            run_stage(stage, container, stages, options.binaries)
            stages[stage.name or str(number)] = container
        check(container, ROOT / "Tests/Integration/image/check.sh")
    finally:
        for stage in work.iterdir():
            for name in ("toolchain", "proc", "sys", "dev"):
                subprocess.run(["umount", "-l", stage / name], stderr=subprocess.DEVNULL)
        if options.keep:
            say(f"kept in {work}")
        else:
            # Stays on one file system, so a mount that could not be removed keeps its files.
            subprocess.run(["rm", "-rf", "--one-file-system", work], check=True)


if __name__ == "__main__":
    main()
