"""Tables and backups under keys of KMS."""

import random
import re
import threading
import time
import unittest

from botocore.exceptions import BotoCoreError, ClientError

from case import load, scan_all, table_parameters, unique, wait_active, wait_backup
from iam_case import ACCOUNT, IamCase, document, statement
import server

PREFIX = f'arn:aws:kms:{server.REGION}:{server.ACCOUNT}:'
NONE = '11111111-2222-4333-8444-555555555555'
DENIED = re.compile('^KMS key access denied error: ')


def under(key):
    return {'Enabled': True, 'SSEType': 'KMS', 'KMSMasterKeyId': key}


def items(count, value='v'):
    return [{'pk': {'S': f'k{n:04}'}, 'v': {'S': f'{value}{n}'}} for n in range(count)]


class SseCase(IamCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kms = cls.server.client('kms')

    def key(self):
        return self.kms.create_key()['KeyMetadata']['Arn']

    def table_under(self, key, count=20):
        name = unique()
        specification = under(key) if key else {'Enabled': True}
        self.db.create_table(**table_parameters(name), SSESpecification=specification)
        self.addCleanup(self.drop, name)
        wait_active(self.db, name)
        load(self.db, name, items(count))
        return name

    def sse_of(self, table):
        return self.db.describe_table(TableName=table)['Table'].get('SSEDescription')

    def status_of(self, table):
        return self.db.describe_table(TableName=table)['Table']['TableStatus']

    def backup(self, table):
        arn = self.db.create_backup(TableName=table, BackupName='bbb')['BackupDetails']['BackupArn']
        self.addCleanup(self.db.delete_backup, BackupArn=arn)
        wait_backup(self.db, arn)
        return arn

    def restore(self, arn, **parameters):
        name = unique()
        self.db.restore_table_from_backup(BackupArn=arn, TargetTableName=name, **parameters)
        self.addCleanup(self.drop, name)
        wait_active(self.db, name)
        return name

    def assertHolds(self, table, count=20):
        got = sorted(scan_all(self.db, table), key=lambda item: item['pk']['S'])
        self.assertEqual(got, items(count))


class Settings(SseCase):
    def test_kinds_of_keys(self):
        plain = self.table()
        self.assertIsNone(self.sse_of(plain))
        own = self.kms.describe_key(KeyId='alias/aws/dynamodb')['KeyMetadata']
        self.assertEqual(self.sse_of(self.table_under(None)), {
            'Status': 'ENABLED', 'SSEType': 'KMS', 'KMSMasterKeyArn': own['Arn']})
        key = self.key()
        alias = 'alias/' + unique('of')
        self.kms.create_alias(AliasName=alias, TargetKeyId=key)
        self.addCleanup(self.kms.delete_alias, AliasName=alias)
        for name in (key, key.split('/')[1], alias, PREFIX + alias):
            self.assertEqual(self.sse_of(self.table_under(name))['KMSMasterKeyArn'], key)

    def test_keys_that_cannot_be_used(self):
        def create(key):
            self.db.create_table(**table_parameters(unique()), SSESpecification=under(key))
        self.assertFails('ValidationException', re.compile(
            "^KMS validation error: com.amazonaws.services.kms.model.NotFoundException: "
            f"Key '{PREFIX}key/{NONE}' does not exist"), create, NONE)
        key = self.key()
        self.kms.disable_key(KeyId=key)
        self.assertFails('AccessDeniedException', re.compile(f'{key} is disabled'), create, key)
        self.kms.schedule_key_deletion(KeyId=key)
        self.assertFails('AccessDeniedException', re.compile(f'{key} is pending deletion'), create,
                         key)

    def test_a_table_moves_from_key_to_key(self):
        first, second = self.key(), self.key()
        table = self.table_under(first)
        arn = self.backup(table)
        self.db.update_table(TableName=table, SSESpecification=under(second))
        self.assertEqual(self.sse_of(table)['KMSMasterKeyArn'], second)
        self.kms.disable_key(KeyId=first)
        self.assertHolds(table)
        self.assertFails('AccessDeniedException', DENIED, self.db.restore_table_from_backup,
                         BackupArn=arn, TargetTableName=unique())
        self.db.update_table(TableName=table, SSESpecification={'Enabled': False})
        self.assertIsNone(self.sse_of(table))
        self.kms.disable_key(KeyId=second)
        self.assertHolds(table)
        self.kms.enable_key(KeyId=first)
        self.assertHolds(self.restore(arn))


class Disabled(SseCase):
    def test_a_disabled_key_closes_its_tables(self):
        key = self.key()
        table, other = self.table_under(key), self.table_under(self.key())
        self.kms.disable_key(KeyId=key)
        self.assertEqual(self.status_of(table), 'INACCESSIBLE_ENCRYPTION_CREDENTIALS')
        self.assertIn('InaccessibleEncryptionDateTime', self.sse_of(table))
        one = {'pk': {'S': 'k0001'}}
        for call, parameters in (
                (self.db.get_item, {'TableName': table, 'Key': one}),
                (self.db.put_item, {'TableName': table, 'Item': one}),
                (self.db.update_item, {'TableName': table, 'Key': one}),
                (self.db.delete_item, {'TableName': table, 'Key': one}),
                (self.db.scan, {'TableName': table}),
                (self.db.query, {'TableName': table, 'KeyConditionExpression': 'pk = :a',
                                 'ExpressionAttributeValues': {':a': {'S': 'k0001'}}}),
                (self.db.batch_get_item, {'RequestItems': {table: {'Keys': [one]}}}),
                (self.db.batch_write_item, {'RequestItems': {
                    table: [{'DeleteRequest': {'Key': one}}]}}),
                (self.db.transact_write_items, {'TransactItems': [
                    {'Delete': {'TableName': table, 'Key': one}}]}),
                (self.db.create_backup, {'TableName': table, 'BackupName': 'bbb'}),
                (self.db.update_table, {'TableName': table,
                                        'SSESpecification': under(self.key())})):
            self.assertFails('AccessDeniedException', DENIED, call, **parameters)
        self.assertHolds(other)
        self.kms.enable_key(KeyId=key)
        self.assertEqual(self.status_of(table), 'ACTIVE')
        self.assertNotIn('InaccessibleEncryptionDateTime', self.sse_of(table))
        self.assertHolds(table)

    def test_a_table_closed_meanwhile_opens_again(self):
        key = self.key()
        table = self.table_under(key)
        self.kms.disable_key(KeyId=key)
        time.sleep(2.5)  # its store is closed by now
        self.kms.enable_key(KeyId=key)
        self.assertHolds(table)

    def test_a_table_can_be_deleted_while_its_key_is_off(self):
        key = self.key()
        table = self.table_under(key)
        self.db.update_continuous_backups(TableName=table, PointInTimeRecoverySpecification={
            'PointInTimeRecoveryEnabled': True})
        self.kms.disable_key(KeyId=key)
        self.db.delete_table(TableName=table)
        self.assertFails('ResourceNotFoundException', None, self.db.describe_table, TableName=table)

    def test_rotation_leaves_tables_readable(self):
        key = self.key()
        table = self.table_under(key)
        answer = self.server.call('RotateKeyOnDemand', {'KeyId': key}, target='TrentService.',
                                  service='kms')
        self.assertEqual(answer.status, 200)
        self.assertHolds(table)


class Backups(SseCase):
    def test_need_the_key_they_were_made_with(self):
        key = self.key()
        arn = self.backup(self.table_under(key))
        shown = self.db.describe_backup(BackupArn=arn)['BackupDescription']
        needed = shown['SourceTableFeatureDetails']['SSEDescription']
        self.assertEqual(needed['KMSMasterKeyArn'], key)
        self.assertEqual(self.sse_of(self.restore(arn))['KMSMasterKeyArn'], key)
        self.kms.schedule_key_deletion(KeyId=key)
        self.assertFails('AccessDeniedException', re.compile('is pending deletion'),
                         self.db.restore_table_from_backup, BackupArn=arn, TargetTableName=unique())

    def test_are_restored_under_another_key(self):
        first, second = self.key(), self.key()
        arn = self.backup(self.table_under(first))
        moved = self.restore(arn, SSESpecificationOverride=under(second))
        freed = self.restore(arn, SSESpecificationOverride={'Enabled': False})
        self.kms.disable_key(KeyId=first)
        self.assertEqual(self.sse_of(moved)['KMSMasterKeyArn'], second)
        self.assertHolds(moved)
        self.assertHolds(freed)
        self.kms.disable_key(KeyId=second)
        self.assertFails('AccessDeniedException', DENIED, self.db.scan, TableName=moved)

    def test_history_goes_with_the_table(self):
        first, second = self.key(), self.key()
        table = self.table_under(first)
        self.db.update_continuous_backups(TableName=table, PointInTimeRecoverySpecification={
            'PointInTimeRecoveryEnabled': True})
        load(self.db, table, items(20))
        self.db.update_table(TableName=table, SSESpecification=under(second))
        self.kms.disable_key(KeyId=first)
        name = unique()
        self.db.restore_table_to_point_in_time(SourceTableName=table, TargetTableName=name,
                                               UseLatestRestorableTime=True)
        self.addCleanup(self.drop, name)
        wait_active(self.db, name)
        self.assertHolds(name)
        self.kms.disable_key(KeyId=second)
        self.assertFails('AccessDeniedException', DENIED,
                         self.db.restore_table_to_point_in_time, SourceTableName=table,
                         TargetTableName=unique(), UseLatestRestorableTime=True)


class Access(SseCase):
    def test_who_puts_a_table_under_a_key_may_use_it(self):
        key = self.key()
        tables = statement('dynamodb:*')
        through = {'StringEquals': {'kms:ViaService': f'dynamodb.{server.REGION}.amazonaws.com'}}
        denied = re.compile('^KMS key access denied error: .*is not authorized to perform: '
                            f'kms:DescribeKey on resource: {key} because no identity-based policy')
        name = self.user(document(tables))
        client = self.client_of(name)
        made = table_parameters(unique())
        self.assertFails('AccessDeniedException', denied, client.create_table, **made,
                         SSESpecification=under(key))
        self.iam.put_user_policy(UserName=name, PolicyName='keys', PolicyDocument=document(
            statement('kms:*', key, condition=through)))
        client.create_table(**made, SSESpecification=under(key))
        self.addCleanup(self.drop, made['TableName'])
        self.assertDenied(name, 'kms:DescribeKey', key, self.client_of(name, 'kms').describe_key,
                          KeyId=key)
        self.assertFails('AccessDeniedException', re.compile('kms:DescribeKey'),
                         client.update_table, TableName=made['TableName'],
                         SSESpecification=under(self.key()))

    def test_a_keys_policy_binds_root_too(self):
        key = self.key()
        root = {**statement('kms:*'), 'Principal': {'AWS': ACCOUNT + ':root'}}
        deny = {**statement('kms:CreateGrant', effect='Deny'), 'Principal': '*'}
        self.kms.put_key_policy(KeyId=key, PolicyName='default', Policy=document(root, deny))
        self.assertFails('AccessDeniedException', re.compile(
            'perform: kms:CreateGrant .* with an explicit deny in a resource-based policy'),
            self.db.create_table, **table_parameters(unique()), SSESpecification=under(key))


@unittest.skipUnless(server.ours(), 'moves time and restarts the server')
class Time(unittest.TestCase):
    def test_killed_while_a_table_moves(self):
        dice = random.Random(7)
        with server.Server() as own:
            kms, db = own.client('kms'), own.client()
            keys = [kms.create_key()['KeyMetadata']['Arn'] for _ in range(2)]
            db.create_table(**table_parameters('moved'), SSESpecification=under(keys[0]))
            wait_active(db, 'moved')
            db.update_continuous_backups(TableName='moved', PointInTimeRecoverySpecification={
                'PointInTimeRecoveryEnabled': True})
            load(db, 'moved', items(20))
            for _ in range(8):
                def move():
                    for turn in range(100):
                        try:
                            db.update_table(TableName='moved',
                                            SSESpecification=under(keys[turn % 2]))
                        except ClientError:
                            pass  # it is under that key already
                        except BotoCoreError:
                            return  # the server is gone
                mover = threading.Thread(target=move)
                mover.start()
                time.sleep(dice.uniform(0.01, 0.15))
                own.restart(crash=True)
                mover.join()
                kms, db = own.client('kms'), own.client()
                shown = db.describe_table(TableName='moved')['Table']['SSEDescription']
                now = shown['KMSMasterKeyArn']
                other = keys[1 - keys.index(now)]
                kms.disable_key(KeyId=other)
                self.assertEqual(db.scan(TableName='moved')['Count'], 20)
                own.restart()
                kms, db = own.client('kms'), own.client()
                self.assertEqual(db.scan(TableName='moved')['Count'], 20)
                name = unique()
                db.restore_table_to_point_in_time(SourceTableName='moved', TargetTableName=name,
                                                  UseLatestRestorableTime=True)
                wait_active(db, name)
                self.assertEqual(db.scan(TableName=name)['Count'], 20)
                kms.enable_key(KeyId=other)

    def test_restarts_and_a_deleted_key(self):
        with server.Server() as own:
            kms, db = own.client('kms'), own.client()
            key = kms.create_key()['KeyMetadata']['Arn']
            doomed = kms.create_key()['KeyMetadata']['Arn']
            for name, of in (('kept', key), ('lost', doomed)):
                db.create_table(**table_parameters(name), SSESpecification=under(of))
                wait_active(db, name)
                db.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification={
                    'PointInTimeRecoveryEnabled': True})
                load(db, name, items(20))
            arn = db.create_backup(TableName='lost', BackupName='bbb')['BackupDetails']['BackupArn']
            wait_backup(db, arn)
            kms.disable_key(KeyId=key)
            own.restart(crash=True)
            kms, db = own.client('kms'), own.client()
            with self.assertRaises(ClientError):
                db.scan(TableName='kept')
            kms.enable_key(KeyId=key)
            self.assertEqual(db.scan(TableName='kept')['Count'], 20)
            kms.schedule_key_deletion(KeyId=doomed, PendingWindowInDays=7)
            own.advance(8 * 86400)
            deadline = time.monotonic() + 30
            while time.monotonic() < deadline:
                if doomed not in [one['KeyArn'] for one in kms.list_keys()['Keys']]:
                    break
                time.sleep(0.1)
            for restart in (False, True):
                if restart:
                    own.restart()
                    kms, db = own.client('kms'), own.client()
                self.assertEqual(db.describe_table(TableName='lost')['Table']['TableStatus'],
                                 'INACCESSIBLE_ENCRYPTION_CREDENTIALS')
                for call, parameters in (
                        (db.scan, {'TableName': 'lost'}),
                        (db.restore_table_from_backup, {'BackupArn': arn, 'TargetTableName': 'new'}),
                        (kms.enable_key, {'KeyId': doomed})):
                    with self.assertRaises(ClientError) as raised:
                        call(**parameters)
                    self.assertIn(raised.exception.response['Error']['Code'],
                                  ('AccessDeniedException', 'NotFoundException'))
                self.assertEqual(db.scan(TableName='kept')['Count'], 20)
            db.put_item(TableName='kept', Item={'pk': {'S': 'after'}})
            db.delete_table(TableName='lost')
            db.delete_backup(BackupArn=arn)


if __name__ == '__main__':
    unittest.main()
