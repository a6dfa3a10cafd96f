"""Backups and recovery points read without restoring them, by a stock SDK with the header X-Tidemark-From-Backup."""

import json
import pathlib
import re
import unittest

from botocore.exceptions import ClientError

from case import load, query_all, scan_all, unique, wait_active, wait_backup, wait_gone
from iam_case import document, statement, table_arn
import server
from test_as_of import HEADER as AS_OF, READS
from test_cold_storage import COLD, ColdCase
from test_vault_copies import FAR, ITEMS, CopyCase, arn_of, by_key, ended
from test_vault_time import DAY
from vault_case import VaultCase

HEADER = 'X-Tidemark-From-Backup'
OURS = 'Tidemark_20261101.'
INDEXED = {
    'AttributeDefinitions': [{'AttributeName': name, 'AttributeType': kind}
                             for name, kind in (('pk', 'S'), ('sk', 'N'), ('plan', 'S'))],
    'KeySchema': [{'AttributeName': 'pk', 'KeyType': 'HASH'}, {'AttributeName': 'sk', 'KeyType': 'RANGE'}],
    'BillingMode': 'PAY_PER_REQUEST',
    'LocalSecondaryIndexes': [{
        'IndexName': 'local', 'Projection': {'ProjectionType': 'KEYS_ONLY'},
        'KeySchema': [{'AttributeName': 'pk', 'KeyType': 'HASH'}, {'AttributeName': 'plan', 'KeyType': 'RANGE'}]}],
    'GlobalSecondaryIndexes': [{
        'IndexName': 'plans', 'Projection': {'ProjectionType': 'ALL'},
        'KeySchema': [{'AttributeName': 'plan', 'KeyType': 'HASH'}, {'AttributeName': 'sk', 'KeyType': 'RANGE'}]}]}


def row(i, plan='gold'):
    return {'pk': {'S': f'p{i % 3}'}, 'sk': {'N': str(i)}, 'plan': {'S': plan}}


def keys_of(item):
    return {name: item[name] for name in ('pk', 'sk')}


def in_order(items):
    return sorted(items, key=lambda item: (item['pk']['S'], int(item['sk']['N'])))


def reader(endpoint, arn, operations=READS, **options):
    """A client whose reads are of this backup; what the answers say is in its `told`."""
    client = endpoint.client(**options)
    client.told = []
    for operation in operations:
        client.meta.events.register(f'before-sign.dynamodb.{operation}',
                                    lambda request, **_: request.headers.add_header(HEADER, arn))
        client.meta.events.register(
            f'after-call.dynamodb.{operation}',
            lambda http_response, **_: client.told.append(http_response.headers.get(HEADER)))
    return client


class ReadCase(VaultCase):
    def indexed(self):
        name = unique()
        self.db.create_table(TableName=name, **INDEXED)
        self.addCleanup(self.drop, name)
        wait_active(self.db, name)
        return name

    def backed_up(self, table):
        arn = self.db.create_backup(TableName=table, BackupName='kept')['BackupDetails']['BackupArn']
        self.addCleanup(self.forget, arn)
        wait_backup(self.db, arn)
        return arn

    def forget(self, arn):
        try:
            self.db.delete_backup(BackupArn=arn)
        except ClientError:
            pass

    def compare(self, backup, table, items):
        """All that can be read of the table in the backup is this."""
        known = {int(item['sk']['N']): item for item in items}
        self.assertEqual(in_order(scan_all(backup, table)), in_order(items))
        self.assertEqual(in_order(scan_all(backup, table, Limit=7)), in_order(items))
        halves = [item for part in range(2) for item in scan_all(backup, table, Segment=part, TotalSegments=2)]
        self.assertEqual(in_order(halves), in_order(items))
        for name in ('p0', 'p1', 'p9'):
            mine = in_order(item for item in items if item['pk']['S'] == name)
            query = {'TableName': table, 'KeyConditionExpression': 'pk = :p',
                     'ExpressionAttributeValues': {':p': {'S': name}}}
            self.assertEqual(query_all(backup, **query), mine)
            self.assertEqual(query_all(backup, ScanIndexForward=False, Limit=4, **query), mine[::-1])
        for i in (0, 15, 29, 77):
            found = backup.get_item(TableName=table, Key=keys_of(row(i))).get('Item')
            self.assertEqual(found, known.get(i))
        asked = [keys_of(row(i)) for i in range(60)]
        found = backup.batch_get_item(RequestItems={table: {'Keys': asked}})
        self.assertEqual((in_order(found['Responses'][table]), found['UnprocessedKeys']),
                         (in_order(item for i, item in known.items() if i < 60), {}))
        gold = [item for item in items if item['plan']['S'] == 'gold']
        by_plan = {'TableName': table, 'IndexName': 'plans', 'KeyConditionExpression': '#p = :g',
                   'ExpressionAttributeNames': {'#p': 'plan'}, 'ExpressionAttributeValues': {':g': {'S': 'gold'}}}
        self.assertEqual(query_all(backup, **by_plan), sorted(gold, key=lambda item: int(item['sk']['N'])))
        self.assertEqual(len(scan_all(backup, table, IndexName='local')), len(items))
        local = query_all(backup, TableName=table, IndexName='local', Select='ALL_ATTRIBUTES',
                          KeyConditionExpression='pk = :p AND #p = :g', ExpressionAttributeNames={'#p': 'plan'},
                          ExpressionAttributeValues={':p': {'S': 'p1'}, ':g': {'S': 'gold'}})
        self.assertEqual(in_order(local), in_order(item for item in gold if item['pk']['S'] == 'p1'))

    def change(self, table):
        """Much, so that whatever is read of now differs."""
        load(self.db, table, [row(i, 'free') for i in range(5, 25)])
        for i in range(5):
            self.db.delete_item(TableName=table, Key=keys_of(row(i)))
        load(self.db, table, [row(i) for i in range(100, 110)])


@unittest.skipUnless(server.ours(), 'of our own server')
class EveryRead(ReadCase):
    def test_what_came_after_the_backup_is_not_seen(self):
        t = self.indexed()
        items = [row(i, 'gold' if i % 2 else 'free') for i in range(60)]
        load(self.db, t, items)
        arn = self.backed_up(t)
        backup = reader(self.server, arn)
        self.compare(backup, t, items)
        self.assertEqual(set(backup.told), {arn})
        self.change(t)
        later = scan_all(self.db, t)
        second = self.backed_up(t)
        self.compare(backup, t, items)
        self.compare(reader(self.server, second), t, later)
        found = backup.scan(TableName=t, FilterExpression='#p = :g', ProjectionExpression='sk',
                            ExpressionAttributeNames={'#p': 'plan'}, ExpressionAttributeValues={':g': {'S': 'gold'}},
                            ReturnConsumedCapacity='TOTAL')
        self.assertEqual((found['Count'], found['ScannedCount'], set(found['Items'][0])), (30, 60, {'sk'}))
        self.assertEqual(found['ConsumedCapacity']['CapacityUnits'], 0.5)
        self.assertEqual(backup.scan(TableName=table_arn(t), Select='COUNT')['Count'], 60)
        # The table is gone, and another has its name and other keys.
        self.db.delete_table(TableName=t)
        wait_gone(self.db, t)
        self.compare(backup, t, items)
        self.db.create_table(TableName=t, BillingMode='PAY_PER_REQUEST',
                             AttributeDefinitions=[{'AttributeName': 'id', 'AttributeType': 'N'}],
                             KeySchema=[{'AttributeName': 'id', 'KeyType': 'HASH'}])
        wait_active(self.db, t)
        self.compare(backup, t, items)

    def test_recovery_points(self):
        t = self.indexed()
        items = [row(i, 'gold' if i % 2 else 'free') for i in range(60)]
        load(self.db, t, items)
        vault = self.vault()
        arn = self.point(vault, table_arn(t), self.service_role())
        self.change(t)
        self.compare(reader(self.server, arn), t, items)

    def test_deleted_while_it_is_read(self):
        t = self.indexed()
        load(self.db, t, [row(i) for i in range(60)])
        arn = self.backed_up(t)
        backup = reader(self.server, arn)
        page = backup.scan(TableName=t, Limit=10)
        self.db.delete_backup(BackupArn=arn)
        for call, more in ((backup.scan, {'ExclusiveStartKey': page['LastEvaluatedKey']}),
                           (backup.get_item, {'Key': keys_of(row(1))})):
            self.assertFails('BackupNotFoundException', f'Backup not found: {arn}', call, TableName=t, **more)


@unittest.skipUnless(server.ours(), 'of our own server')
class Refused(ReadCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.t = cls.class_table()
        cls.db.put_item(TableName=cls.t, Item={'pk': {'S': 'a'}})
        cls.arn = cls.db.create_backup(TableName=cls.t, BackupName='one')['BackupDetails']['BackupArn']
        wait_backup(cls.db, cls.arn)

    def test_what_names_no_backup(self):
        for text in ('', 'one', 'backup/one'):
            self.assertFails('ValidationException', re.compile(f"{HEADER}: '{text}' is no ARN of a backup"),
                             reader(self.server, text).scan, TableName=self.t)
        for text in (self.arn[:-1] + 'x', table_arn(self.t), self.arn.replace(server.ACCOUNT, '1' * 12)):
            self.assertFails('BackupNotFoundException', f'Backup not found: {text}',
                             reader(self.server, text).scan, TableName=self.t)
        self.assertFails('BackupNotFoundException', f'Backup not found: {self.arn}',
                         reader(self.server, self.arn, region='eu-west-1').scan, TableName=self.t)

    def test_another_table(self):
        other = self.table()
        text = re.compile(f'Requested resource not found: the backup {self.arn} is of the table {self.t}')
        backup = reader(self.server, self.arn)
        self.assertFails('ResourceNotFoundException', text, backup.scan, TableName=other)
        key = {'Keys': [{'pk': {'S': 'a'}}]}
        self.assertFails('ResourceNotFoundException', text, backup.batch_get_item,
                         RequestItems={self.t: key, other: key})

    def test_both_headers(self):
        backup = reader(self.server, self.arn)
        backup.meta.events.register('before-sign.dynamodb.Scan',
                                    lambda request, **_: request.headers.add_header(AS_OF, '2026-11-26T10:00:06Z'))
        self.assertFails('ValidationException', re.compile('cannot be given together'), backup.scan, TableName=self.t)

    def test_operations_that_read_nothing(self):
        backup = reader(self.server, self.arn, ('PutItem', 'DescribeTable', 'TransactGetItems'))
        for call, more in ((backup.put_item, {'TableName': self.t, 'Item': {'pk': {'S': 'b'}}}),
                           (backup.describe_table, {'TableName': self.t}),
                           (backup.transact_get_items, {'TransactItems': [
                               {'Get': {'TableName': self.t, 'Key': {'pk': {'S': 'a'}}}}]})):
            self.assertFails('ValidationException', re.compile(f'{HEADER} is not for '), call, **more)
        self.assertIsNone(self.get(self.t, pk={'S': 'b'}))

    def test_keys_of_another_schema(self):
        self.assertFails('ValidationException', 'The provided key element does not match the schema',
                         reader(self.server, self.arn).get_item, TableName=self.t, Key={'id': {'S': 'a'}})


@unittest.skipUnless(server.ours(), 'of our own server')
class Rights(ReadCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.t = cls.class_table()
        cls.db.put_item(TableName=cls.t, Item={'pk': {'S': 'a'}})
        cls.db.put_item(TableName=cls.t, Item={'pk': {'S': 'b'}})
        cls.arn = cls.db.create_backup(TableName=cls.t, BackupName='one')['BackupDetails']['BackupArn']
        wait_backup(cls.db, cls.arn)

    def attempt(self, policy, arn=None, operation='GetItem', more=None):
        """The answer to a read of the backup by a user with these statements."""
        more = {'Key': {'pk': {'S': 'a'}}} if more is None else more
        return self.server.call(operation, {'TableName': self.t, **more}, headers={HEADER: arn or self.arn},
                                **self.keys(self.user(document(*policy))))

    def keys(self, user):
        made = self.iam.create_access_key(UserName=user)['AccessKey']
        return {'access_key': made['AccessKeyId'], 'secret_key': made['SecretAccessKey']}

    def bring_back(self, table, policy=None, **keys):
        """The answer to RestoreItems from the backup, which ends with another refusal if it is allowed."""
        if policy:
            keys = self.keys(self.user(document(*policy)))
        return self.server.call('', {'TableName': table, 'BackupArn': self.arn}, target=OURS + 'RestoreItems', **keys)

    def put_policy(self, table, *statements):
        put = self.server.call('PutResourcePolicy', {'ResourceArn': table_arn(table), 'Policy': document(*statements)})
        self.assertEqual(put.status, 200, put)

    def assertDenied(self, answer, *texts):
        self.assertEqual(answer.code, 'AccessDeniedException', answer)
        for text in texts:
            self.assertIn(text, answer.message)

    def test_both_the_read_and_the_backup_must_be_allowed(self):
        read, backup = statement('dynamodb:GetItem', table_arn(self.t)), statement('tidemark:ReadBackup', self.arn)
        self.assertDenied(self.attempt([read]), 'tidemark:ReadBackup', self.arn)
        self.assertDenied(self.attempt([backup]), 'dynamodb:GetItem', table_arn(self.t))
        self.assertDenied(self.attempt([read, statement('tidemark:ReadBackup', self.arn + 'x')]), 'tidemark:ReadBackup')
        self.assertEqual(self.attempt([read, backup]).json, {'Item': {'pk': {'S': 'a'}}})
        self.assertDenied(self.attempt([read, backup], operation='Scan', more={}), 'dynamodb:Scan')
        mine = statement('dynamodb:GetItem', table_arn(self.t), condition={
            'ForAllValues:StringEquals': {'dynamodb:LeadingKeys': ['b']}})
        self.assertDenied(self.attempt([mine, backup]), 'dynamodb:GetItem')

    def test_the_condition_key(self):
        backup = statement('tidemark:ReadBackup')
        only = statement('dynamodb:*', condition={'ArnEquals': {'tidemark:FromBackup': self.arn}})
        self.assertEqual(self.attempt([only, backup]).status, 200)
        other = statement('dynamodb:*', condition={'ArnEquals': {'tidemark:FromBackup': self.arn + 'x'}})
        self.assertDenied(self.attempt([other, backup]), 'dynamodb:GetItem')
        present = statement('dynamodb:*', effect='Deny', condition={'Null': {'tidemark:FromBackup': 'false'}})
        self.assertDenied(self.attempt([statement('*'), present]), 'explicit deny')

    def test_what_must_not_be_restored_must_not_be_read(self):
        everything = statement('*')
        self.assertEqual(self.attempt([everything]).status, 200)
        for action in ('tidemark:ReadBackup', 'dynamodb:RestoreTableFromBackup', 'backup:StartRestoreJob'):
            self.assertDenied(self.attempt([everything, statement(action, effect='Deny')]), 'explicit deny')

    def test_what_must_not_be_restored_from_the_table_must_not_be_read(self):
        denied = [statement('*'), statement('dynamodb:RestoreTableFromBackup', table_arn(self.t), effect='Deny')]
        self.assertDenied(self.attempt(denied), 'explicit deny')
        self.assertDenied(self.bring_back(self.t, denied), 'explicit deny')

    def test_where_the_tables_policy_denies_the_restore_nobody_reads(self):
        self.assertAllowed(self.bring_back(self.t))
        self.addCleanup(self.server.call, 'DeleteResourcePolicy', {'ResourceArn': table_arn(self.t)})
        self.put_policy(self.t, {'Effect': 'Deny', 'Principal': '*', 'Action': 'dynamodb:RestoreTableFromBackup',
                                 'Resource': '*'})
        why = 'explicit deny in a resource-based policy'
        root = reader(self.server, self.arn)
        self.assertFails('AccessDeniedException', re.compile(why), root.get_item, TableName=self.t,
                         Key={'pk': {'S': 'a'}})
        self.assertFails('AccessDeniedException', re.compile(why), root.batch_get_item,
                         RequestItems={self.t: {'Keys': [{'pk': {'S': 'a'}}]}})
        self.assertDenied(self.attempt([statement('*')]), why)
        self.assertDenied(self.attempt([statement('*')], operation='Scan', more={}), why)
        self.assertDenied(self.bring_back(self.t), why)

    def test_the_policy_of_a_deleted_table_counts(self):
        """Also that of its last day, for a backup that was made before."""
        t = self.table()
        self.db.update_continuous_backups(TableName=t, PointInTimeRecoverySpecification={
            'PointInTimeRecoveryEnabled': True})
        self.db.put_item(TableName=t, Item={'pk': {'S': 'a'}})
        made = self.backed_up(t)
        reads, restores, free = users = [self.user(document(statement('*'))) for _ in range(3)]
        keys = {user: self.keys(user) for user in users}
        self.put_policy(t, *[
            {'Effect': 'Deny', 'Principal': {'AWS': f'arn:aws:iam::{server.ACCOUNT}:user/{user}'},
             'Action': 'dynamodb:' + action, 'Resource': table_arn(t)}
            for user, action in ((reads, 'GetItem'), (restores, 'RestoreTableFromBackup'))])
        self.db.delete_table(TableName=t)
        wait_gone(self.db, t)
        last = self.db.list_backups(TableName=t, BackupType='SYSTEM')['BackupSummaries'][0]['BackupArn']
        why = 'explicit deny in a resource-based policy'
        for arn in (made, last):
            def get(user):
                return self.server.call('GetItem', {'TableName': t, 'Key': {'pk': {'S': 'a'}}}, headers={HEADER: arn},
                                        **keys[user])
            self.assertEqual(get(free).json, {'Item': {'pk': {'S': 'a'}}})
            self.assertDenied(get(reads), why)
            self.assertDenied(get(restores), why)
            scan = self.server.call('Scan', {'TableName': t}, headers={HEADER: arn}, **keys[reads])
            self.assertEqual(scan.json['Count'], 1)
            self.assertDenied(self.server.call('RestoreTableFromBackup', {
                'BackupArn': arn, 'TargetTableName': unique()}, **keys[restores]), why)
            for user in (reads, restores):
                self.assertDenied(self.server.call('', {'TableName': self.t, 'BackupArn': arn},
                                                   target=OURS + 'RestoreItems', **keys[user]), why)
            root = reader(self.server, arn)
            self.assertEqual(root.scan(TableName=t)['Count'], 1)

    def test_items_of_another_table(self):
        other, everything = self.table(), statement('*')
        mine = [statement('tidemark:RestoreItems', table_arn(other)), statement('tidemark:ReadBackup')]
        self.assertDenied(self.bring_back(other, mine), 'dynamodb:Scan', table_arn(self.t))
        self.assertAllowed(self.bring_back(other, [*mine, statement('dynamodb:Scan', table_arn(self.t))]))
        some = statement('dynamodb:Scan', table_arn(self.t), condition={
            'ForAllValues:StringEquals': {'dynamodb:Attributes': ['pk']}})
        self.assertDenied(self.bring_back(other, [*mine, some]), 'dynamodb:Scan')
        self.assertAllowed(self.bring_back(other, [everything]))
        for action in ('dynamodb:Scan', 'dynamodb:GetItem'):
            denied = statement(action, table_arn(self.t), effect='Deny')
            self.assertDenied(self.bring_back(other, [everything, denied]), 'explicit deny')

    def test_the_condition_key_of_items(self):
        everything = statement('*')
        for arn, allowed in ((self.arn + 'x', True), (self.arn, False)):
            answer = self.bring_back(self.t, [everything, statement('tidemark:RestoreItems', effect='Deny', condition={
                'ArnEquals': {'tidemark:FromBackup': arn}})])
            if allowed:
                self.assertAllowed(answer)
            else:
                self.assertDenied(answer, 'explicit deny')

    def assertAllowed(self, answer):
        self.assertEqual(answer.code, 'PointInTimeRecoveryUnavailableException', answer)

    def test_the_policy_of_a_vault_binds_root_too(self):
        vault = self.vault()
        arn = self.point(vault, table_arn(self.t), self.service_role())
        root = reader(self.server, arn)
        self.assertEqual(root.scan(TableName=self.t)['Count'], 2)
        for action in ('tidemark:ReadBackup', 'backup:StartRestoreJob', 'backup:Start*'):
            self.backup.put_backup_vault_access_policy(BackupVaultName=vault, Policy=json.dumps({
                'Version': '2012-10-17', 'Statement': [
                    {'Effect': 'Deny', 'Principal': '*', 'Action': action, 'Resource': '*'}]}))
            self.assertFails('AccessDeniedException', re.compile('explicit deny'), root.scan, TableName=self.t)
            begun = self.server.call('', {'TableName': self.t, 'BackupArn': arn}, target=OURS + 'RestoreItems')
            self.assertDenied(begun, 'explicit deny')
        self.backup.delete_backup_vault_access_policy(BackupVaultName=vault)
        self.assertEqual(root.scan(TableName=self.t)['Count'], 2)

    def test_items_cannot_be_brought_back_without_it(self):
        more = {'BackupArn': self.arn}
        keys = self.iam.create_access_key(UserName=self.user(document(
            statement('tidemark:RestoreItems', table_arn(self.t)))))['AccessKey']
        begun = self.server.call('', {'TableName': self.t, **more}, target=OURS + 'RestoreItems',
                                 access_key=keys['AccessKeyId'], secret_key=keys['SecretAccessKey'])
        self.assertDenied(begun, 'tidemark:ReadBackup')

    def test_audit(self):
        reader(self.server, self.arn).get_item(TableName=self.t, Key={'pk': {'S': 'a'}})
        self.assertDenied(self.attempt([statement('dynamodb:*')]))
        told = self.server.call('', {'Limit': 10}, target=OURS + 'LookupEvents').json['Events']
        told = [(one['Resource'], one['PrincipalArn'].split(':')[-1].split('/')[0], one.get('ErrorCode'))
                for one in told if one['EventName'] == 'GetItem' and one['Resource'] == self.arn]
        self.assertEqual(told[:2], [(self.arn, 'user', 'AccessDeniedException'), (self.arn, 'root', None)])


@unittest.skipUnless(server.ours(), 'of our own server')
class Copies(CopyCase):
    def test_in_another_region_under_another_key(self):
        key = self.server.client('kms', region=FAR).create_key()['KeyMetadata']['Arn']
        sealed = unique('sealed')
        self.make_vault(self.far, sealed, EncryptionKeyArn=key)
        point = self.point(self.near, table_arn(self.name), self.role)
        copies = [ended(self.backup, self.copy(point, arn_of(vault)))['DestinationRecoveryPointArn']
                  for vault in (self.far_vault, sealed)]
        self.db.put_item(TableName=self.name, Item={'pk': {'S': 'later'}})
        for copy in copies:
            far = reader(self.server, copy, region=FAR)
            self.assertEqual(by_key(scan_all(far, self.name)), ITEMS)
            self.assertEqual(far.get_item(TableName=self.name, Key={'pk': {'S': 'k007'}})['Item'], ITEMS[7])
            self.assertFails('BackupNotFoundException', f'Backup not found: {copy}',
                             reader(self.server, copy).scan, TableName=self.name)


@unittest.skipUnless(server.ours(), 'of our own server')
class Stored(ColdCase):
    """Points under customers' keys, or in cold storage; with a clock that is moved."""

    def refusal(self, arn, code):
        with self.assertRaises(ClientError) as raised:
            reader(self.server, arn).scan(TableName='Kept')
        error = raised.exception.response['Error']
        self.assertEqual(error['Code'], code)
        return error['Message']

    def assertReads(self, arn, items):
        self.assertEqual(by_key(scan_all(reader(self.server, arn), 'Kept')), by_key(items))

    def test_a_key_that_is_off(self):
        key = self.kms.create_key()['KeyMetadata']['Arn']
        self.db.update_table(TableName='Kept', SSESpecification={'Enabled': True, 'SSEType': 'KMS',
                                                                 'KMSMasterKeyId': key})
        wait_active(self.db, 'Kept')
        arn = self.make({'DeleteAfterDays': 100})
        # It stays under the key it was made with, whatever becomes of the table.
        self.db.update_table(TableName='Kept', SSESpecification={'Enabled': False})
        wait_active(self.db, 'Kept')
        self.assertReads(arn, ITEMS)
        self.kms.disable_key(KeyId=key)
        self.assertIn('KMS', self.refusal(arn, 'AccessDeniedException'))  # also of what is open
        self.server.restart(crash=True)
        self.connect()
        self.assertIn('KMS', self.refusal(arn, 'AccessDeniedException'))
        self.kms.enable_key(KeyId=key)
        self.assertReads(arn, ITEMS)
        # What a crash leaves is sealed under that key too, and goes.
        self.server.restart(crash=True)
        self.connect()
        views = [path for path in pathlib.Path(self.server.data).rglob('backup_views/*')]
        self.assertEqual(len(views), 1)
        self.assertReads(arn, ITEMS)
        left = [path for path in pathlib.Path(self.server.data).rglob('backup_views/*')]
        self.assertEqual((len(left), set(left) & set(views)), (1, set()))

    def test_cold(self):
        arn = self.make(COLD)
        self.assertReads(arn, ITEMS)
        self.server.advance(DAY + 1)
        self.wait_cold(arn)
        self.assertRegex(self.refusal(arn, 'ValidationException'),
                         f'Backup {arn} is in cold storage.*restore it to a new table')


if __name__ == '__main__':
    unittest.main()
