"""The program's subcommands: what they print, and how they end: 0 done, 1 failed, 2 wrong usage."""

import json
import os
import pathlib
import socket
import subprocess
import tempfile
import unittest

from botocore.exceptions import ClientError

import exposition
import server
from case import make_table


@unittest.skipUnless(server.ours(), 'of our own server')
class Program(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix='tidemark-cli-')
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)
        self.data = self.directory / 'data'

    def run_program(self, *arguments, input=None, **environment):
        """`input`: what is typed; else standard input is closed."""
        binary = os.environ.get('TIDEMARK_BIN',
                                str(server.ROOT / 'build/release/src/server/tidemark'))
        return subprocess.run([binary, *map(str, arguments)], capture_output=True, text=True,
                              timeout=240, cwd=self.directory, input=input,
                              stdin=subprocess.DEVNULL if input is None else None,
                              env={**os.environ, **environment})

    def assertEnds(self, status, text, *arguments, input=None, **environment):
        """`text`: what standard output (status 0) or standard error says, in part."""
        ended = self.run_program(*arguments, input=input, **environment)
        self.assertEqual(ended.returncode, status, (arguments, ended.stdout, ended.stderr))
        self.assertIn(text, ended.stdout if status == 0 else ended.stderr, arguments)
        return ended

    def server(self):
        running = server.Server(self.data)
        self.addCleanup(running.close)
        return running


class Usage(Program):
    def test_help_is_no_failure(self):
        self.assertEnds(0, 'Subcommands', '--help')
        for command in ('serve', 'init'):
            self.assertEnds(0, '--data', command, '--help')

    def test_version(self):
        self.assertEnds(0, 'tidemark ', 'version')

    def test_wrong_usage(self):
        for arguments in ((), ('nonsense',), ('serve', '--nonsense'), ('serve', '--io-threads', 'x'),
                          ('serve', '--data'), ('serve', '--account', '12'),
                          ('serve', '--log-level', 'loud'), ('serve', '--log-format', 'xml'),
                          ('serve', '--slow-request-ms', '-1'), ('serve', '--idle-close', '5 sheep'),
                          ('serve', '--idle-close', '0'), ('serve', '--descriptors', '3'),
                          ('serve', '--block-cache', '12 sheep'), ('serve', '--create-delay-ms', '5'),
                          ('serve', '--item-collection-limit', '5mb'), ('version', 'extra')):
            ended = self.assertEnds(2, '', *arguments)
            self.assertTrue(ended.stderr.strip(), arguments)
        self.assertEnds(2, '--listen wants HOST:PORT', 'serve', '--data', self.data, '--listen', '80')
        self.assertEqual(os.listdir(self.directory), [], 'wrong usage makes nothing')

    def test_no_directory_named(self):
        for command in ('serve', 'init'):
            self.assertEnds(2, 'the name of a directory', command, '--data', '')
            self.assertEnds(2, '--data', command, '--data=')


class DataDirectories(Program):
    def test_init_makes_one_and_shows_credentials_once(self):
        self.assertIn('AWS_SECRET_ACCESS_KEY=', self.assertEnds(
            0, 'is ready', 'init', '--data', self.data).stdout)
        self.assertNotIn('AWS_SECRET_ACCESS_KEY=', self.assertEnds(
            0, 'was ready already', 'init', '--data', self.data).stdout)

    def test_what_cannot_be_used_is_named(self):
        self.data.write_text('a file')
        self.assertEnds(1, str(self.data), 'init', '--data', self.data)
        self.data.unlink()
        self.assertEnds(0, '', 'init', '--data', self.data)
        key = self.data / 'root.key'
        good = key.read_bytes()
        for bad, text in ((good[:20], '20 bytes, expected 44'), (b'x' * 44, 'does not begin like'),
                          (good[:-1] + bytes([good[-1] ^ 1]), 'is damaged (checksum)')):
            key.write_bytes(bad)
            self.assertEnds(1, text, 'serve', '--data', self.data, '--listen', '127.0.0.1:0')
        key.write_bytes(good)
        self.assertEnds(0, '', 'init', '--data', self.data)

    def test_a_directory_in_use_is_refused(self):
        self.server()
        self.assertEnds(1, 'another server runs on', 'init', '--data', self.data)


class Limits(Program):
    def test_all_are_taken(self):
        arguments = ('--idle-close', '2m', '--descriptors', '128', '--memtable-budget', '64mb',
                     '--log-window', '64MB', '--log-max', '1gb', '--disk-reserve', '1kb')
        with server.Server(self.data, arguments) as running:
            make_table(running.client())
            page = running.send(None, {'Host': running.host}, method='GET', path='/metrics')
            figures = exposition.parse(page.body.decode())
            self.assertEqual(figures['tidemark_engine_descriptors_limit'].value(), 128)


class Logs(Program):
    """inspect log, repair: of a log that is whole, and of one that is damaged in its middle."""

    ITEMS = 20

    def fill(self):
        """Items one by one, so that each has a frame of its own; then a crash."""
        running = self.server()
        db = running.client()
        table = make_table(db)
        for number in range(self.ITEMS):
            db.put_item(TableName=table, Item={'pk': {'S': str(number)}})
        running.kill()
        return running, table

    def inspect(self, status, *arguments):
        ended = self.assertEnds(status, '', 'inspect', 'log', '--data', self.data, '--region',
                                'us-east-1', '--output', 'json', *arguments)
        return json.loads(ended.stdout)[0]

    def damage(self):
        """Overwrites the frame in the middle of the items; gives it."""
        whole = self.inspect(0, '--frames')
        frame = whole['frames'][-self.ITEMS // 2]
        position = frame['position']
        segment = next(s for s in whole['segments'] if s['segment'] == position['segment'])
        with open(segment['file'], 'r+b') as file:
            file.seek(position['offset'] + 100)
            file.write(b'damaged')
        return frame

    def test_a_whole_log(self):
        self.fill()
        told = self.assertEnds(0, 'us-east-1: log ', 'inspect', 'log', '--data', self.data).stdout
        self.assertIn('_system: log ', told)
        self.assertNotIn('frame at', told)
        self.assertEqual(self.inspect(0)['damage'], [])
        frames = self.inspect(0, '--frames')['frames']
        self.assertGreaterEqual(len(frames), self.ITEMS)
        told = self.assertEnds(0, 'us-east-1: log ', 'inspect', 'log', '--data', self.data,
                               '--region', 'us-east-1', '--frames').stdout
        self.assertEqual(told.count('frame at'), len(frames))
        self.assertEnds(0, 'no damage', 'repair', '--data', self.data)

    def test_a_damaged_log(self):
        running, table = self.fill()
        frame = self.damage()
        report = self.inspect(1)
        self.assertEqual(len(report['damage']), 1)
        self.assertEqual(report['damage'][0]['from'], frame['position'])
        self.assertIs(report['damage'][0]['accepted'], False)

        # Shown, and nothing is changed.
        told = self.run_program('repair', '--data', self.data)
        self.assertEqual(told.returncode, 1, told.stderr)
        self.assertIn('us-east-1: commit log ', told.stdout)
        self.assertIn('Nothing was changed', told.stdout)
        self.assertIs(self.inspect(1)['damage'][0]['accepted'], False)
        running.start()
        with self.assertRaises(ClientError) as fenced:
            running.client().put_item(TableName=table, Item={'pk': {'S': 'new'}})
        self.assertEqual(fenced.exception.response['Error']['Code'], 'InternalServerError')
        self.assertEnds(1, 'another server runs on', 'repair', '--data', self.data)
        running.stop()

        # Given up.
        self.assertEnds(0, '1 damaged parts are given up', 'repair', '--data', self.data,
                        '--accept-loss')
        self.assertIs(self.inspect(0)['damage'][0]['accepted'], True)
        self.assertEnds(0, 'no damage', 'repair', '--data', self.data, '--accept-loss')
        running.start()
        db = running.client()
        kept = [number for number in range(self.ITEMS) if db.get_item(
            TableName=table, Key={'pk': {'S': str(number)}}).get('Item')]
        self.assertEqual(len(kept), self.ITEMS - 1, kept)
        db.put_item(TableName=table, Item={'pk': {'S': 'new'}})

    def test_what_cannot_be_looked_at(self):
        self.assertEnds(1, 'is no data directory', 'inspect', 'log', '--data', self.data)
        self.assertEnds(1, 'is no data directory', 'repair', '--data', self.data)
        self.assertEqual(os.listdir(self.directory), [], 'nothing is made')
        self.fill()
        for command in (('inspect', 'log'), ('repair',)):
            self.assertEnds(1, 'nothing of a Region mars-1', *command, '--data', self.data,
                            '--region', 'mars-1')
        self.assertEnds(2, '', 'inspect')
        self.assertEnds(2, '', 'inspect', 'log', '--output', 'xml')


class Status(Program):
    def test_of_a_server(self):
        running = self.server()
        db = running.client(region='eu-north-1')
        make_table(db)
        told = self.assertEnds(0, f'{running.url}: ready', 'status', '--endpoint', running.url).stdout
        self.assertRegex(told, r'\neu-north-1 +yes +1 ')
        self.assertRegex(told, r'\nrequests +[1-9]')
        self.assertEnds(0, ': ready', 'status', TIDEMARK_ENDPOINT=running.url + '/')

    def test_of_none(self):
        with socket.create_server(('127.0.0.1', 0)) as unused:
            url = 'http://127.0.0.1:%d' % unused.getsockname()[1]
        self.assertEnds(1, 'cannot reach ' + url, 'status', '--endpoint', url)
        for wrong in ('nonsense', 'https://127.0.0.1:1', 'http://', 'http://a:b', 'http://[::1'):
            self.assertEnds(2, 'http://HOST:PORT', 'status', '--endpoint', wrong)


if __name__ == '__main__':
    unittest.main()
