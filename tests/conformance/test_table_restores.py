"""What is told of restores of tables while they run and afterwards, also of those that fail."""

import pathlib
import time
import unittest

from botocore.exceptions import ClientError

from case import load, make_table, scan_all, wait_active, wait_backup, wait_gone
import server
from test_cli_past import Past

ITEMS = [{'pk': {'S': f'user-{i}'}, 'text': {'S': 'x' * 2000}} for i in range(100)]


@unittest.skipUnless(server.ours(), 'of our own server')
class TableRestores(Past):
    def setUp(self):
        super().setUp()
        load(self.db, 'Users', ITEMS)

    def ask(self, operation, body, status=200):
        answer = self.running.call('', body, target='Tidemark_20261101.' + operation)
        self.assertEqual(answer.status, status, answer)
        return answer if status != 200 else answer.json

    def backup(self):
        arn = self.db.create_backup(TableName='Users', BackupName='backup')['BackupDetails']['BackupArn']
        wait_backup(self.db, arn)
        return arn

    def restart(self, crash=False):
        self.running.restart(crash=crash)
        self.db = self.running.client()
        self.environment['TIDEMARK_ENDPOINT'] = self.running.url

    def restore_from(self, arn, target, verify=None):
        headers = {'X-Tidemark-Restore-Verify': verify} if verify else {}
        return self.running.call('RestoreTableFromBackup', {'BackupArn': arn, 'TargetTableName': target},
                                 headers=headers)

    def verified(self, table):
        """The report once all of the table has been read."""
        deadline = time.monotonic() + 240
        while True:
            report = self.ask('DescribeTableRestore', {'TableName': table})
            if report['Verification'] != 'RUNNING':
                return report
            self.assertLess(time.monotonic(), deadline, report)
            time.sleep(0.02)

    def damage(self):
        """A byte of every file of the only backup's items."""
        files = list(pathlib.Path(self.data).glob('**/images/**/*.sst'))
        self.assertTrue(files, 'no files of the backup')
        for path in files:
            with open(path, 'r+b') as file:
                file.seek(path.stat().st_size // 2)
                old = file.read(1)
                file.seek(-1, 1)
                file.write(bytes([old[0] ^ 1]))

    def test_one_that_ends(self):
        made = self.db.restore_table_to_point_in_time(
            SourceTableName='Users', TargetTableName='Again', UseLatestRestorableTime=True)['TableDescription']
        wait_active(self.db, 'Again')
        self.told('restores', 'Again', '--wait')
        report = self.ask('DescribeTableRestore', {'TableName': 'Again'})
        self.assertEqual(report['Status'], 'COMPLETED')
        self.assertEqual((report['ProgressPercent'], report['ItemCount'], report['Changes']), (100, 100, 100))
        self.assertEqual(report['TableId'], made['TableId'])
        self.assertEqual(report['SourceTableArn'], made['RestoreSummary']['SourceTableArn'])
        self.assertEqual(report['AccessKeyId'], server.ACCESS_KEY)
        self.assertNotIn('SourceBackupArn', report)
        self.assertLessEqual(report['CreationDateTime'], report['EndDateTime'])
        self.assertIn(', verified', self.told('restores', 'Again', '--wait', '--verified'))
        self.assertEqual(self.verified('Again')['Verification'], 'PASSED')
        refused = self.ask('CancelTableRestore', {'TableName': 'Again'}, 400)
        self.assertEqual((refused.code, refused.message),
                         ('ResourceNotFoundException', 'No restore into a table Again is under way'))

    def test_damage_is_found_after_the_table_is_shown(self):
        self.restart()  # its items are in files of the table now, which backups share
        arn = self.backup()
        self.damage()
        self.restore_from(arn, 'Damaged')
        self.assertEnds(1, 'table Damaged is damaged', 'restores', 'Damaged', '--wait', '--verified',
                        **self.environment)
        with self.assertRaises(ClientError) as refused:  # what is damaged is not read
            scan_all(self.db, 'Damaged')
        self.assertEqual(refused.exception.response['Error']['Code'], 'InternalServerError')
        report = self.verified('Damaged')
        self.assertEqual(report['Verification'], 'FAILED')
        self.assertRegex(report['VerificationFailure'], r'\.sst: .* fails its tag')
        self.assertNotIn(str(self.data), report['VerificationFailure'])
        self.assertIn('DAMAGED: ' + report['VerificationFailure'], self.told('restores', 'Damaged'))
        self.assertEnds(1, 'table Damaged is damaged', 'restores', 'Damaged', '--wait', **self.environment)

    def test_one_that_fails_says_why_and_leaves_nothing(self):
        arn = self.backup()
        self.damage()
        self.restore_from(arn, 'Damaged', verify='full')
        told = self.assertEnds(1, 'table Damaged was not restored', 'restores', 'Damaged', '--wait',
                               **self.environment).stdout
        wait_gone(self.db, 'Damaged')
        report = self.ask('DescribeTableRestore', {'TableName': 'Damaged'})
        self.assertEqual(report['Status'], 'FAILED')
        self.assertEqual(report['SourceBackupArn'], arn)
        self.assertRegex(report['FailureReason'], r'\.sst: .* fails its tag')
        self.assertNotIn(str(self.data), report['FailureReason'])
        self.assertIn(report['FailureReason'], told)
        self.assertNotIn('ProgressPercent', report)
        self.assertEqual(len(scan_all(self.db, 'Users')), 100)

        self.restart(crash=True)
        self.assertEqual(self.ask('DescribeTableRestore', {'TableName': 'Damaged'}), report)
        # The name is free, and the newest restore is the one that is told.
        make_table(self.db, name='Damaged')
        self.db.delete_table(TableName='Damaged')
        wait_gone(self.db, 'Damaged')
        self.db.restore_table_to_point_in_time(SourceTableName='Users', TargetTableName='Damaged',
                                               UseLatestRestorableTime=True)
        self.assertIn('COMPLETED', self.told('restores', 'Damaged', '--wait'))
        both = self.json('restores', 'Damaged')['TableRestores']
        self.assertEqual([one['Status'] for one in both], ['COMPLETED', 'FAILED'])

    def test_a_backup_that_lacks_its_last_changes_is_not_restored(self):
        self.restart()
        self.db.put_item(TableName='Users', Item={'pk': {'S': 'the last'}})
        arn = self.backup()
        runs = list(pathlib.Path(self.data).glob('**/images/**/run.sst'))
        self.assertEqual(len(runs), 1, 'what its files lack of the moment')
        runs[0].unlink()
        self.restore_from(arn, 'Older')
        self.assertEnds(1, 'table Older was not restored', 'restores', 'Older', '--wait', **self.environment)
        reason = self.ask('DescribeTableRestore', {'TableName': 'Older'})['FailureReason']
        self.assertIn('run.sst is missing: the other files hold an older state, 100 items instead of 101', reason)
        self.assertNotIn(str(self.data), reason)

    def test_one_that_is_cancelled_is_there_whole_or_not_at_all(self):
        arn = self.backup()
        for i in range(8):
            name = f'Copy-{i}'
            self.db.restore_table_from_backup(BackupArn=arn, TargetTableName=name)
            answer = self.running.call('', {'TableName': name}, target='Tidemark_20261101.CancelTableRestore')
            self.assertIn(answer.status, (200, 400), answer)  # it may have ended before
            self.run_program('restores', name, '--wait', **self.environment)
            status = self.ask('DescribeTableRestore', {'TableName': name})['Status']
            self.assertEqual(status, 'CANCELLED' if answer.status == 200 else 'COMPLETED')
            if status == 'COMPLETED':
                wait_active(self.db, name)
                self.assertEqual(len(scan_all(self.db, name)), 100)
            else:
                wait_gone(self.db, name)
                self.assertEqual(answer.json['Status'], 'CANCELLING')

    def test_headers(self):
        answer = self.restore_from(self.backup(), 'Other', verify='some')
        self.assertEqual((answer.code, answer.message), (
            'ValidationException', 'X-Tidemark-Restore-Verify must be full or later, not some'))
        answer = self.running.call('ListTables', {}, headers={'X-Tidemark-Restore-Verify': 'full'})
        self.assertEqual(answer.code, 'ValidationException')
        self.assertEqual(self.restore_from(self.backup(), 'Full', verify='full').status, 200)
        self.told('restores', 'Full', '--wait')
        self.assertEqual(self.ask('DescribeTableRestore', {'TableName': 'Full'})['Verification'], 'PASSED')

    def test_lists(self):
        for i in range(5):
            self.db.restore_table_to_point_in_time(SourceTableName='Users', TargetTableName=f'Copy-{i}',
                                                   UseLatestRestorableTime=True)
            wait_active(self.db, f'Copy-{i}')
        first = self.ask('ListTableRestores', {'Limit': 3})
        rest = self.ask('ListTableRestores', {'Limit': 3, 'NextToken': first['NextToken']})
        self.assertEqual([one['TableName'] for one in first['TableRestores'] + rest['TableRestores']],
                         [f'Copy-{i}' for i in (4, 3, 2, 1, 0)])
        self.assertNotIn('NextToken', rest)
        refused = self.ask('ListTableRestores', {'NextToken': 'x'}, 400)
        self.assertEqual(refused.code, 'ValidationException')
        self.assertEqual(self.ask('DescribeTableRestore', {'TableName': 'Never'}, 400).code,
                         'ResourceNotFoundException')
        self.assertIn('Copy-4', self.told('restores'))
        self.assertEnds(2, '--wait and --cancel need the name', 'restores', '--wait', **self.environment)
        self.assertEnds(2, '--verified goes with --wait', 'restores', 'Copy-4', '--verified', **self.environment)
        for command in (['restores'], ['history', 'Users', 'x'], ['diff', 'Users', '2026-01-01'],
                        ['settings-history', 'Users']):
            self.assertEnds(2, '--limit', *command, '--limit', '-1', **self.environment)


if __name__ == '__main__':
    unittest.main()
