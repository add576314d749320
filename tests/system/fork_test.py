#!/usr/bin/env python3
"""fork_test - two copies of one file run at a time: what either wrote is at the hub in the end."""
import json
import os
import sys

sys.path.insert(0, os.path.dirname(__file__))
from lib import scenario
from lib.cluster import Cluster, wait_until

SCHEMA = 'CREATE TABLE item (id TEXT PRIMARY KEY, name TEXT, stock INTEGER DEFAULT 0, note TEXT)'


def start(c):
    hub = c.hub()
    a = c.node('sawahlunto', '13.73', SCHEMA, ['item'])
    third = c.node('kebudayaan', '13.73')
    a.sql("INSERT INTO item VALUES ('2', 'dihapus', 0, NULL)")
    a.sync()
    rules = os.path.join(c.directory, 'rules.json')
    with open(rules, 'w', encoding='utf-8') as out:
        json.dump({'tables': {'item': {'policy': {'stock': 'counter'}}}}, out)
    hub.cli('rules', hub.file, rules)
    a.sync()
    a.sql("INSERT INTO item VALUES ('1', 'awal', 10, NULL)")
    a.sync()
    a.sql("UPDATE item SET stock = stock + 3 WHERE id = '1'")
    for node in (a, third, a):
        node.sync()
    return hub, a, third


def codes(node):
    return [reason['code'] for reason in node.status()['why']]


def settle(*nodes):
    """All of them have everything, are content, and agree."""
    for _ in range(2):
        for node in nodes[1:]:
            node.sync()
    digests = [node.status()['digest']['13.73'] for node in nodes]
    assert len(set(digests)) == 1, digests
    for node in nodes[1:]:
        status = node.status()
        assert status['unsent'] == 0 and status['held'] == 0 and status['pending'] == 0, status
        assert 'fork' not in codes(node) and 'held-fork' not in codes(node), status['why']
        checked = node.cli('check', node.file)
        assert checked.returncode == 0, checked.stdout


def values(node, column, row):
    """The shown one, and those that wait for a person."""
    shown = {r[column] for r in node.rows('item', '13.73' if node.is_hub else None) if r['id'] == row}
    beside = node.sql("SELECT value FROM simpul_sibling WHERE superseded_n IS NULL AND column_no ="
                      " (SELECT no FROM simpul_column WHERE name = ?)", (column,))
    return shown | {value for value, in beside}


def seal(node):
    """Without asking the hub, which would tell that it has more."""
    bundle = f'{node.file}.bundle'
    node.cli('bundle', 'export', node.file, bundle, '--unsent')
    os.remove(bundle)


def write_both(a, twin):
    for node in (a, twin):
        node.sql('INSERT INTO item VALUES (?, ?, 1, NULL)', (f'dari {node.name}', node.name))
        node.sql("UPDATE item SET name = ? WHERE id = '1'", (f'nama {node.name}',))
    a.sql("UPDATE item SET stock = stock + 5 WHERE id = '1'")
    twin.sql("UPDATE item SET stock = stock + 7 WHERE id = '1'")
    seal(twin)
    twin.sql("DELETE FROM item WHERE id = '2'")
    seal(twin)


def check_all(nodes, a, twin):
    for node in nodes:
        rows = {r['id']: r for r in node.rows('item', '13.73' if node.is_hub else None)}
        assert set(rows) == {'1', f'dari {a.name}', f'dari {twin.name}'}, (node.name, rows)
        assert rows['1']['stock'] == 10 + 3 + 5 + 7, (node.name, rows)
        assert values(node, 'name', '1') == {f'nama {a.name}', f'nama {twin.name}'}, node.name


def test_what_the_second_copy_sealed_reaches_everybody_after_it_enrolled_again():
    with Cluster() as c:
        hub, a, third = start(c)
        a.run()
        wait_until(lambda: a.status()['running'], 'the node runs')
        twin = c.copy(a, 'kembar')
        a.stop()
        write_both(a, twin)
        a.sync()
        assert twin.sync(check=False).returncode == 4
        assert 'fork' in codes(twin)
        twin.sql("UPDATE item SET note = 'menunggu' WHERE id = '1'")
        assert twin.sync(check=False).returncode == 4
        old = f'{twin.file}.old'
        twin.cli('bundle', 'export', twin.file, old, '--unsent')
        twin.enrol(hub.invite('13.73'))
        settle(hub, twin, third)
        check_all((hub, twin, third), a, twin)
        assert values(hub, 'note', '1') == {'menunggu'}
        twin.cli('bundle', 'import', twin.file, old, check=False)  # what was set aside comes back
        settle(hub, twin, third)
        check_all((hub, twin, third), a, twin)
        held = json.loads(twin.cli('held', twin.file, '--all', '--json').stdout)
        assert 'sealed anew as' in json.dumps(held), held


def test_both_copies_enrol_again_and_go_on():
    with Cluster() as c:
        hub, a, third = start(c)
        twin = c.copy(a, 'kembar')
        write_both(a, twin)
        a.sync()
        assert twin.sync(check=False).returncode == 4
        a.sql("INSERT INTO item VALUES ('4', 'sesudah dibekukan', 4, NULL)")
        assert a.sync(check=False).returncode == 4
        for node in (a, twin):
            node.enrol(hub.invite('13.73'))
            assert node.sync().returncode == 0
        settle(hub, a, twin, third)
        assert '4' in {r['id'] for r in third.rows('item')}
        a.sql("DELETE FROM item WHERE id = '4'")
        a.sync()
        settle(hub, a, twin, third)
        check_all((hub, a, twin, third), a, twin)
        third.sql("UPDATE item SET name = 'dipilih' WHERE id = '1'")
        settle(hub, third, a, twin)
        assert values(twin, 'name', '1') == {'dipilih'}


def test_an_old_copy_that_wrote_less_than_the_hub_has():
    with Cluster() as c:
        hub, a, third = start(c)
        twin = c.copy(a, 'kembar')
        twin.sql("INSERT INTO item VALUES ('5', 'tanpa jaringan', 5, 'x')")
        seal(twin)
        for n in range(3):
            a.sql("UPDATE item SET note = ? WHERE id = '1'", (f'catatan {n}',))
            a.sync()
        assert twin.sync(check=False).returncode == 4
        twin.enrol(hub.invite('13.73'))
        settle(hub, twin, third)
        for node in (hub, twin, third):
            assert values(node, 'note', '1') == {'catatan 2'}
            assert values(node, 'name', '5') == {'tanpa jaringan'}


if __name__ == '__main__':
    scenario.main(globals())
