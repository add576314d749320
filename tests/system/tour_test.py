#!/usr/bin/env python3
"""tour_test - what README.md says one types and sees is what one sees: every command of its tour."""
import os
import re
import socket
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(__file__))
from lib import scenario

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAM = os.path.abspath(os.environ.get('SIMPUL') or os.path.join(ROOT, 'build', 'release', 'simpul'))
END = '--- end of a command, status '


def tour():
    """[(command, lines that the README shows below it)]"""
    with open(os.path.join(ROOT, 'README.md'), encoding='utf-8') as f:
        text = f.read().split('## Five minutes by hand')[1].split('\n## ')[0]
    steps = []
    for block in re.findall(r'```\n(.*?)```', text, re.S):
        for line in block.splitlines():
            if line.startswith('$ '):
                steps.append((line[2:], []))
            elif steps[-1][0].count('"') % 2:
                steps[-1] = (steps[-1][0] + '\n' + line, steps[-1][1])
            else:
                steps[-1][1].append(line)
    return steps


def plain(line):
    """What differs from run to run made alike: keys, ids, times, numbers of bytes."""
    line = re.sub(r'\b(?:[a-z]{5}-){5}[a-z]{5}\b', 'WORDS', line)
    line = re.sub(r'\b[0-9a-f]{8,64}\b', 'HEX', line)
    line = re.sub(r'127\.0\.0\.1:\d+', 'HUB', line)
    line = re.sub(r'\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?', 'TIME', line)
    line = re.sub(r'\d\d:\d\d (WIB|WITA|WIT)\b', r'TIME \1', line)
    line = re.sub(r'\(\d+ bytes out, \d+ in\)|\d+ bytes|\d+\.\d+ kB|\(\d+ unpacked', 'BYTES', line)
    return line.rstrip()


def port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


def script(steps, at):
    lines = ["trap 'kill $hub 2>/dev/null' EXIT",
             'wait_up() { for i in $(seq 100); do grep -q listening hub.log && return; sleep 0.1; done; }']
    for command, _ in steps:
        command = command.replace('127.0.0.1:8443', f'127.0.0.1:{at}')
        command = command.replace('../tools/', f'{ROOT}/tools/').replace('kill %1', 'kill $hub; wait $hub')
        if command.startswith('simpul run'):
            command = f'rm -f hub.log; touch hub.log; {command}\nhub=$!; wait_up'
        lines += [command, f'echo "{END}$?"']
    return '\n'.join(lines)


def test_the_tour_of_the_readme():
    steps = tour()
    assert len(steps) > 25, len(steps)
    with tempfile.TemporaryDirectory(prefix='simpul-') as directory:
        steps[0] = (f'export PATH={os.path.dirname(PROGRAM)}:$PATH', steps[0][1])
        done = subprocess.run(['bash', '-c', script(steps, port())], cwd=directory, text=True, timeout=120,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    seen = re.split(re.escape(END) + r'(\d+)\n', done.stdout)
    for i, (command, want) in enumerate(steps):
        out, status = seen[2 * i].splitlines(), seen[2 * i + 1]
        # 143: a hub that was told to end
        assert status == '0' or (command == 'kill %1' and status == '143'), (command, status, out)
        cut = want.index('…') if '…' in want else None
        got = [plain(line) for line in out][:cut]
        assert got == [plain(line) for line in want][:cut], (command, out, want)


if __name__ == '__main__':
    scenario.main(globals())
