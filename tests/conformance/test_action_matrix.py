"""Every operation with no policy, exactly the one it needs, one that is off by a character, and a denial.

What each operation needs is asked of the server's own table (`tidemark actions`); an operation that has no request
here fails the test. Operations to come stand in the table as well: nobody can call them. test_key_matrix.py has KMS and
STS.
"""

import json
import re
import subprocess
import unittest
import urllib.parse

from case import make_table, wait_backup
from iam_case import ACCOUNT, IamCase, document, statement, table_arn
import server

KEY = {'pk': {'S': '1'}}
TRUST = {'Version': '2012-10-17', 'Statement': [
    {'Effect': 'Allow', 'Principal': {'AWS': ACCOUNT + ':root'}, 'Action': 'sts:AssumeRole'}]}
OURS = 'Tidemark_20261101.'
STREAMS = 'DynamoDBStreams_20120810.'
# Items of transactions and parts of restores have their own permissions.
TRANSACTION = {'TransactGetItems': 'dynamodb:GetItem', 'TransactWriteItems': 'dynamodb:PutItem'}
ON_TARGET = ['dynamodb:' + name for name in (
    'BatchWriteItem', 'DeleteItem', 'GetItem', 'PutItem', 'Query', 'Scan', 'UpdateItem')]


OF_OTHERS = re.compile('Mpa|RestoreAccess|ScanJob|Tiering')
# Permissions for parts of an operation's work.
PERMISSIONS_ONLY = ['ConditionCheckItem', 'ReadBackup']


def actions(service, built=True):
    """Of one service: a server does not start with an operation that is not told here."""
    lines = subprocess.run([server.shared().binary, 'actions'], capture_output=True, check=True, text=True).stdout
    found = [json.loads(line) for line in lines.splitlines()]
    assert {one['service'] for one in found} == {'backup', 'dynamodb', 'iam', 'kms', 'sts'}
    return [one for one in found if one['service'] == service and one['built'] == built]


@unittest.skipUnless(server.ours(), 'of our own server')
class DataMatrix(IamCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.name = make_table(cls.db)
        cls.class_tables.append(cls.name)
        cls.db.update_table(TableName=cls.name, StreamSpecification={
            'StreamEnabled': True, 'StreamViewType': 'KEYS_ONLY'})
        cls.stream = cls.db.describe_table(TableName=cls.name)['Table']['LatestStreamArn']
        backup = cls.db.create_backup(TableName=cls.name, BackupName='matrix')['BackupDetails']['BackupArn']
        wait_backup(cls.db, backup)
        cls.backup = backup

    def requests(self):
        """operation -> (target's prefix, body). They need not succeed: only whether they are allowed counts."""
        table = self.name
        on_table = {'TableName': table}
        put = {'Put': {'TableName': table, 'Item': {'pk': 7}}}  # malformed: it changes nothing
        return {
            'BatchGetItem': ('', {'RequestItems': {table: {'Keys': [KEY]}}}),
            'BatchWriteItem': ('', {'RequestItems': {table: [{'DeleteRequest': {'Key': KEY}}]}}),
            'CancelTableRestore': (OURS, {'TableName': 'no-such-table'}),
            'CollectBackupStore': (OURS, {}),
            'CopyBackup': (OURS, {'BackupArn': self.backup}),
            'CreateAccount': (OURS, {'AccountId': '1'}),
            'CreateAccountKey': (OURS, {'AccountId': '1'}),
            'CreateBackup': ('', {**on_table, 'BackupName': 'x'}),
            'CreateTable': ('', on_table),
            'DeleteAccountKey': (OURS, {'AccountId': '1', 'AccessKeyId': 'x' * 20}),
            'DeleteBackup': ('', {'BackupArn': self.backup + 'x'}),
            'DeleteItem': ('', {**on_table, 'Key': KEY}),
            'DeleteResourcePolicy': ('', {'ResourceArn': table_arn(table)}),
            'DeleteStoredBackup': (OURS, {'StoredBackup': 'x'}),
            'DeleteTable': ('', {'TableName': 'no-such-table'}),
            'DescribeBackup': ('', {'BackupArn': self.backup}),
            'DescribeContinuousBackups': ('', on_table),
            'DescribeEndpoints': ('', {}),
            'DescribeItemRestore': (OURS, {'JobId': 'x' * 36}),
            'DescribeLimits': ('', {}),
            'DescribeStoreJob': (OURS, {'JobId': 'x' * 36}),
            'DescribeStream': (STREAMS, {'StreamArn': self.stream}),
            'DescribeTable': ('', on_table),
            'DescribeTableRestore': (OURS, on_table),
            'DescribeTimeToLive': ('', on_table),
            'DiffTable': (OURS, {**on_table, 'From': '2026-01-01T00:00:00Z'}),
            'EstimateCost': (OURS, on_table),
            'FetchStoredBackup': (OURS, {'StoredBackup': 'x'}),
            'GetAdvice': (OURS, {}),
            'GetCosts': (OURS, {}),
            'GetItem': ('', {**on_table, 'Key': KEY}),
            'GetItemHistory': (OURS, {**on_table, 'Key': KEY}),
            'GetPriceBook': (OURS, {}),
            'GetRecords': (STREAMS, {'ShardIterator': self.stream + '|x'}),
            'GetResourcePolicy': ('', {'ResourceArn': table_arn(table)}),
            'GetServerCosts': (OURS, {}),
            'GetSettingsHistory': (OURS, on_table),
            'GetShardIterator': (STREAMS, {'StreamArn': self.stream, 'ShardId': 'x' * 30,
                                           'ShardIteratorType': 'LATEST'}),
            'GetTableActivity': (OURS, on_table),
            'ListAccounts': (OURS, {}),
            'ListBackups': ('', {}),
            'ListDeletedTables': (OURS, {}),
            'ListItemRestores': (OURS, {}),
            'ListMoments': (OURS, on_table),
            'ListStoredBackups': (OURS, {}),
            'ListStreams': (STREAMS, {}),
            'ListTableRestores': (OURS, {}),
            'ListTables': ('', {}),
            'ListTagsOfResource': ('', {'ResourceArn': table_arn(table)}),
            'LookupEvents': (OURS, {}),
            'PutItem': ('', {**on_table, 'Item': KEY}),
            'PutResourcePolicy': ('', {'ResourceArn': table_arn(table), 'Policy': '{'}),
            'Query': ('', {**on_table, 'KeyConditionExpression': 'pk = :k', 'ExpressionAttributeValues': {
                ':k': {'S': '1'}}}),
            'ResetPrices': (OURS, {'From': '2026-01-01'}),
            'RestoreItems': (OURS, {**on_table, 'RestoreDateTime': '2026-01-01T00:00:00Z'}),
            'RestoreTableFromBackup': ('', {'BackupArn': self.backup, 'TargetTableName': 'x'}),
            'RestoreTablesToPointInTime': (OURS, {'Tables': [{'SourceTableName': table, 'TargetTableName': 'xxx'}]}),
            'RestoreTableToPointInTime': ('', {'SourceTableName': table, 'TargetTableName': 'x'}),
            'RewindTable': (OURS, {**on_table, 'RestoreDateTime': '2026-01-01T00:00:00Z'}),
            'Scan': ('', on_table),
            'SetPrice': (OURS, {'Kind': 'PITR', 'Usd': 'much'}),
            'TagResource': ('', {'ResourceArn': table_arn(table), 'Tags': [{'Key': 'a', 'Value': 'b'}]}),
            'TransactGetItems': ('', {'TransactItems': [{'Get': {'TableName': table, 'Key': KEY}}]}),
            'TransactWriteItems': ('', {'TransactItems': [put]}),
            'UndeleteTable': (OURS, {'SourceTableName': table, 'TargetTableName': 'xxx'}),
            'UntagResource': ('', {'ResourceArn': table_arn(table), 'TagKeys': ['a']}),
            'UpdateContinuousBackups': ('', on_table),
            'UpdateItem': ('', {**on_table, 'Key': KEY}),
            'UpdateTable': ('', on_table),
            'UpdateTimeToLive': ('', on_table),
            'VerifyStoredBackup': (OURS, {'StoredBackup': 'x'}),
        }

    def resource(self, form, body):
        if form in ('table', 'table-or-index'):
            return table_arn(body['TableName'])
        return {'batch': table_arn(self.name), 'transaction': table_arn(self.name),
                'backup': body.get('BackupArn'), 'restore-from-backup': body.get('BackupArn'),
                'restore-to-point-in-time': table_arn(self.name), 'restore-tables': table_arn(self.name),
                'resource-arn': body.get('ResourceArn'),
                'stream': self.stream, 'shard-iterator': self.stream, 'everything': '*'}[form]

    def refused(self, key, operation):
        """The refusal's text, or None if the request was allowed, whatever became of it."""
        target, body = self.requests()[operation]
        answer = self.server.call(operation, body, target=target or server.TARGET, access_key=key['AccessKeyId'],
                                  secret_key=key['SecretAccessKey'])
        self.assertLess(answer.status, 500, (operation, answer))
        return answer.message if answer.code == 'AccessDeniedException' else None

    def test_every_operation(self):
        user = self.user()
        key = self.iam.create_access_key(UserName=user)['AccessKey']

        def set_policy(*statements):
            self.iam.put_user_policy(UserName=user, PolicyName='p', PolicyDocument=document(*statements))

        table = actions('dynamodb')
        tried = 0
        for one in table:
            operation = one['operation']
            if operation in PERMISSIONS_ONLY:
                continue
            with self.subTest(operation=operation):
                tried += 1
                if one['resource'] == 'root':
                    set_policy(statement('*'))
                    self.assertIn(f'is not authorized to perform: {operation}', self.refused(key, operation) or '')
                    continue
                action = TRANSACTION.get(operation, one['action'])
                resource = self.resource(one['resource'], self.requests()[operation][1])
                body = self.requests()[operation][1]
                target = body.get('Tables', [body])[0].get('TargetTableName')
                extra = [statement(ON_TARGET, table_arn(target))] if target else []
                set_policy(statement('none:None'))
                text = self.refused(key, operation)
                self.assertIsNotNone(text, 'allowed without a policy')
                self.assertIn(f'is not authorized to perform: {action} on resource: {resource} because', text)
                set_policy(statement(action, resource), *extra)
                self.assertIsNone(self.refused(key, operation), 'refused with the policy it needs')
                if resource != '*':
                    for wrong in (resource + 'x', resource[:-1], resource.replace(server.REGION, 'us-east-2')):
                        set_policy(statement(action, wrong), *extra)
                        self.assertIsNotNone(self.refused(key, operation), f'allowed by {wrong}')
                for wrong in (action + 'x', action[:-1]):
                    set_policy(statement(wrong, resource), *extra)
                    self.assertIsNotNone(self.refused(key, operation), f'allowed by {wrong}')
                set_policy(statement('*'), statement(action, resource, effect='Deny'))
                self.assertIn('with an explicit deny in an identity-based policy', self.refused(key, operation) or '')
        self.assertEqual(tried, len(table) - len(PERMISSIONS_ONLY))
        self.assertEqual(tried, len(self.requests()), 'requests for operations that are not in the table')

    def test_operations_to_come(self):
        user = self.user()
        key = self.iam.create_access_key(UserName=user)['AccessKey']
        self.iam.put_user_policy(UserName=user, PolicyName='p', PolicyDocument=document(statement('*')))
        to_come = actions('dynamodb', built=False)
        self.assertGreater(len(to_come), 0)
        for one in to_come:
            for keys in ({}, {'access_key': key['AccessKeyId'], 'secret_key': key['SecretAccessKey']}):
                answer = self.server.call(one['operation'], {}, **keys)
                self.assertEqual((answer.status, answer.code), (400, 'UnknownOperationException'), one)

    def test_the_table_is_whole(self):
        """No operation that the SDK knows is missing, but those that need services which are not ours."""
        for service in ('dynamodb', 'backup'):
            model = set(self.server.client(service).meta.service_model.operation_names)
            known = {one['operation'] for built in (True, False) for one in actions(service, built)}
            self.assertEqual({name for name in model - known if not OF_OTHERS.search(name)}, set())


@unittest.skipUnless(server.ours(), 'of our own server')
class IamMatrix(IamCase):
    """The same of IAM. All names are of things that are not there, so nothing changes."""

    VALUES = {'UserName': 'no-user', 'GroupName': 'no-group', 'RoleName': 'no-role', 'PolicyName': 'no-policy',
              'PolicyArn': ACCOUNT + ':policy/no-policy', 'PolicyDocument': '{}', 'VersionId': 'v1',
              'AssumeRolePolicyDocument': json.dumps(TRUST), 'AccessKeyId': 'AKIAXXXXXXXXXXXXXXXX', 'Status': 'Active',
              'PermissionsBoundary': ACCOUNT + ':policy/no-policy', 'PolicySourceArn': ACCOUNT + ':user/no-user',
              'ActionNames.member.1': 'a:b', 'PolicyInputList.member.1': '{}', 'Tags.member.1.Key': 'a',
              'Tags.member.1.Value': 'b', 'TagKeys.member.1': 'a'}
    RESOURCES = {'all-users': ':user/', 'all-groups': ':group/', 'all-roles': ':role/', 'user': ':user/no-user',
                 'new-user': ':user/no-user', 'group': ':group/no-group', 'new-group': ':group/no-group',
                 'role': ':role/no-role', 'new-role': ':role/no-role', 'policy': ':policy/no-policy',
                 'new-policy': ':policy/no-policy', 'source': ':user/no-user'}

    def members(self, operation):
        model = json.loads((server.ROOT / 'models/iam.json').read_text())['operations'][operation]['members']
        form = {'Action': operation, 'Version': '2010-05-08'}
        for member in model:
            name = member.rstrip('!')
            for key, value in self.VALUES.items():
                if key.split('.')[0] == name and (member.endswith('!') or name in ('UserName', 'PermissionsBoundary')):
                    form[key] = value
        return form

    def refused(self, key, operation):
        body = urllib.parse.urlencode(self.members(operation)).encode()
        headers = {'Content-Type': 'application/x-www-form-urlencoded', 'Host': self.server.host}
        headers = self.server.sign(body, headers, service='iam', access_key=key['AccessKeyId'],
                                   secret_key=key['SecretAccessKey'])
        answer = self.server.send(body, headers)
        self.assertLess(answer.status, 500, (operation, answer))
        text = answer.body.decode()
        self.assertNotIn('ValidationError', text, operation)
        return text if '<Code>AccessDenied</Code>' in text and 'not authorized to perform' in text else None

    def test_every_operation(self):
        user = self.user()
        key = self.iam.create_access_key(UserName=user)['AccessKey']

        def set_policy(*statements):
            self.iam.put_user_policy(UserName=user, PolicyName='p', PolicyDocument=document(*statements))

        table = actions('iam')
        self.assertGreater(len(table), 60)
        for one in table:
            operation, action = one['operation'], one['action']
            if operation in ('CreateUser', 'CreateGroup'):
                self.addCleanup(self.forget, operation)
            with self.subTest(operation=operation):
                resource = '*' if one['resource'] == 'everything' else ACCOUNT + self.RESOURCES[one['resource']]
                set_policy(statement('none:None'))
                text = self.refused(key, operation)
                self.assertIsNotNone(text, 'allowed without a policy')
                self.assertIn(f'{action} on resource: {resource} because', text)
                if resource != '*':
                    for wrong in (resource + 'x', resource[:-1]):
                        set_policy(statement(action, wrong))
                        self.assertIsNotNone(self.refused(key, operation), f'allowed by {wrong}')
                set_policy(statement('*'), statement(action, resource, effect='Deny'))
                self.assertIn('with an explicit deny in an identity-based policy', self.refused(key, operation) or '')
                set_policy(statement(action, resource))
                self.assertIsNone(self.refused(key, operation), 'refused with the policy it needs')
                self.forget(operation)

    def forget(self, operation):
        calls = {'CreateUser': (self.iam.delete_user, 'UserName', 'no-user'),
                 'CreateGroup': (self.iam.delete_group, 'GroupName', 'no-group')}
        if operation in calls:
            call, member, name = calls[operation]
            try:
                call(**{member: name})
            except self.iam.exceptions.NoSuchEntityException:
                pass


if __name__ == '__main__':
    unittest.main()
