"""Who may read a table's past, and bring items back: conditions and denials that limit the present hold for it too."""

import base64
import hashlib
import json
import unittest

from case import make_table, unique, wait_gone
from iam_case import IamCase, document, statement, table_arn
import server

OURS = 'Tidemark_20261101.'
ALL = statement('*')
LATER = ('UndeleteTable', 'RestoreTablesToPointInTime')  # requests that are allowed, and refused as incomplete


def key(pk):
    return {'pk': {'S': pk}}


@unittest.skipUnless(server.ours(), 'of our own server')
class PastAccess(IamCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.t = cls.class_table()
        cls.db.update_continuous_backups(TableName=cls.t, PointInTimeRecoverySpecification={
            'PointInTimeRecoveryEnabled': True})
        cls.db.put_item(TableName=cls.t, Item=key('mine'))
        cls.db.put_item(TableName=cls.t, Item=key('theirs'))
        cls.now = str(json.loads(cls.server.hook('clock', {'advance_seconds': 1}).body)['now'])

    def calls(self, pk):
        """Requests about one partition."""
        table = {'TableName': self.t}
        return {'GetItemHistory': {**table, 'Key': key(pk)},
                'DiffTable': {**table, 'From': self.now, 'PartitionKey': key(pk)},
                'RestoreItems': {**table, 'RestoreDateTime': self.now, 'PartitionKey': key(pk), 'DryRun': True}}

    def refusal(self, policy, operation, body, prefix=OURS, headers=None):
        """The refusal's text for a user with this policy; None: allowed."""
        return self.refusal_of(self.user(policy), operation, body, prefix, headers)

    def refusal_of(self, name, operation, body, prefix=OURS, headers=None):
        keys = self.iam.create_access_key(UserName=name)['AccessKey']
        body = json.dumps(body).encode()
        headers = {'Content-Type': 'application/x-amz-json-1.0', 'X-Amz-Target': prefix + operation,
                   'Host': self.server.host, **(headers or {})}
        answer = self.server.send(body, self.server.sign(body, headers, access_key=keys['AccessKeyId'],
                                                         secret_key=keys['SecretAccessKey']))
        if answer.status == 200 or (answer.code == 'ValidationException' and operation in LATER):
            return None
        self.assertEqual(answer.code, 'AccessDeniedException', answer)
        return answer.message

    def test_partition_keys(self):
        for quantifier in ('ForAllValues:', ''):
            mine = {quantifier + 'StringEquals': {'dynamodb:LeadingKeys': ['mine']}}
            policy = document(statement('*', table_arn(self.t), condition=mine))
            for operation, body in self.calls('mine').items():
                self.assertIsNone(self.refusal(policy, operation, body), operation)
            for operation, body in self.calls('theirs').items():
                self.assertIn('no identity-based policy', self.refusal(policy, operation, body) or '', operation)
            for operation, body in self.calls('mine').items():
                if operation != 'GetItemHistory':  # the whole table
                    del body['PartitionKey']
                    self.assertIsNotNone(self.refusal(policy, operation, body), operation)
            restore = self.calls('mine')['RestoreItems']
            del restore['PartitionKey']
            self.assertIsNone(self.refusal(policy, 'RestoreItems', {**restore, 'Keys': [key('mine')]}))
            if quantifier:
                both = {**restore, 'Keys': [key('mine'), key('theirs')]}
                self.assertIsNotNone(self.refusal(policy, 'RestoreItems', both))

    def test_attributes(self):
        some = {'ForAllValues:StringEquals': {'dynamodb:Attributes': ['pk']}}
        policy = document(statement('*', table_arn(self.t), condition=some))
        for operation, body in self.calls('mine').items():
            self.assertIsNotNone(self.refusal(policy, operation, body), f'{operation} is of whole items')

    def test_denials_of_the_present(self):
        denials = {'GetItemHistory': ['dynamodb:GetItem'], 'DiffTable': ['dynamodb:Scan'],
                   'RestoreItems': ['dynamodb:PutItem', 'dynamodb:DeleteItem', 'dynamodb:BatchWriteItem',
                                    'dynamodb:Scan']}
        for operation, body in self.calls('mine').items():
            self.assertIsNone(self.refusal(document(ALL), operation, body), operation)
            for action in denials[operation] + ['dynamodb:*']:
                denied = document(ALL, statement(action, table_arn(self.t), effect='Deny'))
                self.assertIn('with an explicit deny in an identity-based policy',
                              self.refusal(denied, operation, body) or '', (operation, action))
            other = document(ALL, statement('dynamodb:*', table_arn('other'), effect='Deny'))
            self.assertIsNone(self.refusal(other, operation, body), operation)

    def test_a_rewind_has_a_right_of_its_own(self):
        rewind = {'TableName': self.t, 'RestoreDateTime': self.now, 'DryRun': True}
        items = document(statement(['dynamodb:*', 'tidemark:RestoreItems'], table_arn(self.t)))
        self.assertIsNotNone(self.refusal(items, 'RewindTable', rewind))
        policy = document(statement('tidemark:RewindTable', table_arn(self.t)))
        self.assertIsNone(self.refusal(policy, 'RewindTable', rewind))
        for action in ('PutItem', 'DeleteItem', 'BatchWriteItem'):
            denied = document(ALL, statement('dynamodb:' + action, table_arn(self.t), effect='Deny'))
            self.assertIsNotNone(self.refusal(denied, 'RewindTable', rewind), action)
        some = {'ForAllValues:StringEquals': {'dynamodb:LeadingKeys': ['mine']}}
        self.assertIsNotNone(self.refusal(document(statement('*', condition=some)), 'RewindTable', rewind))

    def test_who_may_not_write_some_keys_writes_no_whole_table(self):
        whole = {'TableName': self.t, 'RestoreDateTime': self.now, 'DryRun': True}
        writes = ['dynamodb:PutItem', 'dynamodb:DeleteItem', 'dynamodb:BatchWriteItem']
        for condition in ({'ForAnyValue:StringEquals': {'dynamodb:LeadingKeys': ['theirs']}},
                          {'ForAnyValue:StringEquals': {'dynamodb:Attributes': ['salary']}}):
            denied = document(ALL, statement(writes, table_arn(self.t), effect='Deny', condition=condition))
            for operation in ('RewindTable', 'RestoreItems'):
                self.assertIn('explicit deny', self.refusal(denied, operation, whole) or '', (operation, condition))
        keys = document(ALL, statement(writes, table_arn(self.t), effect='Deny', condition={
            'ForAnyValue:StringEquals': {'dynamodb:LeadingKeys': ['theirs']}}))
        self.assertIsNone(self.refusal(keys, 'RestoreItems', self.calls('mine')['RestoreItems']))
        self.assertIsNotNone(self.refusal(keys, 'RestoreItems', self.calls('theirs')['RestoreItems']))

    def test_a_deleted_table_keeps_its_policy_and_tags(self):
        t = unique('t')
        make_table(self.db, name=t)
        self.db.update_continuous_backups(TableName=t, PointInTimeRecoverySpecification={
            'PointInTimeRecoveryEnabled': True})
        self.db.tag_resource(ResourceArn=table_arn(t), Tags=[{'Key': 'secret', 'Value': 'yes'}])
        name = self.user(document(ALL))
        put = self.server.call('PutResourcePolicy', {'ResourceArn': table_arn(t), 'Policy': document({
            'Effect': 'Deny', 'Principal': {'AWS': f'arn:aws:iam::{server.ACCOUNT}:user/{name}'},
            'Action': ['dynamodb:RestoreTableToPointInTime', 'dynamodb:RestoreTableFromBackup'],
            'Resource': [table_arn(t)]})})
        self.assertEqual(put.status, 200, put)
        self.db.delete_table(TableName=t)
        wait_gone(self.db, t)
        backup = self.db.list_backups(TableName=t, BackupType='SYSTEM')['BackupSummaries'][0]['BackupArn']
        undelete = {'SourceTableName': t, 'TargetTableName': unique('u')}  # it says no instant: refused later
        restore = {'BackupArn': backup, 'TargetTableName': unique('u')}
        tagged = document(ALL, statement('*', '*', effect='Deny', condition={
            'StringEquals': {'aws:ResourceTag/secret': 'yes'}}))
        self.assertIn('explicit deny', self.refusal(tagged, 'UndeleteTable', undelete) or '')
        self.assertIn('explicit deny', self.refusal(tagged, 'RestoreTableFromBackup', restore, server.TARGET) or '')
        self.assertIsNone(self.refusal(document(ALL), 'UndeleteTable', undelete), 'of somebody else')
        self.assertIn('resource-based policy', self.refusal_of(name, 'UndeleteTable', undelete) or '')
        self.assertIn('resource-based policy',
                      self.refusal_of(name, 'RestoreTableFromBackup', restore, server.TARGET) or '')

    def test_restores_of_deleted_tables_and_of_several(self):
        undelete = {'SourceTableName': self.t, 'TargetTableName': 'Undeleted'}  # refused later: it says no instant
        several = {'Tables': [{'SourceTableName': self.t, 'TargetTableName': 'New'},
                              {'SourceTableName': 'Other', 'TargetTableName': 'Newer'}]}
        items = ['dynamodb:' + action for action in ('BatchWriteItem', 'DeleteItem', 'GetItem', 'PutItem', 'Query',
                                                     'Scan', 'UpdateItem')]
        mine, other = table_arn(self.t), table_arn('Other')
        restore = 'dynamodb:RestoreTableToPointInTime'
        self.assertIsNone(self.refusal(document(statement(['tidemark:UndeleteTable', *items], mine)), 'UndeleteTable',
                                       undelete))
        self.assertIsNotNone(self.refusal(document(statement(['tidemark:UndeleteTable'], mine)), 'UndeleteTable',
                                          undelete))
        self.assertIsNotNone(self.refusal(document(statement([restore, *items], mine)), 'UndeleteTable', undelete))
        self.assertIsNotNone(self.refusal(document(ALL, statement(restore, mine, effect='Deny')), 'UndeleteTable',
                                          undelete))
        both = document(statement([restore, *items], [mine, other]))
        self.assertIsNone(self.refusal(both, 'RestoreTablesToPointInTime', several))
        one = document(statement([restore, *items], mine))
        self.assertIn(other, self.refusal(one, 'RestoreTablesToPointInTime', several))
        headers = {'X-Tidemark-Restore-Settings': 'all'}
        self.assertIn('dynamodb:TagResource',
                      self.refusal(both, 'RestoreTablesToPointInTime', several, headers=headers))

    def test_reads_as_of_an_instant_can_be_told_apart(self):
        asks = {'GetItem': {'TableName': self.t, 'Key': key('mine')},
                'Scan': {'TableName': self.t},
                'BatchGetItem': {'RequestItems': {self.t: {'Keys': [key('mine')]}}}}
        present = document(statement('dynamodb:*', condition={'Null': {'tidemark:AsOf': 'true'}}))
        recent = document(statement('dynamodb:*', condition={
            'DateGreaterThan': {'tidemark:AsOf': '2001-01-01T00:00:00Z'}}))
        past = {'X-Tidemark-As-Of': self.now}
        for operation, body in asks.items():
            self.assertIsNone(self.refusal(present, operation, body, server.TARGET), operation)
            self.assertIsNotNone(self.refusal(present, operation, body, server.TARGET, past), operation)
            self.assertIsNotNone(self.refusal(recent, operation, body, server.TARGET), operation)
            self.assertIsNone(self.refusal(recent, operation, body, server.TARGET, past), operation)
            early = {'X-Tidemark-As-Of': '2000-01-01 00:00:00'}
            self.assertIsNotNone(self.refusal(recent, operation, body, server.TARGET, early), operation)

    def test_a_forged_iterator_does_not_reach_behind_the_stream(self):
        self.db.update_table(TableName=self.t, StreamSpecification={
            'StreamEnabled': True, 'StreamViewType': 'NEW_AND_OLD_IMAGES'})
        arn = self.db.describe_table(TableName=self.t)['Table']['LatestStreamArn']
        streams = self.server.client('dynamodbstreams')
        shard = streams.describe_stream(StreamArn=arn)['StreamDescription']['Shards'][0]['ShardId']
        iterator = streams.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType='TRIM_HORIZON')
        self.db.put_item(TableName=self.t, Item=key('after'))

        def records(text):
            return [one['dynamodb']['Keys'] for one in streams.get_records(ShardIterator=text)['Records']]

        self.assertEqual(records(iterator['ShardIterator']), [key('after')])
        head, token = iterator['ShardIterator'].rsplit('|', 1)
        content = base64.b64decode(token)[:-8]
        # Behind which record it goes on stands at the end: commit time and number.
        forged = content[:-12] + bytes(12)
        forged += hashlib.sha256(arn.encode() + forged).digest()[:8]
        self.assertEqual(records(f'{head}|{base64.b64encode(forged).decode()}'), [key('after')])


if __name__ == '__main__':
    unittest.main()
