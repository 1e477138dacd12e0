"""The systems that are measured, each as one of its users would set it up for speed on one machine."""

import logging
import shutil
import tempfile



class ParslSession:
    """Parsl with one executor, and otherwise as it comes, but without its log, as parsl-perf is run."""

    def __init__(self, executor, processes):
        import parsl
        from parsl.config import Config

        self.processes = processes
        self._parsl = parsl
        # Also what tells its block from that of another run: blocks are not descendants of this process.
        self.mark = tempfile.mkdtemp(prefix='bench-')
        config = Config(executors=[executor], run_dir=self.mark, initialize_logging=False)
        self._dfk = parsl.load(config)
        self._apps = {}

    def submit(self, function, *args):
        """Returns a future. Futures may stand among the arguments."""
        return self._app(function)(*args)

    def submit_many(self, function, futures):
        """Has a list of futures for its only argument."""
        return self._app(function)(inputs=futures)

    def map(self, function, xs):
        return [self.submit(function, x) for x in xs]

    def gather(self, futures):
        return [future.result() for future in futures]

    def close(self):
        self._dfk.cleanup()
        self._parsl.clear()
        shutil.rmtree(self.mark)

    def _app(self, function):
        app = self._apps.get(function)
        if app is None:
            app = self._apps[function] = self._parsl.python_app(function, data_flow_kernel=self._dfk)
        return app


def parsl_htex(encrypted):
    """HighThroughputExecutor with one block of workers on this machine. Told the address, it need not probe for one."""

    def open_session(workers):
        from parsl.executors import HighThroughputExecutor
        from parsl.providers import LocalProvider

        executor = HighThroughputExecutor(
            label='htex',
            address='127.0.0.1',
            encrypted=encrypted,
            max_workers_per_node=workers,
            cores_per_worker=0.01,
            provider=LocalProvider(init_blocks=1, min_blocks=1, max_blocks=1),
        )
        return ParslSession(
            executor,
            {
                'interchange': r'HTEX interchange|interchange\.py',
                'manager': r'process_worker_pool\.py',
                'workers': r'HTEX worker|multiprocessing\.spawn',
            },
        )

    return open_session


def parsl_threads(workers):
    from parsl.executors import ThreadPoolExecutor

    return ParslSession(ThreadPoolExecutor(label='threads', max_threads=workers), {})


class DaskSession:
    """Dask distributed: worker processes of one thread each. Its scheduler is a thread of the submit process."""

    processes = {'workers': r'dask worker|dask spawn|multiprocessing\.spawn'}
    mark = None

    def __init__(self, workers):
        from distributed import Client, LocalCluster

        self._cluster = LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            dashboard_address=None,
            silence_logs=logging.ERROR,
        )
        self._client = Client(self._cluster)

    def submit(self, function, *args):
        # Without `pure`, Dask would hash the arguments to find calls that are the same.
        return self._client.submit(function, *args, pure=False)

    def submit_many(self, function, futures):
        return self._client.submit(function, futures, pure=False)

    def map(self, function, xs):
        return self._client.map(function, xs, pure=False)

    def gather(self, futures):
        return self._client.gather(futures)

    def close(self):
        self._client.close()
        self._cluster.close()


SUBJECTS = {
    'parsl-htex': parsl_htex(encrypted=False),
    'parsl-htex-encrypted': parsl_htex(encrypted=True),
    'parsl-threads': parsl_threads,
    'dask': DaskSession,
}


def import_modules(name):
    """What a script imports before it starts anything, which is no part of the start."""
    if name == 'dask':
        import distributed  # noqa: F401
    else:
        import parsl  # noqa: F401
        from parsl.executors import HighThroughputExecutor, ThreadPoolExecutor  # noqa: F401
