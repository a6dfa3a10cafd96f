"""The operations of IAM and STS, and who may call them."""

import json
import re
import unittest

from botocore.exceptions import ClientError

from case import unique
from iam_case import ACCOUNT, ALLOW_ALL, IamCase, document, statement, table_arn
import server


class Users(IamCase):
    def test_created_shown_listed_changed_deleted(self):
        name = unique('user')
        made = self.iam.create_user(UserName=name, Path='/team/', Tags=[
            {'Key': 'color', 'Value': 'red'}])['User']
        self.addCleanup(self.remove_user, name)
        self.assertRegex(made['UserId'], r'^AIDA[A-Z2-7]{17}$')
        self.assertEqual(made['Arn'], f'{ACCOUNT}:user/team/{name}')
        self.assertEqual(self.iam.get_user(UserName=name)['User'], made)
        self.assertEqual(made['Tags'], [{'Key': 'color', 'Value': 'red'}])
        under = [user['UserName'] for user in self.iam.list_users(PathPrefix='/team/')['Users']]
        self.assertIn(name, under)
        other = unique('renamed')
        self.iam.update_user(UserName=name, NewUserName=other, NewPath='/')
        self.addCleanup(self.remove_user, other)
        self.assertEqual(self.iam.get_user(UserName=other)['User']['UserId'], made['UserId'])
        self.assertIamFails(404, 'NoSuchEntity', f'The user with name {name} cannot be found.',
                            self.iam.get_user, UserName=name)
        self.iam.delete_user(UserName=other)
        self.assertIamFails(404, 'NoSuchEntity', f'The user with name {other} cannot be found.',
                            self.iam.delete_user, UserName=other)

    def test_names_are_unique_without_case_and_checked(self):
        name = self.user()
        self.assertIamFails(409, 'EntityAlreadyExists',
                            f'User with name {name.upper()} already exists.',
                            self.iam.create_user, UserName=name.upper())
        self.assertIamFails(400, 'ValidationError', re.compile('specified value for userName'),
                            self.iam.create_user, UserName='a b')
        self.assertIamFails(400, 'ValidationError', re.compile("Value null at 'userName'"),
                            self.iam.create_user)

    def test_tags(self):
        name = self.user()
        self.iam.tag_user(UserName=name, Tags=[{'Key': 'a', 'Value': '1'},
                                               {'Key': 'b', 'Value': ''}])
        self.iam.untag_user(UserName=name, TagKeys=['a'])
        self.assertEqual(self.iam.list_user_tags(UserName=name)['Tags'],
                         [{'Key': 'b', 'Value': ''}])
        self.assertIamFails(400, 'InvalidInput', re.compile('reserved'), self.iam.tag_user,
                            UserName=name, Tags=[{'Key': 'AWS:x', 'Value': '1'}])

    def test_pages(self):
        names = sorted(self.user(Path='/pages/') for _ in range(5))
        seen, marker = [], {}
        while True:
            page = self.iam.list_users(PathPrefix='/pages/', MaxItems=2, **marker)
            self.assertLessEqual(len(page['Users']), 2)
            seen += [user['UserName'] for user in page['Users']]
            if not page['IsTruncated']:
                break
            marker = {'Marker': page['Marker']}
        self.assertEqual(seen, names)

    def test_a_user_with_anything_cannot_be_deleted(self):
        name = self.user(ALLOW_ALL)
        self.assertIamFails(409, 'DeleteConflict',
                            'Cannot delete entity, must delete policies first.',
                            self.iam.delete_user, UserName=name)

    def test_access_keys(self):
        name = self.user()
        key = self.iam.create_access_key(UserName=name)['AccessKey']
        self.assertRegex(key['AccessKeyId'], r'^AKIA[A-Z2-7]{16}$')
        self.assertEqual((len(key['SecretAccessKey']), key['Status']), (40, 'Active'))
        self.iam.create_access_key(UserName=name)
        self.assertIamFails(409, 'LimitExceeded', 'Cannot exceed quota for AccessKeysPerUser: 2',
                            self.iam.create_access_key, UserName=name)
        listed = self.iam.list_access_keys(UserName=name)['AccessKeyMetadata']
        self.assertEqual(len(listed), 2)
        self.assertNotIn('SecretAccessKey', listed[0])

        used = self.iam.get_access_key_last_used(AccessKeyId=key['AccessKeyId'])
        self.assertEqual((used['UserName'], used['AccessKeyLastUsed']['ServiceName']),
                         (name, 'N/A'))
        sts = self.server.client('sts', access_key=key['AccessKeyId'],
                                 secret_key=key['SecretAccessKey'])
        sts.get_caller_identity()
        used = self.iam.get_access_key_last_used(AccessKeyId=key['AccessKeyId'])
        self.assertEqual(used['AccessKeyLastUsed']['ServiceName'], 'sts')

        self.iam.update_access_key(UserName=name, AccessKeyId=key['AccessKeyId'],
                                   Status='Inactive')
        self.assertIamFails(403, 'InvalidClientTokenId', None, sts.get_caller_identity)
        self.iam.update_access_key(UserName=name, AccessKeyId=key['AccessKeyId'], Status='Active')
        sts.get_caller_identity()
        self.iam.delete_access_key(UserName=name, AccessKeyId=key['AccessKeyId'])
        self.assertIamFails(403, 'InvalidClientTokenId', None, sts.get_caller_identity)

    def test_caller_identity(self):
        root = self.server.client('sts').get_caller_identity()
        self.assertEqual((root['Arn'], root['Account']), (ACCOUNT + ':root', server.ACCOUNT))
        name = self.user()
        identity = self.client_of(name, 'sts').get_caller_identity()
        self.assertEqual(identity['Arn'], f'{ACCOUNT}:user/{name}')
        self.assertRegex(identity['UserId'], '^AIDA')

    def test_own_user_without_a_name(self):
        name = self.user(document(statement('iam:GetUser', ACCOUNT + ':user/${aws:username}')))
        self.assertEqual(self.client_of(name, 'iam').get_user()['User']['UserName'], name)


class Policies(IamCase):
    def policy(self, text, **parameters):
        arn = self.iam.create_policy(PolicyName=unique('policy'), PolicyDocument=text,
                                     **parameters)['Policy']['Arn']
        self.addCleanup(self.remove_policy, arn)
        return arn

    def remove_policy(self, arn):
        try:
            for version in self.iam.list_policy_versions(PolicyArn=arn)['Versions']:
                if not version['IsDefaultVersion']:
                    self.iam.delete_policy_version(PolicyArn=arn, VersionId=version['VersionId'])
            self.iam.delete_policy(PolicyArn=arn)
        except ClientError:
            pass

    def test_inline_policies_come_back_as_they_were_given(self):
        text = ('{"Version": "2012-10-17",\n "Statement": [{"Effect": "Allow", "Action": "a:*", '
                '"Resource": "*", "Condition": {"StringEquals": {"aws:x": "é&<>\\"%"}}}]}')
        name = self.user(text)
        got = self.iam.get_user_policy(UserName=name, PolicyName='p0')
        self.assertEqual(got['PolicyDocument'], json.loads(text))
        self.assertEqual(self.iam.list_user_policies(UserName=name)['PolicyNames'], ['p0'])
        self.assertIamFails(404, 'NoSuchEntity',
                            'The user policy with name x cannot be found.',
                            self.iam.get_user_policy, UserName=name, PolicyName='x')

    def test_malformed_documents_are_refused(self):
        name = self.user()
        for text, message in (
                ('no JSON', 'Syntax errors in policy.'),
                (document(statement('a:b', 'table/x')),
                 'Resource table/x must be in ARN format or "*".'),
                (json.dumps({'Statement': [statement('a:b')]}),
                 'Policy document must be version 2012-10-17 or greater.')):
            self.assertIamFails(400, 'MalformedPolicyDocument', message, self.iam.put_user_policy,
                                UserName=name, PolicyName='p', PolicyDocument=text)

    def test_versions(self):
        arn = self.policy(ALLOW_ALL, Description='all')
        self.assertEqual(self.iam.get_policy(PolicyArn=arn)['Policy']['DefaultVersionId'], 'v1')
        made = self.iam.create_policy_version(PolicyArn=arn, SetAsDefault=True,
                                              PolicyDocument=document(statement('a:b')))
        self.assertTrue(made['PolicyVersion']['IsDefaultVersion'])
        shown = self.iam.get_policy_version(PolicyArn=arn, VersionId='v2')['PolicyVersion']
        self.assertEqual(shown['Document']['Statement'][0]['Action'], 'a:b')
        self.assertIamFails(409, 'DeleteConflict', re.compile('more than one version'),
                            self.iam.delete_policy, PolicyArn=arn)
        self.iam.set_default_policy_version(PolicyArn=arn, VersionId='v1')
        self.iam.delete_policy_version(PolicyArn=arn, VersionId='v2')
        self.assertEqual(len(self.iam.list_policy_versions(PolicyArn=arn)['Versions']), 1)
        self.iam.delete_policy(PolicyArn=arn)
        self.assertIamFails(404, 'NoSuchEntity', f'Policy {arn} was not found.',
                            self.iam.get_policy, PolicyArn=arn)

    def test_attachments_and_groups(self):
        arn = self.policy(document(statement('dynamodb:ListTables')))
        name, group = self.user(), unique('group')
        self.iam.create_group(GroupName=group)
        self.iam.attach_group_policy(GroupName=group, PolicyArn=arn)
        client = self.client_of(name)
        self.assertDenied(name, 'dynamodb:ListTables', '*', client.list_tables)
        self.iam.add_user_to_group(GroupName=group, UserName=name)
        client.list_tables()
        self.assertEqual([user['UserName'] for user in
                          self.iam.get_group(GroupName=group)['Users']], [name])
        entities = self.iam.list_entities_for_policy(PolicyArn=arn)
        self.assertEqual([one['GroupName'] for one in entities['PolicyGroups']], [group])
        self.assertIamFails(409, 'DeleteConflict', 'Cannot delete a policy attached to entities.',
                            self.iam.delete_policy, PolicyArn=arn)
        self.iam.remove_user_from_group(GroupName=group, UserName=name)
        self.assertDenied(name, 'dynamodb:ListTables', '*', client.list_tables)
        self.iam.attach_user_policy(UserName=name, PolicyArn=arn)
        client.list_tables()
        self.assertEqual(self.iam.get_policy(PolicyArn=arn)['Policy']['AttachmentCount'], 2)
        self.assertIamFails(409, 'DeleteConflict',
                            'Cannot delete entity, must detach all policies first.',
                            self.iam.delete_group, GroupName=group)
        self.iam.detach_group_policy(GroupName=group, PolicyArn=arn)
        self.iam.delete_group(GroupName=group)

    def test_policies_that_come_with_the_server(self):
        arn = 'arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess'
        self.assertIn(arn, [policy['Arn'] for policy in
                            self.iam.list_policies(Scope='AWS')['Policies']])
        name = self.user()
        self.iam.attach_user_policy(UserName=name, PolicyArn=arn)
        client = self.client_of(name)
        client.list_tables()
        self.assertDenied(name, 'dynamodb:DeleteTable', table_arn('nothing'), client.delete_table,
                          TableName='nothing')

    def test_a_boundary_limits(self):
        arn = self.policy(document(statement('dynamodb:List*')))
        name = self.user(ALLOW_ALL)
        self.iam.put_user_permissions_boundary(UserName=name, PermissionsBoundary=arn)
        client = self.client_of(name)
        client.list_tables()
        self.assertDenied(name, 'dynamodb:DescribeTable', table_arn('nothing'),
                          client.describe_table, TableName='nothing',
                          reason='because no permissions boundary allows the '
                                 'dynamodb:DescribeTable action')
        self.iam.delete_user_permissions_boundary(UserName=name)
        with self.assertRaises(client.exceptions.ResourceNotFoundException):
            client.describe_table(TableName='nothing')

    def test_simulation(self):
        text = document(statement('dynamodb:*'),
                        statement('dynamodb:Delete*', effect='Deny', condition={
                            'StringEquals': {'aws:username': 'eve'}}))
        parameters = {'PolicyInputList': [text], 'ActionNames': ['dynamodb:DeleteItem', 's3:Get'],
                      'ResourceArns': [table_arn('t')]}
        first, second = self.iam.simulate_custom_policy(**parameters)['EvaluationResults']
        self.assertEqual((first['EvalDecision'], second['EvalDecision']),
                         ('allowed', 'implicitDeny'))
        self.assertEqual(first['MissingContextValues'], ['aws:username'])
        parameters['ContextEntries'] = [{'ContextKeyName': 'aws:username',
                                         'ContextKeyValues': ['eve'],
                                         'ContextKeyType': 'string'}]
        first = self.iam.simulate_custom_policy(**parameters)['EvaluationResults'][0]
        self.assertEqual(first['EvalDecision'], 'explicitDeny')
        self.assertEqual(first['MatchedStatements'][0]['SourcePolicyId'], 'PolicyInputList.1')
        name = self.user(text)
        first = self.iam.simulate_principal_policy(
            PolicySourceArn=f'{ACCOUNT}:user/{name}', ActionNames=['dynamodb:DeleteItem'],
            ResourceArns=[table_arn('t')])['EvaluationResults'][0]
        self.assertEqual(first['EvalDecision'], 'allowed')


class AccessToIam(IamCase):
    def test_users_need_permission(self):
        name = self.user(document(statement('iam:ListUsers')))
        iam = self.client_of(name, 'iam')
        iam.list_users()
        self.assertIamFails(403, 'AccessDenied',
                            f'User: {ACCOUNT}:user/{name} is not authorized to perform: '
                            f'iam:CreateUser on resource: {ACCOUNT}:user/new because no '
                            'identity-based policy allows the iam:CreateUser action',
                            iam.create_user, UserName='new')
        # Nobody learns who exists.
        self.assertIamFails(403, 'AccessDenied', None, iam.get_user, UserName='nobody')

    def test_a_new_name_needs_the_permission_too(self):
        arn = ACCOUNT + ':user/'
        name = self.user()
        taken, free = unique('admin'), unique('user')
        self.addCleanup(self.remove_user, free)
        self.iam.put_user_policy(UserName=name, PolicyName='p', PolicyDocument=document(
            statement('iam:UpdateUser', [arn + name, arn + free])))
        iam = self.client_of(name, 'iam')
        self.assertIamFails(403, 'AccessDenied',
                            f'User: {arn}{name} is not authorized to perform: iam:UpdateUser on '
                            f'resource: {arn}{taken} because no identity-based policy allows the '
                            'iam:UpdateUser action',
                            iam.update_user, UserName=name, NewUserName=taken)
        self.assertIamFails(403, 'AccessDenied', re.compile(re.escape(f'{arn}admins/{name} ')),
                            iam.update_user, UserName=name, NewPath='/admins/')
        iam.update_user(UserName=name, NewUserName=free)

    def test_tags_that_a_request_brings(self):
        name = self.user()
        self.iam.put_user_policy(UserName=name, PolicyName='p', PolicyDocument=document(
            statement(['iam:TagUser', 'iam:UntagUser'], ACCOUNT + ':user/' + name, condition={
                'ForAllValues:StringEquals': {'aws:TagKeys': ['color']},
                'StringEqualsIfExists': {'aws:RequestTag/color': ['red', 'blue']}})))
        iam = self.client_of(name, 'iam')
        iam.tag_user(UserName=name, Tags=[{'Key': 'color', 'Value': 'red'}])
        for tag in ({'Key': 'color', 'Value': 'green'}, {'Key': 'team', 'Value': 'red'}):
            self.assertIamFails(403, 'AccessDenied', None, iam.tag_user, UserName=name, Tags=[tag])
        iam.untag_user(UserName=name, TagKeys=['color'])
        self.assertIamFails(403, 'AccessDenied', None, iam.untag_user, UserName=name,
                            TagKeys=['color', 'team'])

    def test_bad_signatures_and_unknown_actions(self):
        client = self.server.client('iam', secret_key='wrong')
        self.assertIamFails(403, 'SignatureDoesNotMatch', None, client.list_users)
        client = self.server.client('iam', access_key='AKIAAAAAAAAAAAAAAAAA')
        self.assertIamFails(403, 'InvalidClientTokenId', None, client.list_users)
        self.assertIamFails(400, 'InvalidAction',
                            'Could not find operation ListAccountAliases for version 2010-05-08',
                            self.iam.list_account_aliases)


if __name__ == '__main__':
    unittest.main()
