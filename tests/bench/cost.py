#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the records of a run cost: pairs of runs, one with and one without
each, in turns; the median of the ratios of a pair, and how far they spread.

A figure of a quiet machine: it passes and fails nothing."""
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

PRUN = os.environ.get('PRUN', 'prun')
# name of the workload, its tasks, the command of each, pairs
WORKLOADS = (('1 ms a task', 400, 'sleep 0.001', 15),
             ('100 ms a task', 40, 'sleep 0.1', 5))
# what is switched off, and how
WITHOUT = (('history', '[features]\nhistory = off\n'),
           ('logs', '[logs]\ncapture = off\n'),
           ('history, logs', '[features]\nhistory = off\n[logs]\ncapture = off\n'))


class Place:
    """A project and a home of its own, with a prun.ini."""

    def __init__(self, root, name, tasks, command, ini):
        self.dir = os.path.join(root, name)
        config = os.path.join(self.dir, 'config', 'prun')
        os.makedirs(config)
        with open(os.path.join(config, 'prun.ini'), 'w') as f:
            f.write(ini)
        with open(os.path.join(self.dir, 'Taskfile.yml'), 'w') as f:
            f.write("version: '3'\ntasks:\n  all:\n    deps:\n")
            f.writelines('      - t%d\n' % i for i in range(tasks))
            f.writelines("  t%d: {cmds: ['%s']}\n" % (i, command)
                         for i in range(tasks))
        self.env = dict(os.environ, XDG_CONFIG_HOME=os.path.dirname(config),
                        XDG_STATE_HOME=os.path.join(self.dir, 'state'),
                        HOME=self.dir)

    def run(self):
        """Seconds by the clock, seconds of the processor."""
        begin = time.monotonic()
        p = subprocess.Popen([PRUN, '-s', '-C', '2', 'all'], cwd=self.dir,
                             env=self.env, stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL)
        _, status, used = os.wait4(p.pid, 0)
        if status != 0:
            sys.exit('prun ended with %d' % status)
        return time.monotonic() - begin, used.ru_utime + used.ru_stime


def pairs(with_it, without, n):
    walls, cpus = [], []
    with_it.run()
    without.run()
    for i in range(n):
        order = (with_it, without) if i % 2 else (without, with_it)
        first, second = order[0].run(), order[1].run()
        a, b = (first, second) if i % 2 else (second, first)
        walls.append(a[0] / b[0] - 1)
        cpus.append(a[1] / b[1] - 1)
    return walls, cpus


def percent(v):
    v = sorted(v)
    return '%+5.1f %% (%+.1f to %+.1f)' % (100 * statistics.median(v),
                                         100 * v[0], 100 * v[-1])


def main():
    root = tempfile.mkdtemp(prefix='prun-cost-')
    try:
        print('%-14s %-14s %-28s %s' % ('workload', 'what', 'wall', 'cpu'))
        for k, (name, tasks, command, n) in enumerate(WORKLOADS):
            full = Place(root, 'full%d' % k, tasks, command, '')
            for j, (what, ini) in enumerate(WITHOUT):
                less = Place(root, 'less%d-%d' % (k, j), tasks, command, ini)
                walls, cpus = pairs(full, less, n)
                print('%-14s %-14s %-28s %s' % (name, what, percent(walls),
                                                percent(cpus)), flush=True)
    finally:
        shutil.rmtree(root)


main()
