"""The measures of ../src/measures, with fewer tasks, since each of them takes longer here."""

import os
import shutil
import tempfile
import time

import tasks
from processes import cpu_by_role, find_processes, resident_bytes


def throughput(session, _workers):
    warm_up, count = 300, 2_000
    _run_all(session, warm_up)
    cpu = {}
    begin = time.perf_counter()
    with _cpu_per_thousand(session, count, cpu):
        _run_all(session, count)
        seconds = time.perf_counter() - begin
    return {'rate': count / seconds, **cpu}


def latency(session, _workers):
    warm_up, count = 50, 300
    _times(session, warm_up)
    cpu = {}
    with _cpu_per_thousand(session, count, cpu):
        times = sorted(_times(session, count))
    return {'p50': 1000 * times[count // 2], 'p99': 1000 * times[count * 99 // 100], **cpu}


def payload(session, _workers):
    values = {}
    for name, size, count in [('1kB', 1_000, 500), ('100kB', 100_000, 200), ('1MB', 1_000_000, 50)]:
        data = [bytes([i % 256]) * size for i in range(count)]
        for way, run in [('in', _run_in), ('out', _run_out)]:
            run(session, data[: max(1, count // 10)])
            begin = time.perf_counter()
            run(session, data)
            values[f'{way}-{name}'] = size * count / 1e6 / (time.perf_counter() - begin)
    return values


def dataflow(session, _workers):
    values = {}
    for name, build in [('chain', _chain), ('tree', _tree), ('fan-in', _fan_in)]:
        begin = time.perf_counter()
        future, count, expected = build(session)
        result = session.gather([future])[0]
        values[name] = count / (time.perf_counter() - begin)
        _expect(name, result, expected)
    return values


def memory(session, workers):
    count = 5_000
    directory = tempfile.mkdtemp(prefix='bench-busy-')
    end = os.path.join(directory, 'end')
    begun = [os.path.join(directory, f'begun-{i}') for i in range(workers)]
    _run_all(session, 1_000)
    busy = [session.submit(tasks.wait_for_file, end, file) for file in begun]
    while not all(map(os.path.exists, begun)):
        time.sleep(0.01)
    processes = find_processes(session.processes, session.mark)
    _settle(processes)
    before = _footprint(processes)
    futures = session.map(tasks.noop, range(count))
    _settle(processes)
    after = _footprint(processes)
    with open(end, 'w'):
        pass
    session.gather(busy)
    session.gather(futures)
    shutil.rmtree(directory)
    return {name: (after[name] - before[name]) / count for name in after}


def idle(session, _workers):
    seconds = 10
    _run_all(session, 100)
    processes = find_processes(session.processes, session.mark)
    _settle(processes)
    before = cpu_by_role(processes)
    time.sleep(seconds)
    after = cpu_by_role(processes)
    return {role: (used - before.get(role, 0)) / (10 * seconds) for role, used in after.items()}


MEASURES = {
    'throughput': throughput,
    'latency': latency,
    'payload': payload,
    'dataflow': dataflow,
    'memory': memory,
    'idle': idle,
}


def _run_all(session, count):
    results = session.gather(session.map(tasks.noop, range(count)))
    _expect('no-ops', results, list(range(count)))


def _times(session, count):
    times = []
    for i in range(count):
        begin = time.perf_counter()
        result = session.submit(tasks.noop, i).result()
        times.append(time.perf_counter() - begin)
        _expect('a no-op', result, i)
    return times


def _run_in(session, data):
    results = session.gather([session.submit(tasks.take, each) for each in data])
    _expect('arguments', results, [len(each) + each[-1] for each in data])


def _run_out(session, data):
    futures = [session.submit(tasks.give, len(each), each[0]) for each in data]
    _expect('results', session.gather(futures), data)


def _chain(session):
    count = 300
    future = session.submit(tasks.noop, 0)
    for _ in range(count - 1):
        future = session.submit(tasks.next_number, future)
    return future, count, count - 1


def _tree(session):
    leaves = 500
    level = session.map(tasks.noop, range(leaves))
    while len(level) > 1:
        pairs = [level[i : i + 2] for i in range(0, len(level), 2)]
        level = [session.submit(tasks.add, *pair) if len(pair) == 2 else pair[0] for pair in pairs]
    return level[0], 2 * leaves - 1, leaves * (leaves - 1) // 2


def _fan_in(session):
    count = 1_000
    future = session.submit_many(tasks.sum_of, session.map(tasks.noop, range(count)))
    return future, count + 1, count * (count - 1) // 2


class _cpu_per_thousand:
    """Puts into `values` what `count` tasks cost that run inside, in ms per 1,000."""

    def __init__(self, session, count, values):
        self._processes = find_processes(session.processes, session.mark)
        self._count = count
        self._values = values

    def __enter__(self):
        self._before = cpu_by_role(self._processes)

    def __exit__(self, *_):
        after = cpu_by_role(self._processes)
        used = {role: 1000 * (ms - self._before.get(role, 0)) / self._count for role, ms in after.items()}
        self._values.update({f'cpu-{role}': ms for role, ms in used.items()})
        if used:
            self._values['cpu-total'] = sum(used.values())


def _footprint(processes):
    return {role: resident_bytes(processes[role][0]) for role in ('submit', 'interchange') if role in processes}


def _settle(processes):
    """Returns when the processes have come to rest: in a second, they do no less than in the second before."""
    last = None
    while True:
        before = cpu_by_role(processes)
        time.sleep(1)
        used = sum(cpu_by_role(processes).values()) - sum(before.values())
        if last is not None and used > 0.8 * last:
            return
        last = used


def _expect(what, result, expected):
    if result != expected:
        raise AssertionError(f'{what}: wrong results')
