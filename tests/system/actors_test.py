#!/usr/bin/env python3
"""actors_test - several people on one node: `simpul write --as`, and what other nodes learn of it."""
import json
import time

from lib import scenario
from lib.cluster import Cluster

SCHEMA = 'CREATE TABLE program (id TEXT PRIMARY KEY, name TEXT, percent INT, note TEXT, status TEXT)'


def start(cluster, rules=None):
    hub = cluster.hub()
    if rules is not None:
        path = f'{cluster.directory}/rules.json'
        with open(path, 'w') as out:
            json.dump({'tables': {'program': rules}}, out)
    a = cluster.node('sawahlunto', '13.73', SCHEMA, ['program'])
    b = cluster.node('kebudayaan', '13.73', SCHEMA, ['program'])
    if rules is not None:
        for node in (a, b):
            node.cli('rules', node.file, path)
    a.sql("INSERT INTO program VALUES ('p1', 'first', 1, 'a\nb\nc', 'draft')")
    a.sql("INSERT INTO program VALUES ('p2', 'second', 2, '', 'draft')")
    exchange(a, b)
    return hub, a, b


def exchange(*nodes):
    for node in nodes + nodes[:1]:
        node.sync()


def write(node, who, sql, seen=None, check=True):
    argv = ['write', node.file, '--as', who, '--json']
    if seen is not None:
        argv += ['--seen', str(seen)]
    time.sleep(0.005)
    done = node.cli(*argv, '--', sql, check=check)
    return json.loads(done.stdout) if check else done


def as_json(node, command, *args):
    return json.loads(node.cli(command, node.file, *args, '--json').stdout)


def seen_now(node):
    return node.status()['scopes'][0]['seq']


def agree(*nodes):
    assert len({node.status()['digest']['13.73'] for node in nodes}) == 1
    rows = [node.sql('SELECT id, name, percent, note, status FROM program ORDER BY id') for node in nodes]
    assert all(r == rows[0] for r in rows), rows
    for node in nodes:
        node.cli('check', node.file)


def test_two_people_on_one_node_and_what_others_are_told():
    with Cluster() as c:
        hub, a, b = start(c)
        said = write(a, 'Ana Putri', "UPDATE program SET name = 'ana' WHERE id = 'p1'")
        assert said == {'actor': 'Ana Putri', 'rows': 1, 'sealed_first': False, 'replaced_unsealed': False}
        assert write(a, 'Budi', "UPDATE program SET percent = 7 WHERE id = 'p1'")['sealed_first'] is False
        said = write(a, 'Budi', "UPDATE program SET name = 'budi' WHERE id = 'p1'")
        assert said == {'actor': 'Budi', 'rows': 1, 'sealed_first': True, 'replaced_unsealed': False}
        a.sql("UPDATE program SET note = 'by a program' WHERE id = 'p1'")
        exchange(a, b)
        for node in (a, b, hub):
            past = as_json(node, 'blame', 'program', 'p1', 'name', '--scope', '13.73')
            assert [(w['value'], w['actor']) for w in past] == \
                [('budi', 'Budi'), ('ana', 'Ana Putri'), ('first', None)], past
            assert 'Ana Putri' in node.cli('blame', node.file, 'program', 'p1', 'name', '--scope',
                                             '13.73').stdout
            assert node.status()['conflicts'] == 0
        whose = {w['column']: w['actor'] for w in as_json(b, 'blame', 'program', 'p1')}
        assert (whose['name'], whose['percent'], whose['note']) == ('Budi', 'Budi', None), whose
        told = ''.join(b.cli('log', b.file, str(x['n'])).stdout for x in as_json(b, 'log'))
        assert 'by Ana Putri' in told and 'by Budi' in told
        agree(a, b, hub)


def test_a_stale_write_is_a_conflict_with_names_everywhere():
    with Cluster() as c:
        hub, a, b = start(c)
        seen = seen_now(a)
        write(a, 'Ana', "UPDATE program SET name = 'ana' WHERE id = 'p1'", seen)
        said = write(a, 'Budi', "UPDATE program SET name = 'budi' WHERE id = 'p1'", seen)
        assert said['sealed_first'] is True
        exchange(a, b)
        for node in (a, b, hub):
            (conflict,) = as_json(node, 'conflicts')['conflicts']
            assert [(v['values']['name'], v['actor'], v['shown']) for v in conflict['values']] == \
                [('budi', 'Budi', True), ('ana', 'Ana', False)], conflict
            text = node.cli('conflicts', node.file).stdout
            assert 'Ana, sawahlunto' in text, text
            text = node.cli('conflicts', node.file, 'show', str(conflict['number'])).stdout
            assert 'Ana, sawahlunto' in text, text
        agree(a, b, hub)
        refused = write(a, 'Ana', "UPDATE program SET name = 'x'", seen_now(a) + 1, check=False)
        assert refused.returncode == 2 and 'ends with' in refused.stderr, refused
        write(a, 'Ana', "UPDATE program SET name = 'both' WHERE id = 'p1'", seen_now(a))
        exchange(a, b)
        assert [node.status()['conflicts'] for node in (a, b, hub)] == [0, 0, 0]
        agree(a, b, hub)


def test_a_stale_delete_does_not_delete_what_it_had_not_seen():
    with Cluster() as c:
        hub, a, b = start(c)
        seen = seen_now(a)
        write(a, 'Ana', "UPDATE program SET percent = 60 WHERE id = 'p1'")
        a.sync()
        write(a, 'Budi', 'DELETE FROM program', seen)
        exchange(a, b)
        assert a.sql('SELECT id, percent FROM program') == [('p1', 60)]
        assert a.status()['violations'] == 0
        agree(a, b, hub)


def test_policies_bring_stale_writes_together_on_the_node_itself():
    with Cluster() as c:
        hub, a, b = start(c, {'policy': {'note': 'text', 'name': 'manual'}})
        seen = seen_now(a)
        write(a, 'Ana', "UPDATE program SET note = 'ana\nb\nc', name = 'x' WHERE id = 'p1'", seen)
        write(a, 'Budi', "UPDATE program SET note = 'a\nb\nbudi', name = 'y' WHERE id = 'p1'", seen)
        exchange(a, b)
        assert a.sql("SELECT note, name FROM program WHERE id = 'p1'") == [('ana\nb\nbudi', None)]
        agree(a, b)


def test_a_stale_write_in_another_state_is_listed_and_never_sent():
    rules = {'state': 'status', 'frozen': ['submitted']}
    with Cluster() as c:
        hub, a, b = start(c, rules)
        seen = seen_now(a)
        write(a, 'Ana', "UPDATE program SET status = 'submitted' WHERE id = 'p1'")
        a.sync()
        write(a, 'Ana', "UPDATE program SET name = 'frozen' WHERE id = 'p1'")
        a.sync(check=False)
        assert a.status()['violations'] == 1
        a.cli('violations', a.file, '--put-back', 'program', 'p1')
        write(a, 'Budi', "UPDATE program SET name = 'stale' WHERE id = 'p1'", seen)
        write(a, 'Budi', "UPDATE program SET name = 'good' WHERE id = 'p2'", seen)
        a.sync(check=False)
        b.sync()
        assert 'since it was read' in a.cli('violations', a.file).stdout
        for node in (b, hub):
            assert node.status()['quarantined'] == 0
            if node is b:
                assert node.sql('SELECT name FROM program ORDER BY id') == [('first',), ('good',)]


def test_a_stale_write_is_not_sent_where_others_would_void_it():
    rules = {'state': 'status', 'write': [{'role': 'writer', 'states': ['', 'draft']},
                                          {'role': 'writer', 'states': ['submitted'], 'columns': ['status']}]}
    with Cluster() as c:
        hub, a, b = start(c, rules)
        write(a, 'Ana', "UPDATE program SET status = 'submitted' WHERE id = 'p1'")
        a.sync()
        seen = seen_now(a)
        write(a, 'Ana', "UPDATE program SET status = 'draft' WHERE id = 'p1'")
        a.sync()
        write(a, 'Budi', "UPDATE program SET name = 'stale' WHERE id = 'p1'", seen)
        a.sync(check=False)
        assert a.status()['violations'] == 1
        exchange(b)
        assert b.status()['quarantined'] == 0
        assert b.sql('SELECT name FROM program ORDER BY id') == [('first',), ('second',)]
        write(a, 'Budi', "UPDATE program SET name = 'fresh' WHERE id = 'p1'", seen_now(a))
        exchange(a, b)
        assert b.sql('SELECT name FROM program ORDER BY id') == [('fresh',), ('second',)]


def test_statements_that_are_no_plain_writes_are_refused():
    with Cluster() as c:
        _, a, _ = start(c)
        a.run()
        for sql in ('DELETE FROM simpul_log', 'BEGIN', 'COMMIT', 'CREATE TABLE x (a)', 'DROP TABLE program',
                    'PRAGMA foreign_keys = 1', "ATTACH 'x.db' AS x", 'CREATE TEMP TABLE x (a)', 'nonsense',
                    "UPDATE program SET name = 'no'; DELETE FROM simpul_changeset",
                    "UPDATE program SET name = 'no'; INSERT OR ROLLBACK INTO program(id) VALUES ('p1')"):
            done = write(a, 'Ana', sql, check=False)
            assert done.returncode == 2 and 'nothing was written' in done.stderr, (sql, done)
        assert a.cli('write', a.file, 'SELECT 1', check=False).returncode == 2
        assert write(a, 'a\nb', 'SELECT 1', check=False).returncode == 2
        assert a.sql('SELECT name FROM program ORDER BY id') == [('first',), ('second',)]
        # The running node goes on, and takes what is right.
        assert write(a, 'Ana', "UPDATE program SET name = 'yes'")['rows'] == 2
        assert a.sql('SELECT DISTINCT name FROM program') == [('yes',)]
        a.stop()
        a.cli('check', a.file)


if __name__ == '__main__':
    scenario.main(globals())
