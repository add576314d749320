#!/usr/bin/env python3
"""The web's API over real HTTP: two people, news, 38 writers at once and kill -9 amid them."""
import http.client
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import threading
import time
import urllib.parse

from lib import scenario
from lib.cluster import ROOT, STOP_TIMEOUT_S, wait_until

PROGRAM = os.environ.get('SIMPUL') or os.path.join(ROOT, 'build/release/simpul')
PASSWORD = 'kuda besar kuning'
WRITERS = 38


class Office:
    """A file with the workspace inventory, and a running node on it."""

    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix='simpul-web-',
                                          dir='/dev/shm' if os.path.isdir('/dev/shm') else None)
        self.file = os.path.join(self.directory, 'office.db')
        self.process, self.code = None, None
        subprocess.run([PROGRAM, 'init', self.file, '--name', 'kantor', '--workspace', 'inventory',
                        '--scope', '13.73'], check=True, capture_output=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process is not None:
            self.kill()
        shutil.rmtree(self.directory)

    def run(self, web='127.0.0.1:0'):
        out = os.path.join(self.directory, 'out')
        with open(out, 'w', encoding='utf-8') as stdout:
            self.process = subprocess.Popen([PROGRAM, 'run', self.file, '--web', web], stdout=stdout,
                                            stderr=stdout)

        def address():
            assert self.process.poll() is None, open(out, encoding='utf-8').read()
            with open(out, encoding='utf-8') as text:
                return re.search(r'(https?)://([a-z0-9.]+:\d+)/(?:#mulai=(\S+))?', text.read())
        found = wait_until(address, 'the web has an address')
        self.host, self.code = found[2], found[3]

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process = None

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(STOP_TIMEOUT_S) == 0
        self.process = None

    def rows(self, sql):
        with sqlite3.connect(self.file, timeout=30) as db:
            return db.execute(sql).fetchall()


class Person:
    """One browser: its connection, its cookie, its CSRF token."""

    def __init__(self, office):
        self.office, self.cookie, self.csrf, self.connection = office, '', '', None

    def ask(self, method, path, body=None, **fields):
        if self.connection is None:
            self.connection = http.client.HTTPConnection(self.office.host, timeout=60)
        head = {'Cookie': self.cookie, 'Origin': f'http://{self.office.host}', 'X-CSRF-Token': self.csrf}
        head = {k: v for k, v in head.items() if v}
        head.update({k.replace('_', '-'): v for k, v in fields.items()})
        if body is not None:
            head['Content-Type'] = 'application/json'
            body = json.dumps(body)
        try:
            self.connection.request(method, path, body, head)
            answer = self.connection.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException):
            self.connection.close()
            self.connection = None
            raise
        if answer.headers['Set-Cookie']:
            self.cookie = answer.headers['Set-Cookie'].split(';')[0]
        told = json.loads(text) if text and 'json' in answer.headers['Content-Type'] else None
        if isinstance(told, dict) and told.get('csrf'):
            self.csrf = told['csrf']
        return answer.status, told

    def setup(self):
        status, told = self.ask('POST', '/api/setup', {'code': self.office.code, 'login': 'ana',
                                                       'name': 'Ana', 'password': PASSWORD})
        assert status == 201, told
        return self

    def login(self, login):
        status, told = self.ask('POST', '/api/session', {'login': login, 'password': PASSWORD})
        assert status == 200, told
        return self

    def share(self):
        """Another tab of the same person."""
        other = Person(self.office)
        other.cookie, other.csrf = self.cookie, self.csrf
        return other


def key(name):
    return '?key=' + urllib.parse.quote(json.dumps(['13.73', name]))


def test_two_people_and_a_page():
    with Office() as office:
        office.run()
        ana = Person(office).setup()
        status, told = ana.ask('POST', '/api/accounts', {'login': 'budi', 'name': 'Budi', 'role': 'keeper',
                                                         'password': PASSWORD})
        assert status == 201, told
        budi = Person(office).login('budi')
        assert ana.ask('POST', '/api/rows/item', {'values': {'id': 'a', 'name': 'Kursi'}})[0] == 201
        status, told = budi.ask('GET', '/api/rows/item?total=1')
        assert status == 200 and told['total'] == 1 and told['rows'][0]['state']['by'] == 'Ana', told
        status, told = budi.ask('PATCH', '/api/row/item' + key('a'),
                                {'values': {'stock': 5}, 'seen': told['seen']})
        assert status == 200 and told['row']['values']['stock'] == 5, told
        status, _ = Person(office).ask('GET', '/isu/2023')
        assert status == 200
        assert Person(office).ask('GET', '/api/meta')[0] == 401
        status, told = ana.ask('GET', '/api/meta')
        assert {t['name'] for t in told['tables']} == {'item', 'movement'} and told['scope'] == '13.73', told
        office.stop()
        office.run()  # sessions outlive the process
        ana.connection = budi.connection = None
        assert ana.ask('GET', '/api/rows/item')[0] == 200
        office.stop()


def test_accounts_from_the_command_line_of_a_running_node():
    with Office() as office:
        office.run()
        out = subprocess.run([PROGRAM, 'account', office.file, 'add', 'cici', '--role', 'reader', '--json'],
                             check=True, capture_output=True, text=True).stdout
        person, made = Person(office), json.loads(out)
        sign_in = {'login': 'cici', 'password': made['password']}
        assert person.ask('POST', '/api/session', sign_in)[0] == 200
        assert person.ask('GET', '/api/rows/item')[0] == 200
        assert person.ask('POST', '/api/rows/item', {'values': {'name': 'x'}})[0] == 403
        subprocess.run([PROGRAM, 'account', office.file, 'disable', 'cici'], check=True)
        assert person.ask('GET', '/api/rows/item')[0] == 401
        assert person.ask('POST', '/api/session', sign_in)[0] == 401
        wrong = subprocess.run([PROGRAM, 'account', office.file, 'add', 'dedi', '--role', 'king'],
                               capture_output=True, check=False)
        assert wrong.returncode == 2
        # The setup code is of no use any more.
        assert person.ask('POST', '/api/setup', {'code': office.code, 'login': 'e', 'name': 'E',
                                                 'password': PASSWORD})[0] == 409
        office.stop()


def test_news_come_by_themselves():
    with Office() as office:
        office.run()
        ana = Person(office).setup()
        _, told = ana.ask('GET', '/api/events')
        cursor, heard = told['cursor'], []

        def wait(person, after):
            heard.append(person.ask('GET', f'/api/events?after={after}&wait=40')[1])
        insert = "INSERT INTO item(scope, id, name) VALUES ('13.73', 'x', 'from a shell')"
        for write in (lambda: ana.ask('POST', '/api/rows/item', {'values': {'name': 'Kursi'}}),
                      lambda: office.rows(insert)):
            waiting = threading.Thread(target=wait, args=(ana.share(), cursor))
            waiting.start()
            time.sleep(0.3)
            write()
            waiting.join(50)
            assert not waiting.is_alive() and 'item' in heard[-1]['tables'], heard
            cursor = heard[-1]['cursor']
        office.stop()


def write_until_killed(person, number, kept, stop):
    """What was answered 200 or 201 is in `kept`: it must be there after the crash."""
    for n in range(100000):
        if stop.is_set():
            return
        name = f'w{number}-{n // 2}'
        try:
            if n % 2 == 0:
                status, told = person.ask('POST', '/api/rows/item',
                                          {'values': {'id': name, 'name': 'baru'}})
                good = status == 201
            else:
                status, told = person.ask('PATCH', '/api/row/item' + key(name),
                                          {'values': {'name': f'ke-{n}'}})
                good = status == 200
        except (OSError, http.client.HTTPException, ValueError):
            if stop.is_set():
                return
            continue
        assert good or status == 503, (status, told)
        if good:
            kept[name] = 'baru' if n % 2 == 0 else f'ke-{n}'


def test_what_was_answered_outlives_kill_9():
    with Office() as office:
        office.run()
        ana = Person(office).setup()
        kept, stop = {}, threading.Event()
        people = [ana.share() for _ in range(WRITERS)]
        threads = [threading.Thread(target=write_until_killed, args=(p, i, kept, stop), daemon=True)
                   for i, p in enumerate(people)]
        for thread in threads:
            thread.start()
        wait_until(lambda: len(kept) > 8 * WRITERS, 'every writer wrote')
        stop_later = threading.Timer(0, stop.set)
        office.kill()
        stop_later.start()
        for thread in threads:
            thread.join(60)
        assert not any(thread.is_alive() for thread in threads)
        there = dict(office.rows('SELECT id, name FROM item'))
        for name, value in kept.items():
            # What was under way when the end came may be there too.
            assert name in there and (there[name] == value or there[name].startswith('ke-')), (name, value)
        assert office.rows('PRAGMA integrity_check') == [('ok',)]
        office.run()
        person = ana.share()
        status, told = person.ask('GET', '/api/rows/item?total=1&limit=1')
        assert status == 200 and told['total'] == len(there), told
        office.stop()
        subprocess.run([PROGRAM, 'check', office.file], check=True, capture_output=True)


def test_other_machines_are_served_encrypted_only():
    with Office() as office:
        office.run('0.0.0.0:0')
        with open(os.path.join(office.directory, 'out'), encoding='utf-8') as text:
            assert 'https://' in text.read()
        office.stop()


if __name__ == '__main__':
    scenario.main(globals())
