"""Secondary indexes, local and global: with the table, in reads, writes, backups and restores."""

import time
import unittest

from case import Case, load, make_table, query_all, scan_all, unique, wait_active, wait_backup

KEYS = [{'AttributeName': 'pk', 'KeyType': 'HASH'}, {'AttributeName': 'sk', 'KeyType': 'RANGE'}]
INVALID = 'One or more parameter values were invalid: '


def key_schema(*names):
    """HASH names before a None, RANGE names behind it."""
    kind, keys = 'HASH', []
    for name in names:
        if name is None:
            kind = 'RANGE'
        else:
            keys.append({'AttributeName': name, 'KeyType': kind})
    return keys


def index(name, *keys, projection='ALL', include=None):
    described = {'ProjectionType': projection}
    if include:
        described['NonKeyAttributes'] = include
    return {'IndexName': name, 'KeySchema': key_schema(*keys), 'Projection': described}


def definitions(**types):
    return [{'AttributeName': name, 'AttributeType': kind} for name, kind in types.items()]


def parameters(name, local=None, global_=None, types=None):
    more = {}
    if local is not None:
        more['LocalSecondaryIndexes'] = local
    if global_ is not None:
        more['GlobalSecondaryIndexes'] = global_
    return {'TableName': name, 'KeySchema': KEYS, 'BillingMode': 'PAY_PER_REQUEST',
            'AttributeDefinitions': definitions(pk='S', sk='N', **(types or {})), **more}


def item(pk, sk, **more):
    made = {'pk': {'S': pk}, 'sk': {'N': str(sk)}}
    for name, value in more.items():
        made[name] = {'N': str(value)} if isinstance(value, int) else {'S': value}
    return made


STANDARD = {
    'local': [index('byWhen', 'pk', None, 'when', projection='KEYS_ONLY')],
    'global_': [index('byOwner', 'owner', None, 'when', projection='INCLUDE', include=['note']),
                index('all', 'owner')],
    'types': {'owner': 'S', 'when': 'N'},
}


class IndexCase(Case):
    def make(self, **arguments):
        name = unique()
        self.db.create_table(**parameters(name, **(arguments or STANDARD)))
        wait_active(self.db, name)
        self.addCleanup(self.drop, name)
        return name

    def by(self, table, name, value, **more):
        return query_all(self.db, TableName=table, IndexName=name,
                         KeyConditionExpression='#o = :o', ExpressionAttributeNames={'#o': 'owner'},
                         ExpressionAttributeValues={':o': {'S': value}}, **more)


class CreateTest(IndexCase):
    def refuses(self, text, **arguments):
        self.assertFails('ValidationException', text, self.db.create_table,
                         **parameters(unique(), **arguments))

    def test_describes_indexes(self):
        table = self.make()
        described = self.db.describe_table(TableName=table)['Table']
        local = described['LocalSecondaryIndexes'][0]
        self.assertEqual(local['IndexName'], 'byWhen')
        self.assertEqual(local['Projection'], {'ProjectionType': 'KEYS_ONLY'})
        self.assertEqual(local['ItemCount'], 0)
        self.assertNotIn('IndexStatus', local)
        by_name = {one['IndexName']: one for one in described['GlobalSecondaryIndexes']}
        self.assertEqual(set(by_name), {'byOwner', 'all'})
        self.assertEqual(by_name['byOwner']['IndexStatus'], 'ACTIVE')
        self.assertEqual(by_name['byOwner']['Projection'],
                         {'ProjectionType': 'INCLUDE', 'NonKeyAttributes': ['note']})
        self.assertEqual(by_name['byOwner']['KeySchema'], key_schema('owner', None, 'when'))
        self.assertEqual(by_name['all']['IndexArn'], described['TableArn'] + '/index/all')

    def test_answers_creating(self):
        name = unique()
        made = self.db.create_table(**parameters(name, **STANDARD))['TableDescription']
        self.addCleanup(self.drop, name)
        self.assertEqual({one['IndexStatus'] for one in made['GlobalSecondaryIndexes']}, {'CREATING'})

    def test_refuses_bad_definitions(self):
        g = {'g': 'S'}
        self.refuses(INVALID + 'List of LocalSecondaryIndexes is empty', local=[])
        self.refuses(INVALID + 'List of GlobalSecondaryIndexes is empty', global_=[])
        self.refuses(INVALID + 'Index KeySchema does not have a range key for index: one',
                     local=[index('one', 'pk')])
        self.refuses(INVALID + 'Index KeySchema does not have the same leading hash key as table KeySchema for '
                     'index: one. index hash key: sk, table hash key: pk', local=[index('one', 'sk', None, 'pk')])
        self.refuses(INVALID + 'Some index key attributes are not defined in AttributeDefinitions. Keys: [g], '
                     'AttributeDefinitions: [pk, sk]', global_=[index('one', 'g')])
        self.refuses(INVALID + 'Some AttributeDefinitions are not used. AttributeDefinitions: [g, h, pk, sk], '
                     'keys used: [g, pk, sk]', global_=[index('one', 'g')], types={'g': 'S', 'h': 'S'})
        self.refuses(INVALID + 'Duplicate index name: one', global_=[index('one', 'g'), index('one', 'g')], types=g)
        self.refuses(INVALID + 'ProjectionType is INCLUDE, but NonKeyAttributes is not specified',
                     global_=[index('one', 'g', projection='INCLUDE')], types=g)
        self.refuses(INVALID + 'ProjectionType is KEYS_ONLY, but NonKeyAttributes is specified',
                     global_=[index('one', 'g', projection='KEYS_ONLY', include=['a'])], types=g)
        self.refuses(INVALID + 'Duplicate element in NonKeyAttributes: a',
                     global_=[index('one', 'g', projection='INCLUDE', include=['a', 'a'])], types=g)
        self.refuses(INVALID + 'Number of LocalSecondaryIndexes exceeds per-table limit of 5',
                     local=[index(f'one{i}', 'pk', None, 'g') for i in range(6)], types=g)
        self.refuses(INVALID + 'GlobalSecondaryIndex count exceeds the per-table limit of 20',
                     global_=[index(f'one{i}', 'g') for i in range(21)], types=g)
        self.refuses('Both the Hash Key and the Range Key element in the KeySchema have the same name',
                     global_=[index('one', 'g', None, 'g')], types=g)

    def test_local_indexes_need_a_sort_key(self):
        self.assertFails('ValidationException', INVALID + 'Table KeySchema does not have a range key, which is '
                         'required when specifying a LocalSecondaryIndex', self.db.create_table,
                         TableName=unique(), KeySchema=KEYS[:1], BillingMode='PAY_PER_REQUEST',
                         AttributeDefinitions=definitions(pk='S', g='S'),
                         LocalSecondaryIndexes=[index('one', 'pk', None, 'g')])

    def test_provisioned_tables_need_throughput_of_their_indexes(self):
        asked = parameters(unique(), global_=[index('one', 'g')], types={'g': 'S'})
        asked['BillingMode'] = 'PROVISIONED'
        asked['ProvisionedThroughput'] = {'ReadCapacityUnits': 1, 'WriteCapacityUnits': 2}
        self.assertFails('ValidationException', INVALID + 'ProvisionedThroughput is not specified for index: one',
                         self.db.create_table, **asked)
        asked['GlobalSecondaryIndexes'][0]['ProvisionedThroughput'] = {'ReadCapacityUnits': 3, 'WriteCapacityUnits': 4}
        self.db.create_table(**asked)
        self.addCleanup(self.drop, asked['TableName'])
        described = wait_active(self.db, asked['TableName'])
        self.assertEqual(described['GlobalSecondaryIndexes'][0]['ProvisionedThroughput']['ReadCapacityUnits'], 3)


class ReadTest(IndexCase):
    def test_finds_items_by_index(self):
        table = self.make()
        load(self.db, table, [item('p', 1, owner='ann', when=3, note='n', extra='o'), item('p', 2, owner='ann', when=1),
                              item('q', 1, owner='bob', when=2), item('q', 2)])
        self.assertEqual(self.by(table, 'byOwner', 'ann'),
                         [item('p', 2, owner='ann', when=1), item('p', 1, owner='ann', when=3, note='n')])
        self.assertEqual(len(self.by(table, 'all', 'ann')), 2)
        found = query_all(self.db, TableName=table, IndexName='byWhen', KeyConditionExpression='pk = :p AND #w < :w',
                          ExpressionAttributeNames={'#w': 'when'},
                          ExpressionAttributeValues={':p': {'S': 'p'}, ':w': {'N': '3'}})
        self.assertEqual(found, [item('p', 2, when=1)])
        self.assertEqual(len(scan_all_of(self.db, table, 'all')), 3)
        counts = {one['IndexName']: one['ItemCount']
                  for one in self.db.describe_table(TableName=table)['Table']['GlobalSecondaryIndexes']}
        self.assertEqual(counts, {'byOwner': 3, 'all': 3})

    def test_index_follows_updates_and_deletes(self):
        table = self.make()
        key = {'pk': {'S': 'p'}, 'sk': {'N': '1'}}
        self.db.update_item(TableName=table, Key=key, UpdateExpression='SET #o = :o, #w = :w',
                            ExpressionAttributeNames={'#o': 'owner', '#w': 'when'},
                            ExpressionAttributeValues={':o': {'S': 'ann'}, ':w': {'N': '1'}})
        self.assertEqual(len(self.by(table, 'byOwner', 'ann')), 1)
        self.db.update_item(TableName=table, Key=key, UpdateExpression='SET #o = :o',
                            ExpressionAttributeNames={'#o': 'owner'}, ExpressionAttributeValues={':o': {'S': 'bob'}})
        self.assertEqual(self.by(table, 'byOwner', 'ann'), [])
        self.assertEqual(len(self.by(table, 'byOwner', 'bob')), 1)
        self.db.update_item(TableName=table, Key=key, UpdateExpression='REMOVE #w',
                            ExpressionAttributeNames={'#w': 'when'})
        self.assertEqual(self.by(table, 'byOwner', 'bob'), [])
        self.assertEqual(len(self.by(table, 'all', 'bob')), 1)
        self.db.delete_item(TableName=table, Key=key)
        self.assertEqual(self.by(table, 'all', 'bob'), [])

    def test_pages_hold_index_and_table_keys(self):
        table = self.make()
        load(self.db, table, [item('p', n, owner='ann', when=n % 3) for n in range(20)])
        page = self.db.query(TableName=table, IndexName='byOwner', KeyConditionExpression='#o = :o', Limit=3,
                             ExpressionAttributeNames={'#o': 'owner'}, ExpressionAttributeValues={':o': {'S': 'ann'}})
        self.assertEqual(set(page['LastEvaluatedKey']), {'pk', 'sk', 'owner', 'when'})
        whole = self.by(table, 'byOwner', 'ann')
        self.assertEqual(len(whole), 20)
        self.assertEqual(self.by(table, 'byOwner', 'ann', PaginationConfig={'PageSize': 3}), whole)
        self.assertEqual(self.by(table, 'byOwner', 'ann', ScanIndexForward=False), whole[::-1])
        segments = [scan_all_of(self.db, table, 'all', Segment=n, TotalSegments=4) for n in range(4)]
        self.assertEqual(sum(len(one) for one in segments), 20)

    def test_select(self):
        table = self.make()
        load(self.db, table, [item('p', 1, owner='ann', when=1, note='n', extra='o')])
        asked = {'TableName': table, 'IndexName': 'byOwner', 'KeyConditionExpression': '#o = :o',
                 'ExpressionAttributeNames': {'#o': 'owner'}, 'ExpressionAttributeValues': {':o': {'S': 'ann'}}}
        self.assertEqual(self.db.query(Select='COUNT', **asked)['Count'], 1)
        self.assertEqual(len(self.db.query(Select='ALL_PROJECTED_ATTRIBUTES', **asked)['Items'][0]), 5)
        self.assertFails('ValidationException', INVALID + 'Select type ALL_ATTRIBUTES is not supported for global '
                         'secondary index byOwner because its projection type is not ALL', self.db.query,
                         Select='ALL_ATTRIBUTES', **asked)
        self.assertFails('ValidationException', 'Consistent reads are not supported on global secondary indexes',
                         self.db.query, ConsistentRead=True, **asked)
        self.assertFails('ValidationException', INVALID + 'Global secondary index byOwner does not project [extra]',
                         self.db.query, ProjectionExpression='extra', **asked)
        asked['IndexName'] = 'none'
        self.assertFails('ValidationException', 'The table does not have the specified index: none', self.db.query,
                         **asked)
        local = {'TableName': table, 'IndexName': 'byWhen', 'KeyConditionExpression': 'pk = :p', 'ConsistentRead': True,
                 'ExpressionAttributeValues': {':p': {'S': 'p'}}, 'ReturnConsumedCapacity': 'INDEXES'}
        keys_only = self.db.query(**local)
        self.assertEqual(set(keys_only['Items'][0]), {'pk', 'sk', 'when'})
        self.assertEqual(keys_only['ConsumedCapacity'],
                         {'TableName': table, 'CapacityUnits': 1.0, 'Table': {'CapacityUnits': 0.0},
                          'LocalSecondaryIndexes': {'byWhen': {'CapacityUnits': 1.0}}})
        fetched = self.db.query(Select='ALL_ATTRIBUTES', **local)
        self.assertEqual(len(fetched['Items'][0]), 6)
        self.assertEqual(fetched['ConsumedCapacity']['Table'], {'CapacityUnits': 1.0})
        self.assertEqual(fetched['ConsumedCapacity']['CapacityUnits'], 2.0)
        self.assertEqual(self.db.query(ProjectionExpression='extra', **local)['Items'], [{'extra': {'S': 'o'}}])

    def test_keys_of_several_attributes(self):
        table = self.make(global_=[index('deep', 'a', 'b', None, 'c', 'sk', projection='KEYS_ONLY')],
                          types={'a': 'S', 'b': 'S', 'c': 'N'})
        load(self.db, table, [item('p', n, a='x', b='y', c=n // 3) for n in range(9)])
        load(self.db, table, [item('q', n, a='x', c=1) for n in range(3)])
        values = {':a': {'S': 'x'}, ':b': {'S': 'y'}, ':c': {'N': '1'}, ':s': {'N': '4'}}
        found = query_all(self.db, TableName=table, IndexName='deep', ExpressionAttributeValues=values,
                          KeyConditionExpression='a = :a AND b = :b AND c = :c AND sk >= :s')
        self.assertEqual([one['sk']['N'] for one in found], ['4', '5'])
        self.assertFails('ValidationException', 'Query condition missed key schema element: b', self.db.query,
                         TableName=table, IndexName='deep', KeyConditionExpression='a = :a',
                         ExpressionAttributeValues={':a': {'S': 'x'}})


def scan_all_of(client, table, name, **more):
    items = []
    for page in client.get_paginator('scan').paginate(TableName=table, IndexName=name, **more):
        items += page['Items']
    return items


class WriteTest(IndexCase):
    def test_refuses_values_of_the_wrong_type(self):
        table = self.make()
        self.assertFails('ValidationException', INVALID + 'Type mismatch for Index Key owner Expected: S Actual: N '
                         'IndexName: all', self.db.put_item, TableName=table, Item=item('p', 1, owner=5))
        self.assertFails('ValidationException', INVALID + 'Type mismatch for Index Key owner Expected: S Actual: N '
                         'IndexName: all', self.db.batch_write_item,
                         RequestItems={table: [{'PutRequest': {'Item': item('p', 1, owner=5)}}]})
        self.assertFails('ValidationException', 'One or more parameter values are not valid. A value specified for a '
                         'secondary index key is not supported. The AttributeValue for a key attribute cannot contain '
                         'an empty string value. IndexName: all, IndexKey: owner', self.db.put_item,
                         TableName=table, Item=item('p', 1, owner=''))
        self.db.put_item(TableName=table, Item=item('p', 1))
        update = {'TableName': table, 'Key': item('p', 1), 'UpdateExpression': 'SET #o = :o',
                  'ExpressionAttributeNames': {'#o': 'owner'}}
        self.assertFails('ValidationException', 'The update expression attempted to update the secondary index key to '
                         'unsupported type', self.db.update_item,
                         ExpressionAttributeValues={':o': {'N': '1'}}, **update)
        self.assertFails('ValidationException', 'One or more parameter values are not valid. The update expression '
                         'attempted to update a secondary index key to a value that is not supported. The '
                         'AttributeValue for a key attribute cannot contain an empty string value.',
                         self.db.update_item, ExpressionAttributeValues={':o': {'S': ''}}, **update)

    def test_consumed_capacity(self):
        table = self.make()

        def units(**more):
            capacity = self.db.put_item(TableName=table, Item=item('p', 1, **more),
                                        ReturnConsumedCapacity='INDEXES')['ConsumedCapacity']
            found = {'table': capacity['Table']['CapacityUnits']}
            for kind in ('LocalSecondaryIndexes', 'GlobalSecondaryIndexes'):
                for name, one in capacity.get(kind, {}).items():
                    found[name] = one['CapacityUnits']
            self.assertEqual(capacity['CapacityUnits'], sum(found.values()))
            return found

        self.assertEqual(units(), {'table': 1.0})
        self.assertEqual(units(owner='ann', when=1), {'table': 1.0, 'byWhen': 1.0, 'byOwner': 1.0, 'all': 1.0})
        self.assertEqual(units(owner='bob', when=1), {'table': 1.0, 'byOwner': 2.0, 'all': 2.0})
        self.assertEqual(units(owner='bob', when=1, extra='o' * 1500), {'table': 2.0, 'all': 2.0})
        self.assertEqual(units(), {'table': 2.0, 'byWhen': 1.0, 'byOwner': 1.0, 'all': 2.0})


def wait_index(client, table, name, timeout=240):
    """The index's description once it is ACTIVE, None once it is gone."""
    deadline = time.monotonic() + timeout
    while True:
        described = client.describe_table(TableName=table)['Table']
        found = [one for one in described.get('GlobalSecondaryIndexes', []) if one['IndexName'] == name]
        if not found or found[0]['IndexStatus'] == 'ACTIVE':
            return found[0] if found else None
        if time.monotonic() > deadline:
            raise AssertionError(f'{name} of {table} is {found[0]["IndexStatus"]} after {timeout} s')
        time.sleep(0.05)


class CollectionTest(IndexCase):
    def test_metrics_of_tables_with_local_indexes(self):
        table = self.make()
        metrics = {'ItemCollectionKey': {'pk': {'S': 'p'}}, 'SizeEstimateRangeGB': [0.0, 1.0]}
        wanted = {'ReturnItemCollectionMetrics': 'SIZE'}
        answer = self.db.put_item(TableName=table, Item=item('p', 1, when=1), **wanted)
        self.assertEqual(answer['ItemCollectionMetrics'], metrics)
        answer = self.db.update_item(TableName=table, Key=item('p', 1), UpdateExpression='SET a = :a',
                                     ExpressionAttributeValues={':a': {'S': 'a'}}, **wanted)
        self.assertEqual(answer['ItemCollectionMetrics'], metrics)
        puts = [{'PutRequest': {'Item': item('p', n)}} for n in range(3)]
        answer = self.db.batch_write_item(RequestItems={table: puts}, **wanted)
        self.assertEqual(answer['ItemCollectionMetrics'], {table: [metrics]})
        puts = [{'Put': {'TableName': table, 'Item': item('p', n)}} for n in range(3)]
        answer = self.db.transact_write_items(TransactItems=puts, **wanted)
        self.assertEqual(answer['ItemCollectionMetrics'], {table: [metrics]})
        answer = self.db.delete_item(TableName=table, Key=item('p', 1), **wanted)
        self.assertEqual(answer['ItemCollectionMetrics'], metrics)
        self.assertNotIn('ItemCollectionMetrics', self.db.put_item(TableName=table, Item=item('p', 1)))

    def test_no_metrics_of_other_tables(self):
        answer = self.db.put_item(TableName=self.table(range_type='N'), Item=item('p', 1),
                                  ReturnItemCollectionMetrics='SIZE')
        self.assertNotIn('ItemCollectionMetrics', answer)


class UpdateTest(IndexCase):
    def plain(self):
        return self.table(range_type='N')

    def update(self, table, *updates, **more):
        return self.db.update_table(TableName=table, GlobalSecondaryIndexUpdates=list(updates), **more)

    def add(self, table, made, **types):
        return self.update(table, {'Create': made}, AttributeDefinitions=definitions(**types))

    def test_indexes_a_live_table(self):
        table = self.plain()
        load(self.db, table, [item('p', n, owner='ann' if n % 2 else 'bob') for n in range(200)])
        load(self.db, table, [item('q', n) for n in range(20)])
        load(self.db, table, [item('r', n, owner=5) for n in range(5)])  # of no type for the index
        answer = self.add(table, index('byOwner', 'owner'), owner='S')['TableDescription']
        self.assertEqual(answer['TableStatus'], 'UPDATING')
        self.assertEqual(answer['GlobalSecondaryIndexes'][0]['IndexStatus'], 'CREATING')
        self.db.put_item(TableName=table, Item=item('p', 1000, owner='ann'))
        self.db.delete_item(TableName=table, Key=item('p', 1))
        described = wait_index(self.db, table, 'byOwner')
        self.assertEqual(described['ItemCount'], 200)
        self.assertEqual(len(self.by(table, 'byOwner', 'ann')), 100)
        bobs = [int(one['sk']['N']) for one in self.by(table, 'byOwner', 'bob')]
        self.assertEqual(bobs, list(range(0, 200, 2)))

    def test_deletes_an_index(self):
        table = self.make()
        load(self.db, table, [item('p', n, owner='ann', when=n) for n in range(50)])
        answer = self.update(table, {'Delete': {'IndexName': 'byOwner'}})['TableDescription']
        states = {one['IndexName']: one['IndexStatus'] for one in answer['GlobalSecondaryIndexes']}
        self.assertEqual(states, {'byOwner': 'DELETING', 'all': 'ACTIVE'})
        self.assertFails('ValidationException', 'The table does not have the specified index: byOwner', self.by,
                         table, 'byOwner', 'ann')
        self.assertIsNone(wait_index(self.db, table, 'byOwner'))
        self.assertEqual(len(self.by(table, 'all', 'ann')), 50)
        # Under its name there may be another.
        self.add(table, index('byOwner', 'owner', projection='KEYS_ONLY'), owner='S')
        self.assertEqual(wait_index(self.db, table, 'byOwner')['ItemCount'], 50)

    def test_refuses(self):
        table = self.make()

        def refuses(code, text, *updates, **more):
            self.assertFails(code, text, self.db.update_table, TableName=table,
                             GlobalSecondaryIndexUpdates=list(updates), **more)

        invalid = 'ValidationException'
        refuses(invalid, INVALID + 'One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, '
                'GlobalSecondaryIndexUpdate.Delete must not be null', {})
        refuses(invalid, INVALID + 'Only one global secondary index update per index is allowed simultaneously. '
                'Index: all', {'Delete': {'IndexName': 'all'}}, {'Delete': {'IndexName': 'all'}})
        refuses('LimitExceededException', 'Subscriber limit exceeded: Only 1 online index can be created or deleted '
                'simultaneously per table', {'Delete': {'IndexName': 'all'}}, {'Delete': {'IndexName': 'byOwner'}})
        refuses(invalid, 'Attempting to create an index which already exists', {'Create': index('all', 'owner')})
        refuses(invalid, 'Cannot delete an index that is not a GlobalSecondaryIndex: byWhen',
                {'Delete': {'IndexName': 'byWhen'}})
        refuses('ResourceNotFoundException', 'Requested resource not found: Index: none not found',
                {'Delete': {'IndexName': 'none'}})
        refuses(invalid, INVALID + 'AttributeDefinitions is not specified for index: new',
                {'Create': index('new', 'fresh')})
        refuses(invalid, INVALID + 'Some index key attributes are not defined in AttributeDefinitions. '
                'Keys: [fresh, pk], AttributeDefinitions: [fresh, sk]', {'Create': index('new', 'fresh', None, 'pk')},
                AttributeDefinitions=definitions(fresh='S', sk='N'))

    def test_leaves_out_definitions_that_no_key_uses(self):
        table = self.plain()
        answer = self.add(table, index('byOwner', 'owner'), owner='S', spare='N', pk='S')['TableDescription']
        for described in (answer, self.db.describe_table(TableName=table)['Table']):
            self.assertCountEqual(described['AttributeDefinitions'], definitions(pk='S', sk='N', owner='S'))
        wait_index(self.db, table, 'byOwner')

    def test_index_of_a_live_table_in_backups_and_history(self):
        table = self.plain()
        self.db.update_continuous_backups(TableName=table,
                                          PointInTimeRecoverySpecification={'PointInTimeRecoveryEnabled': True})
        load(self.db, table, [item('p', n, owner='ann') for n in range(40)])
        self.add(table, index('byOwner', 'owner'), owner='S')
        wait_index(self.db, table, 'byOwner')
        arn = self.db.create_backup(TableName=table, BackupName='backup')['BackupDetails']['BackupArn']
        wait_backup(self.db, arn)
        load(self.db, table, [item('p', n, owner='ann') for n in range(40, 60)])
        name = unique('restored')
        self.db.restore_table_from_backup(TargetTableName=name, BackupArn=arn)
        self.addCleanup(self.drop, name)
        wait_active(self.db, name)
        self.assertEqual(len(self.by(name, 'byOwner', 'ann')), 40)
        name = unique('restored')
        self.db.restore_table_to_point_in_time(SourceTableName=table, TargetTableName=name,
                                               UseLatestRestorableTime=True)
        self.addCleanup(self.drop, name)
        wait_active(self.db, name)
        self.assertEqual(len(self.by(name, 'byOwner', 'ann')), 60)


class RestoreTest(IndexCase):
    def restored(self, table, **more):
        name = unique('restored')
        self.db.restore_table_to_point_in_time(SourceTableName=table, TargetTableName=name,
                                               UseLatestRestorableTime=True, **more)
        self.addCleanup(self.drop, name)
        return name, wait_active(self.db, name)

    def test_backups_carry_indexes(self):
        table = self.make()
        load(self.db, table, [item('p', n, owner='ann', when=n) for n in range(30)])
        arn = self.db.create_backup(TableName=table, BackupName='backup')['BackupDetails']['BackupArn']
        wait_backup(self.db, arn)
        details = self.db.describe_backup(BackupArn=arn)['BackupDescription']['SourceTableFeatureDetails']
        self.assertEqual([one['IndexName'] for one in details['LocalSecondaryIndexes']], ['byWhen'])
        self.assertEqual([one['IndexName'] for one in details['GlobalSecondaryIndexes']], ['byOwner', 'all'])
        before = self.by(table, 'byOwner', 'ann')
        self.db.delete_table(TableName=table)
        name = unique('restored')
        self.db.restore_table_from_backup(TargetTableName=name, BackupArn=arn)
        self.addCleanup(self.drop, name)
        described = wait_active(self.db, name)
        self.assertEqual(self.by(name, 'byOwner', 'ann'), before)
        self.assertEqual([one['ItemCount'] for one in described['GlobalSecondaryIndexes']], [30, 30])
        self.db.put_item(TableName=name, Item=item('p', 99, owner='ann', when=99))
        self.assertEqual(len(self.by(name, 'byOwner', 'ann')), 31)

    def test_points_in_time_carry_indexes_and_overrides_choose(self):
        table = self.make()
        self.db.update_continuous_backups(TableName=table,
                                          PointInTimeRecoverySpecification={'PointInTimeRecoveryEnabled': True})
        load(self.db, table, [item('p', n, owner='ann', when=n) for n in range(30)])
        self.db.delete_item(TableName=table, Key=item('p', 3))
        name, described = self.restored(table)
        self.assertEqual(self.by(name, 'all', 'ann'), self.by(table, 'all', 'ann'))
        self.assertEqual(described['LocalSecondaryIndexes'][0]['ItemCount'], 29)

        name, described = self.restored(table, GlobalSecondaryIndexOverride=[index('all', 'owner')],
                                        LocalSecondaryIndexOverride=[])
        self.assertNotIn('LocalSecondaryIndexes', described)
        self.assertEqual([one['IndexName'] for one in described['GlobalSecondaryIndexes']], ['all'])
        self.assertEqual({one['AttributeName'] for one in described['AttributeDefinitions']}, {'pk', 'sk', 'owner'})
        self.assertEqual(len(self.by(name, 'all', 'ann')), 29)
        self.assertFails('ValidationException', 'The table does not have the specified index: byOwner', self.db.query,
                         TableName=name, IndexName='byOwner', KeyConditionExpression='#o = :o',
                         ExpressionAttributeNames={'#o': 'owner'}, ExpressionAttributeValues={':o': {'S': 'ann'}})
        self.assertFails('ValidationException', 'Invalid Request: Index all does not match a secondary index that '
                         'existed in the source table and cannot be created during the restore operation',
                         self.db.restore_table_to_point_in_time, SourceTableName=table, TargetTableName=unique(),
                         UseLatestRestorableTime=True, GlobalSecondaryIndexOverride=[index('all', 'pk')])


if __name__ == '__main__':
    unittest.main()
