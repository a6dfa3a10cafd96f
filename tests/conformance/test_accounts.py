"""Several accounts on one server: none sees anything of another's, but what roles and policies share."""

import json
import re
import unittest

from botocore.exceptions import ClientError

from case import make_table, unique, wait_active, wait_backup
from iam_case import ACCOUNT, ALLOW_ALL, IamCase, document, statement
import server
from test_cli import Program

OURS = 'Tidemark_20261101.'


class Command(Program):
    def setUp(self):
        super().setUp()
        self.running = self.server()
        self.environment = {'AWS_ACCESS_KEY_ID': server.ACCESS_KEY, 'AWS_SECRET_ACCESS_KEY': server.SECRET_KEY,
                            'AWS_DEFAULT_REGION': 'us-east-1', 'TIDEMARK_ENDPOINT': self.running.url}

    def told(self, *arguments):
        return self.assertEnds(0, '', 'account', *arguments, **self.environment).stdout

    def test_accounts_and_their_root_keys(self):
        made = json.loads(self.told('create', '--id', '222222222222', '--name', 'tests', '--output', 'json'))
        self.assertEqual((made['AccountId'], made['Name']), ('222222222222', 'tests'))
        sts = self.running.client('sts', access_key=made['AccessKeyId'], secret_key=made['SecretAccessKey'])
        self.assertEqual(sts.get_caller_identity()['Arn'], 'arn:aws:iam::222222222222:root')
        again = self.assertEnds(1, 'Account 222222222222 already exists.', 'account', 'create', '--id', '222222222222',
                                **self.environment)
        self.assertNotIn('secret', again.stdout)
        self.assertEnds(1, 'already exists', 'account', 'create', '--id', server.ACCOUNT, **self.environment)
        self.assertIn('222222222222  tests  ' + made['AccessKeyId'], self.told('list'))
        second = re.search(r'access key id      (\S+)\nsecret access key  (\S+)',
                           self.told('create-key', '222222222222'))
        self.running.client('sts', access_key=second[1], secret_key=second[2]).get_caller_identity()
        self.assertEnds(1, 'Cannot exceed quota', 'account', 'create-key', '222222222222', **self.environment)
        self.told('delete-key', '222222222222', made['AccessKeyId'])
        with self.assertRaises(ClientError):
            sts.get_caller_identity()
        # Kept across a start, and still for the operator alone.
        self.running.restart()
        self.running.client('sts', access_key=second[1], secret_key=second[2]).get_caller_identity()
        self.assertEnds(1, 'AccessDenied', 'account', 'list', **{
            **self.environment, 'TIDEMARK_ENDPOINT': self.running.url, 'AWS_ACCESS_KEY_ID': second[1],
            'AWS_SECRET_ACCESS_KEY': second[2]})

    def test_the_operator_alone_moves_the_time(self):
        """It is everybody's."""
        made = json.loads(self.told('create', '--output', 'json'))
        other = server.Endpoint(self.running.url, made['AccessKeyId'], made['SecretAccessKey'])
        before = self.running.advance(0)
        for body in ({'advance_seconds': 3600}, {'now': before + 3600}):
            refused = other.hook('clock', body)
            self.assertEqual((refused.status, refused.code), (400, 'AccessDeniedException'), refused)
            self.assertIn("the operator's account", refused.message)
        self.assertLess(self.running.advance(0), before + 600)
        self.assertEqual(other.hook('reset', {}).status, 200)  # which is of its own account

    def test_wrong_usage(self):
        self.assertEnds(2, '', 'account', **self.environment)
        self.assertEnds(1, '12', 'account', 'create', '--id', '1', **self.environment)
        self.assertEnds(1, '12 digits', 'account', 'create', '--id', '12345678901x', **self.environment)
        self.assertEnds(1, 'cannot be found', 'account', 'create-key', '333333333333', **self.environment)


class TwoAccounts(IamCase):
    """`self.other` and so on are of the second account; its root and a user who may do everything there."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        made = cls.server.call('CreateAccount', {'Name': 'other'}, target=OURS).json
        cls.account = made['AccountId']
        cls.key = (made['AccessKeyId'], made['SecretAccessKey'])
        cls.theirs = cls.client_there('dynamodb')
        cls.their_iam = cls.client_there('iam')
        cls.name = cls.class_table()
        cls.backup = cls.db.create_backup(TableName=cls.name, BackupName='mine')['BackupDetails']['BackupArn']
        wait_backup(cls.db, cls.backup)
        cls.db.update_table(TableName=cls.name, StreamSpecification={
            'StreamEnabled': True, 'StreamViewType': 'KEYS_ONLY'})

    @classmethod
    def client_there(cls, service):
        return cls.server.client(service, access_key=cls.key[0], secret_key=cls.key[1])

    def user_there(self, *policies):
        """Clients' makers of a new user of the other account."""
        name = unique('user')
        self.their_iam.create_user(UserName=name)
        for number, text in enumerate(policies):
            self.their_iam.put_user_policy(UserName=name, PolicyName=f'p{number}', PolicyDocument=text)
        key = self.their_iam.create_access_key(UserName=name)['AccessKey']
        return name, lambda service: self.server.client(service, access_key=key['AccessKeyId'],
                                                        secret_key=key['SecretAccessKey'])


class Isolation(TwoAccounts):
    def test_nothing_is_listed(self):
        mine = self.user()
        streams = self.client_there('dynamodbstreams')
        self.assertNotIn(self.name, self.theirs.list_tables()['TableNames'])
        self.assertEqual(self.theirs.list_backups()['BackupSummaries'], [])
        self.assertEqual(streams.list_streams()['Streams'], [])
        users = [user['UserName'] for user in self.their_iam.list_users()['Users']]
        self.assertNotIn(mine, users)
        self.assertEqual(self.their_iam.list_roles()['Roles'], [])
        self.assertEqual(self.their_iam.list_policies(Scope='Local')['Policies'], [])
        with self.assertRaises(self.their_iam.exceptions.NoSuchEntityException):
            self.their_iam.get_user(UserName=mine)

    def test_names_are_ones_own(self):
        with self.assertRaises(self.theirs.exceptions.ResourceNotFoundException):
            self.theirs.describe_table(TableName=self.name)
        make_table(self.theirs, name=self.name)
        self.addCleanup(self.theirs.delete_table, TableName=self.name)
        self.theirs.put_item(TableName=self.name, Item={'pk': {'S': 'theirs'}})
        self.assertIsNone(self.get(self.name, pk={'S': 'theirs'}))

    def test_guessed_arns_are_refused(self):
        table = f'arn:aws:dynamodb:{server.REGION}:{server.ACCOUNT}:table/{self.name}'
        absent = f'arn:aws:dynamodb:{server.REGION}:{server.ACCOUNT}:table/absent'
        _, clients = self.user_there(ALLOW_ALL)
        key = {'pk': {'S': '1'}}
        for client in (self.theirs, clients('dynamodb')):
            for arn in (table, absent):
                for call, parameters in (
                        (client.get_item, {'TableName': arn, 'Key': key}),
                        (client.put_item, {'TableName': arn, 'Item': key}),
                        (client.scan, {'TableName': arn}),
                        (client.batch_get_item, {'RequestItems': {arn: {'Keys': [key]}}}),
                        (client.transact_get_items, {'TransactItems': [{'Get': {'TableName': arn, 'Key': key}}]}),
                        (client.describe_table, {'TableName': arn}),
                        (client.delete_table, {'TableName': arn}),
                        (client.update_continuous_backups, {
                            'TableName': arn, 'PointInTimeRecoverySpecification': {
                                'PointInTimeRecoveryEnabled': True}}),
                        (client.list_tags_of_resource, {'ResourceArn': arn}),
                        (client.create_backup, {'TableName': arn, 'BackupName': 'abc'})):
                    self.assertFails('AccessDeniedException', re.compile('because no resource-based policy allows'),
                                     call, **parameters)
            for backup in (self.backup, self.backup + 'x'):
                for call, parameters in ((client.describe_backup, {}), (client.delete_backup, {}),
                                         (client.restore_table_from_backup, {'TargetTableName': unique()})):
                    self.assertFails('AccessDeniedException', None, call, BackupArn=backup, **parameters)
            self.assertFails('AccessDeniedException', None, client.restore_table_to_point_in_time,
                             SourceTableArn=table, TargetTableName=unique(), UseLatestRestorableTime=True)

    def test_foreign_tokens_and_iterators(self):
        arn = self.db.describe_table(TableName=self.name)['Table']['LatestStreamArn']
        mine = self.server.client('dynamodbstreams')
        shard = mine.describe_stream(StreamArn=arn)['StreamDescription']['Shards'][0]['ShardId']
        iterator = mine.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType='TRIM_HORIZON')
        streams = self.client_there('dynamodbstreams')
        self.assertFails('AccessDeniedException', None, streams.get_records,
                         ShardIterator=iterator['ShardIterator'])
        self.assertFails('AccessDeniedException', None, streams.describe_stream, StreamArn=arn)
        self.assertEqual(self.theirs.list_tables(ExclusiveStartTableName='aaa')['TableNames'], [])
        self.assertFails('AccessDeniedException', 'Access is denied', self.theirs.list_backups,
                         ExclusiveStartBackupArn=self.backup)
        self.assertEqual(self.their_iam.list_users(Marker='a', MaxItems=1)['Users'][1:], [])
        page = self.server.call('LookupEvents', {'Limit': 1}, target=OURS).json
        theirs = self.server.call('LookupEvents', {'NextToken': page['NextToken'], 'Limit': 1000}, target=OURS,
                                  access_key=self.key[0], secret_key=self.key[1]).json
        for event in theirs['Events']:
            self.assertIn(self.account, event['PrincipalArn'])

    def test_a_request_of_nobodys_account_cannot_make_accounts(self):
        answer = self.server.call('CreateAccount', {}, target=OURS, access_key=self.key[0], secret_key=self.key[1])
        self.assertRefused(answer, 'AccessDeniedException', "Accounts are for the server's operator")
        user = self.user(ALLOW_ALL)
        key = self.iam.create_access_key(UserName=user)['AccessKey']
        answer = self.server.call('CreateAccount', {}, target=OURS, access_key=key['AccessKeyId'],
                                  secret_key=key['SecretAccessKey'])
        self.assertRefused(answer, 'AccessDeniedException')


class AcrossAccounts(TwoAccounts):
    def test_a_role_is_assumed_from_another_account(self):
        name, clients = self.user_there(ALLOW_ALL)
        role = self.role(f'arn:aws:iam::{self.account}:root', document(statement('dynamodb:*')))
        arn = f'{ACCOUNT}:role/{role}'
        answer = clients('sts').assume_role(RoleArn=arn, RoleSessionName='visit')
        client = self.client_with(answer)
        self.assertIn(self.name, client.list_tables()['TableNames'])
        client.put_item(TableName=self.name, Item={'pk': {'S': 'visitor'}})
        self.assertEqual(self.get(self.name, pk={'S': 'visitor'}), {'pk': {'S': 'visitor'}})
        # Both accounts must say yes, also where the trust policy names the user itself.
        self.iam.update_assume_role_policy(RoleName=role, PolicyDocument=self.trust(
            f'arn:aws:iam::{self.account}:user/{name}'))
        clients('sts').assume_role(RoleArn=arn, RoleSessionName='visit')
        self.their_iam.delete_user_policy(UserName=name, PolicyName='p0')
        self.assertIamFails(403, 'AccessDenied', re.compile('no identity-based policy allows the sts:AssumeRole'),
                            clients('sts').assume_role, RoleArn=arn, RoleSessionName='visit')
        _, strangers = self.user_there(ALLOW_ALL)
        self.assertIamFails(403, 'AccessDenied', re.compile('no role trust policy allows the sts:AssumeRole'),
                            strangers('sts').assume_role, RoleArn=arn, RoleSessionName='visit')


class ResourcePolicies(TwoAccounts):
    def policy(self, principal, actions, resource='*', effect='Allow'):
        return document({'Effect': effect, 'Principal': {'AWS': principal}, 'Action': actions, 'Resource': resource})

    def arn(self, table):
        return f'arn:aws:dynamodb:{server.REGION}:{server.ACCOUNT}:table/{table}'

    def put(self, arn, policy, **more):
        answer = self.server.call('PutResourcePolicy', {'ResourceArn': arn, 'Policy': policy, **more})
        self.assertEqual(answer.status, 200, answer)
        return answer.json['RevisionId']

    def test_put_get_delete_and_revisions(self):
        arn = self.arn(self.table())
        call = self.server.call
        missing = f'Resource-based policy not found for the provided ResourceArn: {arn}'
        self.assertRefused(call('GetResourcePolicy', {'ResourceArn': arn}), 'PolicyNotFoundException', missing)
        self.assertEqual(call('DeleteResourcePolicy', {'ResourceArn': arn}).json, {})
        policy = self.policy(self.account, 'dynamodb:GetItem', arn)
        first = self.put(arn, policy, ExpectedRevisionId='NO_POLICY')
        self.assertEqual(call('GetResourcePolicy', {'ResourceArn': arn}).json,
                         {'Policy': policy, 'RevisionId': first})
        self.assertEqual(self.put(arn, policy), first)
        other = self.policy(self.account, 'dynamodb:PutItem', arn)
        for expected in ('NO_POLICY', '1'):
            self.assertRefused(call('PutResourcePolicy', {
                'ResourceArn': arn, 'Policy': other, 'ExpectedRevisionId': expected}), 'PolicyNotFoundException')
            self.assertRefused(call('DeleteResourcePolicy', {
                'ResourceArn': arn, 'ExpectedRevisionId': expected}), 'PolicyNotFoundException')
        second = self.put(arn, other, ExpectedRevisionId=first)
        self.assertNotEqual(first, second)
        self.assertEqual(call('DeleteResourcePolicy', {'ResourceArn': arn}).json, {'RevisionId': second})
        self.assertRefused(call('GetResourcePolicy', {'ResourceArn': arn}), 'PolicyNotFoundException')
        absent = self.arn('absent')
        self.assertRefused(call('GetResourcePolicy', {'ResourceArn': absent}), 'ResourceNotFoundException',
                           f'Requested resource not found: ResourceArn: {absent} not found')
        for text, message in (('{', 'Invalid resource-based policy: Syntax errors in policy.'),
                              (ALLOW_ALL, 'Invalid resource-based policy: Missing required field Principal'),
                              (' ' * 20481, re.compile('too large'))):
            self.assertRefused(call('PutResourcePolicy', {'ResourceArn': arn, 'Policy': text}), 'ValidationException',
                               message)

    def test_another_accounts_user_reads_and_writes(self):
        table = self.table()
        arn = self.arn(table)
        name, clients = self.user_there(document(statement('dynamodb:*')))
        user = f'arn:aws:iam::{self.account}:user/{name}'
        client = clients('dynamodb')
        item = {'pk': {'S': '1'}, 'from': {'S': 'afar'}}
        denied = re.compile(re.escape(f'User: {user} is not authorized to perform: dynamodb:PutItem on resource: {arn} '
                                      'because no resource-based policy allows the dynamodb:PutItem action'))
        self.assertFails('AccessDeniedException', denied, client.put_item, TableName=arn, Item=item)
        self.put(arn, self.policy(user, ['dynamodb:PutItem', 'dynamodb:GetItem', 'dynamodb:BatchGetItem',
                                         'dynamodb:DescribeTable'], arn))
        client.put_item(TableName=arn, Item=item)
        self.assertEqual(client.get_item(TableName=arn, Key={'pk': {'S': '1'}})['Item'], item)
        self.assertEqual(self.get(table, pk={'S': '1'}), item)
        self.assertEqual(client.describe_table(TableName=arn)['Table']['TableArn'], arn)
        got = client.batch_get_item(RequestItems={arn: {'Keys': [{'pk': {'S': '1'}}]}})['Responses']
        self.assertEqual(list(got.values()), [[item]])
        self.assertFails('AccessDeniedException', None, client.delete_item, TableName=arn, Key={'pk': {'S': '1'}})
        self.assertFails('ValidationException', re.compile('of one account'), client.batch_get_item, RequestItems={
            arn: {'Keys': [{'pk': {'S': '1'}}]}, unique(): {'Keys': [{'pk': {'S': '1'}}]}})
        # Both accounts must allow.
        self.their_iam.delete_user_policy(UserName=name, PolicyName='p0')
        self.assertFails('AccessDeniedException', re.compile('no identity-based policy'), client.get_item,
                         TableName=arn, Key={'pk': {'S': '1'}})
        # The other account's root may what the table's policy gives that account.
        self.assertFails('AccessDeniedException', None, self.theirs.get_item, TableName=arn, Key={'pk': {'S': '1'}})
        self.put(arn, self.policy(f'arn:aws:iam::{self.account}:root', 'dynamodb:GetItem', arn))
        self.theirs.get_item(TableName=arn, Key={'pk': {'S': '1'}})
        self.server.call('DeleteResourcePolicy', {'ResourceArn': arn})
        self.assertFails('AccessDeniedException', None, self.theirs.get_item, TableName=arn, Key={'pk': {'S': '1'}})

    def test_in_the_same_account(self):
        table = self.table()
        arn = self.arn(table)
        key = {'pk': {'S': '1'}}
        nobody = self.user()
        client = self.client_of(nobody)
        self.put(arn, self.policy(f'{ACCOUNT}:user/{nobody}', 'dynamodb:GetItem', arn))
        client.get_item(TableName=table, Key=key)
        self.assertDenied(nobody, 'dynamodb:PutItem', arn, client.put_item, TableName=table, Item=key)
        # Naming the account leaves it to the account's own policies.
        self.put(arn, self.policy(ACCOUNT + ':root', 'dynamodb:GetItem', arn))
        self.assertDenied(nobody, 'dynamodb:GetItem', arn, client.get_item, TableName=table, Key=key)
        # A denial counts for everybody, the root user too, who can take it back.
        self.put(arn, self.policy('*', 'dynamodb:*', effect='Deny'))
        everything = self.client_of(self.user(ALLOW_ALL))
        for one in (everything, self.db):
            self.assertFails('AccessDeniedException', re.compile('with an explicit deny in a resource-based policy'),
                             one.get_item, TableName=table, Key=key)
        answer = self.server.call('DeleteResourcePolicy', {'ResourceArn': arn})
        self.assertEqual(answer.status, 200, answer)
        self.db.get_item(TableName=table, Key=key)

    def test_a_role_named_is_limited_by_its_session(self):
        table = self.table()
        arn = self.arn(table)
        role = self.role(ACCOUNT + ':root')
        self.put(arn, self.policy(f'{ACCOUNT}:role/{role}', ['dynamodb:GetItem', 'dynamodb:PutItem'], arn))
        sts = self.client_of(self.user(ALLOW_ALL), 'sts')
        parameters = {'RoleArn': f'{ACCOUNT}:role/{role}', 'RoleSessionName': 'work'}
        self.client_with(sts.assume_role(**parameters)).put_item(TableName=table, Item={'pk': {'S': '1'}})
        limited = self.client_with(sts.assume_role(Policy=document(statement('dynamodb:GetItem')), **parameters))
        limited.get_item(TableName=table, Key={'pk': {'S': '1'}})
        self.assertFails('AccessDeniedException', re.compile('no session policy'), limited.put_item, TableName=table,
                         Item={'pk': {'S': '1'}})

    def test_of_streams(self):
        table = self.table()
        self.db.update_table(TableName=table, StreamSpecification={
            'StreamEnabled': True, 'StreamViewType': 'NEW_IMAGE'})
        arn = self.db.describe_table(TableName=table)['Table']['LatestStreamArn']
        self.db.put_item(TableName=table, Item={'pk': {'S': '1'}})
        streams = self.client_there('dynamodbstreams')
        self.assertFails('AccessDeniedException', None, streams.describe_stream, StreamArn=arn)
        # The table's policy is not the stream's.
        self.put(self.arn(table), self.policy(self.account, 'dynamodb:*'))
        self.assertFails('AccessDeniedException', None, streams.describe_stream, StreamArn=arn)
        self.put(arn, self.policy(self.account, ['dynamodb:DescribeStream', 'dynamodb:GetShardIterator',
                                                 'dynamodb:GetRecords'], arn))
        shard = streams.describe_stream(StreamArn=arn)['StreamDescription']['Shards'][0]['ShardId']
        iterator = streams.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType='TRIM_HORIZON')
        records = streams.get_records(ShardIterator=iterator['ShardIterator'])['Records']
        self.assertEqual(records[0]['dynamodb']['Keys'], {'pk': {'S': '1'}})

    def test_a_table_is_made_with_a_policy(self):
        table = unique()
        policy = self.policy(self.account, 'dynamodb:DescribeTable')
        body = {'TableName': table, 'BillingMode': 'PAY_PER_REQUEST', 'ResourcePolicy': policy,
                'AttributeDefinitions': [{'AttributeName': 'pk', 'AttributeType': 'S'}],
                'KeySchema': [{'AttributeName': 'pk', 'KeyType': 'HASH'}]}
        user = self.user(document(statement('dynamodb:CreateTable')))
        key = self.iam.create_access_key(UserName=user)['AccessKey']
        answer = self.server.call('CreateTable', body, access_key=key['AccessKeyId'],
                                  secret_key=key['SecretAccessKey'])
        self.assertRefused(answer, 'AccessDeniedException', re.compile('dynamodb:PutResourcePolicy'))
        self.assertEqual(self.server.call('CreateTable', body).status, 200)
        self.addCleanup(self.drop, table)
        wait_active(self.db, table)
        self.assertEqual(self.server.call('GetResourcePolicy', {'ResourceArn': self.arn(table)}).json['Policy'], policy)
        self.theirs.describe_table(TableName=self.arn(table))

    def test_nobody_may_be_everybody(self):
        arn = self.arn(self.table())
        allow = {'Effect': 'Allow', 'Action': 'dynamodb:GetItem', 'Resource': arn}
        everybody = ({'Principal': '*'}, {'Principal': {'AWS': '*'}}, {'NotPrincipal': {'AWS': self.account}})
        own = {'aws:PrincipalAccount': server.ACCOUNT}
        for who in everybody:
            for condition in ({}, {'Bool': {'aws:SecureTransport': 'false'}}, {'StringNotEquals': own},
                              {'StringEqualsIfExists': own}, {'ForAllValues:StringEquals': own},
                              {'StringLike': {'aws:PrincipalArn': f'{ACCOUNT}:user/*'}},
                              {'StringEquals': {'aws:PrincipalArn': '${aws:PrincipalArn}'}}):
                policy = document({**allow, **who, 'Condition': condition})
                self.assertRefused(self.server.call('PutResourcePolicy', {'ResourceArn': arn, 'Policy': policy}),
                                   'ValidationException', re.compile('gives access to everybody'))
            self.put(arn, document({**allow, **who, 'Condition': {'StringEquals': own}}))
            self.put(arn, document({**allow, **who, 'Effect': 'Deny'}))

    def test_a_denial_covers_restores(self):
        table = self.table()
        arn = self.arn(table)
        backup = self.db.create_backup(TableName=table, BackupName='mine')['BackupDetails']['BackupArn']
        wait_backup(self.db, backup)
        self.db.update_continuous_backups(TableName=table, PointInTimeRecoverySpecification={
            'PointInTimeRecoveryEnabled': True})
        self.put(arn, self.policy('*', ['dynamodb:RestoreTable*', 'dynamodb:GetItem'], effect='Deny'))
        denied = re.compile('RestoreTable.* with an explicit deny in a resource-based policy$')
        for client in (self.db, self.client_of(self.user(ALLOW_ALL))):
            self.assertFails('AccessDeniedException', denied, client.restore_table_from_backup, BackupArn=backup,
                             TargetTableName=unique())
            for source in ({'SourceTableName': table}, {'SourceTableArn': arn}):
                self.assertFails('AccessDeniedException', denied, client.restore_table_to_point_in_time, **source,
                                 TargetTableName=unique(), UseLatestRestorableTime=True)
        self.assertEqual(self.server.call('DeleteResourcePolicy', {'ResourceArn': arn}).status, 200)
        self.db.delete_backup(BackupArn=backup)

    def test_who_shuts_itself_out_must_confirm(self):
        table = self.table()
        arn = self.arn(table)
        user = self.user(document(statement('dynamodb:*')))
        key = self.iam.create_access_key(UserName=user)['AccessKey']
        keys = {'access_key': key['AccessKeyId'], 'secret_key': key['SecretAccessKey']}
        body = {'ResourceArn': arn, 'Policy': self.policy('*', 'dynamodb:PutResourcePolicy', effect='Deny')}
        self.assertRefused(self.server.call('PutResourcePolicy', body, **keys), 'ValidationException',
                           re.compile('ConfirmRemoveSelfResourceAccess'))


if __name__ == '__main__':
    unittest.main()
