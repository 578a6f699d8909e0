"""Run by root, a command becomes the user whose folder it works on: it sees what the agent sees, and leaves no mess."""

import os
import pwd
from pathlib import Path


def become_owner(folder: Path) -> None:
    """Of the folder, or of the nearest one above it that exists. Nobody but root can or has to change."""
    if os.geteuid() != 0:
        return
    while not folder.exists():
        folder = folder.parent
    owner = folder.stat()
    if owner.st_uid == 0:
        return
    try:
        os.initgroups(pwd.getpwuid(owner.st_uid).pw_name, owner.st_gid)
    except KeyError:
        os.setgroups([owner.st_gid])
    os.setgid(owner.st_gid)
    os.setuid(owner.st_uid)
