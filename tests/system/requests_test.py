#!/usr/bin/env python3
"""An office without an invitation asks the hub's operator, who compares six words by telephone."""
import json
import os
import re
import sys

sys.path.insert(0, os.path.dirname(__file__))
from lib import scenario
from lib.cluster import Cluster, wait_until

WORDS = re.compile(r'\b(?:[a-z]{5}-){5}[a-z]{5}\b')
SCHEMA = 'CREATE TABLE usulan (id INTEGER PRIMARY KEY, judul TEXT);'
PENDING = 6


def words_of(text):
    return WORDS.search(text).group()


def office(c, hub, name):
    node = c._add(name, '13.73', None)
    node.sql_script(SCHEMA)
    node.init()
    node.attach('usulan')
    url = f'https://127.0.0.1:{hub.port}'
    node.hub_words = words_of(node.cli('enrol', node.file, '--ask', url, '--scope', '13.73').stdout)
    node.ask = ['enrol', node.file, '--ask', url, '--scope', '13.73', '--hub-words']
    return node


def requests(hub):
    return json.loads(hub.cli('requests', hub.file, '--json').stdout)


def test_an_office_is_let_in_by_telephone():
    with Cluster() as c:
        hub = c.hub()
        hub.run()
        node = office(c, hub, 'sawahlunto')
        assert requests(hub) == []  # looking at the hub's words asks for nothing

        wrong = node.cli(*node.ask, 'lusab-babad-gutih-tugad-mudof-sakat', check=False)
        assert wrong.returncode == 4 and requests(hub) == []

        asked = node.cli(*node.ask, node.hub_words, check=False)
        assert asked.returncode == PENDING and 'persetujuan pusat' in asked.stderr
        words = words_of(asked.stderr)
        [waiting] = requests(hub)
        assert (waiting['words'], waiting['scope'], waiting['state']) == (words, '13.73', 'waiting')

        node.run()
        node.sql("INSERT INTO usulan VALUES (1, 'Dada Warsina')")
        again = node.cli('enrol', node.file, check=False)
        assert again.returncode == PENDING
        assert not hub.has('usulan')

        hub.cli('requests', hub.file, 'approve', words)
        wait_until(lambda: hub.has('usulan') and hub.rows('usulan', '13.73'), 'the change is at the hub')
        assert requests(hub)[0]['state'] == 'approved'
        assert node.cli('enrol', node.file, check=False).returncode == 3  # nothing is asked any more


def test_a_second_device_that_says_it_is_the_office_waits_too():
    with Cluster() as c:
        hub = c.hub()
        hub.run()
        first, second = office(c, hub, 'sawahlunto'), office(c, hub, 'penyamar')
        mine = words_of(first.cli(*first.ask, first.hub_words, check=False).stderr)
        second.cli(*second.ask, second.hub_words, check=False)
        hub.cli('requests', hub.file, 'approve', mine)
        first.cli('enrol', first.file)
        again = second.cli('enrol', second.file, check=False)
        assert again.returncode == PENDING
        theirs = words_of(again.stderr) if WORDS.search(again.stderr) else \
            next(r['words'] for r in requests(hub) if r['state'] == 'waiting')
        hub.cli('requests', hub.file, 'refuse', theirs)
        refused = second.cli('enrol', second.file, check=False)
        assert refused.returncode == 5 and 'refused' in refused.stderr


if __name__ == '__main__':
    scenario.main(globals())
