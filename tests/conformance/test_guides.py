"""Every command of docs/guides, typed into one shell in an empty directory; what a text block behind a block of
commands says is printed by it, line by line: blanks count as one, "..." is anything."""

import os
import pathlib
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import unittest

import server

FENCED = re.compile(r'^```(\w*)\n(.*?)^```$', re.MULTILINE | re.DOTALL)
TIMEOUT = 150  # seconds, of a guide
AWS = next((path for path in ('/usr/bin/aws', shutil.which('aws')) if path and os.path.exists(path)), None)

# Older command lines do not know AWS_ENDPOINT_URL.
WRAPPER = '''#!/bin/sh
case "$*" in *--endpoint-url*) exec {aws} "$@";; esac
exec {aws} --endpoint-url "$AWS_ENDPOINT_URL" "$@"
'''


def blocks_of(text, languages):
    """[(commands, [expected lines])]"""
    found = []
    for language, body in FENCED.findall(text):
        if language in languages:
            found.append((body, []))
        elif language == 'text' and found:
            found[-1][1].extend(body.splitlines())
    return found


def one_blank(text):
    return re.sub(r'\s+', ' ', text).strip()


def is_told(line, output):
    pattern = '.*'.join(re.escape(part) for part in one_blank(line).split('...'))
    return any(re.search(pattern, one_blank(printed)) for printed in output.splitlines())


class Reader(unittest.TestCase):
    def test_it_finds_blocks_and_what_they_print(self):
        text = 'a\n```sh\none\ntwo\n```\nb\n```text\nx  y\n```\n```json\n{}\n```\n```sh\nthree\n```\n'
        self.assertEqual(blocks_of(text, ('sh',)), [('one\ntwo\n', ['x  y']), ('three\n', [])])
        self.assertTrue(is_told('15 deleted', 'a\n   15   deleted  by\n'))
        self.assertTrue(is_told('after ... s', 'back, after 7 s'))
        self.assertFalse(is_told('15 deleted', '15\ndeleted'))


def free_port():
    """Below those that the kernel gives to connections, so that it is still free when it is wanted."""
    while True:
        port = random.randrange(10000, 32000)
        with socket.socket() as probe:
            try:
                probe.bind(('127.0.0.1', port))
                return port
            except OSError:
                continue


@unittest.skipUnless(server.ours(), 'of our own server')
@unittest.skipUnless(AWS, 'no aws command line is here (Debian package awscli)')
class Typed(unittest.TestCase):
    """Commands of a text, typed into a shell."""

    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix='tidemark-guide-')
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)
        self.tools = self.directory / 'tools'
        self.place = self.directory / 'place'
        self.tools.mkdir()
        self.place.mkdir()
        binary = os.environ.get('TIDEMARK_BIN', str(server.ROOT / 'build/release/src/server/tidemark'))
        self.binary = os.path.abspath(binary)
        self.assertTrue(os.access(self.binary, os.X_OK), self.binary)
        (self.tools / 'tidemark').symlink_to(self.binary)
        (self.tools / 'aws').write_text(WRAPPER.format(aws=AWS))
        (self.tools / 'aws').chmod(0o755)
        self.address = f'127.0.0.1:{free_port()}'

    def type_in(self, blocks, prologue='', timeout=TIMEOUT):
        """What each block prints. A command that fails ends it all."""
        script = prologue + 'set -e\n'
        for number, (commands, _) in enumerate(blocks):
            script += f'echo "@@ {number}"\n{commands}'
        script = script.replace('127.0.0.1:8000', self.address)
        environment = {name: value for name, value in os.environ.items() if not name.startswith(('AWS_', 'TIDEMARK_'))}
        environment['PATH'] = f'{self.tools}:{environment["PATH"]}'
        typed = self.directory / 'typed.sh'
        typed.write_text(script)
        shell = subprocess.Popen(['bash', typed], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                 stderr=subprocess.STDOUT, text=True, cwd=self.place, env=environment,
                                 start_new_session=True)
        try:
            output, _ = shell.communicate(timeout=timeout)
        finally:
            try:
                os.killpg(shell.pid, signal.SIGKILL)  # the server, if a command before its end has failed
            except ProcessLookupError:
                pass
        log = self.place / 'server.log'
        self.assertEqual(shell.returncode, 0, output + (log.read_text() if log.exists() else ''))
        return [part.split('\n', 1)[1] for part in output.split('@@ ')[1:]]


class Guides(Typed):
    def follow(self, path):
        blocks = blocks_of((server.ROOT / path).read_text(), ('sh',))
        self.assertGreater(len(blocks), 5)
        self.assertGreater(sum(len(lines) for _, lines in blocks), 3)
        for (commands, lines), output in zip(blocks, self.type_in(blocks), strict=True):
            for line in lines:
                self.assertTrue(is_told(line, output), f'{line!r} is not printed by\n{commands}\nbut\n{output}')

    def test_recover_from_a_bad_deploy(self):
        self.follow('docs/guides/recover_from_a_bad_deploy.md')

    def test_rehearse_recovery_in_ci(self):
        self.follow('docs/guides/rehearse_recovery_in_ci.md')

    def test_three_two_one(self):
        self.follow('docs/guides/three_two_one.md')

    def test_what_they_wait_for_has_an_end(self):
        for path in (server.ROOT / 'docs/guides').glob('*.md'):
            for commands, _ in blocks_of(path.read_text(), ('sh',)):
                self.assertNotRegex(commands, r'(?m)^(until|while) ', path)

    def test_none_is_left_out(self):
        guides = {path.stem for path in (server.ROOT / 'docs/guides').glob('*.md')} - {'README'}
        tested = {name.removeprefix('test_') for name in dir(self) if name.startswith('test_')}
        self.assertLessEqual(guides, tested)


if __name__ == '__main__':
    unittest.main()
