"""KMS as an attacker sees it: grants passed on, sessions, names of keys, other accounts."""

import json
import re
import unittest

from botocore.exceptions import ClientError

from case import table_parameters, unique, wait_active
from iam_case import ACCOUNT, ALLOW_ALL, IamCase, document, statement
import server

OURS = 'Tidemark_20261101.'
NONE = '11111111-2222-4333-8444-555555555555'
ROOT = {**statement('kms:*'), 'Principal': {'AWS': ACCOUNT + ':root'}}
FOREIGN = re.compile('because the resource does not exist in this Region, no resource-based policies allow access, '
                     'or a resource-based policy explicitly denies access$')


def under(key):
    return {'Enabled': True, 'SSEType': 'KMS', 'KMSMasterKeyId': key}


class KeyAccess(IamCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kms = cls.server.client('kms')

    def key(self, **parameters):
        return self.kms.create_key(**parameters)['KeyMetadata']['Arn']


class PassedOn(KeyAccess):
    """Who was granted CreateGrant passes on no more than it has."""

    def test_no_more_operations(self):
        key = self.key()
        name = self.user()
        me, friend = f'{ACCOUNT}:user/{name}', f'{ACCOUNT}:user/friend'
        client = self.client_of(name, 'kms')
        self.kms.create_grant(KeyId=key, GranteePrincipal=me, Operations=['CreateGrant', 'Encrypt'])
        for operations in (['Decrypt'], ['Encrypt', 'Decrypt'], ['RetireGrant']):
            for grantee in (me, friend):
                self.assertDenied(name, 'kms:CreateGrant', key, client.create_grant, KeyId=key,
                                  GranteePrincipal=grantee, Operations=operations)
        client.create_grant(KeyId=key, GranteePrincipal=friend, Operations=['Encrypt'])

    def test_no_wider_constraints(self):
        key = self.key()
        name = self.user()
        me, friend = f'{ACCOUNT}:user/{name}', f'{ACCOUNT}:user/friend'
        client = self.client_of(name, 'kms')
        self.kms.create_grant(KeyId=key, GranteePrincipal=me, Operations=['CreateGrant', 'Decrypt', 'DescribeKey'],
                              Constraints={'EncryptionContextSubset': {'a': '1'}})
        client.describe_key(KeyId=key)  # has no context
        for constraints in (None, {'EncryptionContextSubset': {'a': '2'}}, {'EncryptionContextSubset': {'b': '1'}},
                            {'EncryptionContextEquals': {'b': '1'}}):
            more = {'Constraints': constraints} if constraints else {}
            self.assertFails('AccessDeniedException', None, client.create_grant, KeyId=key, GranteePrincipal=friend,
                             Operations=['Decrypt'], **more)
        for constraints in ({'EncryptionContextSubset': {'a': '1'}}, {'EncryptionContextSubset': {'a': '1', 'b': '2'}},
                            {'EncryptionContextEquals': {'a': '1', 'c': '3'}}):
            client.create_grant(KeyId=key, GranteePrincipal=friend, Operations=['Decrypt'], Constraints=constraints)


class Sessions(KeyAccess):
    def session(self, role, **limits):
        sts = self.client_of(self.user(ALLOW_ALL), 'sts')
        answer = sts.assume_role(RoleArn=f'{ACCOUNT}:role/{role}', RoleSessionName='work', **limits)
        return self.client_with(answer, 'kms')

    def test_a_role_that_a_key_names_is_limited_by_its_session(self):
        role = self.role(ACCOUNT + ':root')
        mine = {**statement('kms:Encrypt'), 'Principal': {'AWS': f'{ACCOUNT}:role/{role}'}}
        key = self.key(Policy=document(ROOT, mine))
        self.session(role).encrypt(KeyId=key, Plaintext=b'x')
        limited = self.session(role, Policy=document(statement('kms:Decrypt')))
        self.assertFails('AccessDeniedException', re.compile('no session policy allows the kms:Encrypt action'),
                         limited.encrypt, KeyId=key, Plaintext=b'x')

    def test_a_role_that_a_key_names_is_limited_by_its_boundary(self):
        role = self.role(ACCOUNT + ':root')
        mine = {**statement('kms:Encrypt'), 'Principal': {'AWS': f'{ACCOUNT}:role/{role}'}}
        key = self.key(Policy=document(ROOT, mine))
        self.iam.put_role_permissions_boundary(
            RoleName=role, PermissionsBoundary='arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess')
        self.assertFails('AccessDeniedException', re.compile('no permissions boundary allows the kms:Encrypt action'),
                         self.session(role).encrypt, KeyId=key, Plaintext=b'x')

    def test_a_grant_for_a_role_is_for_its_sessions(self):
        role = self.role(ACCOUNT + ':root')
        key = self.key()
        grant = self.kms.create_grant(KeyId=key, GranteePrincipal=f'{ACCOUNT}:role/{role}',
                                      RetiringPrincipal=f'{ACCOUNT}:role/{role}', Operations=['Encrypt'])
        client = self.session(role)
        client.encrypt(KeyId=key, Plaintext=b'x')
        limited = self.session(role, Policy=document(statement('kms:Decrypt')))
        self.assertFails('AccessDeniedException', re.compile('no session policy'), limited.encrypt, KeyId=key,
                         Plaintext=b'x')
        client.retire_grant(KeyId=key, GrantId=grant['GrantId'])
        self.assertFails('AccessDeniedException', None, client.encrypt, KeyId=key, Plaintext=b'x')


class TableKeys(KeyAccess):
    def test_a_name_that_ends_like_dynamodbs_own(self):
        """Only DynamoDB's own key may be used without permission, not one whose alias looks so."""
        name = self.user(document(statement('dynamodb:*')))
        client = self.client_of(name)
        alias = f'alias/{unique("of")}/alias/aws/dynamodb'
        self.kms.create_alias(AliasName=alias, TargetKeyId=self.key())
        self.addCleanup(self.kms.delete_alias, AliasName=alias)
        for key in (alias, f'arn:aws:kms:{server.REGION}:{server.ACCOUNT}:{alias}'):
            self.assertFails('AccessDeniedException', re.compile('kms:DescribeKey'), client.create_table,
                             **table_parameters(unique()), SSESpecification=under(key))
        made = table_parameters(unique())
        own = f'arn:aws:kms:{server.REGION}:{server.ACCOUNT}:alias/aws/dynamodb'
        client.create_table(**made, SSESpecification=under(own))
        self.addCleanup(self.drop, made['TableName'])
        wait_active(self.db, made['TableName'])


class Accounts(KeyAccess):
    """A second account, with a user who may do everything there."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        made = cls.server.call('CreateAccount', {'Name': 'other'}, target=OURS).json
        cls.account = made['AccountId']
        keys = {'access_key': made['AccessKeyId'], 'secret_key': made['SecretAccessKey']}
        cls.their_iam = cls.server.client('iam', **keys)
        cls.their_iam.create_user(UserName='eve')
        cls.their_iam.put_user_policy(UserName='eve', PolicyName='p', PolicyDocument=ALLOW_ALL)
        user = cls.their_iam.create_access_key(UserName='eve')['AccessKey']
        eve = {'access_key': user['AccessKeyId'], 'secret_key': user['SecretAccessKey']}
        cls.credentials = {'root': keys, 'user': eve}

    def theirs(self, service):
        """Clients of both."""
        return [self.server.client(service, **keys) for keys in self.credentials.values()]

    def test_nothing_is_listed(self):
        key = self.key()
        alias = 'alias/' + unique('of')
        self.kms.create_alias(AliasName=alias, TargetKeyId=key)
        self.addCleanup(self.kms.delete_alias, AliasName=alias)
        eve = f'arn:aws:iam::{self.account}:user/eve'
        self.kms.create_grant(KeyId=key, GranteePrincipal=eve, RetiringPrincipal=eve, Operations=['Decrypt'])
        marker = self.kms.list_keys(Limit=1).get('NextMarker')
        for client in self.theirs('kms'):
            self.assertNotIn(key, [one['KeyArn'] for one in client.list_keys()['Keys']])
            if marker:
                self.assertNotIn(key, [one['KeyArn'] for one in client.list_keys(Marker=marker)['Keys']])
            self.assertNotIn(alias, [one['AliasName'] for one in client.list_aliases()['Aliases']])
            self.assertEqual(client.list_retirable_grants(RetiringPrincipal=eve)['Grants'], [])
            # Names without an account are one's own.
            for name in (key.split('/')[1], alias):
                self.assertFails('NotFoundException', None, client.describe_key, KeyId=name)

    def test_whether_it_is_there_is_not_told(self):
        key = self.key()
        alias = 'alias/' + unique('of')
        self.kms.create_alias(AliasName=alias, TargetKeyId=key)
        self.addCleanup(self.kms.delete_alias, AliasName=alias)
        grant = self.kms.create_grant(KeyId=key, GranteePrincipal=ACCOUNT + ':user/x',
                                      Operations=['Decrypt'])['GrantId']
        prefix = key[:key.index('key/')]
        pairs = ((key, f'{prefix}key/{NONE}'), (prefix + alias, prefix + alias + 'x'))
        for client in self.theirs('kms'):
            for pair in pairs:
                for call, parameters in (
                        (client.describe_key, {}), (client.encrypt, {'Plaintext': b'x'}),
                        (client.generate_data_key, {'KeySpec': 'AES_256'}), (client.get_key_policy, {}),
                        (client.put_key_policy, {'Policy': '{}'}), (client.disable_key, {}),
                        (client.schedule_key_deletion, {}), (client.list_grants, {}), (client.list_aliases, {}),
                        (client.list_resource_tags, {}), (client.tag_resource, {'Tags': []}),
                        (client.create_grant, {'GranteePrincipal': ACCOUNT + ':user/x', 'Operations': ['Decrypt']}),
                        (client.retire_grant, {'GrantId': grant}), (client.revoke_grant, {'GrantId': grant})):
                    texts = set()
                    for name in pair:
                        error = self.assertFails('AccessDeniedException', FOREIGN, call, KeyId=name, **parameters)
                        texts.add(error['Error']['Message'].replace(name, 'NAME'))
                    self.assertEqual(len(texts), 1, texts)

    def test_ciphertexts(self):
        key = self.key()
        blob = self.kms.encrypt(KeyId=key, Plaintext=b'x')['CiphertextBlob']
        nobodys = bytearray(blob)
        nobodys[5] ^= 1
        own = self.theirs('kms')[0].create_key()['KeyMetadata']['Arn']
        for client in self.theirs('kms'):
            for one in (blob, bytes(nobodys)):
                for call, more in ((client.decrypt, {}), (client.re_encrypt, {'DestinationKeyId': own})):
                    self.assertFails('AccessDeniedException', re.compile('^The ciphertext refers to'), call,
                                     CiphertextBlob=one, **more)
                self.assertFails('IncorrectKeyException', None, client.decrypt, CiphertextBlob=one, KeyId=own)

    def test_what_a_key_gives_another_account(self):
        them = {**statement('kms:*'), 'Principal': {'AWS': self.account}}
        key = self.key(Policy=document(ROOT, them))
        for client in self.theirs('kms'):
            blob = client.encrypt(KeyId=key, Plaintext=b'x')['CiphertextBlob']
            self.assertEqual(client.decrypt(CiphertextBlob=blob)['Plaintext'], b'x')
            client.describe_key(KeyId=key)
            # What rules the key stays with its account.
            for call, parameters in (
                    (client.put_key_policy, {'Policy': document(ROOT)}), (client.get_key_policy, {}),
                    (client.disable_key, {}), (client.schedule_key_deletion, {}), (client.enable_key_rotation, {}),
                    (client.update_key_description, {'Description': 'x'}),
                    (client.tag_resource, {'Tags': [{'TagKey': 'a', 'TagValue': 'b'}]})):
                self.assertFails('AccessDeniedException', FOREIGN, call, KeyId=key, **parameters)
            self.assertFails('AccessDeniedException', FOREIGN, client.create_alias, AliasName='alias/' + unique('of'),
                             TargetKeyId=key)
        # Both accounts must allow.
        self.their_iam.put_user_policy(UserName='eve', PolicyName='no', PolicyDocument=document(
            statement('kms:Encrypt', effect='Deny')))
        self.addCleanup(self.their_iam.delete_user_policy, UserName='eve', PolicyName='no')
        self.assertFails('AccessDeniedException', FOREIGN, self.theirs('kms')[1].encrypt, KeyId=key, Plaintext=b'x')

    def test_tables_under_keys_of_others(self):
        service = f'arn:aws:kms:{server.REGION}:{server.ACCOUNT}:alias/aws/dynamodb'
        self.kms.describe_key(KeyId='alias/aws/dynamodb')
        for client in self.theirs('dynamodb'):
            for key in (self.key(), service):
                self.assertFails('AccessDeniedException', re.compile('kms:DescribeKey'), client.create_table,
                                 **table_parameters(unique()), SSESpecification=under(key))

    def test_a_table_of_others_under_a_key_of_theirs(self):
        """Who may change another account's table names keys of that account, and needs its permission on them."""
        made = table_parameters(unique())
        self.db.create_table(**made)
        self.addCleanup(self.drop, made['TableName'])
        arn = wait_active(self.db, made['TableName'])['TableArn']
        policy = document({**statement('dynamodb:*'), 'Principal': {'AWS': self.account}})
        self.assertEqual(self.server.call('PutResourcePolicy', {'ResourceArn': arn, 'Policy': policy}).status, 200)
        alias = 'alias/' + unique('of')
        self.kms.create_alias(AliasName=alias, TargetKeyId=self.key())
        self.addCleanup(self.kms.delete_alias, AliasName=alias)
        mine = self.theirs('kms')[0]
        mine.create_alias(AliasName=alias, TargetKeyId=mine.create_key()['KeyMetadata']['KeyId'])
        self.addCleanup(mine.delete_alias, AliasName=alias)
        for client in self.theirs('dynamodb'):
            self.assertFails('AccessDeniedException', re.compile('kms:DescribeKey'), client.update_table,
                             TableName=arn, SSESpecification=under(alias))
        self.assertNotIn('SSEDescription', self.db.describe_table(TableName=arn)['Table'])

    def test_restores_of_items_of_others(self):
        table = self.table()
        self.db.update_continuous_backups(TableName=table, PointInTimeRecoverySpecification={
            'PointInTimeRecoveryEnabled': True})
        now = json.loads(self.server.hook('clock', {'advance_seconds': 1}).body)['now']
        job = self.server.call('RestoreItems', {'TableName': table, 'RestoreDateTime': str(now), 'DryRun': True},
                               target=OURS)
        self.assertEqual(job.status, 200, job)
        for keys in self.credentials.values():
            told = {}
            for name in (job.json['JobId'], NONE):
                answer = self.server.call('DescribeItemRestore', {'JobId': name}, target=OURS, **keys)
                self.assertRefused(answer, 'ResourceNotFoundException')
                told[answer.message.replace(name, 'ID')] = name
            self.assertEqual(len(told), 1, told)
            listed = self.server.call('ListItemRestores', {}, target=OURS, **keys)
            self.assertEqual(listed.json['ItemRestores'], [])


if __name__ == '__main__':
    unittest.main()
