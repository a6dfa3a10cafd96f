"""Query and Scan."""

import re
import unittest

from case import Case, load, query_all, scan_all


def n(number):
    return {'N': str(number)}


class Query(Case):
    NUMBERS = ['-1e10', '-20', '-1.5', '-1', '-0.001', '0', '1e-5', '0.5', '1', '1.25', '2', '10',
               '99', '100', '1e20']

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.t = cls.class_table('S', 'N')
        load(cls.db, cls.t, [{'pk': {'S': partition}, 'sk': n(number), 'i': n(i),
                              'even': {'BOOL': i % 2 == 0}}
                             for partition in ('p', 'p2', 'q')
                             for i, number in enumerate(cls.NUMBERS)])

    def query(self, condition='pk = :p', partition='p', values=None, **parameters):
        return self.db.query(TableName=self.t, KeyConditionExpression=condition,
                             ExpressionAttributeValues={':p': {'S': partition}, **(values or {})},
                             **parameters)

    def found(self, *arguments, **parameters):
        return [int(item['i']['N']) for item in self.query(*arguments, **parameters)['Items']]

    def test_partition_in_numeric_order(self):
        answer = self.query()
        self.assertEqual([int(item['i']['N']) for item in answer['Items']],
                         list(range(len(self.NUMBERS))))
        self.assertEqual((answer['Count'], answer['ScannedCount']), (15, 15))
        self.assertNotIn('LastEvaluatedKey', answer)
        self.assertEqual({item['pk']['S'] for item in answer['Items']}, {'p'})

    def test_reverse(self):
        self.assertEqual(self.found(ScanIndexForward=False),
                         list(reversed(range(len(self.NUMBERS)))))

    def test_empty_partition(self):
        answer = self.query(partition='none')
        self.assertEqual((answer['Items'], answer['Count']), ([], 0))

    def test_sort_key_conditions(self):
        values = [float(number) for number in self.NUMBERS]
        for operator, holds in (('=', lambda a, b: a == b), ('<', lambda a, b: a < b),
                                ('<=', lambda a, b: a <= b), ('>', lambda a, b: a > b),
                                ('>=', lambda a, b: a >= b)):
            for bound in ('-1', '-0.5', '0', '1.2500', '1e20', '1e21', '-1e11'):
                expected = [i for i, value in enumerate(values) if holds(value, float(bound))]
                self.assertEqual(self.found(f'pk = :p AND sk {operator} :s',
                                            values={':s': n(bound)}),
                                 expected, (operator, bound))
        self.assertEqual(self.found('pk = :p AND sk BETWEEN :a AND :b',
                                    values={':a': n(-1), ':b': n('1.25')}), list(range(3, 10)))
        self.assertEqual(self.found('(pk = :p) and (sk >= :s)', values={':s': n(99)}),
                         [12, 13, 14])

    def test_pages(self):
        for forward in (True, False):
            expected = list(range(len(self.NUMBERS)))
            if not forward:
                expected.reverse()
            for limit in (1, 4, 15):
                found, start = [], {}
                while True:
                    page = self.query(Limit=limit, ScanIndexForward=forward, **start)
                    self.assertLessEqual(page['Count'], limit)
                    found += [int(item['i']['N']) for item in page['Items']]
                    if 'LastEvaluatedKey' not in page:
                        break
                    self.assertEqual(set(page['LastEvaluatedKey']), {'pk', 'sk'})
                    start = {'ExclusiveStartKey': page['LastEvaluatedKey']}
                self.assertEqual(found, expected, (forward, limit))

    def test_start_key_need_not_exist(self):
        start = {'ExclusiveStartKey': {'pk': {'S': 'p'}, 'sk': n('1.1')}}
        self.assertEqual(self.found(**start), list(range(9, 15)))
        self.assertEqual(self.found(ScanIndexForward=False, **start), list(range(8, -1, -1)))

    def test_start_key_must_fit(self):
        for key in ({'pk': {'S': 'q'}, 'sk': n(1)}, {'pk': {'S': 'p'}},
                    {'pk': {'S': 'p'}, 'sk': {'S': 'x'}}):
            self.assertFails('ValidationException', re.compile('(?i)starting key|does not match'),
                             self.query, ExclusiveStartKey=key)

    def test_filter_counts_what_was_read(self):
        answer = self.query(FilterExpression='even = :t', values={':t': {'BOOL': True}})
        self.assertEqual((answer['Count'], answer['ScannedCount']), (8, 15))
        self.assertEqual([int(item['i']['N']) % 2 for item in answer['Items']], [0] * 8)
        page = self.query(FilterExpression='even = :t', values={':t': {'BOOL': False}}, Limit=3)
        self.assertEqual((page['Count'], page['ScannedCount']), (1, 3))
        self.assertEqual(page['LastEvaluatedKey'], {'pk': {'S': 'p'}, 'sk': n('-1.5')})

    def test_select_count(self):
        answer = self.query(Select='COUNT')
        self.assertEqual((answer['Count'], answer['ScannedCount']), (15, 15))
        self.assertNotIn('Items', answer)

    def test_projection(self):
        answer = self.query('pk = :p AND sk = :s', values={':s': n(0)},
                            ProjectionExpression='#i, nowhere',
                            ExpressionAttributeNames={'#i': 'i'})
        self.assertEqual(answer['Items'], [{'i': n(5)}])

    def test_consumed_capacity_adds_up_sizes(self):
        answer = self.query(ReturnConsumedCapacity='TOTAL', ConsistentRead=True)
        self.assertEqual(answer['ConsumedCapacity']['CapacityUnits'], 1.0)
        answer = self.query(ReturnConsumedCapacity='TOTAL')
        self.assertEqual(answer['ConsumedCapacity']['CapacityUnits'], 0.5)

    def test_refused_key_conditions(self):
        def refuse(text, condition, values=None, **parameters):
            self.assertFails('ValidationException', re.compile(text), self.query, condition,
                             values=values, **parameters)
        refuse('Query condition missed key schema element: pk', 'sk = :p')
        refuse('Query key condition not supported', 'pk > :p')
        refuse('Query condition missed key schema element: sk', 'pk = :p AND i = :s',
               {':s': n(1)})
        refuse('one condition per key|only contain one condition',
               'pk = :p AND sk > :s AND sk < :s', {':s': n(1)})
        refuse('BETWEEN operator requires upper bound to be greater than or equal to lower bound',
               'pk = :p AND sk BETWEEN :a AND :b', {':a': n(2), ':b': n(1)})
        refuse('Condition parameter type does not match schema type', 'pk = :p AND sk = :s',
               {':s': {'S': '1'}})
        refuse('Filter Expression can only contain non-primary key attributes: Primary key '
               'attribute: sk', 'pk = :p', {':s': n(1)}, FilterExpression='sk = :s')
        refuse('Syntax error', 'pk = = :p')
        refuse('not defined; attribute value: :missing', 'pk = :p AND sk = :missing')
        refuse('unused in expressions: keys: {:x}', 'pk = :p', {':x': n(1)})


class StringSortKeys(Case):
    SORTS = ['a', 'a\x00', 'a\x00b', 'a\x01', 'aa', 'ab', 'ab\uffff', 'b', '\u00e9',
             '\U0001F600']

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.t = cls.class_table('S', 'S')
        cls.sorts = sorted(cls.SORTS, key=lambda text: text.encode())
        load(cls.db, cls.t, [{'pk': {'S': 'p'}, 'sk': {'S': sort}} for sort in cls.sorts])

    def found(self, condition, **values):
        items = query_all(self.db, TableName=self.t, KeyConditionExpression=condition,
                          ExpressionAttributeValues={':p': {'S': 'p'}, **values})
        return [item['sk']['S'] for item in items]

    def test_byte_order(self):
        self.assertEqual(self.found('pk = :p'), self.sorts)

    def test_begins_with(self):
        for prefix in ('a', 'a\x00', 'ab', 'b', 'x', '\u00e9'):
            self.assertEqual(
                self.found('pk = :p AND begins_with(sk, :s)', **{':s': {'S': prefix}}),
                [sort for sort in self.sorts if sort.startswith(prefix)], prefix)

    def test_comparisons(self):
        for bound in ('a', 'a\x00', 'aab', 'ab', '\u00ea'):
            at = bound.encode()
            s = {':s': {'S': bound}}
            self.assertEqual(self.found('pk = :p AND sk < :s', **s),
                             [x for x in self.sorts if x.encode() < at])
            self.assertEqual(self.found('pk = :p AND sk >= :s', **s),
                             [x for x in self.sorts if x.encode() >= at])


class Scan(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.t = cls.class_table()
        cls.ids = {f'id-{i}' for i in range(200)}
        load(cls.db, cls.t, [{'pk': {'S': i}, 'v': n(int(i[3:]))} for i in cls.ids])

    def ids_of(self, items):
        return [item['pk']['S'] for item in items]

    def test_finds_every_item_once(self):
        for limit in (None, 1000, 7):
            parameters = {} if limit is None else {'PaginationConfig': {'PageSize': limit}}
            found = self.ids_of(scan_all(self.db, self.t, **parameters))
            self.assertEqual(len(found), 200)
            self.assertEqual(set(found), self.ids)

    def test_order_is_stable(self):
        self.assertEqual(self.ids_of(scan_all(self.db, self.t)),
                         self.ids_of(scan_all(self.db, self.t)))

    def test_segments_are_disjoint_and_complete(self):
        for segments in (1, 2, 3, 16, 100):
            found = []
            for segment in range(segments):
                found += self.ids_of(scan_all(self.db, self.t, Segment=segment,
                                              TotalSegments=segments))
            self.assertEqual(len(found), 200, segments)
            self.assertEqual(set(found), self.ids)

    def test_segment_pages(self):
        found = []
        for segment in range(4):
            found += self.ids_of(scan_all(self.db, self.t, Segment=segment, TotalSegments=4,
                                          PaginationConfig={'PageSize': 9}))
        self.assertEqual(sorted(found), sorted(self.ids))

    def test_filter(self):
        items = scan_all(self.db, self.t, FilterExpression='v < :v',
                         ExpressionAttributeValues={':v': n(10)})
        self.assertEqual(sorted(int(item['v']['N']) for item in items), list(range(10)))

    def test_count(self):
        answer = self.db.scan(TableName=self.t, Select='COUNT', FilterExpression='v < :v',
                              ExpressionAttributeValues={':v': n(10)})
        self.assertEqual((answer['Count'], answer['ScannedCount']), (10, 200))
        self.assertNotIn('Items', answer)

    def test_limit_counts_before_the_filter(self):
        answer = self.db.scan(TableName=self.t, Limit=50, FilterExpression='v < :v',
                              ExpressionAttributeValues={':v': n(0)})
        self.assertEqual((answer['Count'], answer['ScannedCount']), (0, 50))
        self.assertIn('LastEvaluatedKey', answer)

    def test_projection(self):
        for item in scan_all(self.db, self.t, ProjectionExpression='v'):
            self.assertEqual(set(item), {'v'})

    def test_refused_parameters(self):
        def refuse(text, **parameters):
            self.assertFails('ValidationException', re.compile(text), self.db.scan,
                             TableName=self.t, **parameters)
        refuse('TotalSegments parameter is required', Segment=0)
        refuse('Segment parameter is required', TotalSegments=2)
        refuse('zero-based and must be less than parameter TotalSegments', Segment=2,
               TotalSegments=2)
        refuse('greater than or equal to 1', Limit=0)
        refuse('less than or equal to 1000000', Segment=0, TotalSegments=1000001)
        refuse('Syntax error', FilterExpression='v <')


class LargePages(Case):
    def test_a_page_ends_at_one_megabyte(self):
        t = self.table('S', 'N')
        load(self.db, t, [{'pk': {'S': 'p'}, 'sk': n(i), 'v': {'S': 'x' * 100_000}}
                          for i in range(25)])
        page = self.db.query(TableName=t, KeyConditionExpression='pk = :p',
                             ExpressionAttributeValues={':p': {'S': 'p'}})
        self.assertIn(page['Count'], (10, 11))
        self.assertIn('LastEvaluatedKey', page)
        counted = self.db.query(TableName=t, KeyConditionExpression='pk = :p', Select='COUNT',
                                ExpressionAttributeValues={':p': {'S': 'p'}})
        self.assertEqual(counted['Count'], page['Count'])
        items = query_all(self.db, TableName=t, KeyConditionExpression='pk = :p',
                          ExpressionAttributeValues={':p': {'S': 'p'}})
        self.assertEqual([item['sk']['N'] for item in items], [str(i) for i in range(25)])
        filtered = self.db.scan(TableName=t, FilterExpression='attribute_not_exists(v)')
        self.assertEqual(filtered['Count'], 0)
        self.assertIn(filtered['ScannedCount'], (10, 11))
        self.assertEqual(len(scan_all(self.db, t)), 25)


if __name__ == '__main__':
    unittest.main()
