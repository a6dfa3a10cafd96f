"""AWS Backup's cold storage: recovery points that move there, restores of them, and what they cost."""

import datetime
import os
import pathlib
import random
import shutil
import sys
import time
import unittest

from botocore.exceptions import ClientError

from case import load, scan_all, wait_active, wait_gone
from iam_case import table_arn
from test_backup_store import StoreCase
from test_vault_copies import ITEMS, OwnCopies, arn_of, by_key
from test_vault_time import DAY, ROLE, VAULT
from vault_case import ALL_WORK, TRUST, wait_job

GB = 2 ** 30
OURS = 'Tidemark_20261101.'
COLD = {'MoveToColdStorageAfterDays': 1, 'DeleteAfterDays': 100}


class ColdCase(OwnCopies):
    def connect(self):
        super().connect()
        self.kms = self.server.client('kms')

    def make(self, lifecycle, table='Kept'):
        job = self.backup.start_backup_job(BackupVaultName=VAULT, ResourceArn=table_arn(table), IamRoleArn=ROLE,
                                           Lifecycle=lifecycle)['BackupJobId']
        return wait_job(self.backup.describe_backup_job, 'COMPLETED', BackupJobId=job)['RecoveryPointArn']

    def told(self, arn):
        return self.backup.describe_recovery_point(BackupVaultName=VAULT, RecoveryPointArn=arn)

    def wait_cold(self, *arns, timeout=240):  # at the lowest priority: beside other tests it takes its time
        deadline = time.monotonic() + timeout
        while any(self.told(arn)['StorageClass'] != 'COLD' for arn in arns):
            self.assertLess(time.monotonic(), deadline, [self.told(arn) for arn in arns])
            time.sleep(0.02)

    def restored(self, arn, target='Back'):
        """The items of a table that is restored from the point, and the report of that."""
        job = self.backup.start_restore_job(RecoveryPointArn=arn, IamRoleArn=ROLE,
                                            Metadata={'targetTableName': target})['RestoreJobId']
        wait_job(self.backup.describe_restore_job, 'COMPLETED', RestoreJobId=job)
        items = by_key(scan_all(self.db, target))
        report = self.server.call('DescribeTableRestore', {'TableName': target}, target=OURS).json
        self.db.delete_table(TableName=target)
        wait_gone(self.db, target)
        return items, report

    def kinds(self):
        answer = self.server.call('GetCosts', {'GroupBy': ['KIND']}, target=OURS).json
        return {group['Kind']: group for group in answer['Groups']}

    def directories(self, kind):
        """Names of images in the data directory; kind: images or cold."""
        return sorted(path.name for path in pathlib.Path(self.server.data, 'shards').glob(f'*/{kind}/*'))

    def assertFails(self, code, text, call, **parameters):
        with self.assertRaises(ClientError) as raised:
            call(**parameters)
        error = raised.exception.response['Error']
        self.assertEqual(error['Code'], code, error)
        self.assertIn(text, error['Message'])


class Points(ColdCase):
    def test_they_move_when_their_time_has_come(self):
        cold, warm = self.make(COLD), self.make({})
        load(self.db, 'Kept', [{'pk': {'S': 'later'}}])
        before = self.told(cold)
        self.assertEqual(before['StorageClass'], 'WARM')
        moves, ends = (before['CalculatedLifecycle'][name] for name in ('MoveToColdStorageAt', 'DeleteAt'))
        self.assertEqual((moves - before['CreationDate'], ends - before['CreationDate']),
                         (datetime.timedelta(days=1), datetime.timedelta(days=100)))
        self.assertEqual(self.told(warm)['CalculatedLifecycle'], {})
        self.server.advance(DAY + 1)
        self.wait_cold(cold)
        after = self.told(cold)
        self.assertEqual(self.told(warm)['StorageClass'], 'WARM')
        for same in ('BackupSizeInBytes', 'CalculatedLifecycle', 'Lifecycle', 'CreationDate', 'IsEncrypted', 'Status'):
            self.assertEqual(after[same], before[same])
        self.assertEqual(after['Status'], 'COMPLETED')
        self.assertNotIn('LastRestoreTime', after)
        self.assertEqual((len(self.directories('cold')), len(self.directories('images'))), (1, 1))

        items, report = self.restored(cold)
        self.assertEqual(items, by_key(ITEMS))
        self.assertEqual((report['SourceStorageClass'], report['Verification'], report['ItemCount']),
                         ('COLD', 'PASSED', len(ITEMS)))
        self.assertIn('LastRestoreTime', self.told(cold))
        items, report = self.restored(warm)
        self.assertEqual(items, by_key(ITEMS))
        self.assertNotIn('SourceStorageClass', report)
        # Of DynamoDB it is a backup as ever.
        self.db.restore_table_from_backup(TargetTableName='Again', BackupArn=cold)
        wait_active(self.db, 'Again')
        self.assertEqual(by_key(scan_all(self.db, 'Again')), by_key(ITEMS))

    def test_the_table_and_its_indexes_are_whole(self):
        self.db.create_table(
            TableName='Indexed', BillingMode='PAY_PER_REQUEST',
            KeySchema=[{'AttributeName': 'pk', 'KeyType': 'HASH'}],
            AttributeDefinitions=[{'AttributeName': name, 'AttributeType': 'S'} for name in ('pk', 'city')],
            GlobalSecondaryIndexes=[{'IndexName': 'by-city', 'Projection': {'ProjectionType': 'ALL'},
                                     'KeySchema': [{'AttributeName': 'city', 'KeyType': 'HASH'}]}])
        wait_active(self.db, 'Indexed')
        items = [{'pk': {'S': f'k{n:04}'}, 'city': {'S': f'c{n % 7}'}, 'text': {'S': 'x' * (n % 900)}}
                 for n in range(3000)]
        load(self.db, 'Indexed', items)
        arn = self.make(COLD, 'Indexed')
        self.db.delete_table(TableName='Indexed')
        wait_gone(self.db, 'Indexed')
        self.server.advance(DAY + 1)
        self.wait_cold(arn)
        job = self.backup.start_restore_job(RecoveryPointArn=arn, IamRoleArn=ROLE,
                                            Metadata={'targetTableName': 'Indexed'})['RestoreJobId']
        wait_job(self.backup.describe_restore_job, 'COMPLETED', RestoreJobId=job)
        self.assertEqual(by_key(scan_all(self.db, 'Indexed')), items)
        found = self.db.query(TableName='Indexed', IndexName='by-city', KeyConditionExpression='city = :c',
                              ExpressionAttributeValues={':c': {'S': 'c3'}})['Items']
        self.assertEqual(by_key(found), [item for item in items if item['city']['S'] == 'c3'])
        load(self.db, 'Indexed', items[:100])  # it takes writes like any

    def test_what_cannot_be_done_with_them(self):
        arn = self.make(COLD)
        self.server.advance(DAY + 1)
        self.wait_cold(arn)
        self.assertFails('InvalidRequestException', 'is in cold storage', self.backup.start_copy_job,
                         RecoveryPointArn=arn, SourceBackupVaultName=VAULT, IamRoleArn=ROLE,
                         DestinationBackupVaultArn=arn_of('far'))
        change = self.backup.update_recovery_point_lifecycle
        which = {'BackupVaultName': VAULT, 'RecoveryPointArn': arn}
        for lifecycle in ({'DeleteAfterDays': 200}, {'MoveToColdStorageAfterDays': 2, 'DeleteAfterDays': 200}):
            self.assertFails('InvalidParameterValueException', 'MoveToColdStorageAfterDays cannot be changed', change,
                             Lifecycle=lifecycle, **which)
        self.assertFails('InvalidParameterValueException', 'cannot be less than 90 days apart', change,
                         Lifecycle={'MoveToColdStorageAfterDays': 1, 'DeleteAfterDays': 90}, **which)
        change(Lifecycle={'MoveToColdStorageAfterDays': 1, 'DeleteAfterDays': 200}, **which)
        self.assertEqual(self.told(arn)['Lifecycle']['DeleteAfterDays'], 200)
        self.backup.delete_recovery_point(**which)
        self.wait_points({})
        deadline = time.monotonic() + 240
        while self.directories('cold'):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.02)

    def test_none_moves_where_the_feature_is_off(self):
        preference = {'DynamoDB': False}
        self.backup.update_region_settings(ResourceTypeManagementPreference=preference)
        arn, other = self.make(COLD), self.make({'MoveToColdStorageAfterDays': 5})
        self.server.advance(DAY + 1)
        time.sleep(0.5)  # many looks at what is due
        self.assertEqual(self.told(arn)['StorageClass'], 'WARM')
        self.backup.update_region_settings(ResourceTypeManagementPreference={'DynamoDB': True})
        self.wait_cold(arn)
        self.assertEqual(self.told(other)['StorageClass'], 'WARM')
        self.backup.update_recovery_point_lifecycle(BackupVaultName=VAULT, RecoveryPointArn=other,
                                                    Lifecycle={'MoveToColdStorageAfterDays': 1})
        self.wait_cold(other)
        self.server.advance(100 * DAY)
        self.wait_points({other: 'COMPLETED'})

    def test_keys_of_customers(self):
        key, other = (self.kms.create_key()['KeyMetadata']['Arn'] for _ in range(2))
        self.db.update_table(TableName='Kept', SSESpecification={'Enabled': True, 'SSEType': 'KMS',
                                                                 'KMSMasterKeyId': key})
        wait_active(self.db, 'Kept')
        arn = self.make(COLD)
        self.assertEqual(self.told(arn)['EncryptionKeyArn'], key)
        # It stays under the key it was made with, whatever becomes of the table.
        self.db.update_table(TableName='Kept', SSESpecification={'Enabled': True, 'SSEType': 'KMS',
                                                                 'KMSMasterKeyId': other})
        wait_active(self.db, 'Kept')
        self.kms.disable_key(KeyId=key)
        self.server.advance(DAY + 1)
        deadline = time.monotonic() + 240
        while 'StatusMessage' not in self.told(arn):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.02)
        told = self.told(arn)['StatusMessage']
        self.assertIn('It is not in cold storage yet', told)
        self.assertIn(f'moving {arn} has failed: the key it is under cannot be used; enable it', told)
        self.assertNotIn(self.server.data, told)
        self.assertEqual(self.told(arn)['StorageClass'], 'WARM')
        self.kms.enable_key(KeyId=key)
        self.wait_cold(arn)
        self.assertNotIn('StatusMessage', self.told(arn))
        self.kms.disable_key(KeyId=other)
        self.assertEqual(self.restored(arn)[0], by_key(ITEMS))
        self.kms.disable_key(KeyId=key)
        job = self.backup.start_restore_job(RecoveryPointArn=arn, IamRoleArn=ROLE,
                                            Metadata={'targetTableName': 'Never'})['RestoreJobId']
        wait_job(self.backup.describe_restore_job, 'FAILED', RestoreJobId=job)
        self.kms.enable_key(KeyId=key)
        self.assertEqual(self.restored(arn)[0], by_key(ITEMS))

    def test_what_they_cost(self):
        now = datetime.datetime.fromtimestamp(self.server.advance(0), datetime.timezone.utc)
        next_month = (now.replace(day=1) + datetime.timedelta(days=32)).replace(day=1, hour=1)
        self.server.advance((next_month - now).total_seconds())  # so that all of it is of one month
        load(self.db, 'Kept', [{'pk': {'S': f'big{n}'}, 'text': {'S': 'word ' * 4000}} for n in range(50)])
        arn = self.make(COLD)
        size = self.told(arn)['BackupSizeInBytes']
        self.server.advance(DAY)
        self.wait_cold(arn)
        kinds = self.kinds()
        self.assertEqual((kinds['AWS_BACKUP_COLD']['LogicalBytes'], kinds['AWS_BACKUP_WARM']['LogicalBytes']),
                         (size, 0))
        self.assertGreater(kinds['AWS_BACKUP_COLD']['PhysicalBytes'], 0)
        self.assertLess(kinds['AWS_BACKUP_COLD']['PhysicalBytes'], size // 2)
        self.assertEqual(kinds['AWS_BACKUP_WARM']['PhysicalBytes'], 0)
        # A day of the month.
        self.assertAlmostEqual(float(kinds['AWS_BACKUP_WARM']['GigabyteMonths']) / (size / GB), 1 / 30, delta=0.003)
        self.restored(arn)
        self.assertEqual(self.kinds()['RESTORE_FROM_COLD']['OnceBytes'], size)
        self.assertNotIn('RESTORE', self.kinds())
        self.server.advance(29 * DAY)
        self.backup.delete_recovery_point(BackupVaultName=VAULT, RecoveryPointArn=arn)
        self.wait_points({})
        early = self.kinds()['AWS_BACKUP_COLD_EARLY_DELETION']
        self.assertEqual(early['OnceBytes'], size)
        self.assertAlmostEqual(float(early['Cost']), 0.03 * size / GB * 60 / 30, delta=0.03 * size / GB / 30 * 1.01)


class Crashes(ColdCase):
    ROUNDS = int(os.environ.get('TIDEMARK_CRASH_ROUNDS', '4'))

    def setUp(self):
        super().setUp()
        seed = random.randrange(sys.maxsize)
        print(f'{self.id()}: seed {seed}', file=sys.stderr)
        self.random = random.Random(seed)
        self.items = [{'pk': {'S': f'k{n:04}'}, 'v': {'S': 'x' * 500}} for n in range(4000)]
        load(self.db, 'Kept', self.items)
        self.items = by_key(scan_all(self.db, 'Kept'))

    def crash_soon(self):
        time.sleep(self.random.random() * 0.15)
        self.server.restart(crash=True)
        self.connect()

    def test_moves(self):
        """Killed a random moment after a point is due: it moves once, and nothing is lost or left."""
        points = []
        for _ in range(self.ROUNDS):
            points.append(self.make({'MoveToColdStorageAfterDays': 0}))
            self.crash_soon()
            self.wait_cold(*points)
        # As a file system of its own has it, when it is mounted there.
        found = next(pathlib.Path(self.server.data, 'shards').glob('*/cold')) / 'lost+found'
        found.mkdir()
        self.server.restart()
        self.connect()
        self.assertEqual(self.points(), {arn: 'COMPLETED' for arn in points})
        found.rmdir()
        self.assertEqual(len(self.directories('cold')), self.ROUNDS)
        self.assertEqual(self.directories('images'), [])
        for arn in self.random.sample(points, 2):
            self.assertEqual(self.restored(arn)[0], self.items)

    def test_restores(self):
        arn = self.make({'MoveToColdStorageAfterDays': 0})
        self.wait_cold(arn)
        for _ in range(self.ROUNDS):
            job = self.backup.start_restore_job(RecoveryPointArn=arn, IamRoleArn=ROLE,
                                                Metadata={'targetTableName': 'Back'})['RestoreJobId']
            self.crash_soon()
            wait_job(self.backup.describe_restore_job, 'COMPLETED', RestoreJobId=job)
            self.assertEqual(by_key(scan_all(self.db, 'Back')), self.items)
            self.db.delete_table(TableName='Back')
            wait_gone(self.db, 'Back')
        self.assertEqual(len(self.directories('cold')), 1)


class InTheStore(StoreCase):
    def test_a_point_in_cold_storage_is_copied_there_and_comes_back_on_another_server(self):
        first = self.begin(flags=(*self.flags, '--copy-backups'))
        db, backup, iam = (first.client(name) for name in ('dynamodb', 'backup', 'iam'))
        iam.create_role(RoleName='keeper', AssumeRolePolicyDocument=TRUST)
        iam.put_role_policy(RoleName='keeper', PolicyName='p', PolicyDocument=ALL_WORK)
        backup.create_backup_vault(BackupVaultName=VAULT)
        table = self.make_table(db)
        items = scan_all(db, table)
        job = backup.start_backup_job(BackupVaultName=VAULT, ResourceArn=table_arn(table), IamRoleArn=ROLE,
                                      Lifecycle={'MoveToColdStorageAfterDays': 0})['BackupJobId']
        arn = wait_job(backup.describe_backup_job, 'COMPLETED', BackupJobId=job)['RecoveryPointArn']
        deadline = time.monotonic() + 240
        while backup.describe_recovery_point(BackupVaultName=VAULT, RecoveryPointArn=arn)['StorageClass'] != 'COLD':
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.02)
        self.wait_stored(first, [arn])
        made = self.stored(first)[arn]['StoredBackup']
        self.backup(first, 'delete', made)
        cold = self.copied(first, arn)
        second = self.begin('second', root_key_of=self.directory / 'data')
        first.close()
        shutil.rmtree(self.directory / 'data')
        self.backup(second, 'verify', cold)
        self.backup(second, 'fetch', cold)
        self.assertRestores(second.client(), arn, items)
        second.restart(crash=True)
        self.assertRestores(second.client(), arn, items)


if __name__ == '__main__':
    unittest.main()
