"""The matrix of test_action_matrix.py for KMS and STS: by the caller's policies, by key policies, by grants."""

import base64
import json
import unittest
import urllib.parse

from case import unique
from iam_case import ACCOUNT, IamCase, document, statement
import server
from test_action_matrix import actions

PREFIX = f'arn:aws:kms:{server.REGION}:{server.ACCOUNT}:'
ROOT = {**statement('kms:*'), 'Principal': {'AWS': ACCOUNT + ':root'}}
GRANTABLE = ('Decrypt', 'Encrypt', 'GenerateDataKey', 'GenerateDataKeyWithoutPlaintext', 'ReEncryptFrom', 'ReEncryptTo',
             'CreateGrant', 'DescribeKey')
# Operations that name no key but in the permission's own name.
CALLED = {'ReEncryptFrom': 'ReEncrypt', 'ReEncryptTo': 'ReEncrypt'}


@unittest.skipUnless(server.ours(), 'of our own server')
class KmsMatrix(IamCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kms = cls.server.client('kms')
        cls.other = cls.kms.create_key()['KeyMetadata']['Arn']  # the second key where an operation needs two

    def setUp(self):
        self.name = self.user()
        self.keys = self.iam.create_access_key(UserName=self.name)['AccessKey']

    def set_policy(self, *statements):
        self.iam.put_user_policy(UserName=self.name, PolicyName='p', PolicyDocument=document(*statements))

    def fresh(self, policy=None):
        """A key with an alias, and the body of a request of each operation on it."""
        more = {'Policy': policy, 'BypassPolicyLockoutSafetyCheck': True} if policy else {}
        arn = self.kms.create_key(**more)['KeyMetadata']['Arn']
        return arn

    def prepare(self, operation, arn):
        """The request's body; the resources it needs beside `arn`."""
        on_key = {'KeyId': arn}
        alias = 'alias/' + unique('of')
        if operation in ('UpdateAlias', 'DeleteAlias'):
            self.kms.create_alias(AliasName=alias, TargetKeyId=arn)
        sealing = self.other if operation == 'ReEncryptTo' else arn
        blob = ''
        if operation in ('Decrypt', 'ReEncryptFrom', 'ReEncryptTo'):
            sealed = self.kms.encrypt(KeyId=sealing, Plaintext=b'x')['CiphertextBlob']
            blob = base64.b64encode(sealed).decode()
        grant = {}
        if operation in ('RetireGrant', 'RevokeGrant'):
            made = self.kms.create_grant(KeyId=arn, GranteePrincipal=ACCOUNT + ':user/x', Operations=['Decrypt'])
            grant = {'GrantId': made['GrantId']}
        special = {
            'CreateAlias': ({'AliasName': alias, 'TargetKeyId': arn}, [PREFIX + alias]),
            'CreateGrant': ({**on_key, 'GranteePrincipal': ACCOUNT + ':user/x', 'Operations': ['Decrypt']}, []),
            'CreateKey': ({}, []),
            'Decrypt': ({'CiphertextBlob': blob}, []),
            'DeleteAlias': ({'AliasName': alias}, [PREFIX + alias]),
            'Encrypt': ({**on_key, 'Plaintext': 'QQ=='}, []),
            'GenerateDataKey': ({**on_key, 'KeySpec': 'AES_256'}, []),
            'GenerateDataKeyWithoutPlaintext': ({**on_key, 'KeySpec': 'AES_256'}, []),
            'GenerateRandom': ({'NumberOfBytes': 1}, []),
            'ListAliases': ({}, []),
            'ListKeys': ({}, []),
            'ListRetirableGrants': ({'RetiringPrincipal': ACCOUNT + ':user/x'}, []),
            'PutKeyPolicy': ({**on_key, 'Policy': '{}'}, []),
            'ReEncryptFrom': ({'CiphertextBlob': blob, 'DestinationKeyId': self.other}, []),
            'ReEncryptTo': ({'CiphertextBlob': blob, 'DestinationKeyId': arn}, []),
            'RetireGrant': ({**on_key, **grant}, []),
            'RevokeGrant': ({**on_key, **grant}, []),
            'ScheduleKeyDeletion': ({**on_key, 'PendingWindowInDays': 1}, []),
            'TagResource': ({**on_key, 'Tags': [{'TagKey': 'a', 'TagValue': 'b'}]}, []),
            'UntagResource': ({**on_key, 'TagKeys': ['a']}, []),
            'UpdateAlias': ({'AliasName': alias, 'TargetKeyId': arn}, [PREFIX + alias]),
            'UpdateKeyDescription': ({**on_key, 'Description': ''}, []),
        }
        return special.get(operation, (on_key, []))

    def other_half(self, operation):
        """ReEncrypt needs two permissions; this is the one that is not looked at."""
        halves = {'ReEncryptFrom': 'kms:ReEncryptTo', 'ReEncryptTo': 'kms:ReEncryptFrom'}
        return [statement(halves[operation], self.other)] if operation in halves else []

    def refused(self, operation, body):
        """The refusal's text, or None if the request was allowed, whatever became of it."""
        answer = self.server.call(CALLED.get(operation, operation), body, target='TrentService.', service='kms',
                                  access_key=self.keys['AccessKeyId'], secret_key=self.keys['SecretAccessKey'])
        self.assertLess(answer.status, 500, (operation, answer))
        return answer.message if answer.code == 'AccessDeniedException' else None

    def test_by_the_callers_own_policies(self):
        table = actions('kms')
        named = {CALLED.get(one['operation'], one['operation']) for one in table}
        model = json.loads((server.ROOT / 'models/kms.json').read_text())['operations']
        self.assertEqual(named, set(model))
        for one in table:
            operation, action = one['operation'], one['action']
            with self.subTest(operation=operation):
                arn = '*' if one['resource'] == 'everything' else self.fresh()
                body, also = self.prepare(operation, arn)
                extra = self.other_half(operation)
                needed = [arn, *also]
                self.set_policy(*extra, statement('none:None'))
                text = self.refused(operation, body)
                self.assertIsNotNone(text, 'allowed without a policy')
                self.assertIn(f'{action} on resource: {(also or [arn])[0]} because', text)
                for missing in needed if arn != '*' else []:
                    rest = [statement(action, [one for one in needed if one != missing])] if also else []
                    for wrong in (missing + 'x', missing[:-1], missing.replace(server.REGION, 'us-east-2')):
                        self.set_policy(*extra, *rest, statement(action, wrong))
                        self.assertIsNotNone(self.refused(operation, body), f'allowed by {wrong}')
                for wrong in (action + 'x', action[:-1]):
                    self.set_policy(*extra, statement(wrong, needed))
                    self.assertIsNotNone(self.refused(operation, body), f'allowed by {wrong}')
                # What DynamoDB may do in the caller's name, the caller may not do itself.
                through = {'StringEquals': {'kms:ViaService': f'dynamodb.{server.REGION}.amazonaws.com'}}
                self.set_policy(*extra, statement(action, needed, condition=through))
                self.assertIsNotNone(self.refused(operation, body), 'allowed by what is for DynamoDB alone')
                self.set_policy(statement('*'), statement(action, needed, effect='Deny'))
                self.assertIn('with an explicit deny in an identity-based policy', self.refused(operation, body) or '')
                self.set_policy(*extra, statement(action, needed))
                self.assertIsNone(self.refused(operation, body), 'refused with the policy it needs')

    def test_by_the_keys_policy(self):
        me = {'AWS': f'{ACCOUNT}:user/{self.name}'}
        for one in actions('kms'):
            operation, action = one['operation'], one['action']
            if one['resource'] != 'key':
                continue
            with self.subTest(operation=operation):
                arn = self.fresh()
                body, _ = self.prepare(operation, arn)
                extra = self.other_half(operation)

                def put(*statements):
                    self.kms.put_key_policy(KeyId=arn, PolicyName='default', Policy=document(ROOT, *statements),
                                            BypassPolicyLockoutSafetyCheck=True)

                self.set_policy(statement('none:None'), *extra)
                put({**statement(action + 'x'), 'Principal': me})
                self.assertIsNotNone(self.refused(operation, body), 'allowed by another action')
                put({**statement(action), 'Principal': {'AWS': ACCOUNT + ':user/somebody'}})
                self.assertIsNotNone(self.refused(operation, body), 'allowed to somebody else')
                put({**statement('kms:*', effect='Deny'), 'Principal': me})
                self.set_policy(statement('*'))
                self.assertIn('with an explicit deny in a resource-based policy', self.refused(operation, body) or '')
                self.set_policy(statement(action, arn, effect='Deny'), *extra)
                put({**statement(action), 'Principal': me})
                self.assertIn('with an explicit deny in an identity-based policy', self.refused(operation, body) or '')
                self.set_policy(statement('none:None'), *extra)
                self.assertIsNone(self.refused(operation, body), 'refused with the policy it needs')

    def test_a_key_whose_policy_does_not_name_the_account(self):
        nobody = {**statement('kms:*'), 'Principal': {'AWS': ACCOUNT + ':user/somebody'}}
        self.set_policy(statement('*'))
        for one in actions('kms'):
            operation = one['operation']
            # Others need something of the key before.
            if one['resource'] != 'key' or operation in ('Decrypt', 'ReEncryptFrom', 'RetireGrant', 'RevokeGrant'):
                continue
            with self.subTest(operation=operation):
                arn = self.fresh(document(nobody))
                body, _ = self.prepare(operation, arn)
                self.assertIn('because no resource-based policy allows', self.refused(operation, body) or '')

    def test_by_grants(self):
        me = f'{ACCOUNT}:user/{self.name}'
        for operation in GRANTABLE:
            with self.subTest(operation=operation):
                arn = self.fresh()
                body, _ = self.prepare(operation, arn)
                self.set_policy(statement('none:None'), *self.other_half(operation))
                others = [name for name in GRANTABLE if name != operation]
                first = self.kms.create_grant(KeyId=arn, GranteePrincipal=me, Operations=others)
                self.assertIsNotNone(self.refused(operation, body), 'allowed by grants of other operations')
                self.kms.revoke_grant(KeyId=arn, GrantId=first['GrantId'])
                self.kms.create_grant(KeyId=arn, GranteePrincipal=me + 'x', Operations=[operation])
                self.assertIsNotNone(self.refused(operation, body), 'allowed by a grant for somebody else')
                # Grants are passed on with what they give at most: the request gives Decrypt.
                given = ['CreateGrant', 'Decrypt'] if operation == 'CreateGrant' else [operation]
                made = self.kms.create_grant(KeyId=arn, GranteePrincipal=me, Operations=given)
                self.assertIsNone(self.refused(operation, body), 'refused with the grant it needs')
                self.set_policy(statement('kms:*', arn, effect='Deny'), *self.other_half(operation))
                self.assertIn('with an explicit deny', self.refused(operation, body) or '')
                self.set_policy(statement('none:None'), *self.other_half(operation))
                self.kms.revoke_grant(KeyId=arn, GrantId=made['GrantId'])
                self.assertIsNotNone(self.refused(operation, body), 'allowed by a grant that is revoked')


@unittest.skipUnless(server.ours(), 'of our own server')
class StsMatrix(IamCase):
    def refused(self, key, operation, members):
        form = {'Action': operation, 'Version': '2011-06-15', **members}
        body = urllib.parse.urlencode(form).encode()
        headers = {'Content-Type': 'application/x-www-form-urlencoded', 'Host': self.server.host}
        headers = self.server.sign(body, headers, service='sts', access_key=key['AccessKeyId'],
                                   secret_key=key['SecretAccessKey'])
        answer = self.server.send(body, headers)
        self.assertLess(answer.status, 500, (operation, answer))
        text = answer.body.decode()
        self.assertNotIn('ValidationError', text, operation)
        return text if '<Code>AccessDenied</Code>' in text else None

    def test_every_operation(self):
        user = self.user()
        key = self.iam.create_access_key(UserName=user)['AccessKey']
        role = f'{ACCOUNT}:role/{self.role(ACCOUNT + ":root")}'
        requests = {'AssumeRole': ({'RoleArn': role, 'RoleSessionName': 'work'}, role),
                    'GetAccessKeyInfo': ({'AccessKeyId': key['AccessKeyId']}, '*'),
                    'GetCallerIdentity': ({}, None),
                    'GetFederationToken': ({'Name': 'visitor'},
                                           f'arn:aws:sts::{server.ACCOUNT}:federated-user/visitor'),
                    'GetSessionToken': ({}, None)}

        def set_policy(*statements):
            self.iam.put_user_policy(UserName=user, PolicyName='p', PolicyDocument=document(*statements))

        table = actions('sts')
        self.assertEqual({one['operation'] for one in table}, set(requests))
        for one in table:
            operation, action = one['operation'], one['action']
            members, resource = requests[operation]
            with self.subTest(operation=operation):
                self.assertEqual(resource is None, one['resource'] == 'nothing')
                if resource is None:  # needs no permission, and cannot be denied
                    set_policy(statement('*', effect='Deny'))
                    self.assertIsNone(self.refused(key, operation, members))
                    continue
                set_policy(statement('none:None'))
                self.assertIn(f'{action} on resource: {resource} because', self.refused(key, operation, members) or '')
                for wrong in (resource + 'x', resource[:-1]) if resource != '*' else ():
                    set_policy(statement(action, wrong))
                    self.assertIsNotNone(self.refused(key, operation, members), f'allowed by {wrong}')
                set_policy(statement('*'), statement(action, resource, effect='Deny'))
                self.assertIn('with an explicit deny', self.refused(key, operation, members) or '')
                set_policy(statement(action, resource))
                self.assertIsNone(self.refused(key, operation, members), 'refused with the policy it needs')


if __name__ == '__main__':
    unittest.main()
