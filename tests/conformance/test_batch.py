"""BatchWriteItem and BatchGetItem."""

import re
import unittest

from case import Case, load, scan_all, unique


def key(i):
    return {'pk': {'S': f'{i:05}'}}


def put(i, **attributes):
    return {'PutRequest': {'Item': {**key(i), **attributes}}}


def delete(i):
    return {'DeleteRequest': {'Key': key(i)}}


class BatchWrite(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.t = cls.class_table()
        cls.other = cls.class_table()

    def write(self, requests, table=None):
        return self.db.batch_write_item(RequestItems={table or self.t: requests})

    def test_puts_and_deletes_in_several_tables(self):
        self.write([put(1), put(2)])
        answer = self.db.batch_write_item(RequestItems={
            self.t: [delete(1), put(3, v={'S': 'x'}), delete(99)], self.other: [put(4)]})
        self.assertEqual(answer['UnprocessedItems'], {})
        self.assertIsNone(self.get(self.t, **key(1)))
        self.assertEqual(self.get(self.t, **key(3))['v'], {'S': 'x'})
        self.assertEqual(self.get(self.other, **key(4)), key(4))

    def test_takes_25_and_not_more(self):
        self.write([put(i) for i in range(100, 125)])
        self.assertFails('ValidationException',
                         re.compile('Too many items requested|less than or equal to 25'),
                         self.write, [put(i) for i in range(26)])

    def test_refuses_duplicates(self):
        text = 'Provided list of item keys contains duplicates'
        self.assertFails('ValidationException', text, self.write, [put(1), put(1)])
        self.assertFails('ValidationException', text, self.write, [put(1), delete(1)])

    def test_refuses_nothing(self):
        self.assertFails('ValidationException', None, self.write, [])
        self.assertFails('ValidationException', None, self.db.batch_write_item, RequestItems={})

    def test_refuses_unknown_tables_and_writes_nothing(self):
        self.assertFails('ResourceNotFoundException', 'Requested resource not found',
                         self.db.batch_write_item,
                         RequestItems={self.t: [put(700)], unique(): [put(1)]})
        self.assertIsNone(self.get(self.t, **key(700)))

    def test_refuses_bad_items_and_writes_nothing(self):
        self.assertFails('ValidationException', None, self.write,
                         [put(701), {'PutRequest': {'Item': {'x': {'S': 'no key'}}}}])
        self.assertFails('ValidationException', 'Item size has exceeded the maximum allowed size',
                         self.write, [put(702), put(703, v={'S': 'x' * 410_000})])
        self.assertFails('ValidationException',
                         'The provided key element does not match the schema', self.write,
                         [put(704), {'DeleteRequest': {'Key': {'pk': {'N': '1'}}}}])
        for i in range(701, 705):
            self.assertIsNone(self.get(self.t, **key(i)))

    def test_many_items(self):
        t = self.table()
        load(self.db, t, [{**key(i), 'v': {'N': str(i)}} for i in range(500)])
        self.assertEqual(sorted(int(item['v']['N']) for item in scan_all(self.db, t)),
                         list(range(500)))


class BatchGet(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.t = cls.class_table()
        cls.other = cls.class_table()
        load(cls.db, cls.t, [{**key(i), 'v': {'N': str(i)}, 'w': {'S': 'w'}} for i in range(120)])
        load(cls.db, cls.other, [key(1)])

    def read(self, keys, **options):
        return self.db.batch_get_item(RequestItems={self.t: {'Keys': keys, **options}})

    def test_finds_what_is_there(self):
        answer = self.db.batch_get_item(RequestItems={
            self.t: {'Keys': [key(1), key(2), key(9999)], 'ConsistentRead': True},
            self.other: {'Keys': [key(1)]}})
        self.assertEqual(sorted(item['v']['N'] for item in answer['Responses'][self.t]),
                         ['1', '2'])
        self.assertEqual(answer['Responses'][self.other], [key(1)])
        self.assertEqual(answer['UnprocessedKeys'], {})

    def test_takes_100_and_not_more(self):
        self.assertEqual(len(self.read([key(i) for i in range(100)])['Responses'][self.t]), 100)
        self.assertFails('ValidationException',
                         re.compile('Too many items requested|less than or equal to 100'),
                         self.read, [key(i) for i in range(101)])

    def test_projection(self):
        answer = self.read([key(1), key(2)], ProjectionExpression='#w',
                           ExpressionAttributeNames={'#w': 'w'})
        self.assertEqual(answer['Responses'][self.t], [{'w': {'S': 'w'}}] * 2)

    def test_refuses_duplicates(self):
        self.assertFails('ValidationException', 'Provided list of item keys contains duplicates',
                         self.read, [key(1), key(1)])

    def test_refuses_bad_keys_and_unknown_tables(self):
        self.assertFails('ValidationException',
                         'The provided key element does not match the schema', self.read,
                         [{'pk': {'N': '1'}}])
        self.assertFails('ResourceNotFoundException', 'Requested resource not found',
                         self.db.batch_get_item, RequestItems={unique(): {'Keys': [key(1)]}})

    def test_answers_at_most_16_megabytes(self):
        t = self.table()
        load(self.db, t, [{**key(i), 'v': {'S': 'x' * 390_000}} for i in range(50)])
        found, requests = [], {t: {'Keys': [key(i) for i in range(50)]}}
        rounds = 0
        while requests:
            answer = self.db.batch_get_item(RequestItems=requests)
            items = answer['Responses'].get(t, [])
            self.assertGreater(len(items), 0)
            self.assertLessEqual(sum(len(item['v']['S']) for item in items), 16 * 1024 * 1024)
            found += [item['pk']['S'] for item in items]
            requests = answer['UnprocessedKeys']
            rounds += 1
        self.assertGreater(rounds, 1)
        self.assertEqual(sorted(found), [f'{i:05}' for i in range(50)])


if __name__ == '__main__':
    unittest.main()
