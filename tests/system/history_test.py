#!/usr/bin/env python3
"""history_test - at, diff, blame, check, rebuild and a late revocation, through the command line."""
import csv
import io
import json
import sqlite3
import time

from lib import scenario
from lib.cluster import Cluster

SCHEMA = 'CREATE TABLE program (id TEXT PRIMARY KEY, name TEXT, percent INT)'


def moment():
    """A time between what was done before and after, as `simpul at` takes it."""
    time.sleep(0.02)
    now = time.time()
    time.sleep(0.02)
    return time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(now)) + f'.{int(now * 1000) % 1000:03d}Z'


def start(cluster):
    hub = cluster.hub()
    office = cluster.node('office', '13.73', SCHEMA, ['program'])
    office.sql("INSERT INTO program VALUES ('p1', 'first', 1), ('p2', 'second', 2)")
    office.sync()
    first = moment()
    office.sql("UPDATE program SET percent = 50 WHERE id = 'p1'")
    office.sql("DELETE FROM program WHERE id = 'p2'")
    office.sql("INSERT INTO program VALUES ('p3', '=third', 3)")
    office.sync()
    return hub, office, first


def as_json(node, *args, check=True):
    return json.loads(node.cli(args[0], '--json', *args[1:], check=check).stdout)


def plant(file, *statements):
    """As a program that bypasses everything: triggers are gone for it."""
    with sqlite3.connect(file) as db:
        db.create_function('simpul_version_edit', 3, lambda *_: None)
        db.execute('PRAGMA writable_schema = ON')
        triggers = db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            db.execute(f'DROP TRIGGER "{name}"')
        for sql in statements:
            db.execute(sql)
        for _, sql in triggers:
            db.execute(sql)
    db.close()


def test_the_state_at_a_time():
    with Cluster() as cluster:
        hub, office, first = start(cluster)
        for node in (office, hub):
            sql = 'SELECT id, percent FROM program ORDER BY id'
            assert as_json(node, 'at', node.file, first, '--', sql) \
                == [{'id': 'p1', 'percent': 1}, {'id': 'p2', 'percent': 2}]
            assert as_json(node, 'at', node.file, moment(), '--', 'SELECT id FROM program ORDER BY id') \
                == [{'id': 'p1'}, {'id': 'p3'}]
        sql = 'SELECT * FROM program ORDER BY id'
        text = office.cli('at', office.file, moment(), '--csv', '--', sql).stdout
        assert list(csv.reader(io.StringIO(text))) == [['id', 'name', 'percent'], ['p1', 'first', '50'],
                                                       ['p3', "'=third", '3']], text
        done = office.cli('at', office.file, '1999-01-01', '--', 'SELECT 1 FROM program', check=False)
        assert done.returncode == 3 and 'nothing had been accepted' in done.stderr, done.stderr
        done = office.cli('at', office.file, first, '--', 'DELETE FROM program', check=False)
        assert done.returncode == 2, done.stderr
        done = office.cli('at', office.file, 'yesterday', '--', 'SELECT 1', check=False)
        assert done.returncode == 2, done.stderr


def test_what_changed_between():
    with Cluster() as cluster:
        hub, office, first = start(cluster)
        rows = {row['key']['id']: row for row in as_json(hub, 'diff', hub.file, first, moment(), 'program')}
        assert {key: row['op'] for key, row in rows.items()} == \
            {'p1': 'update', 'p2': 'delete', 'p3': 'insert'}
        percent = rows['p1']['columns']['percent']
        assert (percent['old'], percent['new'], percent['node']) == (1, 50, 'office'), percent
        assert rows['p2']['node'] == 'office' and rows['p2']['columns']['name']['old'] == 'second'
        assert as_json(office, 'diff', office.file, first, first, 'program') == []
        # Before the first changeset the tables were empty.
        rows = {row['key']['id']: row for row in
                as_json(hub, 'diff', hub.file, '1999-01-01', moment(), 'program')}
        assert {key: row['op'] for key, row in rows.items()} == {'p1': 'insert', 'p3': 'insert'}, rows
        assert rows['p1']['columns']['percent']['new'] == 50, rows
        assert as_json(hub, 'diff', hub.file, '1998-01-01', '1999-01-01', 'program') == []
        assert 'second' in office.cli('diff', office.file, first, moment(), 'program').stdout
        lines = hub.cli('diff', hub.file, first, moment(), 'program', '--csv').stdout.splitlines()
        assert lines[0].startswith('op,key,column,old,new') and len(lines) == 6, lines
        assert hub.cli('diff', hub.file, moment(), first, 'program', check=False).returncode == 2


def test_who_wrote_it():
    with Cluster() as cluster:
        hub, office, _ = start(cluster)
        writes = {w['column']: w for w in as_json(office, 'blame', office.file, 'program', 'p1')}
        assert writes['percent']['value'] == 50 and writes['name']['value'] == 'first'
        assert writes['percent']['changeset'] > writes['name']['changeset']
        assert all(w['signature'] == 'verified' and w['own'] and w['receipt'] is not None
                   for w in writes.values()), writes
        done = hub.cli('blame', hub.file, 'program', 'p1', check=False)
        assert done.returncode == 2 and '--scope' in done.stderr, done.stderr
        past = as_json(hub, 'blame', hub.file, 'program', 'p1', 'percent', '--scope', '13.73')
        assert [(w['op'], w['value'], w['stands']) for w in past] == \
            [('update', 50, True), ('insert', 1, False)], past
        assert hub.cli('blame', hub.file, 'program', 'px', '--scope', '13.73', check=False).returncode == 3
        assert 'office' in office.cli('blame', office.file, 'program', 'p1').stdout


def test_damage_is_found_and_mended():
    with Cluster() as cluster:
        hub, office, _ = start(cluster)
        hub.stop()
        for node in (hub, office):
            assert as_json(node, 'check', node.file)['differences'] == []
        digest = office.status()['digest']
        plant(office.file, "UPDATE program SET percent = 99 WHERE id = 'p1'",
              "DELETE FROM program WHERE id = 'p3'")
        found = as_json(office, 'check', office.file, check=False)['differences']
        assert [(d['kind'], d['key']['id'], d.get('column')) for d in found] == \
            [('row', 'p1', 'percent'), ('row', 'p3', None)], found
        assert office.cli('check', office.file, check=False).returncode == 12
        assert as_json(office, 'rebuild', office.file, '--dry-run')['mended'] == 2
        assert office.cli('check', office.file, check=False).returncode == 12
        done = as_json(office, 'rebuild', office.file)
        assert done['mended'] == 2 and done['same'] and done['written'], done
        assert office.cli('check', office.file).returncode == 0
        assert office.rows('program') == hub_rows(hub)
        assert office.status()['digest'] == digest


def hub_rows(hub):
    return [{k: v for k, v in row.items() if k != 'simpul_scope'} for row in hub.rows('program')]


def test_damaged_versions_need_force():
    with Cluster() as cluster:
        hub, office, _ = start(cluster)
        hub.stop()
        plant(hub.file, "UPDATE simpul_version_1 SET v = substr(v, 1, 4)")
        assert hub.cli('check', hub.file, check=False).returncode == 12
        done = hub.cli('rebuild', hub.file, check=False)
        assert done.returncode == 9 and '--force' in done.stderr, done.stderr
        assert hub.cli('check', hub.file, check=False).returncode == 12
        hub.cli('rebuild', hub.file, '--force')
        assert hub.cli('check', hub.file).returncode == 0
        assert hub.status()['digest'] == office.status()['digest']


def test_damaged_changesets_and_logs_are_named():
    with Cluster() as cluster:
        hub, office, _ = start(cluster)
        hub.stop()
        last = hub.sql('SELECT max(n) FROM simpul_changeset')[0][0]
        plant(hub.file, "UPDATE simpul_changeset SET frame = CAST(substr(frame, 1, length(frame) - 9)"
                        f" || x'0102030405060708ff' AS BLOB) WHERE n = {last}")
        found = as_json(hub, 'check', hub.file, check=False)['differences']
        assert [(d['kind'], d.get('changeset')) for d in found] == [('frame', last)], found
        assert hub.cli('rebuild', hub.file, check=False).returncode == 9
        plant(office.file, 'UPDATE simpul_receipt SET log_index = log_index + 1')
        found = as_json(office, 'check', office.file, check=False)['differences']
        assert found and {d['kind'] for d in found} == {'receipt'}, found


def test_a_late_revocation_takes_back():
    with Cluster() as cluster:
        hub, office, first = start(cluster)
        other = cluster.node('other', '13.73', SCHEMA, ['program'])
        other.sync()
        other.sql("UPDATE program SET percent = 7 WHERE id = 'p1'")
        other.sync()
        office.sync()
        assert office.rows('program')[0]['percent'] == 7
        chain = next(s for s in other.status()['scopes'] if s['scope'] == '13.73')
        hub.cli('revoke', hub.file, chain['chain'], '--after', str(chain['seq'] - 1), '--reason', 'test')
        office.sync()
        assert office.rows('program')[0]['percent'] == 50, office.rows('program')
        assert hub_rows(hub) == office.rows('program')
        assert office.status()['digest']['13.73'] == hub.status()['digest']['13.73']
        assert office.cli('check', office.file).returncode == 0


if __name__ == '__main__':
    scenario.main(globals())
