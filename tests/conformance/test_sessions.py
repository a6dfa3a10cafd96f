"""Credentials stop when their time is over, and what changes who may do what holds for the very next request."""

import unittest

from botocore.exceptions import ClientError

from case import make_table
from iam_case import ACCOUNT, ALLOW_ALL, IamCase, document, statement
import server

KEY = {'pk': {'S': '1'}}


@unittest.skipUnless(server.ours(), 'moves time')
class Expiry(IamCase):
    @classmethod
    def setUpClass(cls):
        cls.server = server.Server()
        cls.db = cls.server.client()
        cls.iam = cls.server.client('iam')
        cls.class_tables = []

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def every_service(self, answer):
        """A call of each service with the credentials of an answer of STS."""
        return {'dynamodb': self.client_with(answer).list_tables,
                'dynamodbstreams': self.client_with(answer, 'dynamodbstreams').list_streams,
                'kms': self.client_with(answer, 'kms').list_keys,
                'sts': self.client_with(answer, 'sts').get_caller_identity}

    def test_sessions_end_with_their_time(self):
        name = self.user(ALLOW_ALL)
        sts = self.client_of(name, 'sts')
        role = self.role(ACCOUNT + ':root', ALLOW_ALL)
        assumed = {'RoleArn': f'{ACCOUNT}:role/{role}', 'RoleSessionName': 'work', 'DurationSeconds': 900}
        answers = {'role': sts.assume_role(**assumed),
                   'user': sts.get_session_token(DurationSeconds=900),
                   'federated': sts.get_federation_token(Name='visitor', Policy=ALLOW_ALL, DurationSeconds=900),
                   'root': self.server.client('sts').get_session_token(DurationSeconds=900)}
        longer = sts.assume_role(**{**assumed, 'DurationSeconds': 3600})
        calls = {kind: self.every_service(answer) for kind, answer in answers.items()}
        del calls['federated']['sts'], calls['user']['sts']  # others than GetCallerIdentity are refused; one is enough
        self.server.advance(600)
        for kind, services in calls.items():
            for call in services.values():
                call()
        self.server.advance(301)
        for kind, services in calls.items():
            for service, call in services.items():
                with self.subTest(kind=kind, service=service):
                    with self.assertRaises(ClientError) as raised:
                        call()
                    error = raised.exception.response['Error']
                    code = 'ExpiredToken' if service == 'sts' else 'ExpiredTokenException'
                    self.assertEqual((error['Code'], error['Message']),
                                     (code, 'The security token included in the request is expired'))
        for call in self.every_service(longer).values():
            call()
        # One made now has all of its time.
        for call in self.every_service(sts.assume_role(**assumed)).values():
            call()

    def test_when_a_role_was_used_last(self):
        role = self.role(ACCOUNT + ':root', ALLOW_ALL)
        sts = self.client_of(self.user(ALLOW_ALL), 'sts')
        answer = sts.assume_role(RoleArn=f'{ACCOUNT}:role/{role}', RoleSessionName='work')
        self.assertEqual(self.iam.get_role(RoleName=role)['Role']['RoleLastUsed'], {})
        self.client_with(answer).list_tables()
        used = self.iam.get_role(RoleName=role)['Role']['RoleLastUsed']
        self.assertEqual(used['Region'], server.REGION)
        self.assertIn('LastUsedDate', used)


@unittest.skipUnless(server.ours(), 'of our own server')
class NextRequest(IamCase):
    """Each change is followed by a request at once, with a client whose connection is open already."""

    def setUp(self):
        self.name = self.user()
        self.key = self.iam.create_access_key(UserName=self.name)['AccessKey']
        self.client = self.server.client(access_key=self.key['AccessKeyId'], secret_key=self.key['SecretAccessKey'])
        self.t = make_table(self.db)
        self.addCleanup(self.drop, self.t)

    def allowed(self):
        self.client.put_item(TableName=self.t, Item=KEY)

    def refused(self, code='AccessDeniedException'):
        self.assertFails(code, None, self.client.put_item, TableName=self.t, Item=KEY)

    def test_policies(self):
        arn = self.iam.create_policy(PolicyName=self.name, PolicyDocument=ALLOW_ALL)['Policy']['Arn']
        self.addCleanup(self.iam.delete_policy, PolicyArn=arn)
        self.iam.create_group(GroupName=self.name)
        self.addCleanup(self.iam.delete_group, GroupName=self.name)
        self.addCleanup(self.remove_user, self.name)
        nothing = document(statement('none:None'))
        user, group = {'UserName': self.name}, {'GroupName': self.name}
        inline = {'PolicyName': 'p', 'PolicyDocument': ALLOW_ALL}
        for allow, refuse in (
                (lambda: self.iam.put_user_policy(**user, **inline),
                 lambda: self.iam.put_user_policy(**user, PolicyName='p', PolicyDocument=nothing)),
                (lambda: self.iam.put_user_policy(**user, **inline),
                 lambda: self.iam.delete_user_policy(**user, PolicyName='p')),
                (lambda: self.iam.attach_user_policy(**user, PolicyArn=arn),
                 lambda: self.iam.detach_user_policy(**user, PolicyArn=arn)),
                (lambda: (self.iam.put_group_policy(**group, **inline), self.iam.add_user_to_group(**user, **group)),
                 lambda: self.iam.remove_user_from_group(**user, **group)),
                (lambda: (self.iam.put_group_policy(**group, **inline), self.iam.add_user_to_group(**user, **group)),
                 lambda: self.iam.delete_group_policy(**group, PolicyName='p')),
                (lambda: self.iam.attach_group_policy(**group, PolicyArn=arn),
                 lambda: self.iam.detach_group_policy(**group, PolicyArn=arn))):
            for _ in range(3):
                self.refused()
                allow()
                self.allowed()
                refuse()
            self.refused()

    def test_versions_and_boundaries(self):
        nothing = document(statement('none:None'))
        arn = self.iam.create_policy(PolicyName=self.name, PolicyDocument=ALLOW_ALL)['Policy']['Arn']
        self.addCleanup(self.iam.delete_policy, PolicyArn=arn)
        self.iam.create_policy_version(PolicyArn=arn, PolicyDocument=nothing)
        self.addCleanup(self.iam.delete_policy_version, PolicyArn=arn, VersionId='v2')
        self.addCleanup(self.iam.set_default_policy_version, PolicyArn=arn, VersionId='v1')
        self.iam.put_user_policy(UserName=self.name, PolicyName='p', PolicyDocument=ALLOW_ALL)
        self.iam.put_user_permissions_boundary(UserName=self.name, PermissionsBoundary=arn)
        self.addCleanup(self.iam.delete_user_permissions_boundary, UserName=self.name)
        for _ in range(3):
            self.allowed()
            self.iam.set_default_policy_version(PolicyArn=arn, VersionId='v2')
            self.refused()
            self.iam.set_default_policy_version(PolicyArn=arn, VersionId='v1')

    def test_keys_and_users(self):
        self.iam.put_user_policy(UserName=self.name, PolicyName='p', PolicyDocument=ALLOW_ALL)
        which = {'UserName': self.name, 'AccessKeyId': self.key['AccessKeyId']}
        for _ in range(3):
            self.allowed()
            self.iam.update_access_key(**which, Status='Inactive')
            self.refused('UnrecognizedClientException')
            self.iam.update_access_key(**which, Status='Active')
        self.allowed()
        self.iam.delete_access_key(**which)
        self.refused('UnrecognizedClientException')

    def test_sessions_of_what_is_gone(self):
        self.iam.put_user_policy(UserName=self.name, PolicyName='p', PolicyDocument=ALLOW_ALL)
        sts = self.client_of(self.name, 'sts')
        role = self.role(ACCOUNT + ':root', ALLOW_ALL)
        of_role = self.client_with(sts.assume_role(RoleArn=f'{ACCOUNT}:role/{role}', RoleSessionName='work'))
        of_user = self.client_with(sts.get_session_token())
        for client in (of_role, of_user):
            client.put_item(TableName=self.t, Item=KEY)
        self.iam.put_role_policy(RoleName=role, PolicyName='p0', PolicyDocument=document(statement('none:None')))
        self.assertFails('AccessDeniedException', None, of_role.put_item, TableName=self.t, Item=KEY)
        self.iam.delete_user_policy(UserName=self.name, PolicyName='p')
        self.assertFails('AccessDeniedException', None, of_user.put_item, TableName=self.t, Item=KEY)
        self.remove_role(role)
        self.remove_user(self.name)
        for client in (of_role, of_user):
            self.assertFails('UnrecognizedClientException', None, client.put_item, TableName=self.t, Item=KEY)
        self.refused('UnrecognizedClientException')
        # Another user of that name is another user.
        self.iam.create_user(UserName=self.name)
        self.iam.put_user_policy(UserName=self.name, PolicyName='p', PolicyDocument=ALLOW_ALL)
        self.assertFails('UnrecognizedClientException', None, of_user.put_item, TableName=self.t, Item=KEY)


if __name__ == '__main__':
    unittest.main()
