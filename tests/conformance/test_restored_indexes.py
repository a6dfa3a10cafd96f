"""Questions to a table and all kinds of its indexes, asked while it was at T; then the same questions to its past as of
T, to tables restored to T and from a backup of T. Every answer must be the same, item for item and in order."""

import itertools
import random
import unittest

from case import query_all, scan_all, unique, wait_active, wait_backup
from test_as_of import AsOfCase

ATTRIBUTES = {'pk': 'S', 'sk': 'N', 'n': 'N', 'kind': 'S', 'colour': 'S', 'b': 'B'}


def key(*names, ranges=()):
    return [*({'AttributeName': name, 'KeyType': 'HASH'} for name in names),
            *({'AttributeName': name, 'KeyType': 'RANGE'} for name in ranges)]


def index(name, schema, projection='ALL', included=None):
    described = {'ProjectionType': projection}
    if included:
        described['NonKeyAttributes'] = included
    return {'IndexName': name, 'KeySchema': schema, 'Projection': described}


LOCAL = [index('local', key('pk', ranges=['n']), 'KEYS_ONLY'),
         index('local-kind', key('pk', ranges=['kind']), 'INCLUDE', ['text'])]
GLOBAL = [index('number', key('n'), 'KEYS_ONLY'),
          index('kind', key('kind', ranges=['n'])),
          index('binary', key('b', ranges=['sk']), 'INCLUDE', ['kind', 'text']),
          index('composite', key('kind', 'colour', ranges=['n', 'sk']), 'INCLUDE', ['text'])]
INDEXES = [one['IndexName'] for one in LOCAL + GLOBAL]
PARTITIONS = [f'p{number}' for number in range(6)]
KINDS, COLOURS = ('odd', 'even', 'prime'), ('red', 'green', 'blue')


def questions():
    """(name, operation, parameters) of each."""
    def query(condition, values, **more):
        return 'query', {'KeyConditionExpression': condition, 'ExpressionAttributeValues': values, **more}

    def text(value):
        return {'S': value}

    for p in PARTITIONS:
        yield f'partition {p}', *query('pk = :p', {':p': text(p)})
        yield f'backwards {p}', *query('pk = :p AND sk BETWEEN :a AND :b', {':p': text(p), ':a': {'N': '3'},
                                       ':b': {'N': '15'}}, ScanIndexForward=False, Limit=4)
        yield f'local {p}', *query('pk = :p AND n > :a', {':p': text(p), ':a': {'N': '4'}}, IndexName='local',
                                   Select='ALL_ATTRIBUTES', ConsistentRead=True)
        yield f'local-kind {p}', *query('pk = :p AND begins_with(kind, :k)', {':p': text(p), ':k': text('e')},
                                        IndexName='local-kind', Limit=3)
    for number in range(12):
        yield f'number {number}', *query('n = :n', {':n': {'N': str(number)}}, IndexName='number', Limit=5)
        yield f'binary {number}', *query('b = :b AND sk < :s', {':b': {'B': bytes([number])}, ':s': {'N': '12'}},
                                         IndexName='binary', ScanIndexForward=number % 2 == 0)
    for kind in KINDS:
        yield f'kind {kind}', *query('kind = :k', {':k': text(kind)}, IndexName='kind', Limit=7,
                                     FilterExpression='attribute_exists(colour)')
        for colour in COLOURS:
            yield f'composite {kind} {colour}', *query(
                'kind = :k AND colour = :c AND n >= :n', {':k': text(kind), ':c': text(colour), ':n': {'N': '2'}},
                IndexName='composite', ScanIndexForward=False)
    for name in INDEXES:
        yield f'scan {name}', 'scan', {'IndexName': name, 'Limit': 40}
        yield f'count {name}', 'scan', {'IndexName': name, 'Select': 'COUNT', 'FilterExpression': 'n > :n',
                                        'ExpressionAttributeValues': {':n': {'N': '5'}}}


def answers(client, table):
    """By question: all items in order, and what each page counted."""
    told = {}
    for name, operation, parameters in questions():
        pages = list(client.get_paginator(operation).paginate(TableName=table, **parameters))
        told[name] = ([item for page in pages for item in page.get('Items', ())],
                      [(page['Count'], page['ScannedCount']) for page in pages])
    return told


class Restored(AsOfCase):
    def setUp(self):
        super().setUp()
        self.random = random.Random(4711)
        self.numbers = itertools.count()
        self.source = unique('indexed')
        self.db.create_table(
            TableName=self.source, BillingMode='PAY_PER_REQUEST', KeySchema=key('pk', ranges=['sk']),
            AttributeDefinitions=[{'AttributeName': name, 'AttributeType': kind}
                                  for name, kind in ATTRIBUTES.items()],
            LocalSecondaryIndexes=LOCAL, GlobalSecondaryIndexes=GLOBAL,
            StreamSpecification={'StreamEnabled': True, 'StreamViewType': 'NEW_AND_OLD_IMAGES'})
        self.addCleanup(self.drop, self.source)
        wait_active(self.db, self.source)
        self.switch(self.source)

    def item(self):
        """Some lack an attribute that an index needs."""
        choice = self.random
        item = {'pk': {'S': choice.choice(PARTITIONS)}, 'sk': {'N': str(choice.randrange(20))},
                'text': {'S': f'{next(self.numbers)}' + 'x' * choice.randrange(300)}}
        optional = {'n': {'N': str(choice.randrange(12))}, 'kind': {'S': choice.choice(KINDS)},
                    'colour': {'S': choice.choice(COLOURS)}, 'b': {'B': bytes([choice.randrange(12)])}}
        item.update({name: value for name, value in optional.items() if choice.random() < 0.8})
        return item

    def key(self):
        item = self.item()
        return {'pk': item['pk'], 'sk': item['sk']}

    def write_some(self, count):
        for _ in range(count):
            kind = self.random.randrange(6)
            if kind == 0:
                self.db.delete_item(TableName=self.source, Key=self.key())
            elif kind == 1:
                self.db.update_item(TableName=self.source, Key=self.key(),
                                    UpdateExpression='SET n = :n REMOVE colour',
                                    ExpressionAttributeValues={':n': {'N': str(self.random.randrange(12))}})
            elif kind == 2:
                items = {(item['pk']['S'], item['sk']['N']): item for item in (self.item() for _ in range(5))}
                self.db.transact_write_items(TransactItems=[
                    {'Put': {'TableName': self.source, 'Item': item}} for item in items.values()])
            else:
                self.db.put_item(TableName=self.source, Item=self.item())

    def same(self, found, should):
        for name in should:
            self.assertEqual(found[name], should[name], name)

    def stream(self):
        """(event, keys) of all records, in order."""
        streams = self.server.client('dynamodbstreams')
        arn = self.db.describe_table(TableName=self.source)['Table']['LatestStreamArn']
        records = []
        for shard in streams.describe_stream(StreamArn=arn)['StreamDescription']['Shards']:
            iterator = streams.get_shard_iterator(StreamArn=arn, ShardId=shard['ShardId'],
                                                  ShardIteratorType='TRIM_HORIZON')['ShardIterator']
            for _ in range(100):
                page = streams.get_records(ShardIterator=iterator)
                records += page['Records']
                iterator = page.get('NextShardIterator')
                if not page['Records'] or not iterator:
                    break
        return records

    def test_the_same_questions_get_the_same_answers(self):
        asked = []  # (when, answers, backup)
        for moment in range(4):
            self.write_some(150)
            when = self.tick()
            backup = self.db.create_backup(TableName=self.source,
                                           BackupName=f'moment-{moment}')['BackupDetails']['BackupArn']
            asked.append((when, answers(self.db, self.source), backup))
        self.assertGreater(len({str(told) for _, told, _ in asked}), 3)
        self.write_some(50)
        last = answers(self.db, self.source)
        records = self.stream()

        wait_backup(self.db, asked[-1][2])
        self.server.restart(crash=True)
        type(self).db = self.server.client()
        now = asked[-1][0] + 60
        self.server.advance(max(0, now - self.now()))  # the clock starts anew with the process
        self.assertEqual(self.stream(), records)
        for when, told, backup in asked:
            with self.subTest(when=when):
                self.same(answers(self.client_as_of(when), self.source), told)
                self.same(answers(self.db, self.restore(self.source, when)), told)
                target = unique('b')
                self.db.restore_table_from_backup(TargetTableName=target, BackupArn=backup)
                self.addCleanup(self.drop, target)
                wait_active(self.db, target)
                self.same(answers(self.db, target), told)
                self.assertNotIn('LatestStreamArn', self.db.describe_table(TableName=target)['Table'])
        self.same(answers(self.db, self.source), last)
        self.assertEqual(self.stream(), records, 'restores are no changes of the source')

    def test_a_restored_table_goes_on_as_its_source_would(self):
        self.write_some(200)
        when = self.tick()
        items = scan_all(self.db, self.source)
        restored = self.restore(self.source, when)
        # The same writes to both.
        for table in (self.source, restored):
            self.random.seed(7)
            self.numbers = itertools.count(10_000)
            source, self.source = self.source, table
            self.write_some(100)
            self.source = source
        self.assertNotEqual(len(scan_all(self.db, restored)), 0)
        self.same(answers(self.db, restored), answers(self.db, self.source))
        self.assertSameItems(restored, scan_all(self.db, self.source))
        self.assertNotEqual(scan_all(self.db, restored), items)
        everything = query_all(self.db, TableName=restored, KeyConditionExpression='pk = :p',
                               ExpressionAttributeValues={':p': {'S': PARTITIONS[0]}})
        self.assertTrue(everything)


if __name__ == '__main__':
    unittest.main()
