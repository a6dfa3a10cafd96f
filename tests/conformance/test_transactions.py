"""TransactWriteItems and TransactGetItems."""

import random
import re
import threading
import unittest
import uuid

from botocore.exceptions import ClientError

from case import NUMBER, Case, table_parameters, unique, wait_active

CANCELLED = 'Transaction cancelled, please refer cancellation reasons for specific reasons [{}]'
ONE_OPERATION = 'Transaction request cannot include multiple operations on one item'
MISMATCH = 'The provided key element does not match the schema'


def key(name):
    return {'pk': {'S': name}}


class Transactions(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.t = cls.class_table()
        cls.other = cls.class_table(range_type=NUMBER)

    def put(self, name, table=None, **attributes):
        return {'Put': {'TableName': table or self.t, 'Item': {**key(name), **attributes}}}

    def add(self, name, amount=1):
        return {'Update': {'TableName': self.t, 'Key': key(name), 'UpdateExpression': 'ADD n :n',
                           'ExpressionAttributeValues': {':n': {'N': str(amount)}}}}

    def delete(self, name):
        return {'Delete': {'TableName': self.t, 'Key': key(name)}}

    def check(self, name, condition='attribute_exists(pk)'):
        return {'ConditionCheck': {'TableName': self.t, 'Key': key(name), 'ConditionExpression': condition}}

    def write(self, *items, **parameters):
        return self.db.transact_write_items(TransactItems=list(items), **parameters)

    def read(self, *names, **parameters):
        return self.db.transact_get_items(
            TransactItems=[{'Get': {'TableName': self.t, 'Key': key(name)}} for name in names], **parameters)

    def assertCancelled(self, codes, *items):
        with self.assertRaises(ClientError) as raised:
            self.write(*items)
        response = raised.exception.response
        self.assertEqual(response['Error']['Code'], 'TransactionCanceledException', response)
        self.assertEqual(response['Error']['Message'], CANCELLED.format(', '.join(codes)))
        self.assertEqual([reason['Code'] for reason in response['CancellationReasons']], codes)
        return response['CancellationReasons']


class TransactWrite(Transactions):
    def test_all_kinds_over_tables(self):
        self.write(self.put('w-gone'), self.put('w-there', n={'N': '1'}))
        answer = self.write(
            self.put('w-new', table=self.other, sk={'N': '1'}), self.add('w-there', 4), self.delete('w-gone'),
            self.check('w-absent', 'attribute_not_exists(pk)'))
        self.assertNotIn('ConsumedCapacity', answer)
        self.assertEqual(self.get(self.other, **key('w-new'), sk={'N': '1'})['sk'], {'N': '1'})
        self.assertEqual(self.get(self.t, **key('w-there'))['n'], {'N': '5'})
        self.assertIsNone(self.get(self.t, **key('w-gone')))
        self.assertIsNone(self.get(self.t, **key('w-absent')))

    def test_reasons_come_in_order_and_nothing_is_written(self):
        self.write(self.put('r-1', n={'N': '1'}))
        failing = self.put('r-1')
        failing['Put'].update(ConditionExpression='attribute_not_exists(pk)',
                              ReturnValuesOnConditionCheckFailure='ALL_OLD')
        absent = self.check('r-2')
        absent['ConditionCheck']['ReturnValuesOnConditionCheckFailure'] = 'ALL_OLD'
        reasons = self.assertCancelled(
            ['None', 'ConditionalCheckFailed', 'ConditionalCheckFailed'], self.add('r-3'), failing, absent)
        self.assertEqual(reasons, [
            {'Code': 'None'},
            {'Code': 'ConditionalCheckFailed', 'Message': 'The conditional request failed',
             'Item': {**key('r-1'), 'n': {'N': '1'}}},
            {'Code': 'ConditionalCheckFailed', 'Message': 'The conditional request failed'}])
        self.assertIsNone(self.get(self.t, **key('r-3')))

    def test_what_an_update_makes_is_a_reason(self):
        self.write(self.put('v-text', n={'S': 'x'}), self.put('v-big', b={'S': 'x' * 409_000}))
        growing = self.add('v-big')
        growing['Update'].update(UpdateExpression='SET c = :n',
                                 ExpressionAttributeValues={':n': {'S': 'y' * 1000}})
        reasons = self.assertCancelled(['ValidationError', 'None', 'ValidationError'],
                                       growing, self.add('v-new'), self.add('v-text'))
        self.assertEqual(reasons[0]['Message'], 'Item size to update has exceeded the maximum allowed size')
        self.assertIsNone(self.get(self.t, **key('v-new')))

    def test_keys_that_do_not_fit_are_reasons(self):
        wrong_type = self.put('k')
        wrong_type['Put']['Item']['pk'] = {'N': '5'}
        reasons = self.assertCancelled(['ValidationError'], wrong_type)
        self.assertEqual(reasons[0]['Message'], 'One or more parameter values were invalid: Type mismatch for key pk '
                                                'expected: S actual: N')
        for item in (self.add('k'), self.delete('k'), self.check('k')):
            for value in ({'N': '5'}, {'L': [{'S': 'x'}]}):
                next(iter(item.values()))['Key']['pk'] = value
                self.assertEqual(self.assertCancelled(['ValidationError'], item)[0]['Message'], MISMATCH)

    def test_empty_keys_are_the_requests_fault(self):
        text = ('One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an '
                'empty string value. Key: pk')
        for item in (self.put(''), self.add(''), self.delete(''), self.check('')):
            self.assertFails('ValidationException', text, self.write, item)

    def test_what_can_be_told_from_the_request_is_its_fault(self):
        self.assertFails('ValidationException', ONE_OPERATION, self.write, self.put('f-1'), self.check('f-1'))
        self.assertFails('ResourceNotFoundException', 'Requested resource not found',
                         self.write, self.put('f-1'), self.put('x', table=unique()))
        self.assertFails('ValidationException', 'Item size has exceeded the maximum allowed size',
                         self.write, self.put('f-1', b={'S': 'x' * 410_000}))
        self.assertFails('ValidationException', re.compile('Syntax error'), self.write, self.check('f-1', '!!!'))
        both = {**self.put('f-1'), **self.delete('f-2')}
        self.assertFails('ValidationException', 'TransactItems can only contain one of Check, Put, Update or Delete',
                         self.write, both)
        self.assertFails('ValidationException', None, self.write, {})
        self.assertIsNone(self.get(self.t, **key('f-1')))

    def test_takes_1_to_100(self):
        self.write(*(self.put(f'n-{i}') for i in range(100)))
        self.assertFails('ValidationException', re.compile(
            r"^1 validation error detected: Value '\[.+' at 'transactItems' failed to satisfy constraint: "
            'Member must have length less than or equal to 100$', re.S),
            self.write, *(self.put(f'n-{i}') for i in range(101)))
        self.assertFails('ValidationException',
                         "1 validation error detected: Value '[]' at 'transactItems' failed to satisfy constraint: "
                         'Member must have length greater than or equal to 1', self.write)

    def test_takes_4_mb_and_not_more(self):
        self.write(*(self.put(f'm-{i}', b={'S': 'x' * 350_000}) for i in range(11)))
        self.assertFails('ValidationException', None, self.write,
                         *(self.put(f'm-new-{i}', b={'S': 'x' * 350_000}) for i in range(12)))
        self.assertIsNone(self.get(self.t, **key('m-new-0')))

    def test_costs_twice(self):
        answer = self.write(self.put('c-1'), self.put('c-2', b={'S': 'x' * 1500}),
                            self.check('c-3', 'attribute_not_exists(pk)'), ReturnConsumedCapacity='TOTAL')
        self.assertEqual(answer['ConsumedCapacity'],
                         [{'TableName': self.t, 'CapacityUnits': 8.0, 'WriteCapacityUnits': 8.0}])
        answer = self.write(self.put('c-1', v={'N': '1'}), ReturnConsumedCapacity='INDEXES')
        self.assertEqual(answer['ConsumedCapacity'][0]['Table'], {'CapacityUnits': 2.0, 'WriteCapacityUnits': 2.0})

    def test_a_token_works_once(self):
        token = str(uuid.uuid4())
        for _ in range(3):
            answer = self.write(self.add('t-1'), ClientRequestToken=token, ReturnConsumedCapacity='TOTAL')
        self.assertEqual(self.get(self.t, **key('t-1'))['n'], {'N': '1'})
        self.assertEqual(answer['ConsumedCapacity'],
                         [{'TableName': self.t, 'CapacityUnits': 2.0, 'ReadCapacityUnits': 2.0}])
        self.assertFails('IdempotentParameterMismatchException',
                         'Specified idempotent token was used with different request parameters within the '
                         'idempotency window', self.write, self.add('t-1', 2), ClientRequestToken=token)
        self.write(self.add('t-1'), ClientRequestToken=str(uuid.uuid4()))
        self.assertEqual(self.get(self.t, **key('t-1'))['n'], {'N': '2'})
        self.assertFails('ValidationException', None, self.write, self.add('t-1'), ClientRequestToken='x' * 37)

    def test_a_token_that_many_send_at_once_works_once(self):
        token = str(uuid.uuid4())
        errors = []

        def send():
            try:
                self.server.client().transact_write_items(TransactItems=[self.add('t-2')], ClientRequestToken=token)
            except ClientError as error:
                errors.append(error)
        threads = [threading.Thread(target=send) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(errors, [])
        self.assertEqual(self.get(self.t, **key('t-2'))['n'], {'N': '1'})

    def test_tables_of_tokens_are_nobodys(self):
        self.write(self.put('i-1'), ClientRequestToken=str(uuid.uuid4()))
        for name in self.db.list_tables()['TableNames']:
            self.assertRegex(name, '^[A-Za-z]')
        self.assertNotIn('00000000-0000-4000-8000-000000000002', self.db.list_tables()['TableNames'])


class TransactGet(Transactions):
    def test_reads_in_order_with_projection(self):
        self.write(self.put('g-1', n={'N': '1'}, m={'N': '2'}), self.put('g-2', table=self.other, sk={'N': '7'}))
        answer = self.db.transact_get_items(TransactItems=[
            {'Get': {'TableName': self.other, 'Key': {**key('g-2'), 'sk': {'N': '7'}}}},
            {'Get': {'TableName': self.t, 'Key': key('g-absent')}},
            {'Get': {'TableName': self.t, 'Key': key('g-1'), 'ProjectionExpression': '#m',
                     'ExpressionAttributeNames': {'#m': 'm'}}}])
        self.assertEqual(answer['Responses'], [
            {'Item': {**key('g-2'), 'sk': {'N': '7'}}}, {}, {'Item': {'m': {'N': '2'}}}])

    def test_costs_twice_also_where_nothing_is(self):
        self.write(self.put('h-1'))
        answer = self.read('h-1', 'h-absent', ReturnConsumedCapacity='INDEXES')
        self.assertEqual(answer['ConsumedCapacity'], [
            {'TableName': self.t, 'CapacityUnits': 4.0, 'ReadCapacityUnits': 4.0,
             'Table': {'CapacityUnits': 4.0, 'ReadCapacityUnits': 4.0}}])

    def test_refuses(self):
        self.assertFails('ValidationException', ONE_OPERATION, self.read, 'x', 'x')
        self.assertFails('ValidationException', re.compile('greater than or equal to 1'), self.read)
        self.assertFails('ValidationException', re.compile('less than or equal to 100'),
                         self.read, *(str(i) for i in range(101)))
        self.assertFails('ResourceNotFoundException', 'Requested resource not found', self.db.transact_get_items,
                         TransactItems=[{'Get': {'TableName': unique(), 'Key': key('x')}}])
        self.assertFails('ValidationException', 'Invalid ProjectionExpression: Syntax error; token: "!", near: "!!"',
                         self.db.transact_get_items, TransactItems=[
                             {'Get': {'TableName': self.t, 'Key': key('x'), 'ProjectionExpression': '!!!'}}])
        answer = self.assertFails('TransactionCanceledException', CANCELLED.format('ValidationError'),
                                  self.db.transact_get_items,
                                  TransactItems=[{'Get': {'TableName': self.t, 'Key': {}}}])
        self.assertEqual([reason['Code'] for reason in answer['CancellationReasons']], ['ValidationError'])


class TransactIndexes(Transactions):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.t = unique()
        cls.db.create_table(**{**table_parameters(cls.t), 'GlobalSecondaryIndexes': [
            {'IndexName': 'byGroup', 'KeySchema': [{'AttributeName': 'g', 'KeyType': 'HASH'}],
             'Projection': {'ProjectionType': 'ALL'}}],
            'AttributeDefinitions': [{'AttributeName': name, 'AttributeType': 'S'} for name in ('pk', 'g')]})
        cls.class_tables.append(cls.t)
        wait_active(cls.db, cls.t)

    def of_group(self, group):
        answer = self.db.query(TableName=self.t, IndexName='byGroup', KeyConditionExpression='g = :g',
                               ExpressionAttributeValues={':g': {'S': group}})
        return sorted(item['pk']['S'] for item in answer['Items'])

    def move(self, name, value):
        return {'Update': {'TableName': self.t, 'Key': key(name), 'UpdateExpression': 'SET g = :g',
                           'ExpressionAttributeValues': {':g': value}}}

    def test_indexes_follow(self):
        self.write(self.put('a', g={'S': 'one'}), self.put('b', g={'S': 'one'}), self.put('c'))
        self.assertEqual(self.of_group('one'), ['a', 'b'])
        self.write(self.move('a', {'S': 'two'}), self.delete('b'), self.move('c', {'S': 'one'}))
        self.assertEqual((self.of_group('one'), self.of_group('two')), (['c'], ['a']))
        self.assertCancelled(['None', 'ConditionalCheckFailed'], self.move('c', {'S': 'two'}), self.check('none'))
        self.assertEqual((self.of_group('one'), self.of_group('two')), (['c'], ['a']))

    def test_index_keys_of_a_wrong_type_are_reasons(self):
        text = ('One or more parameter values were invalid: Type mismatch for Index Key g Expected: S Actual: {} '
                'IndexName: byGroup')
        for value in ({'N': '5'}, {'L': [{'S': 'x'}]}):
            for item in (self.put('type', g=value), self.move('type', value)):
                self.assertEqual(self.assertCancelled(['ValidationError'], item)[0]['Message'],
                                 text.format(next(iter(value))))

    def test_empty_index_keys_are_the_requests_fault(self):
        self.assertFails(
            'ValidationException', 'One or more parameter values are not valid. A value specified for a secondary '
            'index key is not supported. The AttributeValue for a key attribute cannot contain an empty string value. '
            'IndexName: byGroup, IndexKey: g', self.write, self.put('empty', g={'S': ''}))
        self.write(self.put('there', g={'S': 'x'}))
        self.assertFails(
            'ValidationException', 'One or more parameter values are not valid. The update expression attempted to '
            'update a secondary index key to a value that is not supported. The AttributeValue for a key attribute '
            'cannot contain an empty string value.', self.write, self.move('there', {'S': ''}))

    def test_indexes_cost_twice_too(self):
        answer = self.write(self.put('cost', g={'S': 'cost'}), ReturnConsumedCapacity='INDEXES')
        two = {'CapacityUnits': 2.0, 'WriteCapacityUnits': 2.0}
        self.assertEqual(answer['ConsumedCapacity'], [
            {'TableName': self.t, 'CapacityUnits': 4.0, 'WriteCapacityUnits': 4.0, 'Table': two,
             'GlobalSecondaryIndexes': {'byGroup': two}}])


class Isolation(Transactions):
    def test_transfers_keep_the_sum_at_every_moment(self):
        accounts, begin = [f'a-{i}' for i in range(6)], 100
        self.t = self.table()
        self.write(*(self.put(name, n={'N': str(begin)}) for name in accounts))
        stop = threading.Event()
        errors = []

        def transfer(seed):
            client, choice = self.server.client(), random.Random(seed)
            try:
                for _ in range(60):
                    source, target = choice.sample(accounts, 2)
                    amount = choice.randrange(1, 40)
                    take = self.add(source, -amount)
                    take['Update'].update(ConditionExpression='n >= :least')
                    take['Update']['ExpressionAttributeValues'][':least'] = {'N': str(amount)}
                    try:
                        client.transact_write_items(TransactItems=[take, self.add(target, amount)])
                    except client.exceptions.TransactionCanceledException:
                        pass  # too little was there
            except Exception as error:
                errors.append(error)

        def look():
            try:
                client = self.server.client()
                while not stop.is_set():
                    answer = client.transact_get_items(TransactItems=[
                        {'Get': {'TableName': self.t, 'Key': key(name)}} for name in accounts])
                    items = [response['Item'] for response in answer['Responses']]
                    for seen in (items, client.scan(TableName=self.t, ConsistentRead=True)['Items']):
                        amounts = [int(item['n']['N']) for item in seen]
                        if sum(amounts) != begin * len(accounts) or min(amounts) < 0:
                            raise AssertionError(f'a moment with {amounts}')
            except Exception as error:
                errors.append(error)
        threads = [threading.Thread(target=transfer, args=(seed,)) for seed in range(4)]
        looking = threading.Thread(target=look)
        looking.start()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        stop.set()
        looking.join()
        self.assertEqual(errors, [])
        self.assertEqual(sum(int(self.get(self.t, **key(name))['n']['N']) for name in accounts),
                         begin * len(accounts))


if __name__ == '__main__':
    unittest.main()
