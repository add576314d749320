"""cluster - offices and a hub as real processes on this machine, with lines between them that can fail.

    with Cluster() as c:
        hub = c.hub()
        padang = c.node('padang', '13.71', SCHEMA, ['kota'])
        c.start()
        c.net.cut(padang, hub)
        padang.sql("INSERT INTO kota VALUES (1, 'Padang')")
        c.net.restore(padang, hub)
        c.wait_synced()
        assert hub.sql('SELECT name FROM kota') == [('Padang',)]

Everything is driven by the command line of build/release/simpul (or $SIMPUL) and by SQL from other
programs: node.sql() is Python's sqlite3, node.shell() the sqlite3 shell.  A node reaches others only
through a proxy of its own (https_proxy), so each pair of parties has a line that the test controls; a
cut is a fault of the line, the programs know nothing of it.  Files live in a directory of their own,
on /dev/shm where there is one; when the test fails, the end of each log is shown.
"""
import contextlib
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time

from .faultproxy import FaultProxy, Link

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), '../../..'))
CLI_TIMEOUT_S = 120
STOP_TIMEOUT_S = 30
WAIT_S = 120


class CommandFailed(AssertionError):
    """A command ended with another status than 0; .status, .out and .err say how."""

    def __init__(self, argv, done):
        self.status, self.out, self.err = done.returncode, done.stdout, done.stderr
        super().__init__(f'{" ".join(argv)}: exit status {self.status}\n{self.out}{self.err}')


def free_port():
    with socket.socket() as sock:
        sock.bind(('127.0.0.1', 0))
        return sock.getsockname()[1]


def wait_until(condition, what, seconds=WAIT_S):
    """Returns the first true value of condition(); gives up long after any healthy machine would."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f'not within {seconds} s: {what}')
        time.sleep(0.05)


class Node:
    """One file and, between run() and stop(), one process."""

    def __init__(self, cluster, name, scope, port):
        self.cluster, self.name, self.scope, self.port = cluster, name, scope, port
        self.file = os.path.join(cluster.directory, f'{name}.db')
        self.log = os.path.join(cluster.directory, f'{name}.log')
        self.tables = []
        self.process = None
        self.proxy = FaultProxy(find_link=self._find_link)

    def _find_link(self, _host, port):
        return self.cluster.net.link_by_port(self, port)

    @property
    def is_hub(self):
        return self.scope is None

    @property
    def environment(self):
        env = {k: v for k, v in os.environ.items() if not k.lower().endswith('_proxy')}
        env['https_proxy'] = self.proxy.url
        return env

    # ---- the command line ----

    def cli(self, *args, check=True):
        """Runs one simpul command and returns it, with .stdout, .stderr and .returncode."""
        argv = [self.cluster.program, *args]
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=CLI_TIMEOUT_S, env=self.environment, check=False)
        if check and done.returncode != 0:
            raise CommandFailed(argv, done)
        return done

    def init(self):
        hub = ['--hub'] if self.is_hub else []
        listen = ['--listen', f'127.0.0.1:{self.port}'] if self.port else []
        self.cli('init', self.file, '--name', self.name, *hub, *listen)

    def attach(self, *tables):
        self.cli('attach', self.file, *tables, '--scope', self.scope or 'national')
        self.tables += [t for t in tables if t not in self.tables]

    def invite(self, scope, role='writer'):
        return self.cli('invite', self.file, '--scope', scope, '--role', role).stdout.split('\n')[-2]

    def enrol(self, invitation):
        self.cli('enrol', self.file, invitation)

    def sync(self, check=True):
        return self.cli('sync', self.file, check=check)

    def status(self):
        return json.loads(self.cli('status', self.file, '--json').stdout)

    # ---- the process ----

    def run(self, *arguments):
        """Starts it, with further arguments of `simpul run`; if it listens, returns once it does."""
        assert self.process is None, f'{self.name} is running'
        listen = ['--listen', f'127.0.0.1:{self.port}'] if self.port else []
        with open(self.log, 'ab') as log:
            self.process = subprocess.Popen([self.cluster.program, 'run', self.file, *listen, *arguments],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            env=self.environment)
        if self.port:
            wait_until(self._is_listening, f'{self.name} listens')

    def _is_listening(self):
        if self.process.poll() is not None:
            raise AssertionError(f'{self.name} ended with status {self.process.returncode}')
        with contextlib.suppress(OSError):
            socket.create_connection(('127.0.0.1', self.port), 1).close()
            return True
        return False

    def stop(self):
        """An orderly end; the exit status must be 0."""
        process, self.process = self.process, None
        process.send_signal(signal.SIGTERM)
        try:
            status = process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise AssertionError(f'{self.name} did not stop within {STOP_TIMEOUT_S} s') from None
        assert status == 0, f'{self.name} ended with status {status}'

    def kill(self):
        """kill -9: no goodbye."""
        process, self.process = self.process, None
        process.kill()
        process.wait()

    @property
    def rss_kib(self):
        with open(f'/proc/{self.process.pid}/status', encoding='ascii') as status:
            fields = dict(line.split(':', 1) for line in status)
        return int(fields['VmRSS'].split()[0])

    # ---- other programs on the same file ----

    def sql(self, statement, parameters=(), timeout_s=30):
        """Runs one statement as a foreign program would, in a connection of its own."""
        with contextlib.closing(sqlite3.connect(self.file, timeout=timeout_s,
                                                isolation_level=None)) as db:
            return db.execute(statement, parameters).fetchall()

    def sql_script(self, script):
        with contextlib.closing(sqlite3.connect(self.file, timeout=30)) as db:
            db.executescript(script)

    def shell(self, sql):
        """The stock sqlite3 shell; returns what it prints."""
        argv = ['sqlite3', '-batch', '-bail', '-cmd', '.timeout 30000', self.file]
        done = subprocess.run(argv, input=sql, capture_output=True, text=True, check=False,
                              timeout=CLI_TIMEOUT_S)
        if done.returncode != 0:
            raise CommandFailed(argv, done)
        return done.stdout

    def has(self, table):
        return self.sql("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?", (table,)) != []

    def rows(self, table, scope=None):
        """A table's rows as a sorted list of dicts, without Simpul's scope column."""
        with contextlib.closing(sqlite3.connect(self.file, timeout=30)) as db:
            db.row_factory = sqlite3.Row
            quoted = '"' + table.replace('"', '""') + '"'
            rows = [dict(row) for row in db.execute(f'SELECT * FROM {quoted}')]
        if scope is not None:
            rows = [r for r in rows if r.get('simpul_scope', scope) == scope]
        for row in rows:
            row.pop('simpul_scope', None)
        return sorted(rows, key=repr)

    def check_integrity(self):
        assert self.sql('PRAGMA integrity_check') == [('ok',)], f'{self.name}: integrity_check'

    def close(self):
        if self.process is not None:
            self.kill()
        self.proxy.close()


class Net:
    """The lines between parties; a line is the same in both directions."""

    def __init__(self):
        self._links, self._by_port = {}, {}

    def add(self, node):
        if node.port:
            self._by_port[node.port] = node

    def link(self, a, b):
        """The line between two nodes, to be changed at will (see faultproxy.Link)."""
        return self._links.setdefault(frozenset((a.name, b.name)), Link())

    def link_by_port(self, node, port):
        other = self._by_port.get(port)
        return Link() if other is None else self.link(node, other)

    def cut(self, a, b):
        self.link(a, b).mode = 'refuse'

    def restore(self, a, b):
        link = self.link(a, b)
        link.mode, link.delay_s, link.rate, link.cut_after, link.cut_in = 'pass', 0.0, 0, 0, 0


class Cluster:
    """A hub and its nodes; on leaving the `with` all processes are gone and all files removed."""

    def __init__(self, program=None):
        self.program = os.path.abspath(program or os.environ.get('SIMPUL') or
                                       os.path.join(ROOT, 'build/release/simpul'))
        self.directory = tempfile.mkdtemp(
            prefix='simpul-', dir='/dev/shm' if os.access('/dev/shm', os.W_OK) else None)
        self.net, self.nodes, self._hub = Net(), [], None

    def _add(self, name, scope, port):
        node = Node(self, name, scope, port)
        self.nodes.append(node)
        self.net.add(node)
        return node

    def hub(self, name='pusat'):
        self._hub = self._add(name, None, free_port())
        self._hub.init()
        return self._hub

    def node(self, name, scope, schema='', tables=(), role='writer', listens=False):
        """An office: file made from the schema, node made, tables attached, enrolled.  The hub must
        be running, or is started for it."""
        node = self._add(name, scope, free_port() if listens else None)
        if schema:
            node.sql_script(schema)
        node.init()
        if tables:
            node.attach(*tables)
        if self._hub is not None:
            if self._hub.process is None:
                self._hub.run()
            node.enrol(self._hub.invite(scope, role))
        return node

    def copy(self, node, name):
        """A second node with the same file and the same key, as a careless copy of a machine makes one."""
        twin = self._add(name, node.scope, None)
        shutil.copy(node.file, twin.file)
        shutil.copytree(node.file + '.simpul', twin.file + '.simpul',
                        ignore=shutil.ignore_patterns('control'))  # the socket of who runs
        twin.tables = list(node.tables)
        return twin

    def start(self):
        for node in self.nodes:
            if node.process is None:
                node.run()

    def wait_synced(self, seconds=WAIT_S):
        """Until the hub has every attached table's rows of every office, and nothing is on its way."""
        wait_until(lambda: not self.differences(), 'everything is at the hub', seconds)

    def differences(self):
        """What still differs between the offices and the hub, in words."""
        found = []
        for node in self.nodes:
            if node.is_hub:
                continue
            for table in node.tables:
                try:
                    there = self._hub.rows(table, node.scope)
                except sqlite3.OperationalError:
                    there = None
                if there != node.rows(table):
                    found.append(f'{node.name}: {table}')
            status = node.status()
            found += [f'{node.name}: {status[k]} {k}' for k in ('unsent', 'held') if status.get(k)]
        return found

    def show_logs(self):
        for node in self.nodes:
            with contextlib.suppress(OSError), open(node.log, encoding='utf-8', errors='replace') as log:
                for line in log.read().splitlines()[-25:]:
                    print(f'# {node.name}: {line}', file=sys.stdout)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        if kind is not None:
            self.show_logs()
        for node in self.nodes:
            node.close()
        shutil.rmtree(self.directory, ignore_errors=True)
