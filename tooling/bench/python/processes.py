"""What the processes of a run use, by their roles. As ../src/processes does it. Linux only; elsewhere nothing is known."""

import os
import re


def cpu_by_role(processes):
    """CPU time that the processes of each role have used so far, in ms."""
    return {role: sum(map(_cpu_ms, pids)) for role, pids in processes.items()}


def resident_bytes(pid):
    """Memory that a process has in RAM."""
    found = re.search(r'^VmRSS:\s+(\d+) kB$', _read(f'/proc/{pid}/status'), re.MULTILINE)
    return 1024 * int(found.group(1)) if found else 0


def find_processes(patterns, mark):
    """Process ids by role: of this process, which is the submit process, of those that it has started, and of those that
    have gone their own way, whose command lines contain `mark`. A process counts for the first role whose pattern its
    command line matches."""
    if not os.path.isdir('/proc/self/task'):
        return {}
    found = {'submit': [os.getpid()]}
    for pid, command in _family(os.getpid(), mark):
        for role, pattern in patterns.items():
            if re.search(pattern, command):
                found.setdefault(role, []).append(pid)
                break
    return found


def _family(root, mark):
    children = {}
    commands = {}
    for name in filter(str.isdigit, os.listdir('/proc')):
        stat = _read(f'/proc/{name}/stat')
        if stat:
            # The second field may contain spaces and brackets.
            parent = int(stat.rpartition(') ')[2].split()[1])
            children.setdefault(parent, []).append(int(name))
            commands[int(name)] = _read(f'/proc/{name}/cmdline').replace('\0', ' ').strip()
    family = {root} | {pid for pid, command in commands.items() if mark is not None and mark in command}
    parents = list(family)
    while parents:
        of_parent = children.get(parents.pop(), [])
        parents.extend(pid for pid in of_parent if pid not in family)
        family.update(of_parent)
    return [(pid, commands[pid]) for pid in sorted(family) if pid != root]


def _cpu_ms(pid):
    """All threads that have not ended. Exact to about a tick of the scheduler where the kernel keeps statistics."""
    try:
        threads = os.listdir(f'/proc/{pid}/task')
    except OSError:
        return 0
    times = [_read(f'/proc/{pid}/task/{thread}/schedstat').split() for thread in threads]
    if any(times):
        return sum(int(each[0]) for each in times if each) / 1e6
    fields = _read(f'/proc/{pid}/stat').rpartition(') ')[2].split()
    return 1000 * (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK') if fields else 0


def _read(path):
    """A process may end while it is looked at."""
    try:
        with open(path, encoding='utf-8', errors='replace') as file:
            return file.read()
    except OSError:
        return ''
