"""The server's log: its forms, the line of a slow request, and one request id in answer, log and audit log."""

import json
import re
import unittest

from case import load, make_table
import server

OURS = 'Tidemark_20261101.'
ITEMS = [{'pk': {'S': f'item-{i}'}, 'text': {'S': 'x' * 10_000}} for i in range(90)]
ROOT = f'arn:aws:iam::{server.ACCOUNT}:root'


@unittest.skipUnless(server.ours(), 'of our own server')
class Logs(unittest.TestCase):
    def start(self, *arguments):
        running = server.Server(arguments=('--test-hooks', *arguments))
        self.addCleanup(running.close)
        return running

    def lines(self, running):
        """Of a server that is stopped now, so that all is written."""
        running.stop()
        with open(running.log_path) as file:
            return file.read().splitlines()

    def slow(self, running):
        return [json.loads(line) for line in self.lines(running) if '"event":"slow_request"' in line]

    def work(self, running):
        """Ids of a request that takes more than a millisecond, a scan that looks through 9 MB, and of one that changes
        settings.
        """
        db = running.client()
        make_table(db, name='Users')
        load(db, 'Users', ITEMS)
        scan = running.call('Scan', {
            'TableName': 'Users',
            'FilterExpression': ' OR '.join(f'contains(#text, :n{n})' for n in range(10)) + ' OR attribute_exists(pk)',
            'ExpressionAttributeNames': {'#text': 'text'},
            'ExpressionAttributeValues': {f':n{n}': {'S': f'xxxx{n}'} for n in range(10)}})
        self.assertEqual(scan.json['Count'], len(ITEMS))
        backup = running.call('CreateBackup', {'TableName': 'Users', 'BackupName': 'logged'})
        self.assertEqual(backup.status, 200, backup)
        return scan.headers['x-amzn-requestid'], backup.headers['x-amzn-requestid']

    def ask_much(self, running):
        """Id of a request of IAM that takes more than a millisecond: 10,000 decisions by 3,000 statements."""
        answer = running.client('iam').simulate_custom_policy(
            PolicyInputList=[json.dumps({'Version': '2012-10-17', 'Statement': [
                {'Effect': 'Allow', 'Action': f'dynamodb:Get{n}*',
                 'Resource': f'arn:aws:dynamodb:*:*:table/T{n}*'} for n in range(50)]})] * 60,
            ActionNames=[f'dynamodb:Get{n}' for n in range(100)],
            ResourceArns=[f'arn:aws:dynamodb:us-east-1:123456789012:table/T{n}' for n in range(100)])
        return answer['ResponseMetadata']['RequestId']

    def test_one_id_in_answer_log_and_audit_log(self):
        running = self.start('--log-format', 'json', '--slow-request-ms', '1')
        scanned, backed_up = self.work(running)
        told = running.call('LookupEvents', {'EventName': 'CreateBackup'}, target=OURS).json['Events']
        self.assertEqual([event['RequestId'] for event in told], [backed_up])
        asked = self.ask_much(running)
        slow = {line['request']: line for line in self.slow(running)}
        for request, operation in ((scanned, 'Scan'), (backed_up, 'CreateBackup')):
            line = slow[request]
            self.assertEqual((line['operation'], line['resource'], line['principal'], line['status'], line['level']),
                             (operation, 'Users', ROOT, 200, 'warning'))
            self.assertGreaterEqual(line['ms'], 1)
            self.assertAlmostEqual(line['ms'], line['checks_ms'] + line['work_ms'], delta=0.01)
            self.assertGreater(line['checks_ms'], 0)
        self.assertEqual(slow[asked]['operation'], 'iam:SimulateCustomPolicy')

    def test_nothing_is_slow_below_the_bound(self):
        running = self.start('--log-format', 'json', '--slow-request-ms', '600000')
        self.work(running)
        self.assertEqual(self.slow(running), [])
        running = self.start('--log-format', 'json')
        self.work(running)
        self.assertEqual(self.slow(running), [])

    def test_as_text(self):
        running = self.start('--slow-request-ms', '1')
        scanned, _ = self.work(running)
        found = [line for line in self.lines(running) if scanned in line]
        self.assertEqual(len(found), 1, found)
        self.assertRegex(found[0], rf'^\d{{4}}-\d\d-\d\dT[0-9:.]+Z warning slow_request: request={scanned} '
                         rf'operation=Scan resource=Users principal={re.escape(ROOT)} status=200 ms=\d+\.\d{{3}} '
                         r'checks_ms=\d+\.\d{3} work_ms=\d+\.\d{3}$')

    def test_every_line_is_an_object(self):
        running = self.start('--log-format', 'json', '--log-level', 'debug')
        self.work(running)
        running.restart(crash=True)  # which tells what it has read
        lines = self.lines(running)
        self.assertGreater(len(lines), 2)
        for line in lines:
            one = json.loads(line)
            self.assertRegex(one['time'], r'^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$')
            self.assertIn(one['level'], ('debug', 'info', 'warning', 'error'))
            self.assertTrue(one.get('message') or one.get('event'), line)
        self.assertIn('stopping', [json.loads(line).get('message') for line in lines])


if __name__ == '__main__':
    unittest.main()
