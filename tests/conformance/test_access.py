"""What users may do on the data plane."""

import json
import unittest

from case import make_table, unique, wait_active, wait_backup
from iam_case import ACCOUNT, ALLOW_ALL, IamCase, document, statement, table_arn
import server


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
        # A condition that fails is answered with the whole item, if that is asked for.
        for wanted, code in (('NONE', 'ConditionalCheckFailedException'), ('ALL_OLD', 'AccessDeniedException')):
            answer = self.server.call(
                'UpdateItem', {'TableName': self.name, 'Key': key, 'UpdateExpression': 'REMOVE #o',
                               'ConditionExpression': 'attribute_not_exists(#o)', 'ExpressionAttributeNames': names,
                               'ReturnValuesOnConditionCheckFailure': wanted},
                access_key=user['AccessKeyId'], secret_key=user['SecretAccessKey'])
            self.assertRefused(answer, code)
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
