#!/usr/bin/env python3
"""migrate_test - offices of different versions of one application, through the command line.

A node three versions behind sends everything and receives everything; renames, dropped columns and a key
that another program changed.
"""
import json
import os
import sys

sys.path.insert(0, os.path.dirname(__file__))
from lib import scenario
from lib.cluster import Cluster, wait_until

SCHEMA = 'CREATE TABLE rencana (id TEXT PRIMARY KEY, judul TEXT, nilai INT)'
VERSIONS = ["ALTER TABLE rencana ADD COLUMN lokasi TEXT",
            "ALTER TABLE rencana ADD COLUMN pemilik TEXT NOT NULL DEFAULT 'dinas'",
            "ALTER TABLE rencana ADD COLUMN foto BLOB"]


def offices(c):
    hub = c.hub()
    a = c.node('sawahlunto', '13.73', SCHEMA, ['rencana'])
    b = c.node('kebudayaan', '13.73', SCHEMA, ['rencana'])
    a.sql("INSERT INTO rencana VALUES ('p1', 'satu', 1), ('p2', 'dua', 2), ('p3', 'tiga', 3)")
    exchange(a, b)
    return hub, a, b


def exchange(*nodes):
    for node in nodes + nodes[:1]:
        node.sync()


def agree(*nodes):
    """The same everywhere, and each file is what its own log comes to."""
    digests = {node.status()['digest']['13.73'] for node in nodes}
    assert len(digests) == 1, digests
    for node in nodes:
        node.cli('check', node.file)


def full(node):
    return node.sql('SELECT id, judul, nilai, lokasi, pemilik, foto FROM rencana ORDER BY id')


def test_a_node_three_versions_behind_loses_nothing():
    with Cluster() as c:
        hub, a, b = offices(c)
        b.sql("UPDATE rencana SET nilai = 30 WHERE id = 'p3'")
        b.sql("INSERT INTO rencana VALUES ('luring', 'ditulis luring', 9)")
        work = ["UPDATE rencana SET lokasi = 'Padang' WHERE id = 'p1'",
                "INSERT INTO rencana(id, judul, pemilik) VALUES ('baru', 'v2', 'camat')",
                "UPDATE rencana SET foto = x'ff00', pemilik = 'wali' WHERE id IN ('p2', 'baru')"]
        for version, sql in zip(VERSIONS, work):
            a.sql(version)
            a.sql(sql)
            a.sync()
        # Behind: everything goes out, everything comes in, and it shows what it knows.
        exchange(b, a)
        status = b.status()
        assert status['columns_not_here'] == 3 and status['unsent'] == 0 and status['unmerged'] == 0, status
        assert [c['column'] for c in status['not_here']] == ['foto', 'lokasi', 'pemilik'], status
        assert b.sql('SELECT id, judul, nilai FROM rencana ORDER BY id') == \
            a.sql('SELECT id, judul, nilai FROM rencana ORDER BY id')
        assert full(hub) == full(a) and len(full(a)) == 5
        agree(hub, a, b)
        # Its own upgrades, seen by a running node.
        own = b.status()['changesets']
        b.run()
        for version in VERSIONS:
            b.sql(version)
        wait_until(lambda: b.status()['columns_not_here'] == 0, 'the running node sees the upgrade', 60)
        b.stop()
        b.sync()
        assert full(b) == full(a)
        assert b.status()['changesets'] == own, 'the upgrade was sealed as if somebody had written it'
        agree(hub, a, b)


def test_a_rename_goes_on_under_the_name_that_others_know():
    with Cluster() as c:
        hub, a, b = offices(c)
        b.sql('ALTER TABLE rencana RENAME COLUMN nilai TO jumlah')
        b.sql('ALTER TABLE rencana RENAME TO rencana_kerja')
        b.sql("UPDATE rencana_kerja SET jumlah = 10 WHERE id = 'p1'")
        a.sql("UPDATE rencana SET nilai = 20 WHERE id = 'p2'")
        exchange(b, a)
        assert b.sql('SELECT jumlah FROM rencana_kerja ORDER BY id') == [(10,), (20,), (3,)]
        assert a.sql('SELECT nilai FROM rencana ORDER BY id') == [(10,), (20,), (3,)]
        assert hub.sql('SELECT nilai FROM rencana ORDER BY id') == [(10,), (20,), (3,)]
        table, = b.status()['tables']
        assert (table['name'], table['replicated']) == ('rencana_kerja', 'rencana'), table
        agree(hub, a, b)


def test_alter_drops_a_column_when_told_to():
    with Cluster() as c:
        hub, a, b = offices(c)
        drop = 'ALTER TABLE rencana DROP COLUMN nilai'
        refused = b.cli('alter', b.file, drop, check=False)
        assert refused.returncode == 5 and 'nilai' in refused.stderr, refused.stderr
        b.run()  # through the running node
        b.cli('alter', b.file, drop, '--yes')
        b.stop()
        b.sql("UPDATE rencana SET judul = 'tanpa nilai' WHERE id = 'p1'")
        exchange(b, a)
        assert a.sql("SELECT judul, nilai FROM rencana WHERE id = 'p1'") == [('tanpa nilai', 1)]
        assert [act['what'] for act in json.loads(b.cli('conflicts', b.file, '--acts', '--json').stdout)] \
            == ['alter']
        agree(hub, a, b)


def test_a_key_that_another_program_changed():
    with Cluster() as c:
        hub, a, b = offices(c)
        rebuild = """CREATE TABLE lain (id TEXT, judul TEXT, nilai INT, PRIMARY KEY({}));
                     INSERT INTO lain SELECT id, judul, nilai FROM rencana;
                     DROP TABLE rencana; ALTER TABLE lain RENAME TO rencana;"""
        b.sql_script(rebuild.format('id, judul'))
        a.sql("UPDATE rencana SET nilai = 7 WHERE id = 'p1'")
        a.sync()
        told = b.sync(check=False)
        assert told.returncode == 10 and 'put aside' in told.stderr and '(id)' in told.stderr, told.stderr
        assert 'table-aside' in [w['code'] for w in b.status()['why']]
        # simpul alter gives it back its key; what waited is merged.
        b.cli('alter', b.file, rebuild.format('id'))
        exchange(b, a)
        assert b.sql("SELECT nilai FROM rencana WHERE id = 'p1'") == [(7,)]
        assert b.status()['why'] == []
        agree(hub, a, b)


def test_another_key_is_another_table():
    with Cluster() as c:
        hub, a, b = offices(c)
        b.sql_script("""CREATE TABLE lain (id TEXT, judul TEXT, nilai INT, PRIMARY KEY(id, judul));
                        INSERT INTO lain SELECT id, judul, nilai FROM rencana;
                        DROP TABLE rencana; ALTER TABLE lain RENAME TO rencana;""")
        a.sql("UPDATE rencana SET nilai = 7 WHERE id = 'p1'")
        a.sync()
        b.sync(check=False)
        b.cli('detach', b.file, 'rencana')
        b.sql('ALTER TABLE rencana RENAME TO rencana_2')
        b.attach('rencana_2')
        exchange(b, a)
        assert len(hub.sql('SELECT * FROM rencana_2')) == 3 == len(a.sql('SELECT * FROM rencana_2'))
        # What goes on under the old name has a table again, made by Simpul.
        a.sql("INSERT INTO rencana VALUES ('p4', 'empat', 4)")
        exchange(a, b)
        assert b.sql("SELECT judul FROM rencana WHERE id = 'p4'") == [('empat',)]


RULES = {'tables': {'rencana': {'policy': {'stok': 'counter', 'judul': 'text'},
                                'groups': [['nilai', 'satuan']]}}}


def test_rules_hold_for_new_columns_and_rebuilt_tables():
    with Cluster() as c:
        hub, a, b = offices(c)
        a.sql('ALTER TABLE rencana ADD COLUMN stok INTEGER')
        a.sql('ALTER TABLE rencana ADD COLUMN satuan TEXT')
        a.sql("UPDATE rencana SET stok = 1 WHERE id = 'p1'")
        a.sync()
        rules = os.path.join(c.directory, 'rules.json')
        with open(rules, 'w', encoding='utf-8') as f:
            json.dump(RULES, f)
        hub.cli('rules', hub.file, rules)
        exchange(a, b)
        a.sql("UPDATE rencana SET stok = stok + 5, nilai = 9, satuan = 'kg' WHERE id = 'p1'")
        exchange(a, b)
        # Behind: its column comes with a rebuilt table, and shows the sum; then both add.
        b.sql_script("""CREATE TABLE baru (id TEXT PRIMARY KEY, stok INTEGER, satuan TEXT, judul TEXT,
                                           nilai INT);
                        INSERT INTO baru(id, judul, nilai) SELECT id, judul, nilai FROM rencana;
                        DROP TABLE rencana; ALTER TABLE baru RENAME TO rencana;""")
        b.sync()
        assert b.sql("SELECT stok, nilai, satuan FROM rencana WHERE id = 'p1'") == [(6, 9, 'kg')]
        b.sql("UPDATE rencana SET stok = stok + 3 WHERE id = 'p1'")
        a.sql("UPDATE rencana SET stok = stok + 10 WHERE id = 'p1'")
        exchange(a, b)
        for node in (hub, a, b):
            assert node.sql("SELECT stok, nilai, satuan FROM rencana WHERE id = 'p1'") == [(19, 9, 'kg')]
            assert node.status()['quarantined'] == 0 and node.status()['violations'] == 0
        # A renamed counter is still a counter.
        b.sql('ALTER TABLE rencana RENAME COLUMN stok TO sisa')
        b.sql("UPDATE rencana SET sisa = sisa - 4 WHERE id = 'p1'")
        a.sql("UPDATE rencana SET stok = stok + 1 WHERE id = 'p1'")
        exchange(a, b)
        assert a.sql("SELECT stok FROM rencana WHERE id = 'p1'") == [(16,)]
        assert b.sql("SELECT sisa FROM rencana WHERE id = 'p1'") == [(16,)]
        agree(hub, a, b)


if __name__ == '__main__':
    scenario.main(globals())
