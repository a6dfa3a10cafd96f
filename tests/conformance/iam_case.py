"""Users with policies, for tests of who may do what."""

import json

from botocore.exceptions import ClientError

from case import Case, unique
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

    @staticmethod
    def trust(principal, actions='sts:AssumeRole', **condition):
        one = {'Effect': 'Allow', 'Principal': {'AWS': principal}, 'Action': actions}
        if condition:
            one['Condition'] = condition['condition']
        return document(one)

    def role(self, principal, *policies, actions='sts:AssumeRole', **condition):
        """The name of a new role that `principal` may assume, with these inline policies; it goes with the test."""
        name = unique('role')
        self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=self.trust(principal, actions, **condition))
        self.addCleanup(self.remove_role, name)
        for number, text in enumerate(policies):
            self.iam.put_role_policy(RoleName=name, PolicyName=f'p{number}', PolicyDocument=text)
        return name

    def remove_role(self, name):
        try:
            for policy in self.iam.list_role_policies(RoleName=name)['PolicyNames']:
                self.iam.delete_role_policy(RoleName=name, PolicyName=policy)
            for policy in self.iam.list_attached_role_policies(RoleName=name)['AttachedPolicies']:
                self.iam.detach_role_policy(RoleName=name, PolicyArn=policy['PolicyArn'])
            self.iam.delete_role(RoleName=name)
        except ClientError:
            pass

    def client_with(self, answer, service='dynamodb'):
        """A client with the temporary credentials in an answer of STS."""
        given = answer['Credentials']
        return self.server.client(service, access_key=given['AccessKeyId'], secret_key=given['SecretAccessKey'],
                                  token=given['SessionToken'])

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
