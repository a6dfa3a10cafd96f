"""PutItem, GetItem, UpdateItem, DeleteItem."""

import re
import threading
import unittest

import server
from case import Case, make_table, unique

# Before the faults that PutItem, UpdateItem and DeleteItem find in the request alone.
ENVELOPE = '1 validation error detected: '
KEY = {'pk': {'S': 'k'}}

ALL_TYPES = {
    'pk': {'S': 'all'},
    's': {'S': 'text \u00e9 \u4e2d \U0001F600 "quoted" \\ \n \t \x01'},
    'empty': {'S': ''},
    'n': {'N': '-12.5'},
    'b': {'B': bytes(range(256))},
    'empty_b': {'B': b''},
    'yes': {'BOOL': True},
    'no': {'BOOL': False},
    'null': {'NULL': True},
    'ss': {'SS': ['a', 'b', '']},
    'ns': {'NS': ['-1', '0', '2.5', '10']},
    'bs': {'BS': [b'', b'\x00', b'\xff']},
    'l': {'L': [{'S': 'x'}, {'N': '1'}, {'L': []}, {'M': {}}, {'NULL': True}]},
    'm': {'M': {'a': {'M': {'b': {'L': [{'SS': ['x']}]}}}, 'c': {'BOOL': False}}},
    'with space & dots.and-dashes': {'S': 'v'},
}


def normal(item):
    """Sets have no order on the wire."""
    def value(v):
        (kind, content), = v.items()
        if kind in ('SS', 'NS', 'BS'):
            return {kind: sorted(content)}
        if kind == 'L':
            return {kind: [value(x) for x in content]}
        if kind == 'M':
            return {kind: {name: value(x) for name, x in content.items()}}
        return v
    return {name: value(v) for name, v in item.items()}


class Items(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.t = cls.class_table()
        cls.ranged = cls.class_table('S', 'N')

    def put(self, item, **parameters):
        return self.db.put_item(TableName=self.t, Item=item, **parameters)

    def test_all_types_come_back(self):
        self.put(ALL_TYPES)
        self.assertEqual(normal(self.get(self.t, pk={'S': 'all'})), normal(ALL_TYPES))

    def test_missing_item_answers_without_item(self):
        answer = self.db.get_item(TableName=self.t, Key={'pk': {'S': unique()}})
        self.assertNotIn('Item', answer)

    def test_put_replaces_the_whole_item(self):
        self.put({**KEY, 'a': {'S': '1'}})
        self.put({**KEY, 'b': {'S': '2'}})
        self.assertEqual(self.get(self.t, **KEY), {**KEY, 'b': {'S': '2'}})

    def test_numbers_come_back_in_plain_digits(self):
        for sent, answered in (('1e3', '1000'), ('+1.50', '1.5'), ('-0', '0'), ('.5', '0.5'),
                               ('1E-10', '0.0000000001'), ('007', '7'), ('1e125', '1' + '0' * 125),
                               ('9' * 38, '9' * 38), ('-' + '9' * 38, '-' + '9' * 38),
                               ('1e-130', '0.' + '0' * 129 + '1')):
            self.put({**KEY, 'n': {'N': sent}})
            self.assertEqual(self.get(self.t, **KEY)['n'], {'N': answered}, sent)

    def test_refused_numbers(self):
        for number, text in (
                ('', 'The parameter cannot be converted to a numeric value: '),
                ('abc', 'The parameter cannot be converted to a numeric value: abc'),
                (' 1', 'The parameter cannot be converted to a numeric value:  1'),
                ('NaN', 'The parameter cannot be converted to a numeric value: NaN'),
                ('1' * 39, 'Attempting to store more than 38 significant digits in a Number'),
                ('1e126', 'Number overflow. Attempting to store a number with magnitude larger '
                          'than supported range'),
                ('1e-131', 'Number underflow. Attempting to store a number with magnitude smaller '
                           'than supported range')):
            self.assertFails('ValidationException', ENVELOPE + text, self.put,
                             {**KEY, 'n': {'N': number}})

    def test_refused_values(self):
        invalid = 'One or more parameter values were invalid: '
        for value, text in (
                ({'SS': []}, invalid + 'An string set  may not be empty'),
                ({'NS': []}, invalid + 'An number set  may not be empty'),
                ({'BS': []}, invalid + 'Binary sets should not be empty'),
                ({'SS': ['a', 'a']}, invalid + 'Input collection ["a", "a"] contains duplicates.'),
                ({'NS': ['1', '1.0']}, invalid + 'Input collection contains duplicates.'),
                ({'NULL': False}, invalid + 'Null attribute value types must have the value of '
                                            'true'),
                ({}, 'Supplied AttributeValue is empty, must contain exactly one of the supported '
                     'datatypes'),
                ({'S': 'a', 'N': '1'}, 'Supplied AttributeValue has more than one datatypes set, '
                                       'must contain exactly one of the supported datatypes')):
            answer = self.server.call('PutItem', {'TableName': self.t,
                                                  'Item': {**KEY, 'v': value}})
            self.assertRefused(answer, 'ValidationException', ENVELOPE + text)

    def test_attributes_of_an_item_need_a_name(self):
        t = self.table()
        item = {'pk': {'S': 'a'}, '': {'S': 'b'}}
        self.assertFails('ValidationException', ENVELOPE + 'Empty attribute name', self.db.put_item,
                         TableName=t, Item=item)
        self.assertFails('ValidationException', 'Empty attribute name', self.db.batch_write_item,
                         RequestItems={t: [{'PutRequest': {'Item': item}}]})
        self.assertIsNone(self.get(t, pk={'S': 'a'}))

    def test_of_members_with_one_name_the_last_counts(self):
        t = self.table()
        answer = self.server.call('PutItem', '{"TableName":"%s","Item":{"pk":{"S":"x"},"v":{"S":'
                                  '"first"},"v":{"S":"last"},"pk":{"S":"a"}}}' % t)
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(self.get(t, pk={'S': 'a'}), {'pk': {'S': 'a'}, 'v': {'S': 'last'}})

    def test_nesting_is_limited(self):
        def nested(levels):
            value = {'S': 'leaf'}
            for i in range(levels):
                value = {'L': [value]} if i % 2 else {'M': {'n': value}}
            return value
        self.put({**KEY, 'v': nested(31)})
        self.assertEqual(self.get(self.t, **KEY)['v'], nested(31))
        self.assertFails('ValidationException', re.compile('(?i)nest(ing|ed) levels'),
                         self.put, {**KEY, 'v': nested(32)})

    def test_items_of_400_kib_and_not_more(self):
        room = 400 * 1024 - len('pk') - len('k') - len('v')
        self.put({**KEY, 'v': {'S': 'x' * room}})
        self.assertEqual(len(self.get(self.t, **KEY)['v']['S']), room)
        self.assertFails('ValidationException', 'Item size has exceeded the maximum allowed size',
                         self.put, {**KEY, 'v': {'S': 'x' * (room + 1)}})
        self.assertFails('ValidationException',
                         'Item size to update has exceeded the maximum allowed size',
                         self.db.update_item, TableName=self.t, Key=KEY,
                         UpdateExpression='SET w = :w', ExpressionAttributeValues={':w': {'S': ''}})
        self.put({**KEY, 'v': {'B': b'x' * room}})
        self.assertFails('ValidationException', 'Item size has exceeded the maximum allowed size',
                         self.put, {**KEY, 'v': {'S': '\u00e9' * (room // 2 + 1)}})

    def test_key_sizes(self):
        self.put({'pk': {'S': 'x' * 2048}})
        self.assertIsNotNone(self.get(self.t, pk={'S': 'x' * 2048}))
        self.assertFails('ValidationException', re.compile('hashkey has exceeded.*2048'),
                         self.put, {'pk': {'S': 'x' * 2049}})

    def test_keys_must_fit_the_schema(self):
        missing = 'One or more parameter values were invalid: Missing the key pk in the item'
        self.assertFails('ValidationException', missing, self.put, {'x': {'S': 'a'}})
        self.assertFails('ValidationException',
                         'One or more parameter values were invalid: Type mismatch for key pk '
                         'expected: S actual: N', self.put, {'pk': {'N': '1'}})
        self.assertFails('ValidationException', re.compile('empty string value. Key: pk'),
                         self.put, {'pk': {'S': ''}})
        no_match = 'The provided key element does not match the schema'
        for key in ({'pk': {'N': '1'}}, {'x': {'S': 'a'}}, {**KEY, 'x': {'S': 'a'}}):
            self.assertFails('ValidationException', no_match, self.db.get_item, TableName=self.t,
                             Key=key)
            self.assertFails('ValidationException', no_match, self.db.delete_item,
                             TableName=self.t, Key=key)

    def test_sort_keys_separate_items(self):
        for n in ('-1', '0', '1.5', '10'):
            self.db.put_item(TableName=self.ranged,
                             Item={'pk': {'S': 'p'}, 'sk': {'N': n}, 'v': {'S': n}})
        for n, spelled in (('-1', '-1.0'), ('0', '-0'), ('1.5', '15e-1'), ('10', '1e1')):
            item = self.get(self.ranged, pk={'S': 'p'}, sk={'N': spelled})
            self.assertEqual(item['v'], {'S': n})
            self.assertEqual(item['sk'], {'N': n})

    def test_projection(self):
        self.put({**KEY, 'a': {'M': {'b': {'S': 'x'}, 'c': {'S': 'y'}}},
                  'l': {'L': [{'S': '0'}, {'S': '1'}, {'S': '2'}]}, 'z': {'S': 'z'}})
        answer = self.db.get_item(TableName=self.t, Key=KEY,
                                  ProjectionExpression='a.#b, l[1], nowhere',
                                  ExpressionAttributeNames={'#b': 'b'})
        self.assertEqual(answer['Item'], {'a': {'M': {'b': {'S': 'x'}}}, 'l': {'L': [{'S': '1'}]}})

    def test_put_returns_old_values(self):
        key = {'pk': {'S': unique()}}
        first = {**key, 'v': {'S': '1'}}
        self.assertNotIn('Attributes', self.put(first, ReturnValues='ALL_OLD'))
        self.assertEqual(self.put({**key, 'v': {'S': '2'}}, ReturnValues='ALL_OLD')['Attributes'],
                         first)
        self.assertNotIn('Attributes', self.put(first))
        self.assertFails('ValidationException', re.compile('(?i)return ?values'), self.put, first,
                         ReturnValues='ALL_NEW')

    def test_update_return_values(self):
        before = {**KEY, 'a': {'N': '1'}, 'b': {'N': '1'}}
        for which, attributes in (('NONE', None), ('ALL_OLD', before),
                                  ('UPDATED_OLD', {'a': {'N': '1'}}),
                                  ('ALL_NEW', {**before, 'a': {'N': '2'}}),
                                  ('UPDATED_NEW', {'a': {'N': '2'}})):
            self.put(before)
            answer = self.db.update_item(TableName=self.t, Key=KEY, ReturnValues=which,
                                         UpdateExpression='SET a = a + :one',
                                         ExpressionAttributeValues={':one': {'N': '1'}})
            self.assertEqual(answer.get('Attributes'), attributes, which)

    def test_update_makes_a_missing_item(self):
        key = {'pk': {'S': unique()}}
        answer = self.db.update_item(TableName=self.t, Key=key, UpdateExpression='SET a = :a',
                                     ExpressionAttributeValues={':a': {'S': 'x'}},
                                     ReturnValues='ALL_NEW')
        self.assertEqual(answer['Attributes'], {**key, 'a': {'S': 'x'}})
        bare = {'pk': {'S': unique()}}
        self.db.update_item(TableName=self.t, Key=bare)
        self.assertEqual(self.get(self.t, **bare), bare)

    def test_delete(self):
        item = {**KEY, 'v': {'S': 'x'}}
        self.put(item)
        answer = self.db.delete_item(TableName=self.t, Key=KEY, ReturnValues='ALL_OLD')
        self.assertEqual(answer['Attributes'], item)
        self.assertIsNone(self.get(self.t, **KEY))
        answer = self.db.delete_item(TableName=self.t, Key=KEY, ReturnValues='ALL_OLD')
        self.assertNotIn('Attributes', answer)

    def test_conditions_guard_writes(self):
        key = {'pk': {'S': unique()}}
        failed = ('ConditionalCheckFailedException', 'The conditional request failed')
        new = {'ConditionExpression': 'attribute_not_exists(pk)'}
        self.put({**key, 'v': {'N': '1'}}, **new)
        self.assertFails(*failed, self.put, {**key, 'v': {'N': '2'}}, **new)
        self.assertEqual(self.get(self.t, **key)['v'], {'N': '1'})
        is_two = {'ConditionExpression': 'v = :v', 'ExpressionAttributeValues': {':v': {'N': '2'}}}
        self.assertFails(*failed, self.db.delete_item, TableName=self.t, Key=key, **is_two)
        self.assertFails(*failed, self.db.update_item, TableName=self.t, Key=key,
                         UpdateExpression='SET v = :v', **is_two)
        self.assertEqual(self.get(self.t, **key)['v'], {'N': '1'})
        self.db.delete_item(TableName=self.t, Key=key, ConditionExpression='v < :v',
                            ExpressionAttributeValues={':v': {'N': '2'}})
        self.assertIsNone(self.get(self.t, **key))

    def test_failed_condition_can_return_the_item(self):
        self.put({**KEY, 'v': {'N': '1'}})
        answer = self.server.call('PutItem', {
            'TableName': self.t, 'Item': KEY, 'ConditionExpression': 'attribute_not_exists(pk)',
            'ReturnValuesOnConditionCheckFailure': 'ALL_OLD'})
        self.assertRefused(answer, 'ConditionalCheckFailedException')
        self.assertEqual(answer.json['Item'], {**KEY, 'v': {'N': '1'}})

    def test_consumed_capacity(self):
        key = {'pk': {'S': unique()}}
        put = self.put({**key, 'v': {'S': 'x' * 3000}}, ReturnConsumedCapacity='TOTAL')
        self.assertEqual(put['ConsumedCapacity'], {'TableName': self.t, 'CapacityUnits': 3.0})
        for consistent, units in ((True, 1.0), (False, 0.5)):
            got = self.db.get_item(TableName=self.t, Key=key, ConsistentRead=consistent,
                                   ReturnConsumedCapacity='TOTAL')
            self.assertEqual(got['ConsumedCapacity']['CapacityUnits'], units)
        self.put({**key, 'v': {'S': 'x' * 9000}})
        got = self.db.get_item(TableName=self.t, Key=key, ConsistentRead=True,
                               ReturnConsumedCapacity='TOTAL')
        self.assertEqual(got['ConsumedCapacity']['CapacityUnits'], 3.0)
        deleted = self.db.delete_item(TableName=self.t, Key=key, ReturnConsumedCapacity='TOTAL')
        self.assertEqual(deleted['ConsumedCapacity']['CapacityUnits'], 9.0)

    def test_no_table(self):
        name = unique()
        text = 'Requested resource not found'
        for call, parameters in ((self.db.get_item, {'Key': KEY}),
                                 (self.db.put_item, {'Item': KEY}),
                                 (self.db.update_item, {'Key': KEY}),
                                 (self.db.delete_item, {'Key': KEY})):
            self.assertFails('ResourceNotFoundException', text, call, TableName=name, **parameters)

    def test_concurrent_counters_lose_nothing(self):
        key = {'pk': {'S': unique()}}

        def count():
            for _ in range(50):
                self.db.update_item(TableName=self.t, Key=key, UpdateExpression='ADD n :one',
                                    ExpressionAttributeValues={':one': {'N': '1'}})
        threads = [threading.Thread(target=count) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(self.get(self.t, **key)['n'], {'N': '400'})

    def test_one_of_many_conditional_puts_wins(self):
        key = {'pk': {'S': unique()}}
        won = []

        def put(i):
            try:
                self.put({**key, 'by': {'N': str(i)}},
                         ConditionExpression='attribute_not_exists(pk)')
                won.append(i)
            except self.db.exceptions.ConditionalCheckFailedException:
                pass
        threads = [threading.Thread(target=put, args=(i,)) for i in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(won), 1)
        self.assertEqual(self.get(self.t, **key)['by'], {'N': str(won[0])})


class KeyTypes(Case):
    def test_number_and_binary_partition_keys(self):
        numbers, binaries = self.table('N'), self.table('B', 'B')
        self.db.put_item(TableName=numbers, Item={'pk': {'N': '1e2'}, 'v': {'S': 'x'}})
        self.assertEqual(self.get(numbers, pk={'N': '100.0'})['pk'], {'N': '100'})
        for sort in (b'\x00', b'\x00\x00', b'\xff', b'a'):
            item = {'pk': {'B': b'\x00\xff\x00'}, 'sk': {'B': sort}}
            self.db.put_item(TableName=binaries, Item=item)
            self.assertEqual(self.get(binaries, **item), item)


@unittest.skipUnless(server.ours(), 'of our own server')
class Durability(Case):
    def test_acknowledged_writes_survive_a_crash(self):
        with server.Server() as own:
            client = own.client()
            name = unique()
            client.create_table(TableName=name, BillingMode='PAY_PER_REQUEST',
                                KeySchema=[{'AttributeName': 'pk', 'KeyType': 'HASH'}],
                                AttributeDefinitions=[{'AttributeName': 'pk',
                                                       'AttributeType': 'S'}])
            for round_number in range(3):
                for i in range(30):
                    client.update_item(
                        TableName=name, Key={'pk': {'S': str(i)}}, UpdateExpression='ADD n :one',
                        ExpressionAttributeValues={':one': {'N': '1'}})
                client.delete_item(TableName=name, Key={'pk': {'S': '0'}})
                own.restart(crash=True)
                client = own.client()
                items = client.scan(TableName=name, ConsistentRead=True)['Items']
                self.assertEqual({item['pk']['S']: item['n']['N'] for item in items},
                                 {str(i): str(round_number + 1) for i in range(1, 30)})

    def test_counts_are_known_before_anybody_touched_a_table(self):
        with server.Server() as own:
            name = make_table(own.client())
            for i in range(7):
                own.client().put_item(TableName=name, Item={'pk': {'S': str(i)}})
            for crash in (False, True):
                own.restart(crash=crash)
                table = own.client().describe_table(TableName=name)['Table']
                self.assertEqual((table['ItemCount'], table['TableSizeBytes']), (7, 7 * 3))
            own.restart()
            table = own.client().delete_table(TableName=name)['TableDescription']
            self.assertEqual(table['ItemCount'], 7)


if __name__ == '__main__':
    unittest.main()
