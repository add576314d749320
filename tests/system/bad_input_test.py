#!/usr/bin/env python3
"""Bad input is the normal case: one clear line, the right exit status, nothing half-done."""
import os
import shutil
import socket
import sqlite3
import subprocess
import sys

sys.path.insert(0, os.path.dirname(__file__))
from lib import scenario
from lib.cluster import Cluster

UNPRIVILEGED = 65534


def schema_of(file):
    db = sqlite3.connect(file)
    found = db.execute('SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name').fetchall()
    db.close()
    return found


def refused(node, status, words, *args):
    done = node.cli(*args, check=False)
    assert done.returncode == status, (args, done.returncode, done.stdout, done.stderr)
    assert done.stderr.startswith('simpul: '), done.stderr
    for word in words:
        assert word in done.stderr, (word, done.stderr)


def test_wrong_attach_names_the_reason_and_changes_nothing():
    cases = [
        (11, 'PRIMARY KEY', 'CREATE TABLE t (a, b)'),
        (11, '', 'CREATE VIEW t AS SELECT 1 AS id'),
        (11, '', 'CREATE VIRTUAL TABLE t USING fts5(body)'),
        (11, '', 'CREATE TABLE t (id TEXT COLLATE NOCASE PRIMARY KEY)'),
        (11, '', 'CREATE TABLE t (a, b, c, d, e, PRIMARY KEY (a, b, c, d, e))'),
        (11, 'NULL', 'CREATE TABLE t (id TEXT PRIMARY KEY); INSERT INTO t VALUES (NULL)'),
        (3, 't', 'CREATE TABLE other (id TEXT PRIMARY KEY)'),
    ]
    with Cluster() as c:
        hub = c.hub()
        for status, word, sql in cases:
            node = c._add(f'n{c.nodes.__len__()}', '13.73', None)
            node.sql_script(sql)
            node.init()
            before = schema_of(node.file)
            refused(node, status, [word], 'attach', node.file, 't', '--scope', '13.73')
            assert schema_of(node.file) == before, sql
        refused(hub, 2, ['--scope'], 'attach', hub.file, 't')
        refused(hub, 2, ['scope'], 'attach', hub.file, 't', '--scope', 'Sumatera Barat')


def test_attach_is_all_or_nothing():
    with Cluster() as c:
        node = c._add('n', '13.73', None)
        node.sql_script('CREATE TABLE good (id TEXT PRIMARY KEY); CREATE TABLE bad (a)')
        node.init()
        before = schema_of(node.file)
        refused(node, 11, ['bad'], 'attach', node.file, 'good', 'bad', '--scope', '13.73')
        assert schema_of(node.file) == before


def test_init_says_that_it_ends_wal_mode():
    with Cluster() as c:
        for mode, said in (('wal', True), ('delete', False)):
            node = c._add(mode, '13.73', None)
            node.sql_script(f'PRAGMA journal_mode={mode}; CREATE TABLE t (id TEXT PRIMARY KEY)')
            done = node.cli('init', node.file, '--name', mode)
            assert ('was in WAL mode' in done.stdout) == said, (mode, done.stdout)
            with open(node.file, 'rb') as file:
                assert file.read(20)[18:] == b'\1\1', mode


def test_files_that_are_no_node():
    with Cluster() as c:
        node = c._add('n', '13.73', None)
        refused(node, 3, ['no file'], 'status', node.file)
        refused(node, 3, ['no file'], 'run', node.file)
        node.sql_script('CREATE TABLE t (id TEXT PRIMARY KEY)')
        for command in ('status', 'run', 'sync', 'log'):
            refused(node, 3, ['not a Simpul node'], command, node.file)
        assert [name for _, name, *_ in schema_of(node.file) if name.startswith('simpul')] == []
        with open(node.file, 'wb') as file:
            file.write(b'this is not a database at all' * 40)
        refused(node, 9, [], 'run', node.file)
        refused(node, 9, [], 'init', node.file, '--name', 'x')
        assert not os.path.exists(node.file + '.simpul')


def test_second_init_second_run_and_a_port_in_use():
    with Cluster() as c:
        hub = c.hub()
        refused(hub, 8, ['already'], 'init', hub.file, '--name', 'x', '--hub')
        hub.run()
        refused(hub, 8, ['runs on this file'], 'run', hub.file)
        other = c._add('other', '13.73', None)
        other.init()
        with socket.socket() as sock:
            sock.bind(('127.0.0.1', 0))
            sock.listen()
            port = sock.getsockname()[1]
            refused(other, 8, [str(port)], 'run', other.file, '--listen', f'127.0.0.1:{port}')
        refused(other, 6, ['enrol'], 'sync', other.file)


def test_invitations_work_once():
    with Cluster() as c:
        hub = c.hub()
        hub.run()
        a, b = (c._add(n, '13.73', None) for n in 'ab')
        for node in (a, b):
            node.init()
        invitation = hub.invite('13.73')
        refused(a, 3, [], 'enrol', a.file, invitation[:-4])
        refused(a, 3, [], 'enrol', a.file, 'halo')
        a.enrol(invitation)
        a.enrol(invitation)  # the same device again: the answer may have been lost
        refused(b, 5, ['invitation'], 'enrol', b.file, invitation)
        assert b.sql("SELECT count(*) FROM simpul_changeset") == [(0,)]
        refused(a, 5, ['hub'], 'invite', a.file, '--scope', '13.73', '--role', 'writer')


def test_keys_that_others_can_read_are_refused():
    with Cluster() as c:
        hub = c.hub()
        os.chmod(hub.file + '.simpul', 0o755)
        refused(hub, 5, ['chmod'], 'run', hub.file)


def test_read_only_directory_and_full_disk():
    if os.getuid() != 0:
        raise scenario.Skip('needs root, to become nobody and to mount a small disk')
    with Cluster() as c:
        hub = c.hub()
        os.chmod(c.directory, 0o755)
        done = subprocess.run([c.program, 'init', os.path.join(c.directory, 'x.db'), '--name', 'x'],
                              user=UNPRIVILEGED, capture_output=True, text=True, check=False)
        assert done.returncode == 9 and 'hak tulis' in done.stderr, (done.returncode, done.stderr)
        assert not os.path.exists(os.path.join(c.directory, 'x.db'))
        small = os.path.join(c.directory, 'small')
        os.mkdir(small)
        if subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=512k', 'tmpfs', small],
                          capture_output=True, check=False).returncode != 0:
            raise scenario.Skip('no right to mount a small disk')
        try:
            node = c._add('kecil', '13.73', None)
            node.file = os.path.join(small, 'n.db')
            node.sql_script('CREATE TABLE t (id INTEGER PRIMARY KEY, body TEXT)')
            node.init()
            node.attach('t')
            hub.run()
            node.enrol(hub.invite('13.73'))
            node.sql("INSERT INTO t VALUES (1, 'x')")
            filler = os.open(os.path.join(small, 'filler'), os.O_CREAT | os.O_WRONLY)
            try:
                while True:
                    os.write(filler, b'x' * 4096)
            except OSError:
                os.close(filler)
            refused(node, 9, ['ruang disk'], 'sync', node.file)
            os.unlink(os.path.join(small, 'filler'))
            node.sync()
            assert hub.rows('t', '13.73') == [{'id': 1, 'body': 'x'}]
        finally:
            subprocess.run(['umount', '-l', small], check=False)


def test_what_is_not_there_is_said():
    with Cluster() as c:
        c.hub()
        node = c.node('a', '13.73', 'CREATE TABLE program (id TEXT PRIMARY KEY, name TEXT)', ['program'])
        node.sql("INSERT INTO program VALUES ('p1', 'one')")
        node.sync()
        refused(node, 3, ['no scope "13.74"'], 'log', node.file, '--scope', '13.74')
        refused(node, 3, ['no scope "13.74"'], 'violations', node.file, '--scope', '13.74')
        refused(node, 3, ['no scope "13.74"'], 'bundle', 'export', node.file, f'{c.directory}/x.simpul',
                '--scope', '13.74')
        assert not os.path.exists(f'{c.directory}/x.simpul')
        refused(node, 2, ['--seen is a number from 0', '"-1"'], 'write', node.file, '--seen', '-1',
                '--as', 'me', '--', 'UPDATE program SET name = 1')
        refused(node, 2, ['"-1" is not the number of a changeset'], 'log', node.file, '-1')
        refused(node, 3, ['/tmp is a directory'], 'check', '/tmp')
        refused(node, 3, ['/tmp is a directory'], 'init', '/tmp', '--name', 'x')
        # Before the question whether everything has its receipt comes the question what is meant.
        node.sql("UPDATE program SET name = 'two'")
        node.sql("INSERT INTO program VALUES ('p2', 'new')")
        refused(node, 3, ['nope is not attached'], 'detach', node.file, 'nope')
        # What is not sealed has no author that could be proved.
        refused(node, 10, ['not sealed yet'], 'blame', node.file, 'program', 'p2')
        refused(node, 3, ['nobody ever wrote'], 'blame', node.file, 'program', 'p9')
        assert 'not sealed yet' in node.cli('blame', node.file, 'program', 'p1').stdout
        node.sync()
        assert 'not sealed yet' not in node.cli('blame', node.file, 'program', 'p1').stdout


def test_init_leaves_no_file_beside_keys_of_another():
    with Cluster() as c:
        node = c._add('n', '13.73', None)
        node.sql_script('CREATE TABLE t (id TEXT PRIMARY KEY)')
        node.init()
        os.rename(node.file, f'{node.file}.away')
        refused(node, 8, ['holds the key of another node'], 'init', node.file, '--name', 'again')
        assert not os.path.exists(node.file)
        with open(node.file, 'wb'):
            pass
        refused(node, 8, ['holds the key of another node'], 'init', node.file, '--name', 'again')
        os.rename(f'{node.file}.away', node.file)
        refused(node, 8, ['Simpul node already'], 'init', node.file, '--name', 'again')


def test_detach_leaves_the_file_as_it_was():
    with Cluster() as c:
        node = c._add('n', '13.73', None)
        node.sql_script('CREATE TABLE "a ""b" (id INTEGER PRIMARY KEY, x); INSERT INTO "a ""b" VALUES (1, 2)')
        pristine, plain = schema_of(node.file), node.file + '.plain'
        shutil.copy(node.file, plain)
        node.init()
        made = schema_of(node.file)
        node.attach('a "b')
        refused(node, 10, ['receipt'], 'detach', node.file, 'a "b')
        node.cli('detach', node.file, 'a "b', '--abandon')
        assert schema_of(node.file) == made
        node.cli('detach', node.file, '--all', '--abandon')
        assert schema_of(node.file) == pristine
        assert sqlite3.connect(node.file).execute('SELECT * FROM "a ""b"').fetchall() == [(1, 2)]


if __name__ == '__main__':
    scenario.main(globals())
