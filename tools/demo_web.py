"""demo_web - the last step of tools/demo: the masterplan in the browser, at a region and at the centre.

    web = Web(program, directory, environment)
    web.start()      a hub and Kota Sawahlunto with the workspace `masterplan`, and its facts by plain SQL
    web.seen()       how the hub's page sees the region: a row of its JSON API
    web.stop()
"""
import json
import os
import re
import subprocess
import urllib.request

ADDRESS = re.compile(r'web app at (http://[^/]+)/#mulai=(\S+)')
ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), '..'))
SAMPLE = os.path.join(ROOT, 'node/workspace/masterplan/sample.sql')
PASSWORD = 'kata sandi untuk demo'


class Site:
    """One file, its process, and where its app is."""

    def __init__(self, program, path, environment):
        self.program, self.path, self.environment = program, path, environment
        self.process, self.url, self.code, self.cookie = None, '', '', ''

    def cli(self, *args):
        return subprocess.run([self.program, *args], check=True, capture_output=True, text=True,
                              env=self.environment, timeout=120).stdout

    def run(self):
        with open(self.path + '.log', 'ab') as log:
            self.process = subprocess.Popen([self.program, 'run', self.path, '--web', '127.0.0.1:0'],
                                            stdout=subprocess.PIPE, stderr=log, text=True,
                                            env=self.environment)
        for line in self.process.stdout:
            found = ADDRESS.search(line)
            if found:
                self.url, self.code = found.groups()
                return
        raise AssertionError(f'{self.path} did not start')

    def ask(self, method, path, body=None):
        headers = {'Origin': self.url, 'Content-Type': 'application/json'}
        if self.cookie:
            headers['Cookie'] = self.cookie
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f'{self.url}/api{path}', data, headers, method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=60) as answer:
            cookie = answer.headers.get('Set-Cookie')
            if cookie:
                self.cookie = cookie.split(';')[0]
            return json.load(answer)

    def first_account(self, login, name):
        self.ask('POST', '/setup', {'code': self.code, 'login': login, 'name': name, 'password': PASSWORD})


class Web:
    def __init__(self, program, directory, environment):
        self.hub = Site(program, os.path.join(directory, 'masterplan-pusat.db'), environment)
        self.region = Site(program, os.path.join(directory, 'masterplan-sawahlunto.db'), environment)

    def start(self):
        hub, region = self.hub, self.region
        hub.cli('init', hub.path, '--hub', '--workspace', 'masterplan', '--name', 'Pusat Smart City',
                '--listen', '127.0.0.1:0')
        hub.run()
        region.cli('init', region.path, '--scope', '13.73', '--workspace', 'masterplan', '--name',
                   'Diskominfo Kota Sawahlunto')
        invitation = hub.cli('invite', hub.path, '--scope', '13.73', '--role', 'writer').split('\n')[-2]
        region.cli('enrol', region.path, invitation)
        region.run()
        with open(SAMPLE, encoding='utf-8') as sample:
            text = 'BEGIN IMMEDIATE;' + sample.read() + 'COMMIT;'
        subprocess.run(['sqlite3', '-bail', '-cmd', '.timeout 20000', region.path], input=text, text=True,
                       check=True, capture_output=True, timeout=120)
        hub.first_account('pusat', 'Operator Pusat')
        region.first_account('daerah', 'Hendra Putra')

    def seen(self):
        """The region's row on the hub's first page."""
        return self.hub.ask('GET', '/views/region_overview?code=13.73')['rows'][0]

    def stop(self):
        for site in (self.region, self.hub):
            if site.process is not None:
                site.process.terminate()
                site.process.wait(30)
