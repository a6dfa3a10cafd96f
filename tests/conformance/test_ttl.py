"""UpdateTimeToLive, DescribeTimeToLive, and what the sweeper takes away."""

import time
import unittest

import server
from case import (Case, OwnServerCase, load, make_table, scan_all, table_parameters, unique,
                  wait_active, wait_backup)


def scan_index(client, table, index):
    return client.scan(TableName=table, IndexName=index)['Items']


def setting(enabled, attribute='ttl'):
    return {'Enabled': enabled, 'AttributeName': attribute}


class Settings(Case):
    def update(self, table, enabled, attribute='ttl'):
        return self.db.update_time_to_live(
            TableName=table, TimeToLiveSpecification=setting(enabled, attribute))

    def describe(self, table):
        return self.db.describe_time_to_live(TableName=table)['TimeToLiveDescription']

    def refuse(self, text, table, enabled, attribute='ttl', code='ValidationException'):
        self.assertRefused(self.server.call('UpdateTimeToLive', {
            'TableName': table, 'TimeToLiveSpecification': setting(enabled, attribute)}),
            code, text)

    def wait(self, table, status):
        deadline = time.monotonic() + 30
        while self.describe(table)['TimeToLiveStatus'] != status:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)

    def test_off_by_default_and_on(self):
        t = self.table()
        self.assertEqual(self.describe(t), {'TimeToLiveStatus': 'DISABLED'})
        self.refuse('TimeToLive is already disabled', t, False)
        answer = self.update(t, True)
        self.assertEqual(answer['TimeToLiveSpecification'], setting(True))
        self.wait(t, 'ENABLED')
        self.assertEqual(self.describe(t)['AttributeName'], 'ttl')
        self.refuse('TimeToLive is already enabled', t, True)
        other = 'TimeToLive is active on a different AttributeName: current AttributeName is ttl'
        self.refuse(other, t, True, 'other')
        self.refuse(other, t, False, 'other')

    def test_unknown_tables(self):
        name = unique()
        text = f'Requested resource not found: Table: {name} not found'
        self.refuse(text, name, True, code='ResourceNotFoundException')
        self.assertFails('ResourceNotFoundException', text, self.db.describe_time_to_live,
                         TableName=name)

    def test_constraints_of_the_model(self):
        t = self.table()
        for specification, text in (
                ({}, "2 validation errors detected: "),
                ({'Enabled': True}, "1 validation error detected: Value null at "
                 "'timeToLiveSpecification.attributeName' failed to satisfy constraint: Member "
                 "must not be null"),
                ({'AttributeName': 'a'}, "1 validation error detected: Value null at "
                 "'timeToLiveSpecification.enabled' failed to satisfy constraint: Member must "
                 "not be null"),
                (setting(True, ''), "1 validation error detected: Value '' at "
                 "'timeToLiveSpecification.attributeName' failed to satisfy constraint: Member "
                 "must have length greater than or equal to 1")):
            answer = self.server.call('UpdateTimeToLive', {
                'TableName': t, 'TimeToLiveSpecification': specification})
            self.assertRefused(answer, 'ValidationException')
            self.assertTrue(answer.message.startswith(text), answer)

    def test_an_arn_names_the_table(self):
        t = self.table()
        arn = self.db.describe_table(TableName=t)['Table']['TableArn']
        self.update(arn, True)
        self.wait(arn, 'ENABLED')

    @unittest.skipUnless(server.ours(), 'the service wants half an hour between two changes')
    def test_off_again(self):
        t = self.table()
        self.update(t, True)
        self.assertEqual(self.update(t, False)['TimeToLiveSpecification'], setting(False))
        self.assertEqual(self.describe(t), {'TimeToLiveStatus': 'DISABLED'})
        self.update(t, True, 'other')
        self.wait(t, 'ENABLED')
        self.assertEqual(self.describe(t)['AttributeName'], 'other')


class Sweeping(OwnServerCase):
    def table(self, *keys):
        t = super().table(*keys)
        self.switch(t, True)
        return t

    def switch(self, table, enabled, attribute='ttl'):
        self.db.update_time_to_live(TableName=table,
                                    TimeToLiveSpecification=setting(enabled, attribute))
        self.wait_settled(table)

    def wait_settled(self, table):
        deadline = time.monotonic() + 30
        while self.db.describe_time_to_live(TableName=table)['TimeToLiveDescription'][
                'TimeToLiveStatus'] == 'ENABLING':
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)

    def put(self, table, key, ttl=None, **more):
        item = {'pk': {'S': key}, **more}
        if ttl is not None:
            item['ttl'] = ttl if isinstance(ttl, dict) else {'N': str(ttl)}
        self.db.put_item(TableName=table, Item=item)

    def keys(self, table):
        return sorted(item['pk']['S'] for item in scan_all(self.db, table))

    def assertLeft(self, table, keys, within=120):
        """Exactly these items stay; the others go soon."""
        deadline = time.monotonic() + within
        while self.keys(table) != sorted(keys) and time.monotonic() < deadline:
            time.sleep(0.05)
        self.assertEqual(self.keys(table), sorted(keys))
        time.sleep(0.7)  # one more look of the sweeper
        self.assertEqual(self.keys(table), sorted(keys))

    def test_items_go_when_their_time_has_come(self):
        t = self.table()
        now = int(self.server.advance(0))
        for key, ttl in (('past', now - 100), ('now', now), ('soon', now + 1000),
                         ('later', now + 5000), ('fraction', f'{now - 5}.5'),
                         ('ancient', now - 6 * 366 * 86400), ('negative', -5), ('zero', 0),
                         ('never', None), ('text', {'S': str(now - 100)}),
                         ('milliseconds', now * 1000)):
            self.put(t, key, ttl)
        stay = ['ancient', 'negative', 'zero', 'never', 'text', 'milliseconds']
        self.assertLeft(t, ['soon', 'later', *stay])
        begin = time.monotonic()
        self.server.advance(1001)
        self.assertLeft(t, ['later', *stay])
        self.assertLess(time.monotonic() - begin, 4)
        self.assertEqual(self.db.describe_table(TableName=t)['Table']['ItemCount'], 7)

    def test_the_newest_time_counts(self):
        t = self.table()
        now = int(self.server.advance(0))
        for key in 'abcde':
            self.put(t, key, now + 1000)
        self.put(t, 'a', now + 9000)
        self.db.update_item(TableName=t, Key={'pk': {'S': 'b'}}, UpdateExpression='SET #t = :t',
                            ExpressionAttributeNames={'#t': 'ttl'},
                            ExpressionAttributeValues={':t': {'N': str(now + 9000)}})
        self.db.update_item(TableName=t, Key={'pk': {'S': 'c'}}, UpdateExpression='REMOVE #t',
                            ExpressionAttributeNames={'#t': 'ttl'})
        self.db.delete_item(TableName=t, Key={'pk': {'S': 'd'}})
        self.put(t, 'd')
        self.db.batch_write_item(RequestItems={t: [{'PutRequest': {'Item': {
            'pk': {'S': 'f'}, 'ttl': {'N': str(now + 1000)}}}}]})
        self.server.advance(1500)
        self.assertLeft(t, ['a', 'b', 'c', 'd'])

    def test_items_older_than_the_setting(self):
        t = make_table(self.db)
        self.addCleanup(self.drop, t)
        now = int(self.server.advance(0))
        load(self.db, t, [{'pk': {'S': f'old{i:04}'}, 'ttl': {'N': str(now - 5)}}
                          for i in range(1500)])
        load(self.db, t, [{'pk': {'S': f'new{i}'}, 'ttl': {'N': str(now + 1000)}}
                          for i in range(3)])
        self.switch(t, True)
        self.assertLeft(t, ['new0', 'new1', 'new2'], within=120)
        self.server.advance(1500)
        self.assertLeft(t, [])

    def test_switched_off_nothing_goes(self):
        t = self.table()
        now = int(self.server.advance(0))
        self.put(t, 'a', now + 1000, other={'N': str(now + 9000)})
        self.put(t, 'b', now + 1000, other={'N': str(now + 1000)})
        self.switch(t, False)
        self.server.advance(1500)
        self.assertLeft(t, ['a', 'b'])
        self.switch(t, True, 'other')
        self.assertLeft(t, ['a'])

    def test_keys_may_be_times(self):
        t = make_table(self.db, 'S', 'N')
        self.addCleanup(self.drop, t)
        self.switch(t, True, 'sk')
        now = int(self.server.advance(0))
        for at in (now - 5, now + 1000):
            self.db.put_item(TableName=t, Item={'pk': {'S': 'a'}, 'sk': {'N': str(at)}})
        deadline = time.monotonic() + 10
        while len(scan_all(self.db, t)) > 1 and time.monotonic() < deadline:
            time.sleep(0.05)
        self.assertEqual(scan_all(self.db, t), [{'pk': {'S': 'a'}, 'sk': {'N': str(now + 1000)}}])

    def test_restored_tables_have_none_and_history_shows_deletions(self):
        t = self.table()
        self.db.update_continuous_backups(
            TableName=t, PointInTimeRecoverySpecification={'PointInTimeRecoveryEnabled': True})
        now = int(self.server.advance(0))
        self.put(t, 'a', now + 1000)
        self.put(t, 'b')
        arn = self.db.create_backup(TableName=t, BackupName='abc')['BackupDetails']['BackupArn']
        wait_backup(self.db, arn)
        features = self.db.describe_backup(BackupArn=arn)['BackupDescription'][
            'SourceTableFeatureDetails']
        self.assertEqual(features['TimeToLiveDescription'],
                         {'TimeToLiveStatus': 'ENABLED', 'AttributeName': 'ttl'})
        self.server.advance(500)
        before = self.server.advance(0)
        self.server.advance(1000)
        self.assertLeft(t, ['b'])
        restored, rewound = unique(), unique()
        self.db.restore_table_from_backup(TargetTableName=restored, BackupArn=arn)
        self.db.restore_table_to_point_in_time(SourceTableName=t, TargetTableName=rewound,
                                               RestoreDateTime=before)
        for target in (restored, rewound):
            self.addCleanup(self.drop, target)
            wait_active(self.db, target)
            self.assertEqual(self.db.describe_time_to_live(TableName=target)[
                'TimeToLiveDescription'], {'TimeToLiveStatus': 'DISABLED'})
            self.assertLeft(target, ['a', 'b'])
            self.switch(target, True)
            self.assertLeft(target, ['b'])

    def test_streams_tell_who_deleted(self):
        t = unique()
        self.db.create_table(**table_parameters(t), StreamSpecification={
            'StreamEnabled': True, 'StreamViewType': 'OLD_IMAGE'})
        self.addCleanup(self.drop, t)
        self.switch(t, True)
        arn = self.db.describe_table(TableName=t)['Table']['LatestStreamArn']
        now = int(self.server.advance(0))
        self.put(t, 'a', now - 5)
        self.put(t, 'b', now + 5000)
        self.assertLeft(t, ['b'])
        self.db.delete_item(TableName=t, Key={'pk': {'S': 'b'}})
        streams = self.server.client('dynamodbstreams')
        shard, = streams.describe_stream(StreamArn=arn)['StreamDescription']['Shards']
        iterator = streams.get_shard_iterator(
            StreamArn=arn, ShardId=shard['ShardId'],
            ShardIteratorType='TRIM_HORIZON')['ShardIterator']
        removed = [record for record in streams.get_records(ShardIterator=iterator)['Records']
                   if record['eventName'] == 'REMOVE']
        self.assertEqual([record['dynamodb']['OldImage']['pk']['S'] for record in removed],
                         ['a', 'b'])
        self.assertEqual(removed[0]['userIdentity'], {
            'Type': 'Service', 'PrincipalId': 'dynamodb.amazonaws.com'})
        self.assertNotIn('userIdentity', removed[1])

    def test_indexes_lose_what_expires(self):
        t = unique()
        self.db.create_table(
            TableName=t, BillingMode='PAY_PER_REQUEST',
            KeySchema=[{'AttributeName': 'pk', 'KeyType': 'HASH'}],
            AttributeDefinitions=[{'AttributeName': 'pk', 'AttributeType': 'S'},
                                  {'AttributeName': 'ttl', 'AttributeType': 'N'}],
            GlobalSecondaryIndexes=[{'IndexName': 'by-time', 'KeySchema': [
                {'AttributeName': 'ttl', 'KeyType': 'HASH'}],
                'Projection': {'ProjectionType': 'ALL'}}])
        self.addCleanup(self.drop, t)
        self.switch(t, True)
        now = int(self.server.advance(0))
        self.put(t, 'a', now - 5)
        self.put(t, 'b', now + 5000)
        self.assertLeft(t, ['b'])
        self.assertEqual([item['pk']['S'] for item in scan_index(self.db, t, 'by-time')], ['b'])

    def test_expiry_goes_on_after_a_crash(self):
        with server.Server() as own:
            db = own.client()
            t = make_table(db)
            now = int(own.advance(0))
            load(db, t, [{'pk': {'S': f'{i:04}'}, 'ttl': {'N': str(now + 1000)}}
                         for i in range(500)])
            db.update_time_to_live(TableName=t, TimeToLiveSpecification=setting(True))
            own.restart(crash=True)  # while older items get their rows, or just after
            db = own.client()
            db.put_item(TableName=t, Item={'pk': {'S': 'stays'}})
            deadline = time.monotonic() + 30
            while db.describe_time_to_live(TableName=t)['TimeToLiveDescription'][
                    'TimeToLiveStatus'] != 'ENABLED':
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.05)
            own.restart(crash=True)
            db = own.client()
            self.assertEqual(len(scan_all(db, t)), 501)
            own.advance(2000)
            while len(scan_all(db, t)) > 1:
                self.assertLess(time.monotonic(), deadline + 30)
                time.sleep(0.05)
            self.assertEqual(scan_all(db, t), [{'pk': {'S': 'stays'}}])


if __name__ == '__main__':
    unittest.main()
