"""Roles, the sessions that STS gives, and what they may do."""

import json
import re
import time
import unittest

from botocore.exceptions import ClientError

from case import unique
from iam_case import ACCOUNT, ALLOW_ALL, IamCase, document, statement, table_arn
import server


class Roles(IamCase):
    def test_created_shown_listed_changed_deleted(self):
        name = unique('role')
        text = self.trust(ACCOUNT + ':root')
        made = self.iam.create_role(RoleName=name, Path='/team/', AssumeRolePolicyDocument=text, Description='works',
                                    MaxSessionDuration=7200, Tags=[{'Key': 'color', 'Value': 'red'}])['Role']
        self.addCleanup(self.remove_role, name)
        self.assertRegex(made['RoleId'], r'^AROA[A-Z2-7]{17}$')
        self.assertEqual(made['Arn'], f'{ACCOUNT}:role/team/{name}')
        self.assertEqual(made['AssumeRolePolicyDocument'], json.loads(text))
        self.assertEqual((made['Description'], made['MaxSessionDuration']), ('works', 7200))
        self.assertEqual(self.iam.get_role(RoleName=name)['Role'], {**made, 'RoleLastUsed': {}})
        self.assertIn(name, [role['RoleName'] for role in self.iam.list_roles(PathPrefix='/team/')['Roles']])
        self.iam.update_role(RoleName=name, MaxSessionDuration=3600)
        self.assertEqual(self.iam.get_role(RoleName=name)['Role']['MaxSessionDuration'], 3600)
        self.iam.tag_role(RoleName=name, Tags=[{'Key': 'a', 'Value': '1'}])
        self.iam.untag_role(RoleName=name, TagKeys=['color'])
        self.assertEqual(self.iam.list_role_tags(RoleName=name)['Tags'], [{'Key': 'a', 'Value': '1'}])
        self.assertIamFails(409, 'EntityAlreadyExists', f'Role with name {name.upper()} already exists.',
                            self.iam.create_role, RoleName=name.upper(), AssumeRolePolicyDocument=text)
        self.iam.put_role_policy(RoleName=name, PolicyName='p', PolicyDocument=ALLOW_ALL)
        self.assertIamFails(409, 'DeleteConflict', 'Cannot delete entity, must delete policies first.',
                            self.iam.delete_role, RoleName=name)
        self.assertEqual(self.iam.list_role_policies(RoleName=name)['PolicyNames'], ['p'])
        self.assertEqual(self.iam.get_role_policy(RoleName=name, PolicyName='p')['PolicyDocument'],
                         json.loads(ALLOW_ALL))
        self.iam.delete_role_policy(RoleName=name, PolicyName='p')
        arn = 'arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess'
        self.iam.attach_role_policy(RoleName=name, PolicyArn=arn)
        attached = self.iam.list_attached_role_policies(RoleName=name)['AttachedPolicies']
        self.assertEqual([policy['PolicyArn'] for policy in attached], [arn])
        entities = self.iam.list_entities_for_policy(PolicyArn=arn)
        self.assertEqual([role['RoleName'] for role in entities['PolicyRoles']], [name])
        self.assertIamFails(409, 'DeleteConflict', 'Cannot delete entity, must detach all policies first.',
                            self.iam.delete_role, RoleName=name)
        self.iam.detach_role_policy(RoleName=name, PolicyArn=arn)
        self.iam.delete_role(RoleName=name)
        self.assertIamFails(404, 'NoSuchEntity', f'The role with name {name} cannot be found.', self.iam.get_role,
                            RoleName=name)

    def test_trust_policies_are_checked(self):
        for text, message in (('{', 'Syntax errors in policy.'),
                              (ALLOW_ALL, 'Has prohibited field Resource'),
                              (json.dumps({'Version': '2012-10-17', 'Statement': [
                                  {'Effect': 'Allow', 'Action': 'sts:AssumeRole'}]}),
                               'Missing required field Principal')):
            self.assertIamFails(400, 'MalformedPolicyDocument', message, self.iam.create_role, RoleName=unique('role'),
                                AssumeRolePolicyDocument=text)

    def test_tags_of_policies(self):
        arn = self.iam.create_policy(PolicyName=unique('policy'), PolicyDocument=ALLOW_ALL)['Policy']['Arn']
        self.addCleanup(self.iam.delete_policy, PolicyArn=arn)
        self.iam.tag_policy(PolicyArn=arn, Tags=[{'Key': 'a', 'Value': '1'}, {'Key': 'b', 'Value': '2'}])
        self.iam.untag_policy(PolicyArn=arn, TagKeys=['a'])
        self.assertEqual(self.iam.list_policy_tags(PolicyArn=arn)['Tags'], [{'Key': 'b', 'Value': '2'}])

    def test_simulation_of_a_role(self):
        name = self.role(ACCOUNT + ':root', document(statement('dynamodb:Get*')))
        first, second = self.iam.simulate_principal_policy(
            PolicySourceArn=f'{ACCOUNT}:role/{name}',
            ActionNames=['dynamodb:GetItem', 'dynamodb:PutItem'])['EvaluationResults']
        self.assertEqual((first['EvalDecision'], second['EvalDecision']), ('allowed', 'implicitDeny'))


class AssumedRoles(IamCase):
    def test_a_session_does_what_its_role_may(self):
        role = self.role(ACCOUNT + ':root', document(statement('dynamodb:ListTables')))
        user = self.user(document(statement('sts:AssumeRole', f'{ACCOUNT}:role/{role}')))
        sts = self.client_of(user, 'sts')
        answer = sts.assume_role(RoleArn=f'{ACCOUNT}:role/{role}', RoleSessionName='work')
        arn = f'arn:aws:sts::{server.ACCOUNT}:assumed-role/{role}/work'
        self.assertEqual(answer['AssumedRoleUser']['Arn'], arn)
        self.assertRegex(answer['AssumedRoleUser']['AssumedRoleId'], r'^AROA[A-Z2-7]{17}:work$')
        self.assertRegex(answer['Credentials']['AccessKeyId'], r'^ASIA[A-Z2-7]{16}$')
        self.assertAlmostEqual(answer['Credentials']['Expiration'].timestamp(), time.time() + 3600, delta=30)
        client = self.client_with(answer)
        client.list_tables()
        self.assertFails('AccessDeniedException',
                         f'User: {arn} is not authorized to perform: dynamodb:GetItem on resource: {table_arn("tab")} '
                         'because no identity-based policy allows the dynamodb:GetItem action',
                         client.get_item, TableName='tab', Key={'pk': {'S': '1'}})
        identity = self.client_with(answer, 'sts').get_caller_identity()
        self.assertEqual((identity['Arn'], identity['UserId'], identity['Account']),
                         (arn, answer['AssumedRoleUser']['AssumedRoleId'], server.ACCOUNT))
        # What changes of the role holds at once, and its end is the session's.
        self.iam.put_role_policy(RoleName=role, PolicyName='deny', PolicyDocument=document(
            statement('dynamodb:*', effect='Deny')))
        self.assertFails('AccessDeniedException', re.compile('with an explicit deny in an identity-based policy$'),
                         client.list_tables)
        self.remove_role(role)
        self.assertFails('UnrecognizedClientException', None, client.list_tables)

    def test_both_policies_are_asked(self):
        role = self.role(ACCOUNT + ':root')
        arn = f'{ACCOUNT}:role/{role}'
        nobody = self.user()
        self.assertIamFails(403, 'AccessDenied', f'User: {ACCOUNT}:user/{nobody} is not authorized to perform: '
                            f'sts:AssumeRole on resource: {arn} because no identity-based policy allows the '
                            'sts:AssumeRole action', self.client_of(nobody, 'sts').assume_role, RoleArn=arn,
                            RoleSessionName='work')
        other = self.user(ALLOW_ALL)
        self.iam.update_assume_role_policy(RoleName=role, PolicyDocument=self.trust(f'{ACCOUNT}:user/{nobody}'))
        refusal = (f'User: {ACCOUNT}:user/{other} is not authorized to perform: sts:AssumeRole on resource: {{}} '
                   'because no role trust policy allows the sts:AssumeRole action')
        sts = self.client_of(other, 'sts')
        # A role that is not there is refused in the same words.
        for name in (arn, f'{ACCOUNT}:role/no-such-role', 'arn:aws:iam::999999999999:role/foreign'):
            self.assertIamFails(403, 'AccessDenied', refusal.format(name), sts.assume_role, RoleArn=name,
                                RoleSessionName='work')
        # Who is named itself needs no more.
        self.client_of(nobody, 'sts').assume_role(RoleArn=arn, RoleSessionName='work')
        self.assertIamFails(403, 'AccessDenied', 'Roles may not be assumed by root accounts.',
                            self.server.client('sts').assume_role, RoleArn=arn, RoleSessionName='work')

    def test_external_id(self):
        role = self.role(ACCOUNT + ':root', condition={'StringEquals': {'sts:ExternalId': 'agreed'}})
        sts = self.client_of(self.user(ALLOW_ALL), 'sts')
        parameters = {'RoleArn': f'{ACCOUNT}:role/{role}', 'RoleSessionName': 'work'}
        for given in ({}, {'ExternalId': 'other'}):
            self.assertIamFails(403, 'AccessDenied', re.compile('no role trust policy'), sts.assume_role, **parameters,
                                **given)
        sts.assume_role(ExternalId='agreed', **parameters)

    def test_session_policies_limit(self):
        role = self.role(ACCOUNT + ':root', ALLOW_ALL, actions=['sts:AssumeRole', 'sts:TagSession'])
        sts = self.client_of(self.user(ALLOW_ALL), 'sts')
        parameters = {'RoleArn': f'{ACCOUNT}:role/{role}', 'RoleSessionName': 'work'}
        answer = sts.assume_role(Policy=document(statement('dynamodb:List*')), **parameters)
        self.assertGreater(answer['PackedPolicySize'], 0)
        client = self.client_with(answer)
        client.list_tables()
        self.assertFails('AccessDeniedException', re.compile('because no session policy allows the '
                                                             'dynamodb:DescribeTable action$'),
                         client.describe_table, TableName='table')
        managed = self.client_with(sts.assume_role(PolicyArns=[
            {'arn': 'arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess'}], **parameters))
        managed.list_tables()
        self.assertFails('AccessDeniedException', re.compile('no session policy'), managed.delete_table,
                         TableName='table')
        self.assertIamFails(400, 'MalformedPolicyDocument', 'Syntax errors in policy.', sts.assume_role, Policy='{',
                            **parameters)
        tags = [{'Key': f'k{n}', 'Value': 'v' * 256} for n in range(20)]
        self.assertIamFails(400, 'PackedPolicyTooLarge', re.compile('consumes [0-9]+% of the allotted'),
                            sts.assume_role, Tags=tags, **parameters)

    def test_durations(self):
        role = self.role(ACCOUNT + ':root', ALLOW_ALL)
        sts = self.client_of(self.user(ALLOW_ALL), 'sts')
        parameters = {'RoleArn': f'{ACCOUNT}:role/{role}', 'RoleSessionName': 'work'}
        answer = sts.assume_role(DurationSeconds=900, **parameters)
        self.assertAlmostEqual(answer['Credentials']['Expiration'].timestamp(), time.time() + 900, delta=30)
        self.assertIamFails(400, 'ValidationError', 'The requested DurationSeconds exceeds the MaxSessionDuration set '
                            'for this role.', sts.assume_role, DurationSeconds=3601, **parameters)
        self.assertIamFails(400, 'ValidationError', re.compile('greater than or equal to 900'), sts.assume_role,
                            DurationSeconds=899, **parameters)
        self.iam.update_role(RoleName=role, MaxSessionDuration=43200)
        sts.assume_role(DurationSeconds=43200, **parameters)
        chained = self.client_with(answer, 'sts')
        chained.assume_role(**parameters)
        self.assertIamFails(400, 'ValidationError', 'The requested DurationSeconds exceeds the 1 hour session limit '
                            'for roles assumed by role chaining.', chained.assume_role, DurationSeconds=3601,
                            **parameters)

    def test_session_tags_and_transitive_ones(self):
        tagged = document(statement('dynamodb:ListTables', condition={
            'StringEquals': {'aws:PrincipalTag/team': 'red'}}), statement('sts:*'))
        actions = ['sts:AssumeRole', 'sts:TagSession']
        first = self.role(ACCOUNT + ':root', tagged, actions=actions)
        second = self.role(ACCOUNT + ':root', tagged, actions=actions)
        sts = self.client_of(self.user(ALLOW_ALL), 'sts')

        def assume(by, role, **parameters):
            return by.assume_role(RoleArn=f'{ACCOUNT}:role/{role}', RoleSessionName='work', **parameters)

        red = {'Tags': [{'Key': 'team', 'Value': 'red'}]}
        self.assertFails('AccessDeniedException', None, self.client_with(assume(sts, first)).list_tables)
        once = assume(sts, first, **red)
        self.client_with(once).list_tables()
        # Only what is transitive goes on to the next role, and nobody there can change it.
        next_one = assume(self.client_with(once, 'sts'), second)
        self.assertFails('AccessDeniedException', None, self.client_with(next_one).list_tables)
        chain = self.client_with(assume(sts, first, TransitiveTagKeys=['team'], **red), 'sts')
        self.client_with(assume(chain, second)).list_tables()
        self.assertIamFails(400, 'ValidationError', re.compile('conflicts with a transitive tag'), assume, by=chain,
                            role=second, Tags=[{'Key': 'team', 'Value': 'blue'}])
        untagged = self.role(ACCOUNT + ':root')
        self.assertIamFails(403, 'AccessDenied', re.compile(r'sts:TagSession on resource: .* because no role trust '
                                                            r'policy allows the sts:TagSession action'), assume,
                            by=sts, role=untagged, **red)

    def test_a_boundary_limits_a_role(self):
        arn = self.iam.create_policy(PolicyName=unique('policy'), PolicyDocument=document(
            statement('dynamodb:List*')))['Policy']['Arn']
        self.addCleanup(self.iam.delete_policy, PolicyArn=arn)
        role = self.role(ACCOUNT + ':root', ALLOW_ALL)
        self.iam.put_role_permissions_boundary(RoleName=role, PermissionsBoundary=arn)
        sts = self.client_of(self.user(ALLOW_ALL), 'sts')
        client = self.client_with(sts.assume_role(RoleArn=f'{ACCOUNT}:role/{role}', RoleSessionName='work'))
        client.list_tables()
        self.assertFails('AccessDeniedException', re.compile('because no permissions boundary allows'),
                         client.describe_table, TableName='table')
        self.iam.delete_role_permissions_boundary(RoleName=role)
        with self.assertRaises(client.exceptions.ResourceNotFoundException):
            client.describe_table(TableName='table')

    def test_a_token_must_fit_its_key_and_be_there(self):
        role = self.role(ACCOUNT + ':root', ALLOW_ALL)
        sts = self.client_of(self.user(ALLOW_ALL), 'sts')
        parameters = {'RoleArn': f'{ACCOUNT}:role/{role}', 'RoleSessionName': 'work'}
        one, two = (sts.assume_role(**parameters)['Credentials'] for _ in range(2))
        middle = len(one['SessionToken']) // 2
        changed = one['SessionToken'][:middle] + ('A' if one['SessionToken'][middle] != 'A' else 'B') + \
            one['SessionToken'][middle + 1:]
        for token in (None, two['SessionToken'], changed, 'x', ''):
            client = self.client_with({'Credentials': {**one, 'SessionToken': token}})
            self.assertFails('UnrecognizedClientException', 'The security token included in the request is invalid.',
                             client.list_tables)
        self.assertFails('InvalidSignatureException', None, self.client_with(
            {'Credentials': {**one, 'SecretAccessKey': two['SecretAccessKey']}}).list_tables)


class OtherSessions(IamCase):
    def test_get_session_token(self):
        user = self.user(document(statement(['dynamodb:ListTables', 'iam:*', 'sts:*'])))
        answer = self.client_of(user, 'sts').get_session_token()
        self.assertAlmostEqual(answer['Credentials']['Expiration'].timestamp(), time.time() + 43200, delta=30)
        self.client_with(answer).list_tables()
        sts = self.client_with(answer, 'sts')
        self.assertEqual(sts.get_caller_identity()['Arn'], f'{ACCOUNT}:user/{user}')
        self.assertIamFails(403, 'AccessDenied', 'Cannot call GetSessionToken with session credentials',
                            sts.get_session_token)
        self.assertIamFails(403, 'AccessDenied', 'Cannot call GetFederationToken with session credentials',
                            sts.get_federation_token, Name='bob')
        self.assertIamFails(403, 'InvalidClientTokenId', 'The security token included in the request is invalid',
                            self.client_with(answer, 'iam').list_users)
        root = self.server.client('sts').get_session_token()
        self.assertAlmostEqual(root['Credentials']['Expiration'].timestamp(), time.time() + 3600, delta=30)
        self.client_with(root).list_backups()

    def test_get_federation_token(self):
        user = self.user(document(statement('dynamodb:List*'),
                                  statement('sts:GetFederationToken',
                                            f'arn:aws:sts::{server.ACCOUNT}:federated-user/bob')))
        sts = self.client_of(user, 'sts')
        answer = sts.get_federation_token(Name='bob', Policy=document(statement('dynamodb:ListTables')))
        arn = f'arn:aws:sts::{server.ACCOUNT}:federated-user/bob'
        self.assertEqual(answer['FederatedUser'], {'FederatedUserId': f'{server.ACCOUNT}:bob', 'Arn': arn})
        client = self.client_with(answer)
        client.list_tables()
        self.assertFails('AccessDeniedException', f'User: {arn} is not authorized to perform: dynamodb:ListBackups on '
                         'resource: * because no session policy allows the dynamodb:ListBackups action',
                         client.list_backups)
        self.assertFails('AccessDeniedException', None, self.client_with(sts.get_federation_token(
            Name='bob')).list_tables)
        self.assertIamFails(403, 'AccessDenied', re.compile('federated-user/eve because no identity-based'),
                            sts.get_federation_token, Name='eve')

    def test_get_access_key_info(self):
        sts = self.server.client('sts')
        for key in (server.ACCESS_KEY, sts.get_session_token()['Credentials']['AccessKeyId']):
            self.assertEqual(sts.get_access_key_info(AccessKeyId=key)['Account'], server.ACCOUNT)
        user = self.user()
        self.assertIamFails(403, 'AccessDenied', re.compile('sts:GetAccessKeyInfo on resource: \\*'),
                            self.client_of(user, 'sts').get_access_key_info, AccessKeyId=server.ACCESS_KEY)

    def test_a_second_factor_is_refused(self):
        with self.assertRaises(ClientError) as raised:
            self.server.client('sts').get_session_token(SerialNumber=ACCOUNT + ':mfa/x', TokenCode='123456')
        self.assertEqual(raised.exception.response['Error']['Code'], 'AccessDenied')

    def test_sessions_that_began_earlier_can_be_shut_out(self):
        role = self.role(ACCOUNT + ':root', ALLOW_ALL)
        sts = self.client_of(self.user(ALLOW_ALL), 'sts')
        client = self.client_with(sts.assume_role(RoleArn=f'{ACCOUNT}:role/{role}', RoleSessionName='work'))
        client.list_tables()
        self.iam.put_role_policy(RoleName=role, PolicyName='revoke', PolicyDocument=document(
            statement('*', effect='Deny', condition={'DateLessThan': {'aws:TokenIssueTime': '2100-01-01T00:00:00Z'}})))
        self.assertFails('AccessDeniedException', re.compile('explicit deny'), client.list_tables)


if __name__ == '__main__':
    unittest.main()
