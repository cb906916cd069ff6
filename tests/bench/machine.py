"""What the kernel says: CPU time and memory of processes, how busy the CPUs are, what machine this is."""
import os
import platform
import re
import subprocess
import time


def tree(pid):
    """`pid` and all its descendants that are alive."""
    children = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        parent = _parent(int(name))
        if parent is not None:
            children.setdefault(parent, []).append(int(name))
    found, todo = [], [pid]
    while todo:
        one = todo.pop()
        found.append(one)
        todo += children.get(one, [])
    return sorted(p for p in found if alive(p))


def alive(pid):
    return _parent(pid) is not None


def _parent(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as f:
            state, parent = f.read().rpartition(")")[2].split()[:2]
    except OSError:
        return None
    return None if state == "Z" else int(parent)


def cpu_ns(pids):
    """CPU time of all threads of `pids` in nanoseconds (user, system, and what interrupts took in between).

    From /proc/PID/task/TID/schedstat: exact where utime + stime of /proc/PID/stat count ticks of 10 ms.
    """
    total = 0
    for pid in pids:
        try:
            tasks = os.listdir(f"/proc/{pid}/task")
        except FileNotFoundError:
            continue  # a connection of PostgreSQL that ended
        for task in tasks:
            try:
                with open(f"/proc/{pid}/task/{task}/schedstat", encoding="ascii") as f:
                    total += int(f.read().split()[0])
            except FileNotFoundError:
                pass  # a thread that ended since the listing
    return total


def settled_cpu_ns(pids):
    """The same once it stands still (the last answers are out), after half a second at most."""
    before = cpu_ns(pids)
    for _ in range(25):
        time.sleep(0.02)
        now = cpu_ns(pids)
        if now - before < 200_000:
            return now
        before = now
    return before


def memory_kib(pid):
    """Resident and proportional set size, KiB."""
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as f:
        text = f.read()
    return tuple(int(re.search(rf"^{key}:\s+(\d+)", text, re.M).group(1)) for key in ("Rss", "Pss"))


def busy_s(cpu):
    """Busy and stolen time of one CPU since boot, in seconds."""
    with open("/proc/stat", encoding="ascii") as f:
        line = next(line for line in f if line.startswith(f"cpu{cpu} "))
    user, nice, system, _idle, _iowait, irq, softirq, steal = map(int, line.split()[1:9])
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")


def wait_until_quiet(cpus, limit_s):
    """Waits until `cpus` are less than 15 % busy, for `limit_s` seconds at most. True if they are."""
    deadline = time.monotonic() + limit_s
    while True:
        before, start = [busy_s(c) for c in cpus], time.monotonic()
        time.sleep(0.2)
        span = time.monotonic() - start
        if all(busy_s(c) - b < 0.15 * span for c, b in zip(cpus, before)):
            return True
        if time.monotonic() > deadline:
            return False


def _first_line(*command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    except OSError:
        return "not found"
    return (done.stdout or done.stderr).strip().partition("\n")[0]


def _package(name):
    version = _first_line("dpkg-query", "--showformat=${Version}", "--show", name)
    return f"{name} {version}"


def description(footfall, directory):
    """Rows (what, which) for the head of the report."""
    with open("/proc/cpuinfo", encoding="utf-8") as f:
        model = re.search(r"model name\s*:\s*(.*)", f.read())
    with open("/etc/os-release", encoding="utf-8") as f:
        system = re.search(r'PRETTY_NAME="(.*)"', f.read())
    packages = "redis-server sqlite3 postgresql-15 libuv1 nginx libnginx-mod-http-lua lua-nginx-redis webdis gunicorn python3-flask " \
               "python3-redis wrk"
    return [
        ("date", time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())),
        ("CPU", f"{model.group(1) if model else platform.machine()}, {os.cpu_count()} cores"),
        ("system", f"{system.group(1) if system else 'unknown'}, kernel {platform.release()}"),
        ("file system of the stores", _first_line("findmnt", "--noheadings", "--output", "FSTYPE,SOURCE", "--target", directory)),
        ("Footfall", _first_line(footfall, "version")),
        ("packages", ", ".join(_package(p) for p in packages.split())),
    ]
