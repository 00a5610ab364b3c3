"""Runs one command and prints what it cost, as JSON: `python -I -S launcher.py DIRECTORY sample|time COMMAND …`.

A process of its own, and a small one: what a process had in memory before it became another program counts for the
maximum that the kernel keeps, so that a large parent would be measured in place of a short run. Linux only.

`sample` adds up, about every 10 ms, the memory of the command and all its descendants: each process's share of what it
shares with others (PSS), so that processes that were forked are not counted twice. Reading it holds up the process that
is read, so seconds count in runs of `time` alone, and those have only the kernel's maximum of one process.
"""

import ctypes
import json
import os
import resource
import sys
import time

PR_SET_CHILD_SUBREAPER = 36
INTERVAL = 0.01


def pss_of_descendants(process: int) -> int:
    """Return the kilobytes of all descendants of a process; none of one that is gone."""
    found = 0
    try:
        for task in os.listdir(f"/proc/{process}/task"):
            with open(f"/proc/{process}/task/{task}/children", "rb") as file:
                children = file.read().split()
            found += sum(pss(int(child)) + pss_of_descendants(int(child)) for child in children)
    except OSError:
        pass
    return found


def pss(process: int) -> int:
    """Return the kilobytes of a process; none of one that is gone."""
    try:
        with open(f"/proc/{process}/smaps_rollup", "rb") as file:
            return next((int(line.split()[1]) for line in file if line.startswith(b"Pss:")), 0)
    except OSError:
        return 0


def seconds_of_all() -> float:
    """Return the processor seconds that everything on the machine has used since it started."""
    with open("/proc/stat", "rb") as file:
        user, nice, system, _idle, _waiting, irq, softirq, stolen = (int(n) for n in file.readline().split()[1:9])
    return (user + nice + system + irq + softirq + stolen) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Print seconds by the clock, of processors, and of processors for other work, and kilobytes at the peak."""
    directory, kind, *command = sys.argv[1:]
    os.chdir(directory)
    # Descendants that outlive their parents come back here, so that what they used is counted too.
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
    sampled, code, wall = 0, None, 0.0
    quiet = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    before = seconds_of_all()
    began = time.perf_counter()
    child = os.posix_spawn(command[0], command, os.environ, file_actions=quiet)
    while True:
        try:
            ended, status = os.waitpid(-1, os.WNOHANG if kind == "sample" else 0)
        except ChildProcessError:
            break
        if ended == child:
            wall, code = time.perf_counter() - began, os.waitstatus_to_exitcode(status)
        elif ended == 0:
            sampled = max(sampled, pss_of_descendants(os.getpid()))
            time.sleep(INTERVAL)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = used.ru_utime + used.ru_stime
    others = max(0.0, seconds_of_all() - before - processor)
    cost = {"code": code, "wall": wall, "processor": processor, "others": others}
    print(json.dumps({**cost, "memory": max(sampled, used.ru_maxrss)}))


if __name__ == "__main__":
    main()
