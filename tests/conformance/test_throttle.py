"""Servers started with --throttle, and with --create-delay-ms."""

import unittest

import server
from case import Case, schema, table_parameters, unique, wait_active

INDEX_EXCEEDED = ('The level of configured provisioned throughput for one or more global secondary indexes of the '
                  'table was exceeded. Consider increasing your provisioning level for the under-provisioned '
                  'global secondary indexes with the UpdateTable API.')
EXCEEDED = ('The level of configured provisioned throughput for the table was exceeded. Consider '
            'increasing your provisioning level with the UpdateTable API.')


@unittest.skipUnless(server.ours(), 'of our own server')
class Throttled(Case):
    @classmethod
    def setUpClass(cls):
        cls.server = server.Server(arguments=('--test-hooks', '--test-clock', '--throttle'))
        cls.db = cls.server.client()
        cls.class_tables = []

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def provisioned(self, read, write):
        name = unique()
        self.db.create_table(TableName=name, **schema(), ProvisionedThroughput={
            'ReadCapacityUnits': read, 'WriteCapacityUnits': write})
        return name

    def until_refused(self, operation, **body):
        """How many calls went well, and the first that did not."""
        for count in range(100):
            answer = self.server.call(operation, body)
            if answer.status != 200:
                return count, answer
        self.fail('nothing was refused')

    def test_provisioned_writes(self):
        t = self.provisioned(100, 3)
        arn = self.db.describe_table(TableName=t)['Table']['TableArn']
        count, refused = self.until_refused('PutItem', TableName=t, Item={'pk': {'S': 'a'}})
        self.assertIn(count, (3, 4))
        self.assertRefused(refused, 'ProvisionedThroughputExceededException', EXCEEDED)
        self.assertEqual(refused.json['ThrottlingReasons'], [
            {'reason': 'TableWriteProvisionedThroughputExceeded', 'resource': arn}])
        self.assertEqual(self.get(t, pk={'S': 'a'}), {'pk': {'S': 'a'}}, 'reads go on')
        self.server.advance(10)
        count, _ = self.until_refused('PutItem', TableName=t, Item={'pk': {'S': 'a'}})
        self.assertIn(count, (30, 31, 32))

    def test_provisioned_reads(self):
        t = self.provisioned(2, 100)
        self.db.put_item(TableName=t, Item={'pk': {'S': 'a'}, 'v': {'S': 'x' * 5000}})
        key = {'TableName': t, 'Key': {'pk': {'S': 'a'}}, 'ConsistentRead': True}
        self.assertEqual(self.server.call('GetItem', key).status, 200)
        for operation, body in (('GetItem', key), ('Scan', {'TableName': t}),
                                ('Query', {'TableName': t, 'KeyConditionExpression': 'pk = :a',
                                           'ExpressionAttributeValues': {':a': {'S': 'a'}}})):
            self.assertRefused(self.server.call(operation, body),
                               'ProvisionedThroughputExceededException', EXCEEDED)

    def indexed(self, read, write):
        """A table with much throughput and a global index, `all`, with little."""
        name = unique()
        keys = [{'AttributeName': 'g', 'KeyType': 'HASH'}]
        parameters = schema()
        parameters['AttributeDefinitions'].append({'AttributeName': 'g', 'AttributeType': 'S'})
        self.db.create_table(
            TableName=name, **parameters,
            ProvisionedThroughput={'ReadCapacityUnits': 1000, 'WriteCapacityUnits': 1000},
            GlobalSecondaryIndexes=[{
                'IndexName': 'all', 'KeySchema': keys, 'Projection': {'ProjectionType': 'ALL'},
                'ProvisionedThroughput': {'ReadCapacityUnits': read, 'WriteCapacityUnits': write}}])
        arn = self.db.describe_table(TableName=name)['Table']['TableArn']
        return name, f'{arn}/index/all'

    def test_writes_to_an_index(self):
        t, arn = self.indexed(100, 4)
        item = {'pk': {'S': 'a'}, 'g': {'S': 'x'}}
        for count in range(100):
            answer = self.server.call('PutItem', {'TableName': t, 'Item': {**item, 'n': {'N': str(count)}}})
            if answer.status != 200:
                break
        self.assertIn(count, (4, 5))
        self.assertRefused(answer, 'ProvisionedThroughputExceededException', INDEX_EXCEEDED)
        self.assertEqual(answer.json['ThrottlingReasons'], [
            {'reason': 'IndexWriteProvisionedThroughputExceeded', 'resource': arn}])
        self.assertEqual(self.get(t, pk={'S': 'a'})['n'], {'N': str(count - 1)}, 'nothing was written')
        for i in range(20):
            self.db.put_item(TableName=t, Item={'pk': {'S': str(i)}})
        self.server.advance(2)
        puts = [{'PutRequest': {'Item': {'pk': {'S': f'b{i}'}, 'g': {'S': 'x'}}}} for i in range(20)]
        left = self.db.batch_write_item(RequestItems={t: puts})['UnprocessedItems'][t]
        self.assertIn(len(left), (11, 12))
        refused = self.server.call('TransactWriteItems', {'TransactItems': [
            {'Put': {'TableName': t, 'Item': {'pk': {'S': 'c'}}}},
            {'Put': {'TableName': t, 'Item': {'pk': {'S': 'd'}, 'g': {'S': 'x'}}}}]})
        self.assertEqual([reason['Code'] for reason in refused.json['CancellationReasons']],
                         ['None', 'ProvisionedThroughputExceeded'])

    def test_reads_of_an_index(self):
        t, arn = self.indexed(2, 100)
        self.db.put_item(TableName=t, Item={'pk': {'S': 'a'}, 'g': {'S': 'x'}, 'v': {'S': 'x' * 40000}})
        query = {'TableName': t, 'IndexName': 'all', 'KeyConditionExpression': 'g = :x',
                 'ExpressionAttributeValues': {':x': {'S': 'x'}}}
        self.assertEqual(self.server.call('Query', query).status, 200)
        for operation, body in (('Query', query), ('Scan', {'TableName': t, 'IndexName': 'all'})):
            refused = self.server.call(operation, body)
            self.assertRefused(refused, 'ProvisionedThroughputExceededException', INDEX_EXCEEDED)
            self.assertEqual(refused.json['ThrottlingReasons'], [
                {'reason': 'IndexReadProvisionedThroughputExceeded', 'resource': arn}])
        self.assertEqual(len(self.db.scan(TableName=t)['Items']), 1, 'the table has its own')

    def test_maximum_on_demand(self):
        t = unique()
        answer = self.server.call('CreateTable', {
            **table_parameters(t), 'OnDemandThroughput': {'MaxWriteRequestUnits': 2}})
        arn = answer.json['TableDescription']['TableArn']
        count, refused = self.until_refused('UpdateItem', TableName=t, Key={'pk': {'S': 'a'}})
        self.assertIn(count, (2, 3))
        self.assertRefused(refused, 'ThrottlingException', 'Throughput exceeds the maximum '
                           'OnDemandThroughput configured on table or index')
        self.assertEqual(refused.json['throttlingReasons'], [
            {'reason': 'TableWriteMaxOnDemandThroughputExceeded', 'resource': arn}])
        for _ in range(20):
            self.get(t, pk={'S': 'a'})
        self.server.call('UpdateTable', {'TableName': t, 'OnDemandThroughput': {
            'MaxWriteRequestUnits': -1}})
        for _ in range(20):
            self.db.put_item(TableName=t, Item={'pk': {'S': 'a'}})

    def test_batches_hand_back_what_was_refused(self):
        t = self.provisioned(5, 10)
        requests = [{'PutRequest': {'Item': {'pk': {'S': str(i)}}}} for i in range(25)]
        left = self.db.batch_write_item(RequestItems={t: requests})['UnprocessedItems'][t]
        self.assertIn(len(left), (13, 14, 15))
        self.assertTrue(all(request in requests for request in left))
        self.assertRefused(self.server.call('BatchWriteItem', {'RequestItems': {t: left}}),
                           'ProvisionedThroughputExceededException', EXCEEDED)
        self.server.advance(2)
        answer = self.db.batch_write_item(RequestItems={t: left})
        self.assertEqual(answer['UnprocessedItems'], {})

        keys = [{'pk': {'S': str(i)}} for i in range(25)]
        answer = self.db.batch_get_item(RequestItems={t: {'Keys': keys}})
        got, left = answer['Responses'][t], answer['UnprocessedKeys'][t]['Keys']
        self.assertEqual((len(got), len(left)), (10, 15), 'half a unit each')
        self.server.advance(60)
        answer = self.db.batch_get_item(RequestItems={t: {'Keys': keys, 'ConsistentRead': True}})
        self.assertEqual(answer['UnprocessedKeys'], {})
        self.assertEqual(len(answer['Responses'][t]), 25)


@unittest.skipUnless(server.ours(), 'of our own server')
class CreateDelay(Case):
    @classmethod
    def setUpClass(cls):
        cls.server = server.Server(arguments=('--test-hooks', '--test-clock',
                                              '--create-delay-ms', '600000'))
        cls.db = cls.server.client()
        cls.class_tables = []

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def test_tables_stay_creating(self):
        t = unique()
        self.db.create_table(**table_parameters(t))
        table = self.db.describe_table(TableName=t)['Table']
        self.assertEqual(table['TableStatus'], 'CREATING')
        self.assertEqual(table['BillingModeSummary']['BillingMode'], 'PAY_PER_REQUEST')
        self.assertFails('ResourceNotFoundException', 'Requested resource not found',
                         self.db.put_item, TableName=t, Item={'pk': {'S': 'a'}})
        busy = ('Attempt to change a resource which is still in use: Table is being created: '
                f'{t}')
        for operation, body in (('DeleteTable', {}), ('UpdateTable', {'TableClass': 'STANDARD'})):
            self.assertRefused(self.server.call(operation, {'TableName': t, **body}),
                               'ResourceInUseException', busy)
        self.assertFails('ResourceInUseException', busy, self.db.tag_resource,
                         ResourceArn=table['TableArn'], Tags=[{'Key': 'a', 'Value': ''}])
        self.assertFails('ResourceInUseException', f'Table already exists: {t}',
                         self.db.create_table, **table_parameters(t))
        self.server.advance(601)
        wait_active(self.db, t, timeout=120)
        self.db.put_item(TableName=t, Item={'pk': {'S': 'a'}})

    def test_a_restart_ends_the_wait(self):
        t = unique()
        self.db.create_table(**table_parameters(t))
        self.server.restart(crash=True)
        type(self).db = self.server.client()
        wait_active(self.db, t, timeout=120)
        self.db.put_item(TableName=t, Item={'pk': {'S': 'a'}})


if __name__ == '__main__':
    unittest.main()
