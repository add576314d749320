#!/usr/bin/env python3
"""A region hands over a book while the hub is away; the receipt proves by when the hub had it."""
import json
import os
import re
import sys

sys.path.insert(0, os.path.dirname(__file__))
from lib import scenario
from lib.cluster import Cluster, free_port, wait_until
from lib.web import Web

REGION = '13.73'
FILL = f"""INSERT OR REPLACE INTO book(scope, id, cohort_id, book_no)
           VALUES ('{REGION}', '2023/{REGION}/1', '2023', 1);
           INSERT OR REPLACE INTO book_section_text SELECT '{REGION}', '2023/{REGION}/1', section_code,
           printf('%.*c', 1000, 'x') FROM book_section WHERE book_no = 1 AND source <> 'generated'"""


def masterplan(c, name, scope):
    """A hub or an office with the masterplan, its web app at a free port."""
    node = c._add(name, scope, None if scope else free_port())
    hub = ['--hub', '--listen', f'127.0.0.1:{node.port}'] if scope is None else []
    node.cli('init', node.file, '--name', name, '--workspace', 'masterplan', *hub)
    return node


def run(node):
    node.run('--web', f'127.0.0.1:{free_port()}')


def region_and_hub(c):
    hub = masterplan(c, 'pusat', None)
    c._hub = hub
    run(hub)
    office = masterplan(c, 'diskominfo', REGION)
    office.enrol(hub.invite(REGION))
    office.sync()
    return hub, office


def due(hub, when):
    hub.sql("UPDATE deadline SET due_ts = ?, grace_hours = 2 WHERE object_code = 'B1'", (when,))


def receipt_when(web, submission, what):
    """The receipt, once it says that."""
    def told():
        receipt = web.get(f'/submissions/{submission}/receipt')
        return receipt if receipt['sent'] == what else None
    return wait_until(told, f'the submission is {what}')


def verify(c, text, key, name='proof.txt'):
    """On another machine: nothing but the file and the hub's key."""
    path = os.path.join(c.directory, name)
    with open(path, 'w', encoding='utf-8') as out:
        out.write(text)
    return c.nodes[0].cli('verify', path, '--hub-key', key, '--json', check=False)


def test_a_book_is_handed_over_while_the_hub_is_away():
    with Cluster() as c:
        hub, office = region_and_hub(c)
        due(hub, '2099-09-30T16:59:00Z')
        run(office)
        web = Web(office)
        wait_until(lambda: office.sql("SELECT 1 FROM deadline WHERE due_ts LIKE '2099%'"), 'the deadline')
        hub.stop()

        # Incomplete: what is missing is said, and nothing is sealed.
        office.sql_script(f"INSERT INTO book(scope, id, cohort_id, book_no) VALUES"
                          f" ('{REGION}', '2023/{REGION}/1', '2023', 1)")
        check = web.get('/submissions/check?object=book&code=B1')
        assert not check['complete'] and check['missing'][0]['message_id'], check
        status, refusal = web.post('/submissions', {'object': 'book', 'code': 'B1'})
        assert status == 422 and refusal['code'] == 'invalid', (status, refusal)
        assert len(refusal['errors']) == len(check['missing']), refusal
        assert web.get('/submissions') == {'submissions': []}

        office.sql_script(FILL)
        assert web.get('/submissions/check?object=book&code=B1')['complete']
        status, sealed = web.post('/submissions', {'object': 'book', 'code': 'B1'})
        assert status == 201 and sealed['version'] == 1, (status, sealed)
        one = f'/submissions/{sealed["id"]}'
        away = web.get(one + '/receipt')
        assert away['sent'] == 'unsent' and away['received_at'] is None and away['timeliness'] is None, away
        assert away['proof'] is None and away['number'] is None
        assert web.call('GET', one + '/proof')[0] == 404

        # An edit afterwards is the next version; the first stays what it was.
        office.sql("UPDATE book_section_text SET body = body || '.'")
        status, second = web.post('/submissions', {'object': 'book', 'code': 'B1'})
        assert status == 201 and second['version'] == 2, (status, second)
        assert second['manifest_sha256'] != sealed['manifest_sha256']

        run(hub)
        told = receipt_when(web, sealed['id'], 'receipted')
        assert told['timeliness'] == 'on_time' and told['due_at'] == '2099-09-30T16:59:00Z', told
        assert re.fullmatch(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ', told['received_at']), told
        assert told['received_at'] >= told['sealed_at']
        assert told['manifest_sha256'] == sealed['manifest_sha256']
        assert told['sealed_by'] == 'Yulia Rahman' and told['version'] == 1
        assert told['number'].startswith(f'{REGION}/B1/1/')

        # The same at the hub.
        at_hub = Web(hub, 'pusat', 'Operator Pusat').get('/submissions')['submissions']
        assert sorted((s['version'], s['timeliness']) for s in at_hub) == [(1, 'on_time'), (2, 'on_time')]
        assert {s['received_at'] for s in at_hub if s['version'] == 1} == {told['received_at']}

        the_proof_holds_alone(c, web, one, told)


def the_proof_holds_alone(c, web, one, told):
    proof = told['proof']
    assert web.raw('GET', one + '/proof')[1].decode() == proof
    done = verify(c, proof, told['hub_key'])
    assert done.returncode == 0, done.stderr
    valid = json.loads(done.stdout)
    assert valid['scope'] == REGION and valid['received_at'] == told['received_at']
    assert valid['timeliness'] == 'on_time' and valid['sha256'] == told['manifest_sha256']
    assert valid['manifest'] == told['manifest'] and valid['actor'] == 'Yulia Rahman'
    assert valid['manifest']['about']['place'] == 'Kota Sawahlunto'
    path = os.path.join(c.directory, 'proof.txt')
    words = c.nodes[0].cli('verify', path, '--hub-key', told['hub_key']).stdout
    for word in ('SAH / VALID', 'Kota Sawahlunto', 'WIB', 'on time'):
        assert word in words, words

    digit = '0' if proof[proof.index('\nsha256 ') + 8] != '0' else '1'
    at = proof.index('\nsha256 ') + 8
    altered = verify(c, proof[:at] + digit + proof[at + 1:], told['hub_key'])
    assert altered.returncode == 4, (altered.returncode, altered.stdout)
    assert verify(c, proof, 'ab' * 32).returncode == 4


def test_a_deadline_that_has_passed():
    with Cluster() as c:
        hub, office = region_and_hub(c)
        due(hub, '2023-08-31T16:59:00Z')
        office.sync()
        office.sql_script(FILL)
        run(office)
        web = Web(office)
        status, sealed = web.post('/submissions', {'object': 'book', 'code': 'B1'})
        assert status == 201, sealed
        assert receipt_when(web, sealed['id'], 'receipted')['timeliness'] == 'late'
        # The hub grants an extension to this region, with a reason that all can read.
        hub.sql("INSERT INTO deadline SELECT id || '/' || ?1, cohort_id, ?1, object, object_code,"
                " '2099-01-01T00:00:00Z', 0, 'open', 'Jaringan putus' FROM deadline"
                " WHERE object_code = 'B1' AND region_code IS NULL", (REGION,))
        extended = wait_until(lambda: [r for r in [web.get(f'/submissions/{sealed["id"]}/receipt')]
                                       if r['timeliness'] == 'on_time'], 'the extension counts')[0]
        assert extended['deadline']['reason'] == 'Jaringan putus'


if __name__ == '__main__':
    scenario.main(globals())
