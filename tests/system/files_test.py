#!/usr/bin/env python3
"""files_test - attachments between real processes: behind the changesets, over a line that breaks, for those
only who may read the row, and in little memory."""
import contextlib
import hashlib
import http.client
import json
import os
import random
import re
import socket
import sys

sys.path.insert(0, os.path.dirname(__file__))
from lib import scenario
from lib.cluster import Cluster, wait_until

SCHEMA = """CREATE TABLE document (id TEXT PRIMARY KEY, title TEXT, sha256 TEXT, byte_size INTEGER,
                                  media_type TEXT);"""
APP = {'files': [{'table': 'document', 'hash': 'sha256', 'bytes': 'byte_size', 'type': 'media_type'}]}
BLOCK = 256 << 10


def declare(node, app=None):
    """What init --workspace does with an app.json."""
    node.sql('CREATE TABLE IF NOT EXISTS simpul_workspace(name TEXT PRIMARY KEY, text TEXT)')
    node.sql("INSERT OR REPLACE INTO simpul_workspace VALUES ('app', ?)", (json.dumps(app or APP),))


def office(c, name, scope, app=None):
    node = c.node(name, scope, SCHEMA, ['document'])
    declare(node, app)
    return node


def content(size, seed):
    return random.Random(seed).randbytes(size)


def add(node, data, title, media_type='application/pdf', row=True):
    """Puts a file into the store, and a row that refers to it."""
    path = os.path.join(node.cluster.directory, 'upload')
    with open(path, 'wb') as out:
        out.write(data)
    said = json.loads(node.cli('files', node.file, 'add', path, '--json').stdout)
    assert said == {'sha256': hashlib.sha256(data).hexdigest(), 'byte_size': len(data)}
    if row:
        refer(node, said['sha256'], len(data), title, media_type)
    return said['sha256']


def refer(node, sha256, size, title, media_type='application/pdf'):
    node.sql('INSERT INTO document VALUES (?, ?, ?, ?, ?)', (title, title, sha256, size, media_type))


def files(node):
    return {f['sha256']: f for f in json.loads(node.cli('files', node.file, '--json').stdout)}


def fetched(node, sha256):
    """The bytes that `files get` writes, which it has checked."""
    path = os.path.join(node.cluster.directory, 'download')
    if os.path.exists(path):
        os.unlink(path)
    node.cli('files', node.file, 'get', sha256, path)
    with open(path, 'rb') as came:
        return came.read()


def here(node):
    return sorted(f for f, said in files(node).items() if said['here'])


def test_files_follow_their_rows_both_ways():
    with Cluster() as c:
        hub = c.hub()
        declare(hub)
        a, b = office(c, 'padang', '13.71'), office(c, 'solok', '13.71')
        datas = [content(n, n) for n in (0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK + 17)]
        names = [add(a, data, f'd{i}') for i, data in enumerate(datas)]
        c.start()
        wait_until(lambda: here(b) == sorted(names), 'all files are at the other office')
        assert here(hub) == sorted(names)
        for name, data in zip(names, datas):
            assert fetched(b, name) == data
        wait_until(lambda: a.status()['files'] == {'files': 6, 'here': 6, 'at_hub': 6, 'refused': 0},
                   'the office knows that the hub has them')
        stored = os.path.join(hub.file + '.simpul', 'files', names[1][:2], names[1])
        assert os.stat(stored).st_mode & 0o777 == 0o600
        # One that comes after its row: the list of what is missing tells, then it goes.
        late = hashlib.sha256(b'late').hexdigest()
        refer(a, late, 4, 'late')
        wait_until(lambda: late in files(hub), 'the row is at the hub')
        missing = json.loads(hub.cli('files', hub.file, '--missing', '--json').stdout)
        assert [f['sha256'] for f in missing] == [late]
        add(a, b'late', 'late', row=False)
        wait_until(lambda: late in here(b), 'the late file has come')


def test_over_a_line_that_breaks_changesets_come_first_and_little_is_sent_twice():
    with Cluster() as c:
        hub = c.hub()
        declare(hub)
        a = office(c, 'padang', '13.71')
        a.sync()
        datas = [content(900_000 + 1000 * i, i) for i in range(9)]
        names = [add(a, data, f'd{i}') for i, data in enumerate(datas)]
        link = c.net.link(a, hub)
        link.rate, link.cut_after = 3_000_000, 700_000
        before = link.bytes_up
        c.start()
        wait_until(lambda: hub.has('document') and len(hub.rows('document', '13.71')) == 9,
                   'the rows are there')
        early = len(here(hub))
        wait_until(lambda: here(hub) == sorted(names), 'all files are there', 300)
        sent, total = link.bytes_up - before, sum(map(len, datas))
        print(f'# {early} files before the last row; {link.cuts} cuts, {sent} bytes for {total}')
        assert early == 0, 'a file came before a changeset'
        assert link.cuts >= total // 700_000, link.cuts
        # Of each connection at most one piece is lost; the rest is TLS, heads and signatures.
        assert sent - total < link.cuts * (BLOCK // 2) + total * 0.05, (sent, total, link.cuts)
        for name, data in zip(names, datas):
            assert fetched(hub, name) == data


def test_sync_without_a_running_node_moves_files_and_says_what_is_left():
    with Cluster() as c:
        hub = c.hub()
        declare(hub, {**APP, 'file_limits': [{'types': ['image/*', 'application/pdf'], 'bytes_max': 100_000,
                                              'scope_bytes_max': 150_000}]})
        a = office(c, 'padang', '13.71')
        good = add(a, content(90_000, 1), 'good')
        a.sync()
        assert here(hub) == [good]
        large = add(a, content(100_001, 2), 'large')
        wrong = add(a, content(10, 3), 'wrong', 'text/html')
        over = add(a, content(90_000, 4), 'over', 'image/png')
        done = a.sync(check=False)
        assert done.returncode == 10, done
        said = files(a)
        assert 'has at most 100000' in said[large]['problem']
        assert 'text/html' in said[wrong]['problem']
        assert 'more than 150000' in said[over]['problem']
        assert here(hub) == [good] and a.status()['files']['refused'] == 3


def test_a_row_of_ones_own_gives_no_right_to_the_file_of_another_scope():
    with Cluster() as c:
        hub = c.hub()
        declare(hub)
        a, b = office(c, 'padang', '13.71'), office(c, 'medan', '12.71')
        data = content(50_000, 7)
        secret = add(a, data, 'secret')
        a.sync()
        assert here(hub) == [secret]
        refer(b, secret, len(data), 'a guess')
        for _ in range(2):
            b.sync()
        assert here(b) == [], 'a hash was enough to get the file'
        assert not files(b)[secret]['hub'], 'the hub told that it has it'
        # Who has it brings it, all of it, and then the scope has it.
        link = c.net.link(b, hub)
        before = link.bytes_up
        add(b, data, 'a guess', row=False)
        b.sync()
        assert link.bytes_up - before > len(data), 'it was told that it need not send'
        other = c.node('binjai', '12.71', SCHEMA, ['document'])
        declare(other)
        other.sync()
        assert here(other) == [secret] and fetched(other, secret) == data
        # What people at the hub give out is for whoever has a row that names it.
        memo = add(hub, b'from the hub', 'memo', row=False)
        refer(b, memo, 12, 'memo')
        b.sync()
        assert sorted([memo, secret]) == here(b)


class Browser:
    """Signed in at a node's web app: what the page does, without the page."""

    def __init__(self, node):
        node.run('--web', '127.0.0.1:0')
        address = wait_until(lambda: self.line(node), 'the web app listens')
        self.host, _, code = address.removeprefix('http://').partition('/#mulai=')
        self.cookie = self.csrf = None
        self.post('/api/setup', {'code': code, 'login': 'ana', 'name': 'Ana', 'password': 'tujuh-kuda-laut'})

    @staticmethod
    def line(node):
        with open(node.log, encoding='utf-8') as log:
            found = re.search(r'http://127\.0\.0\.1:\d+/#mulai=\S+', log.read())
            return found and found[0]

    def ask(self, method, path, body=None, fields=()):
        """(status, fields, bytes)"""
        connection = http.client.HTTPConnection(self.host, timeout=60)
        fields = {'Origin': f'http://{self.host}', **dict(fields)}
        if self.cookie:
            fields.update({'Cookie': self.cookie, 'X-CSRF-Token': self.csrf})
        with contextlib.closing(connection):
            connection.request(method, path, body, fields)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()

    def post(self, path, body):
        status, fields, said = self.ask('POST', path, json.dumps(body), {'Content-Type': 'application/json'})
        assert status in (200, 201), said
        self.cookie = fields['Set-Cookie'].split(';')[0]
        self.csrf = json.loads(said)['csrf']


def test_a_browser_uploads_in_parts_and_reads_back():
    with Cluster() as c:
        hub = c.hub()
        declare(hub)
        a = office(c, 'padang', '13.71', {**APP, 'file_limits': [{'types': ['image/*', 'text/html'],
                                                                  'bytes_max': 3_000_000}]})
        browser = Browser(a)
        data = content(2_500_000, 11)
        name = hashlib.sha256(data).hexdigest()
        ask, part = browser.ask, 1 << 20
        assert ask('POST', '/api/files?type=image/jpeg&bytes=3000001')[0] == 422
        assert ask('POST', '/api/files?type=application/x-sh&bytes=10')[0] == 422
        status, _, said = ask('POST', f'/api/files?type=image/jpeg&bytes={len(data)}')
        assert status == 201 and json.loads(said)['offset'] == 0, said
        path = '/api/files/' + json.loads(said)['id']
        assert ask('PUT', path + '?offset=0', data[:part + 1])[0] == 413
        assert json.loads(ask('PUT', path + '?offset=0', data[:part])[2])['offset'] == part
        assert json.loads(ask('PUT', path + '?offset=0', data[:part])[2])['offset'] == part  # a lost answer
        a.stop()  # the node is started anew in the middle of it
        cookie, csrf = browser.cookie, browser.csrf
        a.run('--web', browser.host)
        wait_until(lambda: reachable(browser.host), 'the web app listens again')
        browser.cookie, browser.csrf = cookie, csrf
        at = json.loads(ask('GET', path)[2])['offset']
        assert at == part
        while at < len(data):
            at = json.loads(ask('PUT', f'{path}?offset={at}', data[at:at + part])[2])['offset']
        status, _, said = ask('POST', path + '?type=image/jpeg')
        assert (status, json.loads(said)) == (200, {'sha256': name, 'byte_size': len(data),
                                                    'media_type': 'image/jpeg'})
        assert ask('GET', f'/api/files/{name}')[0] == 404, 'no row refers to it yet'
        refer(a, name, len(data), 'foto', 'image/jpeg')
        status, fields, said = ask('GET', f'/api/files/{name}')
        assert status == 200 and said == data and fields['Content-Type'] == 'image/jpeg'
        assert fields['Content-Disposition'] == 'inline' and fields['X-Content-Type-Options'] == 'nosniff'
        status, fields, said = ask('GET', f'/api/files/{name}', fields={'Range': 'bytes=1000-1999'})
        assert status == 206 and said == data[1000:2000]
        assert fields['Content-Range'] == f'bytes 1000-1999/{len(data)}'
        status, fields, said = ask('HEAD', f'/api/files/{name}')
        assert (status, said, int(fields['Content-Length'])) == (200, b'', len(data))
        assert ask('GET', f'/api/files/{name}', fields={'Range': f'bytes={len(data)}-'})[0] == 400
        film = content(60 << 20, 12)
        clip = add(a, film, 'clip', 'video/mp4')
        before = a.rss_kib
        status, _, said = ask('GET', f'/api/files/{clip}')
        assert status == 200 and said == film
        print(f'# 60 MiB downloaded; grown by {a.rss_kib - before} KiB')
        assert a.rss_kib - before < 16 << 10
        a.sql("DELETE FROM document WHERE id = 'clip'")
        missing = json.loads(ask('GET', '/api/files/missing')[2])
        assert missing['files'] == [] and missing['of'] == missing['present'] == 1
        # A page that somebody uploads must not run at this address.
        page = add(a, b'<script>alert(1)</script>', 'page', 'text/html')
        status, fields, said = ask('GET', f'/api/files/{page}')
        assert fields['Content-Disposition'] == 'attachment'
        assert fields['Content-Type'] == 'application/octet-stream'
        browser.cookie = None
        for method, where in (('GET', f'/api/files/{name}'), ('PUT', path + '?offset=0'), ('GET', path),
                              ('POST', '/api/files?type=image/png&bytes=1'), ('DELETE', path)):
            assert ask(method, where)[0] == 401, (method, where)
        wait_until(lambda: name in here(hub), 'the photo is at the hub')


def reachable(host):
    with contextlib.suppress(OSError):
        socket.create_connection(host.split(':'), 1).close()
        return True
    return False


def test_a_large_file_takes_little_memory():
    size = 200 << 20
    with Cluster() as c:
        hub = c.hub()
        declare(hub)
        a, b = office(c, 'padang', '13.71'), office(c, 'solok', '13.71')
        c.start()
        wait_until(lambda: a.status()['unsent'] == 0, 'quiet')
        idle = {n.name: n.rss_kib for n in (hub, a, b)}
        name = add(a, content(size, 9), 'large')
        most = dict(idle)

        def arrived():
            for node in (hub, a, b):
                most[node.name] = max(most[node.name], node.rss_kib)
            return here(b) == [name]
        wait_until(arrived, 'the large file has come', 300)
        grown = {n: most[n] - idle[n] for n in most}
        print(f'# {size >> 20} MiB; grown by KiB: {grown}')
        assert all(kib < 16 << 10 for kib in grown.values()), grown
        with open(os.path.join(b.file + '.simpul', 'files', name[:2], name), 'rb') as came:
            assert hashlib.file_digest(came, 'sha256').hexdigest() == name if \
                hasattr(hashlib, 'file_digest') else hashlib.sha256(came.read()).hexdigest() == name


if __name__ == '__main__':
    scenario.main(globals())
