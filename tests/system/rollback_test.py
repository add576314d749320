#!/usr/bin/env python3
"""rollback_test - who goes back in time is noticed; a hub that says so, and an office, lose nothing."""
import json
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


def test_restored_office_has_not_seen_what_it_wrote_after_the_backup():
    with Cluster() as cluster:
        hub = cluster.hub()
        office = cluster.node('office', '13.73', SCHEMA, ['program'])
        other = cluster.node('other', '13.73', SCHEMA, ['program'])
        office.sql("INSERT INTO program VALUES ('p1', 1), ('p2', 1)")
        office.sync()
        backup = os.path.join(cluster.directory, 'backup.db')
        office.sql('VACUUM INTO ?', (backup,))
        office.sql("UPDATE program SET percent = 50 WHERE id = 'p1'")
        office.sync()
        shutil.copy(backup, office.file)
        office.sql("UPDATE program SET percent = 60")
        office.sync()
        for node in (other, office, hub):
            if node is not hub:
                node.sync()
            listed = json.loads(node.cli('conflicts', node.file, '--json').stdout)['conflicts']
            assert len(listed) == 1, (node.name, listed)
            assert '50' in str(listed) and '60' in str(listed), listed
            assert [row['percent'] for row in node.rows('program')] == [60, 60], node.name
        digests = {node.status()['digest']['13.73'] for node in (hub, office, other)}
        assert len(digests) == 1, digests
        for node in (office, other):
            node.cli('check', node.file)


if __name__ == '__main__':
    scenario.main(globals())
