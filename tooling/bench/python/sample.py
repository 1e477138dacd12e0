"""Takes samples and prints a line of JSON for each measure: sample.py SUBJECT WORKERS MEASURE…

All measures are taken in one session, since that takes long to start, and nothing is compiled while it runs.
"""

import json
import os
import sys
import time

# Worker processes find the functions by their names, and the programs of this environment. They leave no compiled code.
os.environ['PYTHONPATH'] = os.path.dirname(os.path.abspath(__file__))
os.environ['PATH'] = os.path.dirname(sys.executable) + os.pathsep + os.environ['PATH']
os.environ['PYTHONDONTWRITEBYTECODE'] = '1'

import tasks  # noqa: E402
from measures import MEASURES  # noqa: E402
from subjects import SUBJECTS, import_modules  # noqa: E402


def main():
    name, workers, *wanted = sys.argv[1:]
    import_modules(name)
    begin = time.perf_counter()
    session = SUBJECTS[name](int(workers))
    session.submit(tasks.noop, 1).result()
    first_result = {'time': 1000 * (time.perf_counter() - begin)}
    if 'first-result' in wanted:
        report('first-result', first_result)
    for measure, take in MEASURES.items():
        if measure in wanted:
            report(measure, take(session, int(workers)))
    session.close()


def report(measure, values):
    print(json.dumps({'measure': measure, 'values': values}), flush=True)


# Also run by worker processes, which import the main module under another name.
if __name__ == '__main__':
    main()
