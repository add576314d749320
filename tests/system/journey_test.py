#!/usr/bin/env python3
"""The journey of a change between real processes over real TLS: offline, back, receipt, elsewhere."""
import os
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(__file__))
from lib import scenario
from lib.cluster import ROOT, Cluster, wait_until

SCHEMA = """CREATE TABLE quick_win (id TEXT PRIMARY KEY, name TEXT NOT NULL, percent INTEGER, note TEXT);
            CREATE TABLE "Order" ("Group" TEXT, nomor INTEGER, "nilai Rp" INTEGER, berkas BLOB,
                                  PRIMARY KEY ("Group", nomor)) WITHOUT ROWID;"""
TABLES = ['quick_win', 'Order']


def two_offices(c):
    hub = c.hub()
    a = c.node('sawahlunto', '13.73', SCHEMA, TABLES)
    b = c.node('kebudayaan', '13.73')
    a.sql("INSERT INTO quick_win VALUES ('1', 'Dada Warsina', 70, NULL)")
    for node in (a, b, a):
        node.sync()
    return hub, a, b


def receipts_of(node):
    return node.sql('SELECT count(*) FROM simpul_receipt')[0][0]


def equal_everywhere(scope, *nodes):
    digests = {node.status()['digest'][scope] for node in nodes}
    assert len(digests) == 1, digests


def test_a_change_made_offline_reaches_the_hub_and_comes_back_with_a_receipt():
    with Cluster() as c:
        hub, a, b = two_offices(c)
        c.net.cut(a, hub)
        a.shell("UPDATE quick_win SET percent = 71 WHERE id = '1';")
        a.sql("INSERT INTO \"Order\" VALUES ('opd', 1, 1250000000, x'00ff')")
        offline = a.sync(check=False)
        assert offline.returncode == 7, offline
        assert 'Tidak tersambung' in offline.stderr
        before = receipts_of(a)
        c.net.restore(a, hub)
        a.sync()
        assert receipts_of(a) > before
        b.sync()
        assert b.rows('quick_win') == a.rows('quick_win') == hub.rows('quick_win', '13.73')
        assert b.rows('Order') == a.rows('Order') == hub.rows('Order', '13.73')
        equal_everywhere('13.73', hub, a, b)


def test_a_receipt_is_verified_by_two_programs_and_a_changed_digit_is_noticed():
    with Cluster() as c:
        hub, a, _ = two_offices(c)
        key = hub.sql("SELECT value FROM simpul_meta WHERE key = 'key'")[0][0]
        n = a.sql('SELECT max(r.n) FROM simpul_receipt r JOIN simpul_changeset c ON c.n = r.n'
                  ' JOIN simpul_chain h ON h.no = c.chain_no WHERE h.own = 1')[0][0]
        path = os.path.join(c.directory, 'receipt.txt')
        a.cli('receipts', a.file, '--save', str(n), path)
        a.cli('verify', path, '--hub-key', key)
        tool = [os.path.join(ROOT, 'tools/vectors_log.py'), 'receipt', path, '--hub-key', key]
        subprocess.run(tool, check=True, capture_output=True)
        with open(path, encoding='utf-8') as file:
            text = file.read()
        spot = text.index('index ') + 6
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text[:spot] + str((int(text[spot]) + 1) % 10) + text[spot + 1:])
        assert a.cli('verify', path, '--hub-key', key, check=False).returncode in (3, 4)
        assert subprocess.run(tool, check=False, capture_output=True).returncode != 0
        wrong = key[:-1] + ('0' if key[-1] != '0' else '1')
        assert a.cli('verify', path, '--hub-key', wrong, check=False).returncode in (3, 4)


def test_the_same_cell_written_on_both_sides_keeps_both_values():
    with Cluster() as c:
        hub, a, b = two_offices(c)
        a.sql("UPDATE quick_win SET percent = 80, note = 'a' WHERE id = '1'")
        time.sleep(0.01)
        b.sql("UPDATE quick_win SET percent = 90 WHERE id = '1'")
        for node in (a, b, a):
            node.sync()
        for node in (a, b):
            assert node.rows('quick_win')[0]['percent'] == 90
            assert node.rows('quick_win')[0]['note'] == 'a'
            listed = node.cli('conflicts', node.file, '--json').stdout
            assert '80' in listed and 'percent' in listed, listed
            assert node.status()['conflicts'] == 1
        equal_everywhere('13.73', hub, a, b)
        a.sql("UPDATE quick_win SET percent = 85 WHERE id = '1'")
        for node in (a, b):
            node.sync()
            assert node.status()['conflicts'] == 0
        assert b.rows('quick_win')[0]['percent'] == 85
        equal_everywhere('13.73', hub, a, b)


def test_running_nodes_sync_by_themselves_when_the_line_comes_back():
    with Cluster() as c:
        hub, a, b = two_offices(c)
        c.start()
        c.net.cut(a, hub)
        a.sql("INSERT INTO quick_win VALUES ('2', 'Info Sunto', 1, NULL)")
        time.sleep(1)
        assert len(hub.rows('quick_win', '13.73')) == 1
        c.net.restore(a, hub)
        c.wait_synced()
        wait_until(lambda: b.rows('quick_win') == a.rows('quick_win'), 'the other office has it')
        for node in (a, b, hub):
            node.stop()


def test_run_and_sync_started_at_the_same_moment_both_work():
    with Cluster() as c:
        _, a, _ = two_offices(c)
        for i in range(4):
            a.sql("INSERT INTO quick_win VALUES (?, 'serentak', 1, NULL)", (f'm{i}',))
            a.run()
            assert a.sync().returncode == 0  # runs inside the node, or before it
            wait_until(lambda: a.status()['running'], 'the node runs')
            assert a.process.poll() is None
            a.stop()


def test_the_author_of_a_frozen_chain_is_told_and_writes_on_after_a_new_enrolment():
    with Cluster() as c:
        hub, a, _ = two_offices(c)
        twin = c.copy(a, 'kembar')
        codes = lambda node: [reason['code'] for reason in node.status()['why']]
        start_ms = time.time() * 1000
        for node in (a, twin):
            node.run()
        for node in (a, twin):
            wait_until(lambda n=node: n.status()['last_contact_ms'] > start_ms, 'both know the hub')
        for node in (a, twin):
            node.sql("INSERT INTO quick_win VALUES ('2', ?, 1, NULL)", (f'dari {node.name}',))
        both = {f'dari {node.name}' for node in (a, twin)}
        loser = wait_until(lambda: next((n for n in (a, twin) if 'fork' in codes(n)), None),
                           'the author of the second of two is told')
        assert 'simpul enrol' in loser.cli('status', loser.file).stdout
        loser.sql("INSERT INTO quick_win VALUES ('3', 'menunggu', 1, NULL)")
        loser.enrol(hub.invite('13.73'))
        wait_until(lambda: '3' in [row['id'] for row in hub.rows('quick_win', '13.73')],
                   'what was written after the fork is at the hub')
        wait_until(lambda: both <= {row['name'] for row in hub.rows('quick_win', '13.73')} |
                   {value for value, in hub.sql('SELECT value FROM simpul_sibling')},
                   'what either copy wrote is at the hub')
        assert 'fork' not in codes(loser), loser.status()['why']


def test_a_running_node_ends_when_its_file_is_taken_away():
    with Cluster() as c:
        _, a, _ = two_offices(c)
        a.run()
        wait_until(lambda: a.status()['running'], 'the node runs')
        os.rename(a.file, a.file + '.moved')
        assert a.process.wait(30) == 9
        a.process = None
        with open(a.log, encoding='utf-8') as log:
            assert log.read().count(a.file) == 1
        os.rename(a.file + '.moved', a.file)
        a.sync()


def test_single_edits_one_after_the_other_are_each_sealed():
    """The log's numbers begin anew whenever it was emptied: an edit must not look like one already done."""
    with Cluster() as c:
        hub, a, _ = two_offices(c)
        c.start()
        for i in range(3):
            a.sql("INSERT INTO quick_win VALUES (?, 'satu demi satu', 1, NULL)", (f's{i}',))
            wait_until(lambda n=i + 2: len(hub.rows('quick_win', '13.73')) == n, f'edit {i} at the hub', 40)


def test_a_running_node_notices_lost_triggers_and_tables():
    with Cluster() as c:
        hub, a, b = two_offices(c)
        c.start()
        names = lambda node: sorted(row['name'] for row in node.rows('quick_win'))
        codes = lambda: [reason['code'] for reason in a.status()['why']]
        for (name,) in a.sql("SELECT name FROM sqlite_schema WHERE type = 'trigger'"):
            a.sql(f'DROP TRIGGER "{name}"')
        a.sql("INSERT INTO quick_win VALUES ('2', 'Tanpa Pemicu', 1, NULL)")
        wait_until(lambda: len(names(b)) == 2, 'what no trigger saw is at the other office', 30)
        a.sql('DROP TABLE quick_win')
        wait_until(lambda: 'table-dropped' in codes(), 'the status tells of the dropped table', 30)
        b.sql("INSERT INTO quick_win VALUES ('3', 'Dari Sana', 1, NULL)")
        wait_until(lambda: len(hub.rows('quick_win', '13.73')) == 3, 'others go on', 30)
        assert a.sync(check=False).returncode == 10  # all the rest is exchanged; this waits
        a.sql(SCHEMA.split(';', 1)[0])
        wait_until(lambda: len(names(a)) == 3, 'all rows are back', 30)
        a.sync()
        b.sync()
        assert names(a) == names(b) == names(hub) == ['Dada Warsina', 'Dari Sana', 'Tanpa Pemicu']
        equal_everywhere('13.73', hub, a, b)
        assert codes() == [], codes()


def test_killed_hub_and_node_lose_nothing_that_was_acknowledged():
    with Cluster() as c:
        hub, a, b = two_offices(c)
        c.start()
        for i in range(12):
            a.sql("INSERT INTO quick_win VALUES (?, 'x', ?, NULL)", (f'k{i}', i))
            time.sleep(0.15)
            victim = (hub, a, b)[i % 3]
            victim.kill()
            victim.run()
        c.wait_synced()
        wait_until(lambda: b.rows('quick_win') == a.rows('quick_win'), 'the other office has all')
        assert len(a.rows('quick_win')) == 13
        for node in (hub, a, b):
            node.stop()
            node.check_integrity()
        hub.run()
        equal_everywhere('13.73', hub, a, b)


def test_a_neighbour_relays_and_carries_the_receipts_back():
    with Cluster() as c:
        hub = c.hub()
        a = c.node('terpencil', '13.73', SCHEMA, TABLES)
        b = c.node('tetangga', '13.73', listens=True)
        a.sync()
        b.sync()
        c.net.cut(a, hub)
        b.run()
        a.cli('peers', a.file, 'add', f'https://127.0.0.1:{b.port}')
        a.sql("INSERT INTO quick_win VALUES ('9', 'Jempol Narsis', 99, NULL)")
        a.sync(check=False)
        wait_until(lambda: b.has('quick_win') and len(b.rows('quick_win')) == 1, 'the neighbour has it')
        wait_until(lambda: hub.has('quick_win') and hub.rows('quick_win', '13.73') == a.rows('quick_win'),
                   'the hub has it')
        wait_until(lambda: a.sync(check=False) and a.status()['unsent'] == 0, 'the receipt came back')
        b.stop()
        equal_everywhere('13.73', hub, a, b)


def test_a_stick_carries_the_same_bytes_twice_and_in_any_order():
    with Cluster() as c:
        hub = c.hub()
        a = c.node('kapal', '13.73', SCHEMA, TABLES)
        a.sync()
        c.net.cut(a, hub)
        first, second, back = (os.path.join(c.directory, n) for n in ('1.simpul', '2.simpul', 'b.simpul'))
        a.sql("INSERT INTO quick_win VALUES ('1', 'satu', 1, NULL)")
        a.cli('bundle', 'export', a.file, first)
        a.sql("UPDATE quick_win SET percent = 2 WHERE id = '1'")
        a.cli('bundle', 'export', a.file, second)
        cut = os.path.join(c.directory, 'cut')
        for size in (0, 7, 100, os.path.getsize(second) // 2, os.path.getsize(second) - 1):
            shutil.copy(second, cut)
            os.truncate(cut, size)
            refused = hub.cli('bundle', 'import', hub.file, cut, check=False)
            assert refused.returncode in (3, 4), refused
        assert 'quick_win' not in str(hub.sql("SELECT name FROM sqlite_schema WHERE type = 'table'")) or \
            hub.rows('quick_win', '13.73') == []
        for path in (second, first, second, first):
            hub.cli('bundle', 'import', hub.file, path)
        assert hub.rows('quick_win', '13.73') == a.rows('quick_win')
        hub.cli('bundle', 'export', hub.file, back, '--scope', '13.73')
        for _ in range(2):
            a.cli('bundle', 'import', a.file, back)
        assert a.status()['unsent'] == 0
        equal_everywhere('13.73', hub, a)


def test_a_login_page_gets_nothing():
    with Cluster() as c:
        hub, a, _ = two_offices(c)
        a.sql("INSERT INTO quick_win VALUES ('3', 'rahasia', 1, NULL)")
        c.net.link(a, hub).mode = 'portal'
        assert a.sync(check=False).returncode in (4, 7)
        c.net.restore(a, hub)
        a.sync()
        assert len(hub.rows('quick_win', '13.73')) == 2


def test_a_node_restored_from_a_backup_loses_nothing():
    with Cluster() as c:
        hub, a, b = two_offices(c)
        shutil.copy(a.file, a.file + '.backup')
        a.sql("INSERT INTO quick_win VALUES ('2', 'sesudah cadangan', 5, NULL)")
        a.sync()
        shutil.copy(a.file + '.backup', a.file)
        a.sql("INSERT INTO quick_win VALUES ('3', 'sesudah pemulihan', 6, NULL)")
        a.sync()
        b.sync()
        assert {r['id'] for r in a.rows('quick_win')} == {'1', '2', '3'}
        assert a.rows('quick_win') == b.rows('quick_win') == hub.rows('quick_win', '13.73')
        equal_everywhere('13.73', hub, a, b)


def test_a_hub_restored_from_a_backup_gets_everything_again():
    with Cluster() as c:
        hub, a, b = two_offices(c)
        hub.stop()
        shutil.copy(hub.file, hub.file + '.backup')
        hub.run()
        a.sql("INSERT INTO quick_win VALUES ('2', 'sesudah cadangan', 5, NULL)")
        a.sync()
        hub.stop()
        shutil.copy(hub.file + '.backup', hub.file)
        hub.run()
        a.sql("INSERT INTO quick_win VALUES ('3', 'belum tahu', 6, NULL)")
        refused = a.sync(check=False)
        assert refused.returncode == 4, refused
        assert hub.cli('restored', hub.file, check=False).returncode == 8
        hub.stop()
        hub.cli('restored', hub.file)
        hub.run()
        for node in (a, b):
            node.sync()
        assert hub.rows('quick_win', '13.73') == a.rows('quick_win') == b.rows('quick_win')
        assert len(a.rows('quick_win')) == 3
        equal_everywhere('13.73', hub, a, b)


def test_four_foreign_programs_write_while_the_node_syncs():
    writer = """
import sqlite3, sys, time
db = sqlite3.connect(sys.argv[1], timeout=60, isolation_level=None)
for i in range(60):
    db.execute("INSERT OR REPLACE INTO quick_win VALUES (?, ?, ?, NULL)", (f'{sys.argv[2]}-{i % 40}', 'w', i))
    time.sleep(0.005)
"""
    with Cluster() as c:
        _, a, b = two_offices(c)
        c.start()
        writers = [subprocess.Popen([sys.executable, '-c', writer, a.file, str(i)]) for i in range(4)]
        assert [w.wait(120) for w in writers] == [0] * 4
        c.wait_synced()
        wait_until(lambda: b.rows('quick_win') == a.rows('quick_win'), 'the other office has all')
        assert len(a.rows('quick_win')) == 161
        for node in (a, b):
            node.process.send_signal(signal.SIGINT)
            assert node.process.wait(30) == 0
            node.process = None
            node.check_integrity()


if __name__ == '__main__':
    scenario.main(globals())
