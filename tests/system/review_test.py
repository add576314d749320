#!/usr/bin/env python3
"""What waits for a person, on the command line of real nodes: conflicts, violations, held, quarantine."""
import csv
import io
import json
import os
import sys
import time

sys.path.insert(0, os.path.dirname(__file__))
from lib import scenario
from lib.cluster import Cluster, wait_until

SCHEMA = """CREATE TABLE kota (id INTEGER PRIMARY KEY, nama TEXT);
            CREATE TABLE rencana (opd TEXT, tahun INTEGER, judul TEXT, persen INTEGER CHECK (persen <= 100),
                                  kota_id INTEGER REFERENCES kota(id), PRIMARY KEY (opd, tahun));"""
TABLES = ['kota', 'rencana']


def offices(c):
    """A hub and two offices that have the same tables, rules included."""
    hub = c.hub()
    a = c.node('sawahlunto', '13.73', SCHEMA, TABLES)
    b = c.node('kebudayaan', '13.73', SCHEMA, TABLES)
    a.sql("INSERT INTO kota VALUES (1, 'Padang')")
    a.sql("INSERT INTO rencana VALUES ('Dinas \"A\", Kota', 2026, 'awal', 10, 1)")
    exchange(a, b)
    return hub, a, b


def exchange(*nodes):
    for node in nodes + nodes[:1]:
        node.sync()


def listed(node, *command):
    return json.loads(node.cli(*command[:1], node.file, *command[1:], '--json').stdout)


def contend(a, b, column, mine, theirs):
    """Both write the cell without knowing of each other; b's write is the later one."""
    a.sql(f'UPDATE rencana SET {column} = ?', (mine,))
    time.sleep(0.01)
    b.sql(f'UPDATE rencana SET {column} = ?', (theirs,))
    exchange(a, b)
    for node in (a, b):
        assert node.status()['conflicts'] == 1
    return listed(a, 'conflicts')['conflicts'][0]


def cell(node, column):
    return node.sql(f'SELECT {column} FROM rencana')[0][0]


def settled_everywhere(column, value, hub, *nodes):
    exchange(*nodes)
    for node in (hub, *nodes):
        assert cell(node, column) == value, (node.name, cell(node, column))
        assert node.status()['conflicts'] == 0
        assert listed(node, 'conflicts') == {'conflicts': []}
    assert len({node.status()['digest']['13.73'] for node in (hub, *nodes)}) == 1


def test_a_conflict_chosen_by_changeset_is_settled_everywhere():
    with Cluster() as c:
        hub, a, b = offices(c)
        conflict = contend(a, b, 'persen', 20, 30)
        assert conflict['key'] == {'opd': 'Dinas "A", Kota', 'tahun': 2026}, conflict
        assert [v['values'] for v in conflict['values']] == [{'persen': 30}, {'persen': 20}]
        assert [v['node'] for v in conflict['values']] == ['kebudayaan', 'sawahlunto']
        assert [v['shown'] for v in conflict['values']] == [True, False]
        number = str(conflict['number'])
        shown = a.cli('conflicts', a.file, 'show', number).stdout
        assert 'kebudayaan' in shown and 'sawahlunto' in shown and '20' in shown and '30' in shown
        hidden = str(conflict['values'][1]['changeset'])
        assert a.cli('conflicts', a.file, 'choose', number, '9999', check=False).returncode == 3
        assert a.cli('conflicts', a.file, 'choose', '9999', hidden, check=False).returncode == 3
        there = str(listed(hub, 'conflicts')['conflicts'][0]['number'])
        refused = hub.cli('conflicts', hub.file, 'choose', there, hidden, check=False)
        assert refused.returncode == 5, refused  # the hub writes in no region
        a.cli('conflicts', a.file, 'choose', number, hidden)
        assert a.status()['conflicts'] == 0 and a.status()['pending'] == 0  # sealed at once
        assert a.cli('conflicts', a.file, 'choose', number, hidden, check=False).returncode == 3
        settled_everywhere('persen', 20, hub, a, b)
        act = listed(a, 'conflicts', '--acts')[0]
        assert (act['what'], act['object']) == ('choose', 'rencana Dinas "A", Kota 2026 persen')
        assert act['who'] and listed(b, 'conflicts', '--acts') == []
        ledger = listed(b, 'conflicts', '--all')['superseded']
        assert [(p['value'], p['node'], p['superseded_by']['node']) for p in ledger] == \
            [(20, 'sawahlunto', 'sawahlunto')], ledger


def test_choosing_what_is_shown_already_settles_it_too():
    with Cluster() as c:
        hub, a, b = offices(c)
        conflict = contend(a, b, 'judul', 'kiri', 'kanan')
        a.cli('conflicts', a.file, 'choose', str(conflict['number']), str(conflict['values'][0]['changeset']))
        settled_everywhere('judul', 'kanan', hub, a, b)


def test_another_value_is_written_while_the_node_runs():
    with Cluster() as c:
        hub, a, b = offices(c)
        number = str(contend(a, b, 'persen', 20, 30)['number'])
        c.start()
        forbidden = a.cli('conflicts', a.file, 'choose', number, '--value', '101', check=False)
        assert forbidden.returncode == 2 and 'CHECK' in forbidden.stderr, forbidden
        assert a.cli('conflicts', a.file, 'choose', number, check=False).returncode == 2
        assert a.cli('conflicts', a.file, 'choose', number, '20', '--value', '1', check=False).returncode == 2
        assert a.cli('conflicts', a.file, 'choose', number, 'judul=x', check=False).returncode == 2
        assert cell(a, 'persen') == 30
        a.cli('conflicts', a.file, 'choose', number, 'persen=25')
        wait_until(lambda: all(cell(n, 'persen') == 25 for n in (hub, a, b)), 'the value is everywhere', 40)
        wait_until(lambda: all(n.status()['conflicts'] == 0 for n in (hub, a, b)), 'it is settled', 40)
        assert listed(a, 'conflicts', '--acts')[0]['what'] == 'choose'


def test_a_spreadsheet_gets_no_formula():
    with Cluster() as c:
        _, a, b = offices(c)
        contend(a, b, 'judul', '=1+1', '@SUM(A1)')
        rows = list(csv.DictReader(io.StringIO(a.cli('conflicts', a.file, '--csv').stdout)))
        assert [r['value'] for r in rows] == ["'@SUM(A1)", "'=1+1"], rows
        assert [r['shown'] for r in rows] == ['1', '0']
        assert rows[0]['key'] == "opd = 'Dinas \"A\", Kota', tahun = 2026", rows[0]
        assert not any(v[:1] in ('=', '+', '-', '@', '\t') for r in rows for v in r.values())


def rules_of(node):
    return [(v['rule'], v['table'], v['key'], v['scope']) for v in listed(node, 'violations')]


def test_broken_rules_are_computed_the_same_everywhere_and_go_with_the_fix():
    with Cluster() as c:
        _, a, b = offices(c)
        # Each write keeps the rules where it is made; together they do not.
        a.sql("UPDATE rencana SET kota_id = 1")
        b.sql("DELETE FROM kota WHERE id = 1")
        # A program may switch its CHECKs off, and other versions of a table may have none.
        b.sql_script("PRAGMA ignore_check_constraints = ON;"
                     "INSERT INTO rencana VALUES ('B', 1, 'b', 101, NULL)")
        exchange(a, b)
        want = [('check', 'rencana', {'opd': 'B', 'tahun': 1}, '13.73'),
                ('foreign-key', 'rencana', {'opd': 'Dinas "A", Kota', 'tahun': 2026}, '13.73')]
        assert rules_of(a) == rules_of(b) == want, (rules_of(a), rules_of(b))
        assert a.status()['violations'] == b.status()['violations'] == 2
        details = [v['detail'] for v in listed(a, 'violations')]
        assert details == ['CHECK (persen <= 100)', 'kota_id = 1 is not in kota(id)'], details
        a.sql("INSERT INTO kota VALUES (1, 'Padang')")
        a.sql("UPDATE rencana SET persen = 99 WHERE opd = 'B'")
        exchange(a, b)
        assert rules_of(a) == rules_of(b) == []
        assert a.status()['violations'] == b.status()['violations'] == 0


def test_a_change_that_may_not_travel_is_put_back():
    with Cluster() as c:
        hub, a, b = offices(c)
        a.run()
        a.sql("UPDATE rencana SET judul = ?", ('x' * 300000,))
        wait_until(lambda: [r[0] for r in rules_of(a)] == ['too-large'], 'it is listed', 40)
        assert a.cli('violations', a.file, '--put-back', 'rencana', 'x', '1', check=False).returncode == 3
        a.cli('violations', a.file, '--put-back', 'rencana', 'Dinas "A", Kota', '2026')
        assert cell(a, 'judul') == 'awal' and rules_of(a) == []
        assert listed(a, 'violations', '--acts')[0]['what'] == 'put-back'
        a.stop()
        settled_everywhere('judul', 'awal', hub, a, b)


def test_poison_is_kept_apart_and_the_rest_arrives():
    with Cluster() as c:
        hub, a, b = offices(c)
        rogue = c.node('pembaca', '13.73', SCHEMA, TABLES, role='reader')
        rogue.sync()
        # A reader whose program claims to be a writer's: genuine signatures, no right.
        rogue.sql('UPDATE simpul_chain SET role = 1 WHERE own = 1')
        rogue.sql("UPDATE rencana SET judul = 'racun'")
        rogue.sync(check=False)
        a.sql("INSERT INTO kota VALUES (2, 'Solok')")
        exchange(a, b)
        assert hub.rows('kota', '13.73') == a.rows('kota') == b.rows('kota') and len(a.rows('kota')) == 2
        assert cell(hub, 'judul') == cell(a, 'judul') == cell(b, 'judul') == 'awal'
        found = listed(hub, 'quarantine')
        assert [f['node'] for f in found if f['kind'] == 'data'] == ['pembaca'], found
        entry = [f for f in found if f['kind'] == 'data'][0]
        assert entry['reason'] and entry['changes'] > 0
        assert hub.status()['quarantined'] == len(found)
        assert [f['id'] for f in listed(a, 'quarantine')] == [f['id'] for f in found]
        why = listed(hub, 'quarantine', 'why', entry['id'][:8])
        assert why['id'] == entry['id'] and why['reason'] == entry['reason']
        assert hub.cli('quarantine', hub.file, 'why', entry['id'][:3], check=False).returncode == 2
        assert hub.cli('quarantine', hub.file, 'why', 'nothex', check=False).returncode == 2
        assert hub.cli('quarantine', hub.file, 'why', '0' * 64, check=False).returncode == 3
        again = listed(hub, 'quarantine', 'retry', entry['id'])  # the hub is running: through its door
        assert again['state'] == 'quarantined' and again['reason'] == entry['reason'], again
        assert cell(hub, 'judul') == 'awal'
        assert hub.cli('quarantine', hub.file, 'discard', entry['id'][:8], check=False).returncode == 2
        hub.cli('quarantine', hub.file, 'discard', entry['id'][:8], '--reason', 'perangkat uji')
        assert entry['id'] not in [f['id'] for f in listed(hub, 'quarantine')]
        assert entry['id'] in [f['id'] for f in listed(hub, 'quarantine', '--all')]
        assert hub.status()['quarantined'] == len(found) - 1
        acts = [(act['what'], act['object'], act['reason']) for act in listed(hub, 'quarantine', '--acts')]
        assert acts[0] == ('discard', entry['id'], 'perangkat uji') and acts[1][:2] == ('retry', entry['id'])


def test_what_is_held_says_why_and_comes_in_when_it_can():
    with Cluster() as c:
        hub, a, b = offices(c)
        first, second = (os.path.join(c.directory, name) for name in ('1.simpul', '2.simpul'))
        a.sql("INSERT INTO kota VALUES (3, 'Agam')")
        a.cli('bundle', 'export', a.file, first, '--unsent')
        a.sync()
        a.sql("INSERT INTO kota VALUES (4, 'Tanah Datar')")
        a.cli('bundle', 'export', a.file, second, '--unsent')
        b.cli('bundle', 'import', b.file, second)
        held = listed(b, 'held')
        assert [(h['node'], h['missing'], h['scope']) for h in held] == [('sawahlunto', 'ancestor', '13.73')]
        digits = held[0]['id'][:8]
        why = listed(b, 'held', 'why', digits)
        assert why['changes'] == 1 and why['kind'] == 'data' and why['advice'] and why['advice_id']
        assert listed(b, 'held', 'retry') == {'accepted': 0, 'held': 1, 'refused': 0}
        assert listed(b, 'held', 'retry', digits) == {'accepted': 0, 'held': 1, 'refused': 0}
        assert b.status()['held'] == 1
        b.cli('held', b.file, 'discard', digits, '--reason', 'menunggu kantor')
        assert listed(b, 'held') == [] and b.status()['held'] == 0 and b.status()['held_for'] == {}
        assert [h['id'] for h in listed(b, 'held', '--all')] == [held[0]['id']]
        assert [(act['what'], act['reason']) for act in listed(b, 'held', '--acts')][0] == \
            ('discard', 'menunggu kantor')
        b.cli('bundle', 'import', b.file, first)  # dismissed is not deleted
        assert b.rows('kota') == a.rows('kota') and len(b.rows('kota')) == 3
        assert listed(b, 'held', '--all') == []
        exchange(a, b)
        assert hub.rows('kota', '13.73') == b.rows('kota')


if __name__ == '__main__':
    scenario.main(globals())
