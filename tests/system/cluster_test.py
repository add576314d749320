#!/usr/bin/env python3
"""cluster_test - the scenario library itself, with a stand-in for the program.

The stand-in is a Python script with the same commands: a sync copies the office's table into the hub's
file after a CONNECT through the node's proxy to the hub's port.
"""
import atexit
import os
import shutil
import stat
import tempfile

from lib import scenario
from lib.cluster import Cluster, CommandFailed, wait_until

STAND_IN = r'''#!/usr/bin/env python3
import json, os, signal, socket, sqlite3, sys, time
command, file = sys.argv[1:3]
option = lambda name: sys.argv[sys.argv.index(name) + 1] if name in sys.argv else None
conf = file + '.conf'
state = json.load(open(conf)) if os.path.exists(conf) else {}
def save(): json.dump(state, open(conf, 'w'))
def sync():
    host, port = os.environ['https_proxy'][7:].split(':')
    s = socket.create_connection((host, int(port)), 5)
    s.sendall(b'CONNECT 127.0.0.1:%d HTTP/1.1\r\n\r\n' % state['hub_port'])
    s.settimeout(5)
    s.recv(100)
    s.sendall(b'ping')
    if s.recv(4) != b'pong': sys.exit(7)
    db = sqlite3.connect(file)
    hub = sqlite3.connect(state['hub_file'], timeout=20)
    for t in state['tables']:
        hub.execute(f'CREATE TABLE IF NOT EXISTS {t} (id, name, simpul_scope)')
        hub.execute(f'DELETE FROM {t} WHERE simpul_scope = ?', (state['scope'],))
        for row in db.execute(f'SELECT id, name FROM {t}'):
            hub.execute(f'INSERT INTO {t} VALUES (?, ?, ?)', (*row, state['scope']))
    hub.commit()
if command == 'init':
    state = {'listen': option('--listen'), 'tables': []}; save()
elif command == 'attach':
    state['scope'] = option('--scope'); state['tables'] += sys.argv[3:sys.argv.index('--scope')]; save()
elif command == 'invite':
    print('Give this to the office:'); print(file + '|' + state['listen'].split(':')[1])
elif command == 'enrol':
    state['hub_file'], port = sys.argv[3].split('|'); state['hub_port'] = int(port); save()
elif command == 'sync':
    try: sync()
    except OSError as e: print(e, file=sys.stderr); sys.exit(7)
elif command == 'status':
    print(json.dumps({'unsent': 0}))
elif command == 'run':
    signal.signal(signal.SIGTERM, lambda *a: os._exit(0))
    print('running', flush=True)
    if option('--listen'):
        host, port = option('--listen').split(':')
        server = socket.create_server((host, int(port)))
        while True:
            s, _ = server.accept()
            if s.recv(4) == b'ping': s.sendall(b'pong')
            s.close()
    while True:
        try: sync()
        except (OSError, SystemExit): pass
        time.sleep(0.1)
'''
SCHEMA = 'CREATE TABLE kota (id INTEGER PRIMARY KEY, name TEXT)'


def stand_in():
    directory = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, directory)
    path = os.path.join(directory, 'simpul')
    with open(path, 'w', encoding='utf-8') as out:
        out.write(STAND_IN)
    os.chmod(path, os.stat(path).st_mode | stat.S_IXUSR)
    return path


def small_cluster():
    c = Cluster(stand_in())
    hub = c.hub()
    return c, hub, c.node('padang', '13.71', SCHEMA, ['kota'])


def test_rows_reach_the_hub():
    c, hub, padang = small_cluster()
    with c:
        c.start()
        padang.sql('INSERT INTO kota VALUES (?, ?)', (1, 'Padang'))
        padang.shell("INSERT INTO kota VALUES (2, 'Solok');")
        c.wait_synced()
        assert hub.sql('SELECT name FROM kota ORDER BY id') == [('Padang',), ('Solok',)]
        assert padang.shell('SELECT count(*) FROM kota') == '2\n'
        padang.check_integrity()
        assert padang.rss_kib > 0
        padang.stop()
        hub.stop()


def test_cut_line_carries_nothing():
    c, hub, padang = small_cluster()
    with c:
        c.net.cut(padang, hub)
        padang.sql("INSERT INTO kota VALUES (1, 'Padang')")
        failed = padang.sync(check=False)
        assert failed.returncode == 7, failed
        assert c.differences() == ['padang: kota']
        c.net.restore(padang, hub)
        padang.sync()
        assert c.differences() == []
        assert c.net.link(padang, hub).connections >= 1


def test_wait_synced_can_fail():
    c, hub, padang = small_cluster()
    with c:
        c.net.cut(padang, hub)
        c.start()
        padang.sql("INSERT INTO kota VALUES (1, 'Padang')")
        try:
            c.wait_synced(seconds=1)
        except AssertionError:
            return
        raise RuntimeError('a cut line counted as synced')


def test_failures_are_raised():
    c, _, padang = small_cluster()
    with c:
        try:
            padang.shell('SELECT * FROM nowhere;')
        except CommandFailed as failure:
            assert 'nowhere' in failure.err
        else:
            raise RuntimeError('a failed command was taken for done')
        try:
            wait_until(lambda: False, 'nothing', seconds=0.2)
        except AssertionError:
            return
        raise RuntimeError('waited for ever')


def test_killed_node_runs_again_and_nothing_is_left():
    c, _, padang = small_cluster()
    with c:
        padang.run()
        pid = padang.process.pid
        padang.kill()
        assert not os.path.exists(f'/proc/{pid}')
        padang.run()
        pid, directory = padang.process.pid, c.directory
    assert not os.path.exists(f'/proc/{pid}') and not os.path.exists(directory)


if __name__ == '__main__':
    scenario.main(globals())
