"""web - a browser's half of the API: signs in at a running node's web app and speaks JSON.

    node.run('--web', 'off')            # lib.cluster: further arguments of `simpul run`
    web = Web(node)                     # makes the first account with the code that run printed
    status, row = web.post('/rows/kota', {'values': {'id': 1}})
"""
import http.client
import json
import re

from .cluster import wait_until

PASSWORD = 'sandi-panjang-yang-aman'


class Web:
    """One signed-in account; every call opens a connection of its own."""

    def __init__(self, node, login='operator', name='Yulia Rahman'):
        self.cookie, self.csrf = None, None
        found = wait_until(lambda: self._printed(node), f'{node.name} shows the address of its app')
        self.port, code = int(found[1]), found[2]
        status, body = self.call('POST', '/setup', {'code': code, 'login': login, 'name': name,
                                                    'password': PASSWORD})
        assert status in (200, 201), (status, body)
        status, session = self.call('GET', '/session')
        assert status == 200 and session['user']['login'] == login, session
        self.csrf = session['csrf']

    @staticmethod
    def _printed(node):
        with open(node.log, encoding='utf-8') as log:
            found = list(re.finditer(r'http://127\.0\.0\.1:(\d+)/#mulai=([\w-]+)', log.read()))
        return found[-1] if found else None  # of the last start

    def raw(self, method, path, body=None):
        """The response and its bytes."""
        fields = {'Origin': f'http://127.0.0.1:{self.port}'}
        if body is not None:
            body = json.dumps(body)
            fields['Content-Type'] = 'application/json'
        if self.cookie:
            fields['Cookie'] = self.cookie
        if self.csrf:
            fields['X-CSRF-Token'] = self.csrf
        connection = http.client.HTTPConnection('127.0.0.1', self.port, timeout=60)
        connection.request(method, '/api' + path, body, fields)
        response = connection.getresponse()
        data = response.read()
        if response.getheader('Set-Cookie'):
            self.cookie = response.getheader('Set-Cookie').split(';')[0]
        connection.close()
        return response, data

    def call(self, method, path, body=None):
        response, data = self.raw(method, path, body)
        return response.status, json.loads(data) if data else None

    def get(self, path):
        status, body = self.call('GET', path)
        assert status == 200, (path, status, body)
        return body

    def post(self, path, body):
        return self.call('POST', path, body)
