#!/usr/bin/env python3
"""rollback_test - a hub that goes back in time is noticed, and one that says so loses nothing."""
import os
import shutil

from lib import scenario
from lib.cluster import Cluster

SCHEMA = 'CREATE TABLE program (id TEXT PRIMARY KEY, percent INT)'


def put_back(hub, backup):
    hub.stop()
    for path in (hub.file, hub.file + '-journal'):
        if os.path.exists(path):
            os.remove(path)
    shutil.copy(backup, hub.file)
    hub.run()


def start(cluster):
    hub = cluster.hub()
    office = cluster.node('office', '13.73', SCHEMA, ['program'])
    office.sql("INSERT INTO program VALUES ('p1', 1)")
    office.sync()
    backup = os.path.join(cluster.directory, 'backup.db')
    hub.sql('VACUUM INTO ?', (backup,))
    for n in (2, 3):
        office.sql('INSERT INTO program VALUES (?, ?)', (f'p{n}', n))
        office.sync()
    put_back(hub, backup)
    return hub, office


def test_log_that_went_back_is_refused():
    with Cluster() as cluster:
        _, office = start(cluster)
        office.sql("INSERT INTO program VALUES ('p4', 4)")
        done = office.sync(check=False)
        assert done.returncode == 4, (done.returncode, done.stdout, done.stderr)
        assert 'went back' in done.stderr, done.stderr
        assert office.status()['pending'] == 1


def test_restored_hub_gets_everything_again():
    with Cluster() as cluster:
        hub, office = start(cluster)
        before = office.status()['receipts']
        hub.stop()
        hub.cli('restored', hub.file)
        hub.run()
        office.sql("INSERT INTO program VALUES ('p4', 4)")
        office.sync()
        assert [row['id'] for row in hub.rows('program')] == ['p1', 'p2', 'p3', 'p4']
        assert office.status()['receipts'] > before
        assert office.status()['digest']['13.73'] == hub.status()['digest']['13.73']


if __name__ == '__main__':
    scenario.main(globals())
