#!/usr/bin/env python3
"""By the API: choosing between values, who wrote what, the hub's nodes, and exports."""
import csv
import io
import json
import os
import sys
import time
import urllib.parse
import xml.etree.ElementTree as ElementTree
import zipfile

sys.path.insert(0, os.path.dirname(__file__))
from lib import scenario
from lib.cluster import Cluster, free_port, wait_until
from lib.web import Web

SCHEMA = 'CREATE TABLE rencana (id TEXT PRIMARY KEY, judul TEXT, persen INTEGER)'
EVIL = ['=1+1', '+cmd', '-2+3', '@SUM(A1)', '\tx', '-12.5', 'biasa, "dikutip"', ' depan']


def key(*values):
    return urllib.parse.quote(json.dumps(values))


def contest(c):
    """A hub and two offices; the title of one row is written by both."""
    hub = c.hub()
    a = c.node('diskominfo', '13.73', SCHEMA, ['rencana'])
    b = c.node('kebudayaan', '13.73', SCHEMA, ['rencana'])
    a.cli('write', a.file, '--as', 'Ana', "INSERT INTO rencana VALUES ('p1', 'awal', 10)")
    for node in (a, b, a):
        node.sync()
    a.cli('write', a.file, '--as', 'Ana', "UPDATE rencana SET judul = 'dari Ana'")
    time.sleep(0.01)
    b.cli('write', b.file, '--as', 'Budi', "UPDATE rencana SET judul = 'dari Budi'")
    for node in (a, b, a):
        node.sync()
    return hub, a, b


def test_a_person_chooses_and_all_have_it():
    with Cluster() as c:
        hub, a, b = contest(c)
        a.run('--web', f'127.0.0.1:{free_port()}')
        web = Web(a)
        conflict, = web.get('/conflicts')['conflicts']
        assert (conflict['table'], conflict['key'], conflict['columns']) == ('rencana', ['p1'], ['judul'])
        said = {v['values']['judul']: v for v in conflict['values']}
        assert {(t, v['by'], v['node']) for t, v in said.items()} == \
            {('dari Ana', 'Ana', 'diskominfo'), ('dari Budi', 'Budi', 'kebudayaan')}, conflict
        assert [v['shown'] for v in conflict['values']].count(True) == 1

        path = f'/conflicts/{conflict["no"]}'
        assert web.post(path, {})[0] == 400
        assert web.post(path, {'n': 424242})[0] == 404
        assert web.post('/conflicts/424242', {'n': said['dari Ana']['n']})[0] == 404
        status, answer = web.post(path, {'n': said['dari Ana']['n']})
        assert status == 200, answer
        wait_until(lambda: web.get('/conflicts') == {'conflicts': []}, 'the choice is sealed', seconds=10)
        wait_until(lambda: a.status()['unsent'] == 0, 'the choice is at the hub')
        b.sync()
        assert b.sql('SELECT judul FROM rencana') == [('dari Ana',)] and b.status()['conflicts'] == 0

        # Who chose is on record, and what was not chosen too.
        past = web.get('/history/rencana?key=' + key('p1') + '&column=judul')['changes']
        assert [(h['value'], h['by']) for h in past[:1]] == [('dari Ana', 'Yulia Rahman')], past
        assert {h['value'] for h in past} == {'awal', 'dari Ana', 'dari Budi'} and past[0]['signature']
        standing = web.get('/history/rencana?key=' + key('p1'))['changes']
        assert {h['column'] for h in standing} >= {'judul', 'persen'}
        stood, = web.get('/ledger')['ledger']  # the one that was not shown, until the choice
        assert (stood['value'], stood['node'], stood['column']) == ('dari Ana', 'diskominfo', 'judul'), stood
        assert stood['superseded_by']['n'] > stood['n'], stood
        assert web.get('/history/rencana?key=' + key('none')) == {'changes': []}
        assert web.call('GET', '/history/simpul_meta?key=' + key('salt'))[0] == 404
        for name in ('violations', 'held', 'quarantine'):
            assert web.get('/' + name) == {name: []}
        assert web.call('GET', '/hub/nodes')[0] == 404


def test_the_hub_knows_its_nodes():
    with Cluster() as c:
        hub, a, b = contest(c)
        hub.stop()
        hub.run('--web', f'127.0.0.1:{free_port()}')
        web = Web(hub)
        a.sync()
        nodes = {n['name']: n for n in web.get('/hub/nodes')['nodes']}
        assert set(nodes) == {'diskominfo', 'kebudayaan'}, nodes
        one = nodes['diskominfo']
        assert one['version'] and abs(one['clock_skew_ms']) < 60000 and one['last_contact'], one
        assert one['contested'] + nodes['kebudayaan']['contested'] >= 1
        assert one['scopes'][0]['scope'] == '13.73' and one['scopes'][0]['role'] == 'writer'
        assert not one['revoked'] and one['words'] in a.cli('status', a.file, '--json').stdout + \
            json.dumps(nodes)

        status, made = web.post('/hub/invitations', {'scope': '13.73', 'role': 'reader',
                                                     'url': f'https://127.0.0.1:{hub.port}'})
        assert status == 201 and made['invitation'].startswith('simpul1:'), made
        late = c._add('pembaca', '13.73', None)
        late.init()
        late.enrol(made['invitation'])
        assert web.post('/hub/invitations', {'scope': 'NOT A SCOPE', 'role': 'hub'})[0] == 422

        scope = nodes['kebudayaan']['scopes'][0]
        status, said = web.post('/hub/revoke', {'chain': scope['chain'], 'after': scope['seq'],
                                                'reason': 'laptop dicuri'})
        assert status == 200, said
        nodes = {n['name']: n for n in web.get('/hub/nodes')['nodes']}
        assert nodes['kebudayaan']['revoked'] and not nodes['diskominfo']['revoked']
        assert nodes['kebudayaan']['scopes'][0]['reason'] == 'laptop dicuri'
        b.sql("UPDATE rencana SET persen = 99")
        assert b.sync(check=False).returncode != 0
        assert hub.sql('SELECT persen FROM rencana') == [(10,)]


def test_exports_are_what_they_say():
    with Cluster() as c:
        node = c._add('latihan', '13.73', None)
        node.cli('init', node.file, '--name', 'latihan', '--workspace', 'masterplan', '--scope', '13.73',
                 '--sample')
        node.sql_script('; '.join(
            f"INSERT INTO organization(scope, id, kind, name) VALUES ('13.73', 'x{i}', 'opd', '{text}')"
            for i, text in enumerate(EVIL)))
        node.run('--web', f'127.0.0.1:{free_port()}')
        web = Web(node)

        response, data = web.raw('GET', '/export/organization.csv?order=id')
        assert response.status == 200 and data.startswith(b'\xef\xbb\xbf'), response.status
        assert 'organization.csv' in response.getheader('Content-Disposition')
        rows = list(csv.DictReader(io.StringIO(data.decode('utf-8-sig'), newline='')))
        names = {r['id']: r['name'] for r in rows}
        assert len(rows) == node.sql('SELECT count(*) FROM organization')[0][0]
        for i, text in enumerate(EVIL):
            guarded = text[0] in '=+-@\t' and text != '-12.5'
            assert names[f'x{i}'] == ("'" + text if guarded else text), names[f'x{i}']
        one = web.raw('GET', '/export/organization.csv?id=x7')[1].decode('utf-8-sig').splitlines()
        assert len(one) == 2, one

        response, data = web.raw('GET', '/export/issue.xlsx')
        assert response.status == 200, data
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            assert book.testzip() is None
            strings = ElementTree.fromstring(book.read('xl/sharedStrings.xml'))
            texts = [''.join(si.itertext()) for si in strings]
            sheet = book.read('xl/worksheets/sheet1.xml')
        assert 'Yang terdampak' in texts and b'<f>' not in sheet  # headings of the worksheet; no formula
        first = node.sql('SELECT statement FROM issue LIMIT 1')[0][0]
        assert first in texts
        with zipfile.ZipFile(io.BytesIO(web.raw('GET', '/export/organization.xlsx')[1])) as book:
            assert b'<f>' not in book.read('xl/worksheets/sheet1.xml')

        with zipfile.ZipFile(io.BytesIO(web.raw('GET', '/export/datapackage.zip')[1])) as package:
            assert package.testzip() is None
            about = json.loads(package.read('datapackage.json'))
            paths = {r['path'] for r in about['resources']}
            assert paths | {'datapackage.json'} == set(package.namelist())
            for r in about['resources']:
                text = package.read(r['path']).decode('utf-8-sig')
                header = next(csv.reader(io.StringIO(text)))
                assert header == [f['name'] for f in r['schema']['fields']] and 'phone' not in header
        for path in ('/export/nothing.csv', '/export/simpul_meta.csv', '/export/issue.pdf'):
            assert web.call('GET', path)[0] == 404


if __name__ == '__main__':
    scenario.main(globals())
