"""AWS Backup: what vaults tell of their jobs, to a file and to a web server, whatever crash or refusal comes."""

import collections
import http.server
import json
import pathlib
import socket
import tempfile
import threading
import time
import unittest

from iam_case import table_arn
from test_vault_time import ROLE, VAULT, OwnVault
from vault_case import VaultCase, vault_arn, wait_job
import server

TOPIC = f'arn:aws:sns:{server.REGION}:{server.ACCOUNT}:backups'
ALL = ['BACKUP_JOB_STARTED', 'BACKUP_JOB_COMPLETED', 'RESTORE_JOB_STARTED', 'RESTORE_JOB_COMPLETED',
       'COPY_JOB_STARTED', 'COPY_JOB_SUCCESSFUL', 'COPY_JOB_FAILED', 'RECOVERY_POINT_MODIFIED']


class Settings(VaultCase):
    def test_put_read_deleted(self):
        vault = self.vault()
        get, put = self.backup.get_backup_vault_notifications, self.backup.put_backup_vault_notifications
        self.assertBackupFails('ResourceNotFoundException', 'has no notifications', get, BackupVaultName=vault)
        put(BackupVaultName=vault, SNSTopicArn=TOPIC, BackupVaultEvents=ALL)
        put(BackupVaultName=vault, SNSTopicArn=TOPIC, BackupVaultEvents=ALL[:2])
        shown = get(BackupVaultName=vault)
        self.assertEqual((shown['BackupVaultArn'], shown['SNSTopicArn'], shown['BackupVaultEvents']),
                         (vault_arn(vault), TOPIC, ALL[:2]))
        for change, text in (({'SNSTopicArn': 'x'}, 'must be the ARN of an SNS topic'),
                             ({'BackupVaultEvents': []}, 'must name an event'),
                             ({'BackupVaultEvents': ['DONE']}, 'enum value set')):
            self.assertBackupFails('InvalidParameterValueException', text, put, **{
                'BackupVaultName': vault, 'SNSTopicArn': TOPIC, 'BackupVaultEvents': ALL, **change})
        self.assertBackupFails('ResourceNotFoundException', 'does not exist', put, BackupVaultName='no-vault',
                               SNSTopicArn=TOPIC, BackupVaultEvents=ALL)
        self.backup.delete_backup_vault_notifications(BackupVaultName=vault)
        self.assertBackupFails('ResourceNotFoundException', 'has no notifications', get, BackupVaultName=vault)
        put(BackupVaultName=vault, SNSTopicArn=TOPIC, BackupVaultEvents=ALL)
        self.backup.delete_backup_vault(BackupVaultName=vault)
        self.backup.create_backup_vault(BackupVaultName=vault)
        self.assertBackupFails('ResourceNotFoundException', 'has no notifications', get, BackupVaultName=vault)


class Hook:
    """A web server that answers as told, and keeps what it is sent."""

    def __init__(self):
        self.got, self.statuses = [], collections.deque()
        hook = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers['Content-Length']))
                status = hook.statuses.popleft() if hook.statuses else 200
                hook.got.append((status, self.path, dict(self.headers), json.loads(body)))
                self.send_response(status)
                self.send_header('Content-Length', '0')
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.url = f'http://127.0.0.1:{self.server.server_port}/tell?by=backup'
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def taken(self):
        return [body for status, _, _, body in self.got if status == 200]


def attributes(notice):
    return {name: value['Value'] for name, value in notice['MessageAttributes'].items()}


class Told(OwnVault):
    def setUp(self):
        super().setUp()
        directory = tempfile.TemporaryDirectory(prefix='tidemark-notify-')
        self.addCleanup(directory.cleanup)
        self.file = pathlib.Path(directory.name) / 'told'
        self.hook = Hook()
        self.addCleanup(self.hook.close)
        self.server.arguments += ['--notify-file', str(self.file), '--notify-webhook', self.hook.url]
        self.server.restart()
        self.connect()
        self.want(ALL)

    def want(self, events):
        self.backup.put_backup_vault_notifications(BackupVaultName=VAULT, SNSTopicArn=TOPIC, BackupVaultEvents=events)

    def lines(self):
        whole = self.file.read_text().splitlines(keepends=True)
        return [json.loads(line) for line in whole if line.endswith('}\n')]

    def wait(self, read, count, timeout=240):
        deadline = time.monotonic() + timeout
        while len(read()) < count:
            self.assertLess(time.monotonic(), deadline, read())
            time.sleep(0.02)
        return read()

    def figures(self):
        answer = self.server.send(None, {'Host': self.server.host}, method='GET', path='/metrics')
        self.assertEqual(answer.status, 200)
        found = {}
        for line in answer.body.decode().splitlines():
            if line.startswith('tidemark_notifications_'):
                name, value = line.rsplit(' ', 1)
                found[name.removeprefix('tidemark_notifications_')] = int(float(value))
        return found

    def test_jobs_and_points_are_told(self):
        arn = self.point()
        job = self.backup.list_backup_jobs()['BackupJobs'][0]
        started, done = self.wait(self.lines, 2)
        self.assertEqual((started['Type'], started['TopicArn'], started['Subject']),
                         ('Notification', TOPIC, 'Notification from AWS Backup'))
        self.assertEqual(started['Message'], f'An AWS Backup job was started. Resource ARN : {table_arn("Kept")}. '
                                             f'BackupJob ID : {job["BackupJobId"]}')
        self.assertEqual(done['Message'],
                         f'An AWS Backup job was completed successfully. Recovery point ARN: {arn}. Backed up '
                         f'Resource ARN : {table_arn("Kept")}. Backup Job Id : {job["BackupJobId"]}')
        told = attributes(done)
        self.assertRegex(told.pop('StartTime'), r'^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$')
        self.assertEqual(told, {'EventType': 'BACKUP_JOB', 'State': 'COMPLETED', 'AccountId': server.ACCOUNT,
                                'Id': job['BackupJobId']})
        self.assertEqual(self.wait(self.hook.taken, 2), [started, done])
        _, path, headers, _ = self.hook.got[0]
        self.assertEqual(path, '/tell?by=backup')
        self.assertEqual((headers['x-amz-sns-message-type'], headers['x-amz-sns-message-id'],
                          headers['x-amz-sns-topic-arn']), ('Notification', started['MessageId'], TOPIC))

        restore = self.backup.start_restore_job(RecoveryPointArn=arn, IamRoleArn=ROLE,
                                                Metadata={'targetTableName': 'Back'})['RestoreJobId']
        wait_job(self.backup.describe_restore_job, 'COMPLETED', RestoreJobId=restore)
        self.assertEqual([attributes(one)['State'] for one in self.wait(self.lines, 4)[2:]], ['RUNNING', 'COMPLETED'])
        failed = self.backup.start_restore_job(RecoveryPointArn=arn, IamRoleArn=ROLE,
                                               Metadata={'targetTableName': 'Back'})['RestoreJobId']
        wait_job(self.backup.describe_restore_job, 'FAILED', RestoreJobId=failed)
        told = attributes(self.wait(self.lines, 5)[4])
        self.assertEqual((told['EventType'], told['State'], told['Id']), ('RESTORE_JOB', 'FAILED', failed))
        self.backup.create_backup_vault(BackupVaultName='other')
        copy = self.backup.start_copy_job(RecoveryPointArn=arn, SourceBackupVaultName=VAULT, IamRoleArn=ROLE,
                                          DestinationBackupVaultArn=vault_arn('other'))['CopyJobId']
        states = [attributes(one) for one in self.wait(self.lines, 6)[5:]]
        self.assertEqual({one['Id'] for one in states}, {copy})
        self.wait(self.lines, 7 if states[0]['State'] == 'RUNNING' else 6)
        count = len(self.lines())
        self.backup.update_recovery_point_lifecycle(BackupVaultName=VAULT, RecoveryPointArn=arn,
                                                    Lifecycle={'DeleteAfterDays': 9})
        self.assertEqual(attributes(self.wait(self.lines, count + 1)[count])['State'], 'MODIFIED')
        self.backup.delete_recovery_point(BackupVaultName=VAULT, RecoveryPointArn=arn)
        told = attributes(self.wait(self.lines, count + 2)[count + 1])
        self.assertEqual((told['EventType'], told['State'], told['Id']), ('RECOVERY_POINT', 'DELETED', arn))

    def test_only_what_the_vault_wants(self):
        self.want(['BACKUP_JOB_FAILED'])
        self.point()
        self.backup.start_backup_job(BackupVaultName=VAULT, ResourceArn=table_arn('Nowhere'), IamRoleArn=ROLE)
        told, = self.wait(self.lines, 1)
        self.assertEqual(attributes(told)['State'], 'FAILED')
        self.assertIn(f'An AWS Backup job failed. Resource ARN : {table_arn("Nowhere")}', told['Message'])
        self.backup.delete_backup_vault_notifications(BackupVaultName=VAULT)
        self.point()
        self.want(ALL)
        self.point()
        self.assertEqual([attributes(one)['State'] for one in self.wait(self.lines, 3)],
                         ['FAILED', 'RUNNING', 'COMPLETED'])

    def test_what_is_refused_is_sent_again(self):
        self.hook.statuses.extend([500, 400, 429])
        self.point()
        told = self.wait(self.hook.taken, 2)
        self.assertEqual({one['MessageId'] for one in told}, {one['MessageId'] for one in self.lines()})
        deadline = time.monotonic() + 240
        while True:
            figures = self.figures()
            if not figures['waiting{sink="webhook"}'] and not figures['waiting{sink="file"}']:
                break
            self.assertLess(time.monotonic(), deadline, figures)
            time.sleep(0.05)
        self.assertEqual((figures['failed_total{sink="webhook"}'], figures['sent_total{sink="webhook"}']), (3, 2))
        self.assertEqual((figures['failed_total{sink="file"}'], figures['sent_total{sink="file"}']), (0, 2))
        self.assertEqual(figures['given_up_total{sink="webhook"}'], 0)

    def test_what_cannot_be_sent_is_given_up_in_time(self):
        self.hook.close()
        self.point()
        self.wait(self.lines, 2)
        deadline = time.monotonic() + 240
        while not self.figures()['failed_total{sink="webhook"}']:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)
        self.assertEqual(self.figures()['waiting{sink="webhook"}'], 2)
        self.server.advance(3 * 86400 + 1)
        while self.figures()['waiting{sink="webhook"}']:
            self.assertLess(time.monotonic(), deadline, self.figures())
            time.sleep(0.05)
        self.assertEqual(self.figures()['given_up_total{sink="webhook"}'], 2)
        log = pathlib.Path(self.server.log_path).read_text()
        self.assertIn('is given up after three days', log)
        self.assertNotIn(self.hook.url, log)  # it may be a secret

    def test_kills_lose_nothing(self):
        self.hook.statuses.extend([503] * 4)
        jobs = []
        for _ in range(4):
            jobs.append(self.start())
            time.sleep(0.03 * len(jobs))
            self.server.restart(crash=True)
            self.connect()
            wait_job(self.backup.describe_backup_job, 'COMPLETED', BackupJobId=jobs[-1])
        expected = {(job, state) for job in jobs for state in ('RUNNING', 'COMPLETED')}

        def told(notices):
            return {(attributes(one)['Id'], attributes(one)['State']) for one in notices}

        deadline = time.monotonic() + 240
        while told(self.lines()) != expected or told(self.hook.taken()) != expected:
            self.assertLess(time.monotonic(), deadline, (told(self.lines()), told(self.hook.taken())))
            time.sleep(0.05)

    def test_a_line_that_a_crash_cut_off(self):
        self.point()
        self.wait(self.lines, 2)
        with open(self.file, 'ab') as file:
            file.write(b'{"Type":"Noti')
        self.point()
        deadline = time.monotonic() + 240
        while self.file.read_text().count('\n') < 5:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.02)
        whole = [line for line in self.file.read_text().splitlines() if line.endswith('}')]
        self.assertEqual(len([json.loads(line) for line in whole]), 4)

    def test_a_web_server_that_hangs_holds_up_no_stop(self):
        with socket.create_server(('127.0.0.1', 0)) as deaf:  # takes connections, and never answers
            self.server.arguments[-1] = f'http://127.0.0.1:{deaf.getsockname()[1]}/tell'
            self.server.restart()
            self.connect()
            self.point()
            connection, _ = deaf.accept()
            with connection:
                self.assertTrue(connection.recv(1))  # it is being told
                begin = time.monotonic()
                self.assertEqual(self.server.stop(), 0)
                self.assertLess(time.monotonic() - begin, 8)  # the request itself would take ten
        self.server.arguments[-1] = self.hook.url
        self.server.start()
        self.wait(self.hook.taken, 2)  # nothing is lost

    def test_places_that_are_none(self):
        for arguments, text in ((['--notify-webhook', 'ftp://x'], 'wants a URL that begins with http'),
                                (['--notify-file', '/no/such/directory/told'], '/no/such/directory/told')):
            with self.assertRaisesRegex(RuntimeError, text):
                server.Server(arguments=arguments).close()


if __name__ == '__main__':
    unittest.main()
