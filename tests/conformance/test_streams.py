"""DynamoDB Streams, through the ordinary client."""

import re

from boto3.dynamodb.types import TypeDeserializer

import server
from case import Case, table_parameters, unique, wait_active, wait_backup

VIEWS = ('KEYS_ONLY', 'NEW_IMAGE', 'OLD_IMAGE', 'NEW_AND_OLD_IMAGES')
HOUR = 3600


def plain(image):
    return {name: TypeDeserializer().deserialize(value) for name, value in image.items()}


class StreamCase(Case):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.streams = cls.server.client('dynamodbstreams')

    def stream_table(self, view='NEW_AND_OLD_IMAGES', name=None, db=None):
        """(name, stream ARN)"""
        db = db or self.db
        name = name or unique()
        db.create_table(**table_parameters(name), StreamSpecification={
            'StreamEnabled': True, 'StreamViewType': view})
        self.addCleanup(self.drop, name)
        return name, wait_active(db, name)['LatestStreamArn']

    def describe(self, arn, streams=None, **parameters):
        streams = streams or self.streams
        return streams.describe_stream(StreamArn=arn, **parameters)['StreamDescription']

    def iterator(self, arn, kind='TRIM_HORIZON', shard=0, streams=None, **parameters):
        streams = streams or self.streams
        shard_id = self.describe(arn, streams)['Shards'][shard]['ShardId']
        return streams.get_shard_iterator(StreamArn=arn, ShardId=shard_id, ShardIteratorType=kind,
                                          **parameters)['ShardIterator']

    def drain(self, iterator, streams=None, **parameters):
        """(records, next iterator or None at a shard's end)"""
        streams = streams or self.streams
        records, empty = [], 0
        while iterator and empty < 3:
            page = streams.get_records(ShardIterator=iterator, **parameters)
            records += page['Records']
            empty = 0 if page['Records'] else empty + 1
            iterator = page.get('NextShardIterator')
        return records, iterator

    def records(self, arn, **parameters):
        return self.drain(self.iterator(arn, **parameters))[0]


class StreamTest(StreamCase):

    def test_a_table_tells_its_stream(self):
        name, arn = self.stream_table('NEW_IMAGE')
        table = self.db.describe_table(TableName=name)['Table']
        self.assertEqual(table['StreamSpecification'],
                         {'StreamEnabled': True, 'StreamViewType': 'NEW_IMAGE'})
        self.assertRegex(table['LatestStreamLabel'], r'^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}$')
        self.assertEqual(arn, f'{table["TableArn"]}/stream/{table["LatestStreamLabel"]}')
        description = self.describe(arn)
        self.assertEqual(description['StreamStatus'], 'ENABLED')
        self.assertEqual(description['StreamViewType'], 'NEW_IMAGE')
        self.assertEqual(description['TableName'], name)
        self.assertEqual(description['KeySchema'], [{'AttributeName': 'pk', 'KeyType': 'HASH'}])
        self.assertLess(abs(description['CreationRequestDateTime'].timestamp() -
                            table['CreationDateTime'].timestamp()), 60)
        self.assertEqual(len(description['Shards']), 1)
        shard = description['Shards'][0]
        self.assertRegex(shard['ShardId'], r'^shardId-\d{20}-[0-9a-f]{8}$')
        self.assertRegex(shard['SequenceNumberRange']['StartingSequenceNumber'], r'^\d{21,40}$')
        self.assertNotIn('EndingSequenceNumber', shard['SequenceNumberRange'])
        self.assertNotIn('ParentShardId', shard)
        self.assertNotIn('LastEvaluatedShardId', description)

    def test_a_table_without_a_stream_has_none(self):
        name = self.table()
        table = self.db.describe_table(TableName=name)['Table']
        for member in ('StreamSpecification', 'LatestStreamArn', 'LatestStreamLabel'):
            self.assertNotIn(member, table)
        self.assertEqual(self.streams.list_streams(TableName=name)['Streams'], [])
        name = unique()
        self.db.create_table(**table_parameters(name), StreamSpecification={'StreamEnabled': False})
        self.addCleanup(self.drop, name)
        self.assertNotIn('StreamSpecification', wait_active(self.db, name))

    def test_create_table_takes_a_view_type_with_a_stream_and_only_then(self):
        prefix = 'One or more parameter values were invalid: Table is being created with a stream '
        for spec, text in (
                ({'StreamEnabled': True}, 'enabled, UpdateViewType is required'),
                ({'StreamEnabled': False, 'StreamViewType': 'KEYS_ONLY'},
                 'disabled, UpdateViewType should not be specified')):
            self.assertFails('ValidationException', prefix + text, self.db.create_table,
                             **table_parameters(unique()), StreamSpecification=spec)
        self.assertFails('ValidationException', re.compile('Member must satisfy enum value set'),
                         self.db.create_table, **table_parameters(unique()),
                         StreamSpecification={'StreamEnabled': True, 'StreamViewType': 'Fisk'})

    def test_each_view_shows_what_it_says(self):
        for view in VIEWS:
            name, arn = self.stream_table(view)
            key = {'pk': {'S': 'a'}}
            self.db.put_item(TableName=name, Item={**key, 'n': {'N': '1'}})
            self.db.update_item(TableName=name, Key=key, UpdateExpression='SET n = :two',
                                ExpressionAttributeValues={':two': {'N': '2'}})
            self.db.delete_item(TableName=name, Key=key)
            records = self.records(arn)
            self.assertEqual([record['eventName'] for record in records],
                             ['INSERT', 'MODIFY', 'REMOVE'])
            images = [{}, {'n': 1, 'pk': 'a'}, {'n': 2, 'pk': 'a'}, {}]
            for i, record in enumerate(records):
                change = record['dynamodb']
                self.assertEqual(change['Keys'], key)
                self.assertEqual(change['StreamViewType'], view)
                new = images[i + 1] if view in ('NEW_IMAGE', 'NEW_AND_OLD_IMAGES') else {}
                old = images[i] if view in ('OLD_IMAGE', 'NEW_AND_OLD_IMAGES') else {}
                self.assertEqual(plain(change.get('NewImage', {})), new, (view, i))
                self.assertEqual(plain(change.get('OldImage', {})), old, (view, i))

    def test_a_record_has_the_members_of_the_service(self):
        name, arn = self.stream_table()
        self.db.put_item(TableName=name, Item={'pk': {'S': 'Id'}, 'Message': {'S': 'New item!'}})
        [record] = self.records(arn)
        change = record.pop('dynamodb')
        self.assertRegex(record.pop('eventID'), r'^[0-9a-f]{32}$')
        self.assertEqual(record, {'eventName': 'INSERT', 'eventVersion': '1.1',
                                  'eventSource': 'aws:dynamodb', 'awsRegion': server.REGION})
        self.assertRegex(change['SequenceNumber'], r'^\d{21,40}$')
        self.assertEqual(change['SizeBytes'], 4 + 4 + 16)
        created = change['ApproximateCreationDateTime'].timestamp()
        self.assertEqual(created, int(created))
        self.assertEqual(set(change), {'ApproximateCreationDateTime', 'Keys', 'NewImage',
                                       'SequenceNumber', 'SizeBytes', 'StreamViewType'})

    def test_what_changes_nothing_has_no_record(self):
        name, arn = self.stream_table()
        item = {'pk': {'S': 'a'}, 'v': {'S': '1'}}
        self.db.delete_item(TableName=name, Key={'pk': {'S': 'a'}})
        self.db.put_item(TableName=name, Item=item)
        self.db.put_item(TableName=name, Item=item)
        self.db.update_item(TableName=name, Key={'pk': {'S': 'a'}}, UpdateExpression='SET v = :v',
                            ExpressionAttributeValues={':v': {'S': '1'}})
        self.assertFails('ConditionalCheckFailedException', None, self.db.put_item, TableName=name,
                         Item=item, ConditionExpression='attribute_not_exists(pk)')
        self.assertEqual(len(self.records(arn)), 1)

    def test_a_record_is_there_as_soon_as_its_write_is_acknowledged(self):
        name, arn = self.stream_table()
        iterator = self.iterator(arn, 'LATEST')
        for i in range(30):
            self.db.put_item(TableName=name, Item={'pk': {'S': str(i)}})
            page = self.streams.get_records(ShardIterator=iterator)
            self.assertEqual([record['dynamodb']['Keys']['pk']['S'] for record in page['Records']],
                             [str(i)])
            iterator = page['NextShardIterator']

    def test_batches_give_a_record_for_each_item(self):
        name, arn = self.stream_table()
        self.db.batch_write_item(RequestItems={name: [
            {'PutRequest': {'Item': {'pk': {'S': str(i)}}}} for i in range(25)]})
        records = self.records(arn)
        self.assertEqual({record['dynamodb']['Keys']['pk']['S'] for record in records},
                         {str(i) for i in range(25)})
        numbers = [int(record['dynamodb']['SequenceNumber']) for record in records]
        self.assertEqual(numbers, sorted(set(numbers)))

    def test_iterators_begin_where_they_say(self):
        name, arn = self.stream_table()
        for i in range(5):
            self.db.put_item(TableName=name, Item={'pk': {'S': str(i)}})
        records = self.records(arn)
        third = records[2]['dynamodb']['SequenceNumber']
        start = self.describe(arn)['Shards'][0]['SequenceNumberRange']['StartingSequenceNumber']
        for kind, number, expected in (
                ('AT_SEQUENCE_NUMBER', third, records[2:]),
                ('AFTER_SEQUENCE_NUMBER', third, records[3:]),
                ('AT_SEQUENCE_NUMBER', start, records)):
            found, _ = self.drain(self.iterator(arn, kind, SequenceNumber=number))
            self.assertEqual(found, expected, (kind, number))
        self.assertEqual(self.drain(self.iterator(arn, 'LATEST'))[0], [])
        paged, _ = self.drain(self.iterator(arn), Limit=2)
        self.assertEqual(paged, records)
        page = self.streams.get_records(ShardIterator=self.iterator(arn), Limit=2)
        self.assertEqual(len(page['Records']), 2)

    def test_a_page_holds_about_a_megabyte(self):
        name, arn = self.stream_table('NEW_IMAGE')
        for i in range(12):
            self.db.put_item(TableName=name, Item={'pk': {'S': str(i)}, 'v': {'S': 'x' * 300_000}})
        page = self.streams.get_records(ShardIterator=self.iterator(arn))
        self.assertEqual(len(page['Records']), 3)
        self.assertEqual(len(self.records(arn)), 12)

    def test_the_stream_of_a_deleted_table_stays_and_a_new_one_is_another(self):
        name, arn = self.stream_table()
        self.db.put_item(TableName=name, Item={'pk': {'S': 'old'}})
        self.db.delete_table(TableName=name)
        description = self.describe(arn)
        self.assertEqual(description['StreamStatus'], 'DISABLED')
        self.assertIn('EndingSequenceNumber', description['Shards'][0]['SequenceNumberRange'])
        records, after = self.drain(self.iterator(arn))
        self.assertEqual([record['dynamodb']['Keys']['pk']['S'] for record in records], ['old'])
        self.assertIsNone(after)
        _, second = self.stream_table(name=name)
        self.assertNotEqual(second, arn)
        self.assertEqual(self.records(second), [])
        listed = [one['StreamArn'] for one in self.streams.list_streams(TableName=name)['Streams']]
        self.assertEqual(listed, [arn, second])

    def test_streams_are_listed_in_pages(self):
        made = {self.stream_table('KEYS_ONLY')[1] for _ in range(5)}
        found, start = [], {}
        while True:
            page = self.streams.list_streams(Limit=2, **start)
            self.assertLessEqual(len(page['Streams']), 2)
            found += page['Streams']
            if 'LastEvaluatedStreamArn' not in page:
                break
            self.assertEqual(page['LastEvaluatedStreamArn'], page['Streams'][-1]['StreamArn'])
            start = {'ExclusiveStartStreamArn': page['LastEvaluatedStreamArn']}
        arns = [stream['StreamArn'] for stream in found]
        self.assertEqual(len(arns), len(set(arns)))
        self.assertLessEqual(made, set(arns))
        for stream in found:
            self.assertEqual(set(stream), {'StreamArn', 'TableName', 'StreamLabel'})
            self.assertTrue(stream['StreamArn'].endswith('/stream/' + stream['StreamLabel']))

    def test_backups_tell_the_stream_and_restored_tables_have_none(self):
        name, _ = self.stream_table('OLD_IMAGE')
        backup = self.db.create_backup(TableName=name, BackupName='with-a-stream')
        arn = backup['BackupDetails']['BackupArn']
        self.addCleanup(self.db.delete_backup, BackupArn=arn)
        wait_backup(self.db, arn)
        features = self.db.describe_backup(
            BackupArn=arn)['BackupDescription']['SourceTableFeatureDetails']
        self.assertEqual(features['StreamDescription'],
                         {'StreamEnabled': True, 'StreamViewType': 'OLD_IMAGE'})
        restored = unique()
        self.db.restore_table_from_backup(TargetTableName=restored, BackupArn=arn)
        self.addCleanup(self.drop, restored)
        self.assertNotIn('StreamSpecification', wait_active(self.db, restored))
        self.assertEqual(self.streams.list_streams(TableName=restored)['Streams'], [])


class StreamSwitchTest(StreamCase):

    def switch(self, name, **spec):
        return self.db.update_table(TableName=name, StreamSpecification=spec)['TableDescription']

    def test_a_stream_is_switched_on_off_and_on_again(self):
        name = self.table()
        item = {'pk': {'S': 'a'}}
        self.db.put_item(TableName=name, Item={**item, 'n': {'N': '1'}})
        shown = self.switch(name, StreamEnabled=True, StreamViewType='NEW_AND_OLD_IMAGES')
        self.assertEqual(shown['TableStatus'], 'UPDATING')
        arn = wait_active(self.db, name)['LatestStreamArn']
        self.db.put_item(TableName=name, Item={**item, 'n': {'N': '2'}})
        self.switch(name, StreamEnabled=False)
        table = wait_active(self.db, name)
        self.assertNotIn('StreamSpecification', table)
        self.assertEqual(table['LatestStreamArn'], arn)
        self.db.put_item(TableName=name, Item={**item, 'n': {'N': '3'}})
        self.switch(name, StreamEnabled=True, StreamViewType='KEYS_ONLY')
        second = wait_active(self.db, name)['LatestStreamArn']
        self.assertNotEqual(second, arn)
        self.db.delete_item(TableName=name, Key=item)

        records, after = self.drain(self.iterator(arn))
        self.assertIsNone(after)
        self.assertEqual([(plain(record['dynamodb']['OldImage'])['n'],
                           plain(record['dynamodb']['NewImage'])['n']) for record in records],
                         [(1, 2)])
        self.assertEqual(self.describe(arn)['StreamStatus'], 'DISABLED')
        self.assertEqual([record['eventName'] for record in self.records(second)], ['REMOVE'])
        self.assertEqual(len(self.streams.list_streams(TableName=name)['Streams']), 2)

    def test_refusals(self):
        name = self.table()
        invalid = 'One or more parameter values were invalid: '
        for spec, text in (
                ({'StreamEnabled': False}, f'Table has no stream to disable: TableName: {name}'),
                ({'StreamEnabled': True},
                 invalid + 'If stream is being enabled then UpdateViewType is required')):
            self.assertFails('ValidationException', text, self.switch, name, **spec)
        self.switch(name, StreamEnabled=True, StreamViewType='OLD_IMAGE')
        wait_active(self.db, name)
        already = f'Table already has an enabled stream: TableName: {name}'
        for spec, text in (
                ({'StreamEnabled': True, 'StreamViewType': 'OLD_IMAGE'}, already),
                ({'StreamEnabled': True, 'StreamViewType': 'NEW_IMAGE'}, already),
                ({'StreamEnabled': False, 'StreamViewType': 'OLD_IMAGE'},
                 invalid + 'If stream is being disabled, then UpdateViewType must not be '
                           'specified')):
            self.assertFails('ValidationException', text, self.switch, name, **spec)


class StreamTransactionTest(StreamCase):

    def test_a_transaction_gives_a_record_for_each_item_in_order(self):
        name, arn = self.stream_table()
        other, other_arn = self.stream_table()
        self.db.put_item(TableName=name, Item={'pk': {'S': 'gone'}})
        self.db.transact_write_items(TransactItems=[
            {'Put': {'TableName': name, 'Item': {'pk': {'S': 'a'}}}},
            {'Delete': {'TableName': name, 'Key': {'pk': {'S': 'gone'}}}},
            {'Put': {'TableName': other, 'Item': {'pk': {'S': 'b'}}}}])
        records = self.records(arn)
        self.assertEqual({(record['eventName'], record['dynamodb']['Keys']['pk']['S'])
                          for record in records[1:]}, {('INSERT', 'a'), ('REMOVE', 'gone')})
        numbers = [int(record['dynamodb']['SequenceNumber']) for record in records]
        self.assertEqual(numbers, sorted(set(numbers)))
        self.assertEqual(len(self.records(other_arn)), 1)


class StreamErrorTest(StreamCase):

    def test_streams_that_are_not_there(self):
        _, arn = self.stream_table()
        shard = self.describe(arn)['Shards'][0]['ShardId']
        iterator = dict(ShardId=shard, ShardIteratorType='LATEST')
        for bad in ('fake-stream', 'sdfadfsdfnlfkajakfgjalksfgklasjklasdjfklasdfasdfgasf'):
            self.assertFails('ValidationException', 'Invalid StreamArn',
                             self.streams.describe_stream, StreamArn=bad)
            self.assertFails('ValidationException', 'Invalid StreamArn',
                             self.streams.get_shard_iterator, StreamArn=bad, **iterator)
            self.assertFails('ValidationException', 'Invalid StreamArn',
                             self.streams.list_streams, ExclusiveStartStreamArn=bad)
        gone = arn[:-3] + 'xyz'
        text = f'Requested resource not found: Stream: {gone} not found'
        self.assertFails('ResourceNotFoundException', text, self.streams.describe_stream,
                         StreamArn=gone)
        self.assertFails('ResourceNotFoundException', text, self.streams.get_shard_iterator,
                         StreamArn=gone, **iterator)

    def test_shards_and_numbers_that_are_not_there(self):
        _, arn = self.stream_table()
        shard = self.describe(arn)['Shards'][0]
        make = self.streams.get_shard_iterator
        self.assertFails('ResourceNotFoundException',
                         'Requested resource not found: Shard does not exist', make, StreamArn=arn,
                         ShardId='adfasdasdasdasdasdasdasdasdasasdasd', ShardIteratorType='LATEST')
        given = dict(StreamArn=arn, ShardId=shard['ShardId'])
        start = shard['SequenceNumberRange']['StartingSequenceNumber']
        for kind in ('AT_SEQUENCE_NUMBER', 'AFTER_SEQUENCE_NUMBER'):
            self.assertFails('ValidationException', None, make, ShardIteratorType=kind, **given)
            self.assertFails('ValidationException', None, make, ShardIteratorType=kind,
                             SequenceNumber='1' * 21, **given)
        for kind in ('TRIM_HORIZON', 'LATEST'):
            self.assertFails('ValidationException', None, make, ShardIteratorType=kind,
                             SequenceNumber=start, **given)
        self.assertFails(
            'ValidationException',
            "1 validation error detected: Value 'bulle' at 'shardIteratorType' failed to satisfy "
            'constraint: Member must satisfy enum value set: [AFTER_SEQUENCE_NUMBER, LATEST, '
            'AT_SEQUENCE_NUMBER, TRIM_HORIZON]', make, ShardIteratorType='bulle', **given)
        self.assertEqual(self.describe(arn, ExclusiveStartShardId=shard['ShardId'])['Shards'], [])
        self.assertEqual(self.describe(arn, ExclusiveStartShardId='z' * 40)['Shards'], [])

    def test_iterators_that_are_none(self):
        _, arn = self.stream_table()
        good = self.iterator(arn)
        for bad in ('sdfsdfsgagaddafgagasgasgasdfasdfasdfasdfasdgasdasdgasdg', good[:-5],
                    good.replace('/stream/2', '/stream/3')):
            self.assertFails('ValidationException', 'Invalid ShardIterator',
                             self.streams.get_records, ShardIterator=bad)

    def test_limits(self):
        _, arn = self.stream_table()
        iterator = self.iterator(arn)
        for call, given, most in ((self.streams.list_streams, {}, 100),
                                  (self.streams.describe_stream, {'StreamArn': arn}, 100),
                                  (self.streams.get_records, {'ShardIterator': iterator}, 1000)):
            self.assertFails(
                'ValidationException', "1 validation error detected: Value '0' at 'limit' failed "
                'to satisfy constraint: Member must have value greater than or equal to 1', call,
                Limit=0, **given)
            self.assertFails(
                'ValidationException', f"1 validation error detected: Value '{most + 1}' at "
                "'limit' failed to satisfy constraint: Member must have value less than or equal "
                f'to {most}', call, Limit=most + 1, **given)

    def test_operations_belong_to_their_service(self):
        self.assertRefused(self.server.call('ListStreams', {}), 'UnknownOperationException')


class StreamTimeTest(StreamCase):
    """On a server of its own, whose clock is moved."""

    def setUp(self):
        self.own = server.Server()
        self.addCleanup(self.own.close)
        self.own_db = self.own.client()
        self.own_streams = self.own.client('dynamodbstreams')
        self.name, self.arn = self.stream_table(db=self.own_db)

    def put(self, key):
        self.own_db.put_item(TableName=self.name, Item={'pk': {'S': key}})

    def keys(self, shard):
        records, after = self.drain(
            self.iterator(self.arn, shard=shard, streams=self.own_streams), self.own_streams)
        return [record['dynamodb']['Keys']['pk']['S'] for record in records], after

    def test_shards_roll_iterators_expire_and_records_go(self):
        self.put('first')
        early = self.iterator(self.arn, streams=self.own_streams)
        starts = self.describe(self.arn, self.own_streams)['Shards'][0]['SequenceNumberRange']
        self.own.advance(4 * HOUR)
        self.put('second')
        self.assertFails('ExpiredIteratorException', 'Shard iterator has expired',
                         self.own_streams.get_records, ShardIterator=early)
        shards = self.describe(self.arn, self.own_streams)['Shards']
        self.assertEqual(len(shards), 2)
        self.assertEqual(shards[1]['ParentShardId'], shards[0]['ShardId'])
        self.assertLess(int(shards[0]['SequenceNumberRange']['EndingSequenceNumber']),
                        int(shards[1]['SequenceNumberRange']['StartingSequenceNumber']))
        page = self.describe(self.arn, self.own_streams, Limit=1)
        self.assertEqual(page['LastEvaluatedShardId'], shards[0]['ShardId'])
        keys, after = self.keys(0)
        self.assertEqual((keys, after), (['first'], None))
        keys, after = self.keys(1)
        self.assertEqual(keys, ['second'])
        self.assertIsNotNone(after)

        self.own.advance(21 * HOUR)  # the first is older than a day, its shard reaches into the day
        self.assertFails('TrimmedDataAccessException',
                         'The data you are trying to access has been trimmed',
                         self.own_streams.get_shard_iterator, StreamArn=self.arn,
                         ShardId=shards[0]['ShardId'], ShardIteratorType='AT_SEQUENCE_NUMBER',
                         SequenceNumber=starts['StartingSequenceNumber'])
        self.assertEqual(self.keys(0)[0], [])
        self.assertEqual(self.keys(1)[0], ['second'])
        self.own.advance(4 * HOUR)
        ids = [shard['ShardId'] for shard in self.describe(self.arn, self.own_streams)['Shards']]
        self.assertNotIn(shards[0]['ShardId'], ids)

    def test_a_stream_is_the_same_after_a_crash_and_a_stop(self):
        self.put('one')
        iterator = self.iterator(self.arn, streams=self.own_streams)
        for end in (self.own.kill, self.own.stop):
            end()
            self.own.start()
            self.own_db, self.own_streams = self.own.client(), self.own.client('dynamodbstreams')
            records, _ = self.drain(iterator, self.own_streams)
            self.assertEqual([record['eventName'] for record in records], ['INSERT'])
        self.put('two')
        self.assertEqual(self.keys(0)[0], ['one', 'two'])
        self.own_db.delete_table(TableName=self.name)
        self.own.kill()
        self.own.start()
        self.own_streams = self.own.client('dynamodbstreams')
        self.assertEqual(self.keys(0), (['one', 'two'], None))
        self.own.advance(25 * HOUR)
        self.assertFails('ResourceNotFoundException', None, self.own_streams.describe_stream,
                         StreamArn=self.arn)
        self.assertEqual(self.own_streams.list_streams()['Streams'], [])
