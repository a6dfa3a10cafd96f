"""IAM, STS, and what users may do on the data plane."""

import json
import re
import unittest

from botocore.exceptions import ClientError

from case import Case, make_table, unique, wait_active, wait_backup
import server

ALLOW_ALL = json.dumps({'Version': '2012-10-17', 'Statement': [
    {'Effect': 'Allow', 'Action': '*', 'Resource': '*'}]})
ACCOUNT = 'arn:aws:iam::' + server.ACCOUNT


def statement(actions, resource='*', effect='Allow', **condition):
    one = {'Effect': effect, 'Action': actions, 'Resource': resource}
    if condition:
        one['Condition'] = condition['condition']
    return one


def document(*statements):
    return json.dumps({'Version': '2012-10-17', 'Statement': list(statements)})


def table_arn(name):
    return f'arn:aws:dynamodb:{server.REGION}:{server.ACCOUNT}:table/{name}'


class IamCase(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.iam = cls.server.client('iam')

    def user(self, *policies, **parameters):
        """The name of a new user with these inline policies; it goes when the test ends."""
        name = unique('user')
        self.iam.create_user(UserName=name, **parameters)
        self.addCleanup(self.remove_user, name)
        for number, text in enumerate(policies):
            self.iam.put_user_policy(UserName=name, PolicyName=f'p{number}', PolicyDocument=text)
        return name

    def remove_user(self, name):
        iam = self.iam
        try:
            user = iam.get_user(UserName=name)
        except ClientError:
            return
        for key in iam.list_access_keys(UserName=name)['AccessKeyMetadata']:
            iam.delete_access_key(UserName=name, AccessKeyId=key['AccessKeyId'])
        for policy in iam.list_user_policies(UserName=name)['PolicyNames']:
            iam.delete_user_policy(UserName=name, PolicyName=policy)
        for policy in iam.list_attached_user_policies(UserName=name)['AttachedPolicies']:
            iam.detach_user_policy(UserName=name, PolicyArn=policy['PolicyArn'])
        for group in iam.list_groups_for_user(UserName=name)['Groups']:
            iam.remove_user_from_group(UserName=name, GroupName=group['GroupName'])
        iam.delete_user(UserName=user['User']['UserName'])

    def client_of(self, name, service='dynamodb'):
        key = self.iam.create_access_key(UserName=name)['AccessKey']
        return self.server.client(service, access_key=key['AccessKeyId'],
                                  secret_key=key['SecretAccessKey'])

    def assertIamFails(self, status, code, text, call, **parameters):
        with self.assertRaises(ClientError) as raised:
            call(**parameters)
        error = raised.exception.response
        self.assertEqual((error['Error']['Code'], error['ResponseMetadata']['HTTPStatusCode']),
                         (code, status), error)
        self._assertText(text, error['Error']['Message'])

    def assertDenied(self, name, action, resource, call, reason=None, **parameters):
        reason = reason or f'because no identity-based policy allows the {action} action'
        self.assertFails('AccessDeniedException',
                         f'User: {ACCOUNT}:user/{name} is not authorized to perform: {action} '
                         f'on resource: {resource} {reason}', call, **parameters)


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
                            'Could not find operation ListRoles for version 2010-05-08',
                            self.iam.list_roles)


class DataAccess(IamCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.name = cls.class_table()

    def test_nothing_is_allowed_at_first_nor_told(self):
        name = self.user()
        client = self.client_of(name)
        key = {'pk': {'S': '1'}}
        for call, action, parameters in (
                (client.get_item, 'GetItem', {'Key': key}),
                (client.put_item, 'PutItem', {'Item': key}),
                (client.delete_item, 'DeleteItem', {'Key': key}),
                (client.update_item, 'UpdateItem', {'Key': key}),
                (client.scan, 'Scan', {}),
                (client.describe_table, 'DescribeTable', {}),
                (client.delete_table, 'DeleteTable', {}),
                (client.create_backup, 'CreateBackup', {'BackupName': 'abc'}),
                (client.describe_continuous_backups, 'DescribeContinuousBackups', {})):
            for table in (self.name, 'no-such-table'):
                self.assertDenied(name, 'dynamodb:' + action, table_arn(table), call,
                                  TableName=table, **parameters)
        self.assertDenied(name, 'dynamodb:ListTables', '*', client.list_tables)
        self.assertDenied(name, 'dynamodb:ListBackups', '*', client.list_backups)

    def test_tables_by_name_and_by_arn(self):
        name = self.user(document(statement('dynamodb:GetItem', table_arn(self.name))))
        client = self.client_of(name)
        for table in (self.name, table_arn(self.name)):
            client.get_item(TableName=table, Key={'pk': {'S': '1'}})
        self.assertDenied(name, 'dynamodb:PutItem', table_arn(self.name), client.put_item,
                          TableName=self.name, Item={'pk': {'S': '1'}})

    def test_a_deny_is_stronger(self):
        name = self.user(ALLOW_ALL, document(statement('dynamodb:Delete*', effect='Deny')))
        client = self.client_of(name)
        client.put_item(TableName=self.name, Item={'pk': {'S': 'x'}})
        self.assertDenied(name, 'dynamodb:DeleteItem', table_arn(self.name), client.delete_item,
                          TableName=self.name, Key={'pk': {'S': 'x'}},
                          reason='with an explicit deny in an identity-based policy')

    def test_batches_are_checked_table_by_table(self):
        other = self.table()
        name = self.user(document(statement(['dynamodb:BatchWriteItem', 'dynamodb:BatchGetItem'],
                                            table_arn(self.name))))
        client = self.client_of(name)
        put = [{'PutRequest': {'Item': {'pk': {'S': 'b'}}}}]
        client.batch_write_item(RequestItems={self.name: put})
        self.assertDenied(name, 'dynamodb:BatchWriteItem', table_arn(other),
                          client.batch_write_item, RequestItems={self.name: put, other: put})
        keys = {'Keys': [{'pk': {'S': 'b'}}]}
        client.batch_get_item(RequestItems={self.name: keys})
        self.assertDenied(name, 'dynamodb:BatchGetItem', table_arn(other), client.batch_get_item,
                          RequestItems={self.name: keys, other: keys})

    def test_operations_of_our_own(self):
        """Each has its permission; RestoreItems needs no other, and gives no other."""
        name = self.user(document(statement('tidemark:RestoreItems', table_arn(self.name))))
        key = self.iam.create_access_key(UserName=name)['AccessKey']

        def refusal(operation, body):
            answer = self.server.call(operation, body, target='Tidemark_20261101.', access_key=key['AccessKeyId'],
                                      secret_key=key['SecretAccessKey'])
            return answer.json['__type'].split('#')[1], answer.json.get('message') or answer.json.get('Message')

        def denied(action, resource):
            return ('AccessDeniedException',
                    f'User: {ACCOUNT}:user/{name} is not authorized to perform: tidemark:{action} on resource: '
                    f'{resource} because no identity-based policy allows the tidemark:{action} action')

        restore = {'TableName': self.name, 'RestoreDateTime': '2026-01-01T00:00:00Z'}
        self.assertEqual(refusal('RestoreItems', restore),
                         ('PointInTimeRecoveryUnavailableException',
                          f"Point in time recovery is not enabled for table '{self.name}'"))
        self.assertEqual(refusal('RestoreItems', {**restore, 'TableName': 'another'}),
                         denied('RestoreItems', table_arn('another')))
        for operation in ('DiffTable', 'GetItemHistory', 'GetTableActivity', 'ListMoments'):
            self.assertEqual(refusal(operation, {'TableName': self.name}), denied(operation, table_arn(self.name)))
        self.assertEqual(refusal('ListItemRestores', {}), denied('ListItemRestores', '*'))
        self.assertEqual(refusal('DescribeItemRestore', {'JobId': 'x' * 36}), denied('DescribeItemRestore', '*'))

    def test_leading_keys(self):
        actions = ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query',
                   'dynamodb:BatchWriteItem', 'dynamodb:BatchGetItem']
        name = self.user(document(statement(actions, table_arn(self.name), condition={
            'ForAllValues:StringEquals': {'dynamodb:LeadingKeys': ['${aws:username}']}})))
        client = self.client_of(name)
        mine, other = {'pk': {'S': name}}, {'pk': {'S': 'other'}}
        client.put_item(TableName=self.name, Item=mine)
        client.get_item(TableName=self.name, Key=mine)
        query = {'TableName': self.name, 'KeyConditionExpression': '#k = :k',
                 'ExpressionAttributeNames': {'#k': 'pk'}}
        client.query(ExpressionAttributeValues={':k': mine['pk']}, **query)
        denied = self.assertDenied
        arn = table_arn(self.name)
        denied(name, 'dynamodb:PutItem', arn, client.put_item, TableName=self.name, Item=other)
        denied(name, 'dynamodb:GetItem', arn, client.get_item, TableName=self.name, Key=other)
        denied(name, 'dynamodb:Query', arn, client.query,
               ExpressionAttributeValues={':k': other['pk']}, **query)
        denied(name, 'dynamodb:BatchWriteItem', arn, client.batch_write_item, RequestItems={
            self.name: [{'PutRequest': {'Item': mine}}, {'DeleteRequest': {'Key': other}}]})
        denied(name, 'dynamodb:BatchGetItem', arn, client.batch_get_item, RequestItems={
            self.name: {'Keys': [mine, other]}})

    def test_attributes(self):
        name = self.user(document(statement(
            ['dynamodb:GetItem', 'dynamodb:UpdateItem', 'dynamodb:Query', 'dynamodb:Scan',
             'dynamodb:BatchGetItem'], table_arn(self.name), condition={
                'ForAllValues:StringEquals': {'dynamodb:Attributes': ['pk', 'open']},
                'StringEqualsIfExists': {'dynamodb:Select': 'SPECIFIC_ATTRIBUTES',
                                         'dynamodb:ReturnValues': ['NONE', 'UPDATED_NEW']}})))
        client = self.client_of(name)
        key = {'pk': {'S': 'a'}}
        self.db.put_item(TableName=self.name,
                         Item={**key, 'open': {'N': '1'}, 'secret': {'N': '2'}})
        got = client.get_item(TableName=self.name, Key=key, ProjectionExpression='pk, #o',
                              ExpressionAttributeNames={'#o': 'open'})
        self.assertNotIn('secret', got['Item'])
        arn = table_arn(self.name)
        names = {'#o': 'open'}
        client.batch_get_item(RequestItems={self.name: {
            'Keys': [key], 'ProjectionExpression': '#o', 'ExpressionAttributeNames': names}})
        client.query(TableName=self.name, KeyConditionExpression='pk = :k',
                     ExpressionAttributeValues={':k': key['pk']}, ProjectionExpression='pk')
        for call, action, parameters in (
                (client.get_item, 'GetItem', {'Key': key, 'ProjectionExpression': 'secret'}),
                (client.get_item, 'GetItem', {'Key': key, 'AttributesToGet': ['secret']}),
                (client.scan, 'Scan', {'FilterExpression': 'attribute_exists(secret)'}),
                (client.scan, 'Scan', {'Select': 'ALL_ATTRIBUTES'}),
                # Whole items are asked for also by who names no attribute.
                (client.get_item, 'GetItem', {'Key': key}),
                (client.scan, 'Scan', {}),
                (client.query, 'Query', {'KeyConditionExpression': 'pk = :k',
                                         'ExpressionAttributeValues': {':k': key['pk']}}),
                (client.update_item, 'UpdateItem', {
                    'Key': key, 'UpdateExpression': 'SET #o = secret',
                    'ExpressionAttributeNames': names}),
                (client.update_item, 'UpdateItem', {
                    'Key': key, 'UpdateExpression': 'REMOVE #o', 'ReturnValues': 'ALL_OLD',
                    'ExpressionAttributeNames': names})):
            self.assertDenied(name, 'dynamodb:' + action, arn, call, TableName=self.name,
                              **parameters)
        self.assertDenied(name, 'dynamodb:BatchGetItem', arn, client.batch_get_item,
                          RequestItems={self.name: {'Keys': [key]}})
        # Nor does it help to say what the operation does not read.
        user = self.iam.create_access_key(UserName=name)['AccessKey']
        answer = self.server.call(
            'GetItem', json.dumps({'TableName': self.name, 'Key': key,
                                   'Select': 'SPECIFIC_ATTRIBUTES'}),
            access_key=user['AccessKeyId'], secret_key=user['SecretAccessKey'])
        self.assertRefused(answer, 'AccessDeniedException')
        client.update_item(TableName=self.name, Key=key, UpdateExpression='REMOVE #o',
                           ExpressionAttributeNames=names)

    def test_tags_of_user_and_table(self):
        tagged = unique()
        self.db.create_table(TableName=tagged, BillingMode='PAY_PER_REQUEST',
                             AttributeDefinitions=[{'AttributeName': 'pk', 'AttributeType': 'S'}],
                             KeySchema=[{'AttributeName': 'pk', 'KeyType': 'HASH'}],
                             Tags=[{'Key': 'team', 'Value': 'red'}])
        self.addCleanup(self.drop, tagged)
        wait_active(self.db, tagged)
        text = document(statement('dynamodb:DescribeTable', condition={
            'StringEquals': {'aws:ResourceTag/team': '${aws:PrincipalTag/team}'}}))
        red = self.user(text, Tags=[{'Key': 'team', 'Value': 'red'}])
        self.client_of(red).describe_table(TableName=tagged)
        blue = self.user(text, Tags=[{'Key': 'team', 'Value': 'blue'}])
        self.assertDenied(blue, 'dynamodb:DescribeTable', table_arn(tagged),
                          self.client_of(blue).describe_table, TableName=tagged)

    def test_of_members_given_twice_the_one_that_counts_is_checked(self):
        name = self.user(document(statement('dynamodb:GetItem', table_arn('allowed'))))
        key = self.iam.create_access_key(UserName=name)['AccessKey']
        body = ('{"TableName":"allowed","Key":{"pk":{"S":"1"}},"TableName":"%s"}' % self.name)
        answer = self.server.call('GetItem', body, access_key=key['AccessKeyId'],
                                  secret_key=key['SecretAccessKey'])
        self.assertRefused(answer, 'AccessDeniedException')

    def test_test_hooks_are_for_root(self):
        name = self.user(ALLOW_ALL)
        key = self.iam.create_access_key(UserName=name)['AccessKey']
        endpoint = server.Endpoint(self.server.url, access_key=key['AccessKeyId'],
                                   secret_key=key['SecretAccessKey'])
        self.assertRefused(endpoint.hook('clock', {'advance_seconds': 1}), 'AccessDeniedException')


class OneTablesPolicy(IamCase):
    """A user whose only policy names nine actions on one table backs it up and restores it."""

    ACTIONS = ['CreateBackup', 'RestoreTableFromBackup', 'PutItem', 'UpdateItem', 'DeleteItem',
               'GetItem', 'Query', 'Scan', 'BatchWriteItem']

    def policy(self, table):
        return document(statement(['dynamodb:' + action for action in self.ACTIONS],
                                  table_arn(table)))

    def test_the_whole_story(self):
        table, other = self.table(), self.table()
        name = self.user(self.policy(table))
        client = self.client_of(name)
        client.put_item(TableName=table, Item={'pk': {'S': '1'}})
        backup = client.create_backup(TableName=table, BackupName='mine')
        arn = backup['BackupDetails']['BackupArn']
        wait_backup(self.db, arn)
        foreign = self.db.create_backup(TableName=other, BackupName='other')
        foreign = foreign['BackupDetails']['BackupArn']
        wait_backup(self.db, foreign)

        restored = unique('restored')
        self.addCleanup(self.drop, restored)
        client.restore_table_from_backup(TargetTableName=restored, BackupArn=arn)
        wait_active(self.db, restored)
        self.assertEqual(self.get(restored, pk={'S': '1'}), {'pk': {'S': '1'}})
        # The new table is not the user's.
        self.assertDenied(name, 'dynamodb:PutItem', table_arn(restored), client.put_item,
                          TableName=restored, Item={'pk': {'S': '2'}})
        self.assertDenied(name, 'dynamodb:GetItem', table_arn(restored), client.get_item,
                          TableName=restored, Key={'pk': {'S': '1'}})
        for target in (table, unique()):
            self.assertDenied(name, 'dynamodb:RestoreTableFromBackup', foreign,
                              client.restore_table_from_backup, TargetTableName=target,
                              BackupArn=foreign)
        for call, action in ((client.describe_backup, 'DescribeBackup'),
                             (client.delete_backup, 'DeleteBackup')):
            self.assertDenied(name, 'dynamodb:' + action, arn, call, BackupArn=arn)
        self.assertDenied(name, 'dynamodb:ListBackups', '*', client.list_backups)
        self.assertDenied(name, 'dynamodb:RestoreTableToPointInTime', table_arn(table),
                          client.restore_table_to_point_in_time, SourceTableName=table,
                          TargetTableName=unique(), UseLatestRestorableTime=True)
        # The old table is gone: its backup comes back under its own name.
        self.db.delete_table(TableName=table)
        deleted = self.db.get_waiter('table_not_exists')
        deleted.wait(TableName=table, WaiterConfig={'Delay': 1})
        client.restore_table_from_backup(TargetTableName=table, BackupArn=arn)
        wait_active(self.db, table)

    def test_a_strict_server_wants_backup_and_target_named(self):
        with server.Server(arguments=('--test-hooks', '--strict-iam')) as strict:
            db, iam = strict.client(), strict.client('iam')
            table = make_table(db)
            iam.create_user(UserName='alice')
            iam.put_user_policy(UserName='alice', PolicyName='p',
                                PolicyDocument=self.policy(table))
            key = iam.create_access_key(UserName='alice')['AccessKey']
            client = strict.client(access_key=key['AccessKeyId'],
                                   secret_key=key['SecretAccessKey'])
            arn = client.create_backup(TableName=table, BackupName='mine')
            arn = arn['BackupDetails']['BackupArn']
            wait_backup(db, arn)
            self.assertDenied('alice', 'dynamodb:RestoreTableFromBackup', arn,
                              client.restore_table_from_backup, TargetTableName='restored',
                              BackupArn=arn)
            iam.put_user_policy(UserName='alice', PolicyName='more', PolicyDocument=document(
                statement('dynamodb:RestoreTableFromBackup', table_arn(table) + '/backup/*'),
                statement('dynamodb:*', table_arn('restored'))))
            client.restore_table_from_backup(TargetTableName='restored', BackupArn=arn)
            wait_active(db, 'restored')

    def test_users_survive_a_kill(self):
        with server.Server() as own:
            iam = own.client('iam')
            iam.create_user(UserName='alice')
            iam.put_user_policy(UserName='alice', PolicyName='p',
                                PolicyDocument=document(statement('dynamodb:ListTables')))
            key = iam.create_access_key(UserName='alice')['AccessKey']
            own.kill()
            own.start()
            client = own.client(access_key=key['AccessKeyId'], secret_key=key['SecretAccessKey'])
            client.list_tables()
            self.assertEqual(own.client('iam').get_user(UserName='alice')['User']['UserName'],
                             'alice')


if __name__ == '__main__':
    unittest.main()
