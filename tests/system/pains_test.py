#!/usr/bin/env python3
"""pains_test - what users of other sync programs complain of, one test each, between real processes."""
import contextlib
import os
import sqlite3
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(__file__))
from lib import scenario
from lib.cluster import Cluster, wait_until

SCHEMA = 'CREATE TABLE item (id TEXT PRIMARY KEY, a INTEGER, b TEXT);'
BACKLOG = 100_000


def two_offices(c):
    hub = c.hub()
    a, b = c.node('padang', '13.71', SCHEMA, ['item']), c.node('solok', '13.71', SCHEMA, ['item'])
    for node in (a, b):
        node.sync()
    return hub, a, b


def many(node, n, prefix='m'):
    node.sql(f"WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE i < {n})"
             f" INSERT INTO item SELECT '{prefix}' || i, i, 'isi ' || i FROM n")


def equal_everywhere(*nodes):
    assert len({node.status()['digest']['13.71'] for node in nodes}) == 1


class Writer(threading.Thread):
    """Another program: a row per transaction, a connection and a 5 s timeout like anybody's.  Notes with
    each commit how many rows of the backlog stood in the table."""

    def __init__(self, file):
        super().__init__(daemon=True)
        self.file, self.end, self.seen, self.problem = file, threading.Event(), [], None

    def run(self):
        with contextlib.closing(sqlite3.connect(self.file, timeout=5, isolation_level=None)) as db:
            while not self.end.is_set():
                try:
                    db.execute('BEGIN IMMEDIATE')
                    rows = db.execute('SELECT coalesce(max(rowid), 0) FROM item').fetchone()[0]
                    db.execute("INSERT INTO item VALUES ('w' || ?, 1, 'w')", (len(self.seen),))
                    db.execute('COMMIT')
                    self.seen.append(rows - len(self.seen))
                    time.sleep(0.005)
                except sqlite3.Error as problem:
                    self.problem = problem
                    return


def test_13_a_slow_merge_does_not_block_local_writers():
    with Cluster() as c:
        hub, a, b = two_offices(c)
        many(a, BACKLOG)
        a.sync()
        writer = Writer(b.file)
        writer.start()
        done = b.sync(check=False)  # 10: what the writer wrote last is not sent yet
        assert done.returncode in (0, 10), done.stderr
        writer.end.set()
        writer.join()
        assert writer.problem is None, writer.problem
        amid = sorted({n for n in writer.seen if 0 < n < BACKLOG})
        print(f'# {len(writer.seen)} commits, amid the merge at {len(amid)} different points')
        assert len(amid) >= 5, writer.seen
        for node in (b, a):
            node.sync()
        assert len(hub.rows('item', '13.71')) == BACKLOG + len(writer.seen)
        equal_everywhere(hub, a, b)


if __name__ == '__main__':
    scenario.main(globals())
