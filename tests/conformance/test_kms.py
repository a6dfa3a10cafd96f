"""KMS: keys, what they seal, their aliases, policies, grants and rotation."""

import json
import re
import time
import unittest

from botocore.exceptions import ClientError

from case import unique
from iam_case import ACCOUNT, IamCase, document, statement
import server

NONE = '11111111-2222-4333-8444-555555555555'
PREFIX = f'arn:aws:kms:{server.REGION}:{server.ACCOUNT}:'


class KmsCase(IamCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kms = cls.server.client('kms')

    def key(self, **parameters):
        """The metadata of a new key."""
        return self.kms.create_key(**parameters)['KeyMetadata']

    def seal(self, key, plain=b'secret', **parameters):
        return self.kms.encrypt(KeyId=key, Plaintext=plain, **parameters)['CiphertextBlob']

    def open(self, blob, **parameters):
        return self.kms.decrypt(CiphertextBlob=blob, **parameters)['Plaintext']


class Keys(KmsCase):
    def test_made_described_listed(self):
        made = self.key(Description='of a test', Tags=[{'TagKey': 'a', 'TagValue': '1'}])
        self.assertRegex(made['KeyId'], r'^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$')
        self.assertEqual(made['Arn'], f'{PREFIX}key/{made["KeyId"]}')
        shown = {name: made[name] for name in (
            'AWSAccountId', 'Enabled', 'Description', 'KeyUsage', 'KeyState', 'Origin',
            'KeyManager', 'KeySpec', 'EncryptionAlgorithms', 'MultiRegion')}
        self.assertEqual(shown, {
            'AWSAccountId': server.ACCOUNT, 'Enabled': True, 'Description': 'of a test',
            'KeyUsage': 'ENCRYPT_DECRYPT', 'KeyState': 'Enabled', 'Origin': 'AWS_KMS',
            'KeyManager': 'CUSTOMER', 'KeySpec': 'SYMMETRIC_DEFAULT',
            'EncryptionAlgorithms': ['SYMMETRIC_DEFAULT'], 'MultiRegion': False})
        for name in (made['KeyId'], made['Arn']):
            self.assertEqual(self.kms.describe_key(KeyId=name)['KeyMetadata'], made)
        self.assertIn({'KeyId': made['KeyId'], 'KeyArn': made['Arn']}, self.pages('list_keys', 'Keys'))
        self.assertEqual(self.kms.list_resource_tags(KeyId=made['KeyId'])['Tags'],
                         [{'TagKey': 'a', 'TagValue': '1'}])

    def pages(self, operation, member, **parameters):
        found, marker = [], {}
        while True:
            page = getattr(self.kms, operation)(Limit=2, **parameters, **marker)
            self.assertLessEqual(len(page[member]), 2)
            found += page[member]
            if not page['Truncated']:
                return found
            marker = {'Marker': page['NextMarker']}

    def test_names_that_are_not_there(self):
        self.assertFails('NotFoundException', f"Key '{PREFIX}key/{NONE}' does not exist",
                         self.kms.describe_key, KeyId=NONE)
        self.assertFails('NotFoundException', "Invalid keyId 'nonsense'",
                         self.kms.describe_key, KeyId='nonsense')
        self.assertFails('NotFoundException', f'Alias {PREFIX}alias/none is not found.',
                         self.kms.describe_key, KeyId='alias/none')
        other = f'arn:aws:kms:eu-west-1:{server.ACCOUNT}:key/{NONE}'
        self.assertFails('NotFoundException', 'Invalid arn eu-west-1',
                         self.kms.describe_key, KeyId=other)
        self.assertFails('InvalidMarkerException', None, self.kms.list_keys, Marker='!')

    def test_of_another_region_is_not_there(self):
        key = self.key()
        other = self.server.client('kms', region='eu-west-1')
        self.assertFails('NotFoundException', None, other.describe_key, KeyId=key['KeyId'])
        blob = self.seal(key['KeyId'])
        self.assertFails('AccessDeniedException', re.compile('does not exist in this region'),
                         other.decrypt, CiphertextBlob=blob)

    def test_kinds_that_are_not_here(self):
        for parameters in ({'KeySpec': 'RSA_2048', 'KeyUsage': 'SIGN_VERIFY'},
                           {'KeySpec': 'HMAC_256', 'KeyUsage': 'GENERATE_VERIFY_MAC'},
                           {'Origin': 'EXTERNAL'}, {'MultiRegion': True},
                           {'CustomKeyStoreId': 'cks-1234567890abcdef0'}):
            self.assertFails('UnsupportedOperationException', None, self.kms.create_key,
                             **parameters)
        self.assertFails('UnsupportedOperationException', None, self.kms.get_public_key,
                         KeyId=NONE)
        answer = self.server.call('Nonsense', {}, target='TrentService.', service='kms')
        self.assertEqual((answer.status, answer.code), (400, 'UnknownOperationException'))

    def test_form_is_checked_in_the_models_words(self):
        self.assertFails('ValidationException',
                         "1 validation error detected: Value null at 'keyId' failed to satisfy "
                         'constraint: Member must not be null', self.kms.describe_key)
        self.assertFails('ValidationException',
                         "1 validation error detected: Value at 'plaintext' failed to satisfy "
                         'constraint: Member must have length less than or equal to 4096',
                         self.kms.encrypt, KeyId=NONE, Plaintext=b'x' * 4097)

    def test_disabled_and_enabled(self):
        key = self.key()['KeyId']
        arn = f'{PREFIX}key/{key}'
        blob = self.seal(key)
        self.kms.disable_key(KeyId=key)
        shown = self.kms.describe_key(KeyId=key)['KeyMetadata']
        self.assertEqual((shown['Enabled'], shown['KeyState']), (False, 'Disabled'))
        for call in (lambda: self.seal(key), lambda: self.open(blob),
                     lambda: self.kms.generate_data_key(KeyId=key, KeySpec='AES_256'),
                     lambda: self.kms.enable_key_rotation(KeyId=key)):
            self.assertFails('DisabledException', f'{arn} is disabled.', call)
        self.kms.enable_key(KeyId=key)
        self.assertEqual(self.open(blob), b'secret')

    def test_deletion_is_scheduled_and_cancelled(self):
        key = self.key()['KeyId']
        arn = f'{PREFIX}key/{key}'
        blob = self.seal(key)
        for days in (6, 31):
            self.assertFails('ValidationException', None, self.kms.schedule_key_deletion,
                             KeyId=key, PendingWindowInDays=days)
        pending = self.kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
        self.assertEqual((pending['KeyId'], pending['KeyState'], pending['PendingWindowInDays']),
                         (arn, 'PendingDeletion', 7))
        shown = self.kms.describe_key(KeyId=key)['KeyMetadata']
        self.assertEqual(shown['DeletionDate'], pending['DeletionDate'])
        for call in (lambda: self.open(blob), lambda: self.seal(key),
                     lambda: self.kms.enable_key(KeyId=key),
                     lambda: self.kms.schedule_key_deletion(KeyId=key)):
            self.assertFails('KMSInvalidStateException', f'{arn} is pending deletion.', call)
        self.assertEqual(self.kms.cancel_key_deletion(KeyId=key)['KeyId'], arn)
        self.assertEqual(self.kms.describe_key(KeyId=key)['KeyMetadata']['KeyState'], 'Disabled')
        self.assertFails('KMSInvalidStateException', f'{arn} is not pending deletion.',
                         self.kms.cancel_key_deletion, KeyId=key)
        self.kms.enable_key(KeyId=key)
        self.assertEqual(self.open(blob), b'secret')

    def test_description_and_tags(self):
        key = self.key()['KeyId']
        self.kms.update_key_description(KeyId=key, Description='new')
        self.assertEqual(self.kms.describe_key(KeyId=key)['KeyMetadata']['Description'], 'new')
        self.kms.tag_resource(KeyId=key, Tags=[{'TagKey': name, 'TagValue': name} for name in 'cab'])
        self.kms.untag_resource(KeyId=key, TagKeys=['b'])
        self.assertEqual(self.pages('list_resource_tags', 'Tags', KeyId=key),
                         [{'TagKey': 'a', 'TagValue': 'a'}, {'TagKey': 'c', 'TagValue': 'c'}])
        self.assertFails('TagException', None, self.kms.tag_resource, KeyId=key,
                         Tags=[{'TagKey': 'aws:x', 'TagValue': ''}])
        self.assertFails('TagException', 'Too many tags', self.kms.tag_resource, KeyId=key,
                         Tags=[{'TagKey': f'k{n}', 'TagValue': ''} for n in range(51)])


class Sealing(KmsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.id = cls.kms.create_key()['KeyMetadata']['KeyId']
        cls.arn = f'{PREFIX}key/{cls.id}'

    def test_what_was_sealed_opens(self):
        answer = self.kms.encrypt(KeyId=self.id, Plaintext=b'x' * 4096)
        self.assertEqual((answer['KeyId'], answer['EncryptionAlgorithm']),
                         (self.arn, 'SYMMETRIC_DEFAULT'))
        opened = self.kms.decrypt(CiphertextBlob=answer['CiphertextBlob'])
        self.assertEqual((opened['Plaintext'], opened['KeyId']), (b'x' * 4096, self.arn))
        self.assertNotEqual(self.seal(self.id), self.seal(self.id))

    def test_only_with_its_context(self):
        context = {'a': '1', 'b': '2'}
        blob = self.seal(self.id, EncryptionContext=context)
        self.assertEqual(self.open(blob, EncryptionContext={'b': '2', 'a': '1'}), b'secret')
        for other in ({}, {'a': '1'}, {'a': '1', 'b': '3'}, {'a': '1', 'b': '2', 'c': ''},
                      {'a1': '', 'b': '2'}):
            self.assertFails('InvalidCiphertextException', None, self.kms.decrypt,
                             CiphertextBlob=blob, EncryptionContext=other)

    def test_every_changed_byte_is_noticed(self):
        blob = self.seal(self.id)
        for at in range(0, len(blob), 7):
            changed = bytearray(blob)
            changed[at] ^= 1
            with self.assertRaises(ClientError) as raised:
                self.kms.decrypt(CiphertextBlob=bytes(changed))
            self.assertIn(raised.exception.response['Error']['Code'],
                          ('InvalidCiphertextException', 'AccessDeniedException'))
        for cut in (1, 40, len(blob) - 1):
            self.assertFails('InvalidCiphertextException', None, self.kms.decrypt,
                             CiphertextBlob=blob[:cut])

    def test_the_key_may_be_named(self):
        blob = self.seal(self.id)
        self.assertEqual(self.open(blob, KeyId=self.arn), b'secret')
        other = self.key()['KeyId']
        self.assertFails('IncorrectKeyException', re.compile('key ID in the request'),
                         self.kms.decrypt, CiphertextBlob=blob, KeyId=other)
        self.assertFails('InvalidKeyUsageException', None, self.kms.decrypt, CiphertextBlob=blob,
                         EncryptionAlgorithm='RSAES_OAEP_SHA_256')

    def test_data_keys(self):
        context = {'of': 'a test'}
        made = self.kms.generate_data_key(KeyId=self.id, KeySpec='AES_256',
                                          EncryptionContext=context)
        self.assertEqual(len(made['Plaintext']), 32)
        self.assertEqual(self.open(made['CiphertextBlob'], EncryptionContext=context),
                         made['Plaintext'])
        self.assertEqual(len(self.kms.generate_data_key(KeyId=self.id, NumberOfBytes=77)
                             ['Plaintext']), 77)
        hidden = self.kms.generate_data_key_without_plaintext(KeyId=self.id, KeySpec='AES_128')
        self.assertNotIn('Plaintext', hidden)
        self.assertEqual(len(self.open(hidden['CiphertextBlob'])), 16)
        for size in ({}, {'KeySpec': 'AES_256', 'NumberOfBytes': 32}):
            self.assertFails('ValidationException',
                             'Please specify either number of bytes or key spec.',
                             self.kms.generate_data_key, KeyId=self.id, **size)

    def test_sealed_anew_under_another_key(self):
        to = self.key()
        blob = self.seal(self.id, EncryptionContext={'a': '1'})
        answer = self.kms.re_encrypt(CiphertextBlob=blob, SourceEncryptionContext={'a': '1'},
                                     DestinationKeyId=to['KeyId'],
                                     DestinationEncryptionContext={'b': '2'})
        self.assertEqual((answer['SourceKeyId'], answer['KeyId']), (self.arn, to['Arn']))
        self.assertEqual(self.open(answer['CiphertextBlob'], EncryptionContext={'b': '2'},
                                   KeyId=to['KeyId']), b'secret')

    def test_random_bytes_and_dry_runs(self):
        self.assertEqual(len(self.kms.generate_random(NumberOfBytes=100)['Plaintext']), 100)
        answer = self.server.call('Encrypt', {'KeyId': self.id, 'Plaintext': 'QQ==', 'DryRun': True},
                                  target='TrentService.', service='kms')
        self.assertEqual((answer.code, answer.message),
                         ('DryRunOperationException',
                          'The request would have succeeded, but the DryRun option is set.'))


class Aliases(KmsCase):
    def test_name_keys_and_can_be_moved(self):
        first, second = self.key()['KeyId'], self.key()['KeyId']
        name = 'alias/' + unique('of')
        self.kms.create_alias(AliasName=name, TargetKeyId=first)
        self.assertEqual(self.kms.describe_key(KeyId=name)['KeyMetadata']['KeyId'], first)
        blob = self.seal(name)
        self.kms.update_alias(AliasName=name, TargetKeyId=second)
        self.assertEqual(self.kms.describe_key(KeyId=PREFIX + name)['KeyMetadata']['KeyId'], second)
        self.assertEqual(self.open(blob), b'secret')
        listed = self.kms.list_aliases(KeyId=second)['Aliases']
        self.assertEqual([(one['AliasName'], one['AliasArn'], one['TargetKeyId'])
                          for one in listed], [(name, PREFIX + name, second)])
        self.assertFails('AlreadyExistsException',
                         f'An alias with the name {PREFIX}{name} already exists',
                         self.kms.create_alias, AliasName=name, TargetKeyId=second)
        self.kms.delete_alias(AliasName=name)
        self.assertFails('NotFoundException', f'Alias {PREFIX}{name} is not found.',
                         self.kms.delete_alias, AliasName=name)

    def test_names_that_are_refused(self):
        key = self.key()['KeyId']
        self.assertFails('NotAuthorizedException', None, self.kms.create_alias,
                         AliasName='alias/aws/mine', TargetKeyId=key)
        self.assertFails('InvalidAliasNameException', None, self.kms.create_alias,
                         AliasName='mine', TargetKeyId=key)
        self.assertFails('ValidationException', re.compile("at 'aliasName' failed"),
                         self.kms.create_alias, AliasName='alias/ä', TargetKeyId=key)

    def test_the_services_own_key_is_made_at_first_use(self):
        key = self.kms.describe_key(KeyId='alias/aws/dynamodb')['KeyMetadata']
        self.assertEqual((key['KeyManager'], key['KeyState']), ('AWS', 'Enabled'))
        self.assertEqual(self.kms.describe_key(KeyId='alias/aws/dynamodb')['KeyMetadata'], key)
        for call in (self.kms.disable_key, self.kms.schedule_key_deletion,
                     self.kms.generate_data_key_without_plaintext):
            self.assertFails('AccessDeniedException', None, call, KeyId=key['KeyId'])


class Access(KmsCase):
    def test_the_accounts_policies_decide_by_default(self):
        key = self.key()
        name = self.user(document(statement(['kms:Encrypt', 'kms:DescribeKey'], key['Arn'])))
        mine = self.client_of(name, 'kms')
        blob = mine.encrypt(KeyId=key['KeyId'], Plaintext=b'x')['CiphertextBlob']
        self.assertDenied(name, 'kms:Decrypt', key['Arn'], mine.decrypt, CiphertextBlob=blob)
        self.assertDenied(name, 'kms:DescribeKey', f'{PREFIX}key/{NONE}', mine.describe_key,
                          KeyId=NONE)
        self.assertDenied(name, 'kms:CreateKey', '*', mine.create_key)
        self.assertDenied(name, 'kms:ListKeys', '*', mine.list_keys)

    def test_the_keys_policy_decides_alone(self):
        name = self.user()
        me = f'{ACCOUNT}:user/{name}'
        root = {**statement('kms:*'), 'Principal': {'AWS': ACCOUNT + ':root'}}
        mine = {**statement(['kms:Encrypt', 'kms:Decrypt']), 'Principal': {'AWS': me}}
        key = self.key(Policy=document(root, mine))
        client = self.client_of(name, 'kms')
        blob = client.encrypt(KeyId=key['KeyId'], Plaintext=b'x')['CiphertextBlob']
        self.assertEqual(client.decrypt(CiphertextBlob=blob)['Plaintext'], b'x')
        deny = {**statement('kms:Decrypt', effect='Deny'), 'Principal': '*'}
        self.kms.put_key_policy(KeyId=key['KeyId'], Policy=document(root, mine, deny))
        self.assertDenied(name, 'kms:Decrypt', key['Arn'], client.decrypt,
                          'with an explicit deny in a resource-based policy', CiphertextBlob=blob)
        self.assertFails('AccessDeniedException', re.compile('explicit deny in a resource-based'),
                         self.kms.decrypt, CiphertextBlob=blob)

    def test_without_the_account_in_it_nobody_else_may(self):
        name = self.user()
        me = {**statement('kms:*'), 'Principal': {'AWS': f'{ACCOUNT}:user/{name}'}}
        self.assertFails('MalformedPolicyDocumentException', re.compile('will not allow you'),
                         self.kms.create_key, Policy=document(me))
        key = self.key(Policy=document(me), BypassPolicyLockoutSafetyCheck=True)
        self.assertFails(
            'AccessDeniedException',
            f'User: {ACCOUNT}:root is not authorized to perform: kms:DescribeKey on resource: '
            f'{key["Arn"]} because no resource-based policy allows the kms:DescribeKey action',
            self.kms.describe_key, KeyId=key['KeyId'])
        self.client_of(name, 'kms').schedule_key_deletion(KeyId=key['KeyId'])

    def test_policies_are_kept_and_checked(self):
        key = self.key()['KeyId']
        default = json.loads(self.kms.get_key_policy(KeyId=key, PolicyName='default')['Policy'])
        self.assertEqual(default['Statement'][0]['Principal'], {'AWS': ACCOUNT + ':root'})
        self.assertEqual(self.kms.list_key_policies(KeyId=key)['PolicyNames'], ['default'])
        for text in ('{}', 'x', document(statement('kms:*'))):
            self.assertFails('MalformedPolicyDocumentException', None, self.kms.put_key_policy,
                             KeyId=key, PolicyName='default', Policy=text)
        self.assertFails('NotFoundException', 'No such policy exists', self.kms.get_key_policy,
                         KeyId=key, PolicyName='other')

    def test_conditions_on_the_context_tags_and_aliases(self):
        key = self.key(Tags=[{'TagKey': 'team', 'TagValue': 'red'}])
        alias = 'alias/' + unique('of')
        self.kms.create_alias(AliasName=alias, TargetKeyId=key['KeyId'])
        self.addCleanup(self.kms.delete_alias, AliasName=alias)
        name = self.user(document(
            statement('kms:Encrypt', condition={
                'StringEquals': {'kms:EncryptionContext:Team': 'red',
                                 'aws:ResourceTag/team': 'red'}}),
            statement('kms:GenerateDataKey', condition={
                'StringEquals': {'kms:RequestAlias': alias}}),
            statement('kms:GenerateDataKeyWithoutPlaintext', condition={
                'ForAnyValue:StringEquals': {'kms:ResourceAliases': alias}})))
        client = self.client_of(name, 'kms')
        client.encrypt(KeyId=key['KeyId'], Plaintext=b'x', EncryptionContext={'Team': 'red'})
        self.assertDenied(name, 'kms:Encrypt', key['Arn'], client.encrypt, KeyId=key['KeyId'],
                          Plaintext=b'x', EncryptionContext={'Team': 'blue'})
        client.generate_data_key(KeyId=alias, KeySpec='AES_256')
        self.assertDenied(name, 'kms:GenerateDataKey', key['Arn'], client.generate_data_key,
                          KeyId=key['KeyId'], KeySpec='AES_256')
        client.generate_data_key_without_plaintext(KeyId=key['KeyId'], KeySpec='AES_256')


class Grants(KmsCase):
    def test_let_somebody_do_what_they_name(self):
        key = self.key()
        name = self.user()
        me = f'{ACCOUNT}:user/{name}'
        client = self.client_of(name, 'kms')
        blob = self.seal(key['KeyId'], EncryptionContext={'a': '1', 'b': '2'})
        made = self.kms.create_grant(
            KeyId=key['KeyId'], GranteePrincipal=me, RetiringPrincipal=me, Operations=['Decrypt'],
            Constraints={'EncryptionContextSubset': {'a': '1'}}, Name='one')
        again = self.kms.create_grant(
            KeyId=key['KeyId'], GranteePrincipal=me, RetiringPrincipal=me, Operations=['Decrypt'],
            Constraints={'EncryptionContextSubset': {'a': '1'}}, Name='one')
        self.assertEqual(made['GrantId'], again['GrantId'])
        self.assertEqual(client.decrypt(CiphertextBlob=blob, EncryptionContext={
            'a': '1', 'b': '2'})['Plaintext'], b'secret')
        other = self.seal(key['KeyId'], EncryptionContext={'a': '2'})
        self.assertDenied(name, 'kms:Decrypt', key['Arn'], client.decrypt, CiphertextBlob=other,
                          EncryptionContext={'a': '2'})
        listed = self.kms.list_grants(KeyId=key['KeyId'])['Grants']
        self.assertEqual([(one['GrantId'], one['Name'], one['GranteePrincipal'], one['Operations'],
                           one['Constraints']) for one in listed],
                         [(made['GrantId'], 'one', me, ['Decrypt'],
                           {'EncryptionContextSubset': {'a': '1'}})])
        self.assertEqual(self.kms.list_retirable_grants(RetiringPrincipal=me)['Grants'], listed)
        client.retire_grant(GrantToken=made['GrantToken'])
        self.assertDenied(name, 'kms:Decrypt', key['Arn'], client.decrypt, CiphertextBlob=blob,
                          EncryptionContext={'a': '1', 'b': '2'})

    def test_are_revoked(self):
        key = self.key()['KeyId']
        made = self.kms.create_grant(KeyId=key, GranteePrincipal=ACCOUNT + ':user/x',
                                     Operations=['Encrypt', 'DescribeKey'])
        self.kms.revoke_grant(KeyId=key, GrantId=made['GrantId'])
        self.assertEqual(self.kms.list_grants(KeyId=key)['Grants'], [])
        self.assertFails('InvalidGrantIdException', None, self.kms.revoke_grant, KeyId=key,
                         GrantId=made['GrantId'])
        self.assertFails('InvalidGrantTokenException', None, self.kms.retire_grant,
                         GrantToken=made['GrantToken'])


class Rotation(KmsCase):
    def test_on_demand_keeps_what_was_sealed_before(self):
        key = self.key()['KeyId']
        before = self.seal(key)
        self.assertFalse(self.kms.get_key_rotation_status(KeyId=key)['KeyRotationEnabled'])
        for name in ('RotateKeyOnDemand', 'ListKeyRotations'):  # unknown to older clients
            answer = self.server.call(name, {'KeyId': key}, target='TrentService.', service='kms')
            self.assertEqual(answer.status, 200, answer)
        self.assertEqual([(one['RotationType'], one['KeyMaterialState'])
                          for one in answer.json['Rotations']], [('ON_DEMAND', 'CURRENT')])
        self.assertEqual(self.open(before), b'secret')
        self.assertEqual(self.open(self.seal(key, b'after')), b'after')
        self.kms.schedule_key_deletion(KeyId=key)
        self.assertFails('KMSInvalidStateException', None, self.kms.get_key_rotation_status,
                         KeyId=key)

    def test_is_switched_on_and_off(self):
        key = self.key()['KeyId']
        self.kms.enable_key_rotation(KeyId=key)
        self.assertTrue(self.kms.get_key_rotation_status(KeyId=key)['KeyRotationEnabled'])
        self.kms.disable_key_rotation(KeyId=key)
        self.assertFalse(self.kms.get_key_rotation_status(KeyId=key)['KeyRotationEnabled'])


@unittest.skipUnless(server.ours(), 'moves time and restarts the server')
class Time(unittest.TestCase):
    def test_restart_rotation_and_deletion(self):
        with server.Server() as own:
            kms = own.client('kms')
            key = kms.create_key()['KeyMetadata']['KeyId']
            doomed = kms.create_key()['KeyMetadata']['KeyId']
            kms.create_alias(AliasName='alias/doomed', TargetKeyId=doomed)
            kms.enable_key_rotation(KeyId=key)
            blob = kms.encrypt(KeyId=key, Plaintext=b'kept')['CiphertextBlob']
            lost = kms.encrypt(KeyId=doomed, Plaintext=b'lost')['CiphertextBlob']
            own.restart(crash=True)
            kms = own.client('kms')
            self.assertEqual(kms.decrypt(CiphertextBlob=blob)['Plaintext'], b'kept')
            kms.schedule_key_deletion(KeyId=doomed, PendingWindowInDays=7)
            own.advance(366 * 86400)
            deadline = time.monotonic() + 30
            while time.monotonic() < deadline:
                answer = own.call('ListKeyRotations', {'KeyId': key}, target='TrentService.',
                                  service='kms')
                gone = doomed not in [one['KeyId'] for one in kms.list_keys()['Keys']]
                if answer.json['Rotations'] and gone:
                    break
                time.sleep(0.1)
            self.assertEqual([one['RotationType'] for one in answer.json['Rotations']],
                             ['AUTOMATIC'])
            self.assertEqual(kms.decrypt(CiphertextBlob=blob)['Plaintext'], b'kept')
            with self.assertRaises(ClientError) as raised:
                kms.decrypt(CiphertextBlob=lost)
            self.assertEqual(raised.exception.response['Error']['Code'], 'AccessDeniedException')
            self.assertEqual(kms.list_aliases()['Aliases'], [])


if __name__ == '__main__':
    unittest.main()
