# SPDX-License-Identifier: GPL-2.0-or-later
"""Lets dnf pass over the kernels that hvcompat has refused on this machine, so that it takes the newest of the others.

The gate itself is hvcompat's plugin of rpm, which sees every transaction. Only where that is not installed does this
plugin ask by itself, when all is downloaded and nothing is changed yet. See hvcompat-rpm(8).
"""
import logging
import os
import subprocess

import dnf
import dnf.exceptions
import dnf.transaction
import rpm

PROGRAM = "/usr/bin/hvcompat"
SECONDS_MAX = 300
logger = logging.getLogger("dnf.plugin.hvcompat")


def run(*words):
    """Exit status, standard output and standard error; never an exception: dnf would go on without us."""
    try:
        child = subprocess.run([PROGRAM, "host", *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, timeout=SECONDS_MAX, check=False)
    except (OSError, subprocess.SubprocessError) as error:
        return None, "", str(error)
    return child.returncode, child.stdout.decode("utf-8", "replace"), child.stderr.decode("utf-8", "replace")


def is_image(path):
    """As the plugin of rpm sees it: an image below boot/ or directly in the directory of a release's modules."""
    base = os.path.basename(path)
    if not base.startswith(("vmlinuz", "vmlinux", "Image", "bzImage", "zImage", "image-")):
        return False
    parts = path.split("/")
    return parts[1] == "boot" or "/lib/modules/" in path and parts[-3] == "modules"


def files_of(path):
    """By the package itself: the lists of files in a repository's metadata are not fetched by each dnf."""
    transaction = rpm.TransactionSet()
    transaction.setVSFlags(-1)  # dnf has checked it
    with open(path, "rb") as package:
        return [f.name for f in rpm.files(transaction.hdrFromFdno(package))]


def is_kernel_part(files):
    return any(f.startswith(("/lib/modules/", "/usr/lib/modules/")) or is_image(f) for f in files)


class HvCompat(dnf.Plugin):
    name = "hvcompat"

    def sack(self):
        """What was refused is as if it were not in the repositories."""
        status, lines, words = run("learned", "exclude")
        if status != 0:
            logger.warning("hvcompat: what it has refused is not known (%s)", words.strip() or status)
            return
        for nevra in filter(None, lines.splitlines()):
            self.base.sack.add_excludes(self.base.sack.query().available().filterm(nevra_strict=nevra))

    def pre_transaction(self):
        if rpm.expandMacro("%{?__transaction_hvcompat}"):
            return
        try:
            self.judge()
        except dnf.exceptions.Error:
            raise
        except Exception as error:  # any other would be a traceback, after which dnf goes on
            raise dnf.exceptions.Error(f"hvcompat: this transaction cannot be judged: {error}")

    def judge(self):
        paths = [i.pkg.localPkg() for i in self.base.transaction if i.action in dnf.transaction.FORWARD_ACTIONS]
        files = {path: files_of(path) for path in paths}
        parts = [path for path in paths if is_kernel_part(files[path])]
        if not any(is_image(f) for path in parts for f in files[path]):
            return
        status, _, words = run("gate", "--from", "rpm", "--caller", str(os.getpid()), *parts)
        if status != 0:
            raise dnf.exceptions.Error(words.strip() or f"hvcompat: {PROGRAM} failed ({status}); no kernel is installed")
