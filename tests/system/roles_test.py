#!/usr/bin/env python3
"""Roles over real processes: what each may send and gets, and what the hub's approved rules let it write."""
import hashlib
import json
import os
import sys

sys.path.insert(0, os.path.dirname(__file__))
from lib import scenario
from lib.cluster import Cluster

SCHEMA = """CREATE TABLE usulan (id INTEGER PRIMARY KEY, judul TEXT, status TEXT, catatan TEXT);
            CREATE TABLE lain (id INTEGER PRIMARY KEY, isi TEXT);"""
TABLES = ['usulan', 'lain']
SCOPE, OTHER = '13.73', '13.76'
RULES = {'tables': {'usulan': {
    'state': 'status', 'frozen': ['disetujui'],
    'write': [{'role': 'writer', 'states': ['', 'draf']},
              {'role': 'reviewer', 'states': ['draf', 'diajukan'], 'columns': ['status', 'catatan']}]}}}


def listed(node, *command):
    return json.loads(node.cli(*command[:1], node.file, *command[1:], '--json').stdout)


def exchange(*nodes):
    """Twice, so that the first gets what the last one wrote."""
    for node in nodes + nodes:
        node.sync(check=False)


def not_allowed(node):
    return [(v['table'], v['key'], v['detail']) for v in listed(node, 'violations')
            if v['rule'] == 'not-allowed']


def offices(c):
    """Two writers, a reviewer, a reader and a relay of one scope, with rules that the hub approved."""
    hub = c.hub()
    a = c.node('penulis', SCOPE, SCHEMA, TABLES)
    b = c.node('kawan', SCOPE, SCHEMA, TABLES)
    r = c.node('penilai', SCOPE, SCHEMA, TABLES, role='reviewer')
    a.sql("INSERT INTO usulan VALUES (1, 'jalan', 'draf', NULL)")
    a.sql("INSERT INTO lain VALUES (1, 'satu')")
    exchange(a, b, r)
    rules = os.path.join(c.directory, 'rules.json')
    with open(rules, 'w', encoding='utf-8') as out:
        json.dump(RULES, out)
    hub.cli('rules', hub.file, rules)
    exchange(a, b, r)
    return hub, a, b, r


def row(node, number=1):
    return node.sql('SELECT judul, status, catatan FROM usulan WHERE id = ?', (number,))


def same_everywhere(want, hub, *nodes):
    exchange(*nodes)
    for node in (hub, *nodes):
        assert row(node) == want, (node.name, row(node))
    assert len({node.status()['digest'][SCOPE] for node in (hub, *nodes)}) == 1


def test_rules_are_adopted_and_bind_where_they_are_written():
    with Cluster() as c:
        hub, a, b, r = offices(c)
        for node in (a, b, r):
            assert 'disetujui' in node.cli('rules', node.file).stdout, node.name
        # What the rules let each do is merged everywhere.
        a.sql("UPDATE usulan SET judul = 'jembatan', status = 'diajukan'")
        same_everywhere([('jembatan', 'diajukan', None)], hub, a, b, r)
        r.sql("UPDATE usulan SET status = 'disetujui', catatan = 'baik'")
        done = [('jembatan', 'disetujui', 'baik')]
        same_everywhere(done, hub, a, b, r)
        # What they do not let it do is listed where it was written, says who may, and goes nowhere.
        a.sql("UPDATE usulan SET judul = 'diam-diam'")
        exchange(a, b, r)
        found = not_allowed(a)
        assert [(t, k) for t, k, _ in found] == [('usulan', {'id': 1})], found
        assert row(hub) == row(b) == row(r) == done and row(a)[0][0] == 'diam-diam'
        assert a.status()['quarantined'] == hub.status()['quarantined'] == 0
        a.cli('violations', a.file, '--put-back', 'usulan', '1')
        same_everywhere(done, hub, a, b, r)
        assert not_allowed(a) == []


def test_the_list_says_who_may():
    with Cluster() as c:
        hub, a, b, r = offices(c)
        a.sql("INSERT INTO usulan VALUES (2, 'pasar', 'diajukan', NULL)")
        exchange(a, b, r)
        assert row(b, 2) == [('pasar', 'diajukan', None)]
        b.sql("UPDATE usulan SET catatan = 'sudah' WHERE id = 2")
        r.sql("UPDATE usulan SET judul = 'toko' WHERE id = 2")
        exchange(a, b, r)
        for node, role in ((b, 'a writer'), (r, 'a reviewer')):  # nobody may write the title any more
            found = not_allowed(node)
            assert len(found) == 1 and found[0][1] == {'id': 2}, found
            assert role + ' may not write' in found[0][2], found
            assert found[0][2].endswith('who may write there: reviewer'), found
        assert row(hub, 2) == row(a, 2) == [('pasar', 'diajukan', None)]


def test_a_forged_role_is_quarantined_alike_everywhere():
    with Cluster() as c:
        hub, a, b, r = offices(c)
        a.sql("UPDATE usulan SET status = 'diajukan'")
        same_everywhere([('jalan', 'diajukan', None)], hub, a, b, r)
        # A writer whose program takes itself for a reviewer: genuine signatures, no right.
        b.sql('UPDATE simpul_chain SET role = 2 WHERE own = 1')
        b.sql("UPDATE usulan SET status = 'disetujui', catatan = 'palsu'")
        b.sync(check=False)
        exchange(a, r)
        assert row(hub) == row(a) == row(r) == [('jalan', 'diajukan', None)]
        assert row(b)[0][1] == 'disetujui'
        found = [listed(node, 'quarantine') for node in (hub, a, r)]
        assert [len(f) for f in found] == [1, 1, 1], found
        assert len({f[0]['id'] for f in found}) == 1 and len({f[0]['reason'] for f in found}) == 1, found
        assert found[0][0]['node'] == 'kawan' and 'writer' in found[0][0]['reason'], found
        assert len({node.status()['digest'][SCOPE] for node in (hub, a, r)}) == 1
        # The chain goes on: what it may write still arrives.
        b.sql("INSERT INTO lain VALUES (2, 'dua')")
        b.sync(check=False)
        exchange(a, r)
        assert hub.rows('lain', SCOPE) == a.rows('lain') == r.rows('lain') and len(a.rows('lain')) == 2


def test_a_reader_gets_all_and_sends_nothing():
    with Cluster() as c:
        hub, a, _, _ = offices(c)
        reader = c.node('pembaca', SCOPE, SCHEMA, TABLES, role='reader')
        reader.sync()
        assert row(reader) == row(a) and reader.rows('lain') == a.rows('lain')
        reader.sql("UPDATE lain SET isi = 'coretan'")
        reader.sql("INSERT INTO lain VALUES (9, 'coretan')")
        reader.sync(check=False)
        found = not_allowed(reader)
        assert [k for _, k, _ in found] == [{'id': 1}, {'id': 9}], found
        assert all('reader' in d and 'writers and reviewers may' in d for _, _, d in found), found
        assert reader.status()['unsent_own'] == 0
        a.sync()
        assert hub.rows('lain', SCOPE) == a.rows('lain') == [{'id': 1, 'isi': 'satu'}]
        for key in ('1', '9'):
            reader.cli('violations', reader.file, '--put-back', 'lain', key)
        assert not_allowed(reader) == [] and reader.rows('lain') == a.rows('lain')
        assert reader.status()['pending'] == 0
        reader.sync()


def test_a_relay_carries_what_it_does_not_read():
    with Cluster() as c:
        hub, a, _, _ = offices(c)
        relay = c.node('kurir', SCOPE, SCHEMA, TABLES, role='relay')
        relay.sync()
        assert relay.rows('usulan') == relay.rows('lain') == []
        status = relay.status()
        assert status['carried'] > 0 and status['unmerged'] == 0, status
        # By stick: what the relay holds of others is enough for one who was never at the network again.
        stick = os.path.join(c.directory, 'kurir.simpul')
        relay.cli('bundle', 'export', relay.file, stick, '--scope', SCOPE)
        late = c.node('terpencil', SCOPE, SCHEMA, TABLES)
        late.cli('bundle', 'import', late.file, stick)
        assert late.rows('usulan') == a.rows('usulan') and late.rows('lain') == a.rows('lain')
        # And what one of them gives it arrives at the hub.
        late.sql("INSERT INTO lain VALUES (3, 'jauh')")
        back = os.path.join(c.directory, 'balik.simpul')
        late.cli('bundle', 'export', late.file, back, '--unsent')
        relay.cli('bundle', 'import', relay.file, back)
        relay.sync()
        assert {'id': 3, 'isi': 'jauh'} in hub.rows('lain', SCOPE)
        assert relay.rows('lain') == []


def test_another_scope_with_the_same_keys_is_another_row():
    with Cluster() as c:
        hub, a, b, _ = offices(c)
        other = c.node('tetangga', OTHER, SCHEMA, TABLES)
        before = hub.status()['digest'][SCOPE]
        other.sql("INSERT INTO lain VALUES (1, 'lain kota')")
        other.sync()
        other.sql('DELETE FROM lain')
        other.sql("INSERT INTO lain VALUES (1, 'lagi')")
        other.sync()
        exchange(a, b)
        assert hub.status()['digest'][SCOPE] == a.status()['digest'][SCOPE] == before
        assert hub.rows('lain', SCOPE) == a.rows('lain') == [{'id': 1, 'isi': 'satu'}]
        assert hub.rows('lain', OTHER) == [{'id': 1, 'isi': 'lagi'}]
        assert SCOPE not in other.status()['digest'] and a.name not in other.cli('log', other.file).stdout


def test_a_neighbour_checks_grants_without_the_hub():
    with Cluster() as c:
        hub = c.hub()
        b = c.node('lama', SCOPE, SCHEMA, TABLES)
        b.sync()
        a = c.node('baru', SCOPE, SCHEMA, TABLES)  # granted after b heard from the hub
        a.sql("INSERT INTO lain VALUES (1, 'dari baru')")
        own, grants = (os.path.join(c.directory, name) for name in ('own.simpul', 'grants.simpul'))
        # Its changes alone, without the national chain, as a neighbour would meet them first.
        a.cli('sync', a.file)
        a.cli('bundle', 'export', a.file, own, '--scope', SCOPE)
        strip_national(own, c, a)
        hub.stop()
        b.cli('bundle', 'import', b.file, own)
        assert b.rows('lain') == []
        held = listed(b, 'held')
        assert held and {h['missing'] for h in held} <= {'grant', 'chain', 'ancestor'}, held
        hub.cli('bundle', 'export', hub.file, grants, '--scope', 'national')
        b.cli('bundle', 'import', b.file, grants)
        assert b.rows('lain') == a.rows('lain') and listed(b, 'held') == []


def strip_national(path, cluster, node):
    """Rewrites a bundle without the frames of the national chain: the format is in bundle.c."""
    national = node.sql("SELECT frame FROM simpul_changeset WHERE scope = 'national'")
    chains = {bytes(row[0]) for row in national}
    with open(path, 'rb') as f:
        data = f.read()
    out, at = data[:8], 8
    digest = hashlib.sha256(out).digest()
    while data[at] != 255:
        size = int.from_bytes(data[at + 1:at + 5], 'big')
        section = data[at:at + 5 + size]
        if not (data[at] == 2 and section[5:] in chains) and data[at] != 3:
            digest = hashlib.sha256(digest + section).digest()
            out += section
        at += 5 + size
    assert len(out) < len(data) - 37
    with open(path, 'wb') as f:
        f.write(out + b'\xff' + (32).to_bytes(4, 'big') + digest)


if __name__ == '__main__':
    scenario.main(globals())
