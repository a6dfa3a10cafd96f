"""Condition, update, filter and projection expressions."""

import re
import unittest

from case import Case

KEY = {'pk': {'S': 'k'}}
ITEM = {
    **KEY,
    's': {'S': 'hello'}, 'n': {'N': '5'}, 'b': {'B': b'\x01\x02\x03'}, 't': {'BOOL': True},
    'nil': {'NULL': True}, 'ss': {'SS': ['a', 'b']}, 'ns': {'NS': ['1', '2']},
    'l': {'L': [{'S': 'x'}, {'N': '7'}, {'M': {'deep': {'S': 'y'}}}]},
    'm': {'M': {'a': {'N': '1'}, 'b.c': {'S': 'dotted'}, 'in': {'L': [{'N': '3'}]}}},
}


class Conditions(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.t = cls.class_table()
        cls.db.put_item(TableName=cls.t, Item=ITEM)

    def holds(self, condition, values=None, names=None):
        parameters = {'TableName': self.t, 'FilterExpression': condition}
        if values:
            parameters['ExpressionAttributeValues'] = values
        if names:
            parameters['ExpressionAttributeNames'] = names
        return self.db.scan(**parameters)['Count'] == 1

    def check(self, expected, condition, names=None, **values):
        values = {':' + name: value for name, value in values.items()}
        self.assertIs(self.holds(condition, values, names), expected, condition)

    def test_comparisons(self):
        for condition, expected in (('n = :v', True), ('n <> :v', False), ('n < :v', False),
                                    ('n <= :v', True), ('n > :v', False), ('n >= :v', True),
                                    (':v = n', True)):
            self.check(expected, condition, v={'N': '5.0'})
        self.check(False, 'n = m.a')
        self.check(True, 's > :v', v={'S': 'hell'})
        self.check(True, 'b < :v', v={'B': b'\x01\x03'})

    def test_types_never_compare_across(self):
        for operator in ('=', '<', '<=', '>', '>='):
            self.check(False, f'n {operator} :v', v={'S': '5'})
        self.check(True, 'n <> :v', v={'S': '5'})

    def test_missing_attributes(self):
        self.check(False, 'nowhere = :v', v={'N': '1'})
        self.check(True, 'nowhere <> :v', v={'N': '1'})
        self.check(False, 'nowhere < :v', v={'N': '1'})

    def test_equality_of_documents_and_sets(self):
        self.check(True, 'ss = :v', v={'SS': ['b', 'a']})
        self.check(True, 'ns = :v', v={'NS': ['2.0', '1']})
        self.check(True, 'l = :v', v=ITEM['l'])
        self.check(True, 'm = :v', v=ITEM['m'])
        self.check(False, 'l = :v', v={'L': ITEM['l']['L'][:2]})
        self.check(True, 'nil = :v', v={'NULL': True})

    def test_between_and_in(self):
        self.check(True, 'n BETWEEN :a AND :b', a={'N': '5'}, b={'N': '6'})
        self.check(False, 'n between :a and :b', a={'N': '6'}, b={'N': '7'})
        self.check(True, 'n IN (:a, :b)', a={'N': '1'}, b={'N': '5'})
        self.check(False, 's in (:a, :b)', a={'S': 'x'}, b={'N': '5'})

    def test_logic_and_precedence(self):
        values = {'y': {'N': '5'}, 'x': {'N': '0'}}
        self.check(True, 'n = :y OR n = :x AND n = :x', **values)
        self.check(False, '(n = :y OR n = :x) AND n = :x', **values)
        self.check(True, 'NOT n = :x', x={'N': '0'})
        self.check(True, 'NOT NOT n = :y', y={'N': '5'})
        self.check(False, 'NOT n = :x AND n = :x', x={'N': '0'})
        self.check(True, 'not (n = :x and n = :y)', **values)

    def test_functions(self):
        self.check(True, 'attribute_exists(n)')
        self.check(True, 'attribute_exists(nil)')
        self.check(False, 'attribute_exists(nowhere)')
        self.check(True, 'attribute_not_exists(nowhere)')
        for name, kind in (('s', 'S'), ('n', 'N'), ('b', 'B'), ('t', 'BOOL'), ('nil', 'NULL'),
                           ('ss', 'SS'), ('ns', 'NS'), ('l', 'L'), ('m', 'M')):
            self.check(True, f'attribute_type({name}, :v)', v={'S': kind})
        self.check(False, 'attribute_type(s, :v)', v={'S': 'N'})
        self.check(True, 'begins_with(s, :v)', v={'S': 'hel'})
        self.check(True, 'begins_with(b, :v)', v={'B': b'\x01\x02'})
        self.check(False, 'begins_with(s, :v)', v={'S': 'hex'})
        self.check(True, 'contains(s, :v)', v={'S': 'ell'})
        self.check(True, 'contains(ss, :v)', v={'S': 'a'})
        self.check(False, 'contains(ss, :v)', v={'S': 'c'})
        self.check(True, 'contains(l, :v)', v={'N': '7.0'})
        self.check(False, 'contains(n, :v)', v={'N': '5'})

    def test_size(self):
        for name, size in (('s', 5), ('b', 3), ('ss', 2), ('ns', 2), ('l', 3), ('m', 3)):
            self.check(True, f'size({name}) = :v', v={'N': str(size)})
        self.check(False, 'size(n) >= :v', v={'N': '0'})
        self.check(True, 'size(s) BETWEEN :a AND :b', a={'N': '1'}, b={'N': '9'})

    def test_paths(self):
        self.check(True, 'm.a = :v', v={'N': '1'})
        self.check(True, 'm.#in[0] = :v', names={'#in': 'in'}, v={'N': '3'})
        self.check(True, 'm.#d = :v', names={'#d': 'b.c'}, v={'S': 'dotted'})
        self.check(True, 'l[2].deep = :v', v={'S': 'y'})
        self.check(False, 'attribute_exists(l[3])')
        self.check(False, 'attribute_exists(s.x)')
        self.check(True, '#0 = :v', names={'#0': 'n'}, v={'N': '5'})

    def refuse(self, text, condition, values=None, names=None):
        with self.subTest(condition):
            self.assertFails('ValidationException', re.compile(text), self.holds, condition, values,
                             names)

    def test_refused_conditions(self):
        one = {':v': {'N': '1'}}
        self.refuse('^Invalid FilterExpression: The expression can not be empty;$', '')
        self.refuse('^Invalid FilterExpression: Syntax error; token: ', 'n = ', None)
        self.refuse('^Invalid FilterExpression: Syntax error; token: "&", near: ', 'n & :v', one)
        self.refuse('^Invalid FilterExpression: Attribute name is a reserved keyword; reserved '
                    'keyword: size$', 'size = :v', one)
        self.refuse('^Invalid FilterExpression: An expression attribute name used in the document '
                    'path is not defined; attribute name: #x$', '#x = :v', one, {'#y': 'n'})
        self.refuse('^Invalid FilterExpression: An expression attribute value used in expression '
                    'is not defined; attribute value: :x$', 'n = :x', one)
        self.refuse('unused in expressions: keys: {:v}', 'attribute_exists(n)', one)
        self.refuse('unused in expressions: keys: {#x}', 'attribute_exists(n)', None, {'#x': 'n'})
        self.refuse('Invalid function name; function: nosuch', 'nosuch(n)')
        self.refuse('Incorrect number of operands for operator or function; operator or function: '
                    'begins_with, number of operands: 1', 'begins_with(n)')
        self.refuse('Incorrect operand type for operator or function; operator or function: '
                    'begins_with, operand type: N', 'begins_with(s, :v)', one)
        self.refuse('invalid attribute type|Invalid attribute type', 'attribute_type(s, :v)',
                    {':v': {'S': 'STRING'}})
        self.refuse('The first operand must be distinct from the remaining operands', 'n = n')
        self.refuse('upper bound to be greater than or equal to lower bound',
                    'n BETWEEN :v AND :w', {**one, ':w': {'N': '0'}})
        self.refuse('ExpressionAttributeValues contains invalid key', 'n = :v', {'v': {'N': '1'}})
        self.refuse('ExpressionAttributeNames contains invalid key', '#n = :v', one, {'n': 'n'})

    def test_depth_and_length_are_limited(self):
        self.assertFails('ValidationException', re.compile('Invalid FilterExpression'), self.holds,
                         '(' * 5000 + 'n = :v' + ')' * 5000, {':v': {'N': '1'}})
        self.assertFails('ValidationException',
                         re.compile('Expression size has exceeded the maximum allowed size'),
                         self.holds, 'n = :v' + ' OR n = :v' * 600, {':v': {'N': '1'}})


class Updates(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.t = cls.class_table()

    def update(self, expression, item=ITEM, names=None, **values):
        self.db.put_item(TableName=self.t, Item=item)
        parameters = {'TableName': self.t, 'Key': KEY, 'UpdateExpression': expression,
                      'ReturnValues': 'ALL_NEW'}
        if values:
            parameters['ExpressionAttributeValues'] = {':' + k: v for k, v in values.items()}
        if names:
            parameters['ExpressionAttributeNames'] = names
        return self.db.update_item(**parameters)['Attributes']

    def gives(self, expected, expression, names=None, **values):
        """The update changes exactly the top-level attributes `expected`; None: gone."""
        after = self.update(expression, names=names, **values)
        wanted = {**ITEM, **expected}
        wanted = {name: value for name, value in wanted.items() if value is not None}

        def ordered(item):
            return {name: {k: sorted(v) if k in ('SS', 'NS', 'BS') else v
                           for k, v in value.items()} for name, value in item.items()}
        self.assertEqual(ordered(after), ordered(wanted), expression)

    def test_set(self):
        self.gives({'n': {'N': '9'}, 'new': {'S': 'x'}}, 'SET n = :n, #new = :x',
                   names={'#new': 'new'}, n={'N': '9'}, x={'S': 'x'})
        self.gives({'copied': ITEM['s']}, 'SET copied = s')
        self.gives({'n': {'N': '8'}}, 'SET n = n + :v', v={'N': '3'})
        self.gives({'n': {'N': '3'}}, 'SET n = n - :v', v={'N': '2'})
        self.gives({'sum': {'N': '6'}}, 'SET #sum = n + m.a', names={'#sum': 'sum'})

    def test_set_reads_the_old_item(self):
        self.gives({'n': {'N': '1'}, 'a': {'N': '5'}, 'c': {'N': '1'}},
                   'SET n = :one, a = n, c = m.a', one={'N': '1'})
        swapped = self.update('SET x = y, y = x',
                              item={**KEY, 'x': {'S': '1'}, 'y': {'S': '2'}})
        self.assertEqual(swapped, {**KEY, 'x': {'S': '2'}, 'y': {'S': '1'}})

    def test_set_nested(self):
        self.gives({'m': {'M': {**ITEM['m']['M'], 'new': {'S': 'v'}}}}, 'SET m.#new = :v',
                   names={'#new': 'new'}, v={'S': 'v'})
        self.gives({'l': {'L': [{'S': 'z'}, *ITEM['l']['L'][1:]]}}, 'SET l[0] = :v', v={'S': 'z'})
        self.gives({'l': {'L': [*ITEM['l']['L'], {'S': 'z'}]}}, 'SET l[77] = :v', v={'S': 'z'})
        self.gives({'l': {'L': [*ITEM['l']['L'][:2], {'M': {'deep': {'N': '1'}}}]}},
                   'SET l[2].deep = :v', v={'N': '1'})

    def test_if_not_exists(self):
        self.gives({'fresh': {'N': '1'}}, 'SET fresh = if_not_exists(fresh, :v)', v={'N': '1'})
        self.gives({}, 'SET n = if_not_exists(n, :v)', v={'N': '1'})
        self.gives({'fresh': {'N': '11'}}, 'SET fresh = if_not_exists(fresh, :v) + :w',
                   v={'N': '1'}, w={'N': '10'})

    def test_list_append(self):
        self.gives({'l': {'L': [*ITEM['l']['L'], {'S': 'z'}]}}, 'SET l = list_append(l, :v)',
                   v={'L': [{'S': 'z'}]})
        self.gives({'l': {'L': [{'S': 'z'}, *ITEM['l']['L']]}}, 'SET l = list_append(:v, l)',
                   v={'L': [{'S': 'z'}]})
        self.gives({'q': {'L': [{'S': 'z'}]}}, 'SET q = list_append(if_not_exists(q, :e), :v)',
                   e={'L': []}, v={'L': [{'S': 'z'}]})

    def test_remove(self):
        self.gives({'s': None, 'n': None}, 'REMOVE s, n, nowhere')
        self.gives({'l': {'L': [ITEM['l']['L'][1]]}}, 'REMOVE l[0], l[2]')
        self.gives({'m': {'M': {k: v for k, v in ITEM['m']['M'].items() if k != 'a'}}},
                   'REMOVE m.a')
        self.gives({}, 'REMOVE l[9]')

    def test_add(self):
        self.gives({'n': {'N': '4'}}, 'ADD n :v', v={'N': '-1'})
        self.gives({'fresh': {'N': '3'}}, 'ADD fresh :v', v={'N': '3'})
        self.gives({'ss': {'SS': ['a', 'b', 'c']}}, 'ADD ss :v', v={'SS': ['b', 'c']})
        self.gives({'set': {'NS': ['1']}}, 'ADD #s :v', names={'#s': 'set'}, v={'NS': ['1']})

    def test_delete_from_sets(self):
        self.gives({'ss': {'SS': ['b']}}, 'DELETE ss :v', v={'SS': ['a', 'x']})
        self.gives({'ss': None}, 'DELETE ss :v', v={'SS': ['a', 'b']})
        self.gives({'ns': {'NS': ['2']}}, 'DELETE ns :v', v={'NS': ['1.0']})
        self.gives({}, 'DELETE nowhere :v', v={'SS': ['a']})

    def test_all_clauses_together(self):
        self.gives({'n': {'N': '6'}, 's': None, 'new': {'S': 'x'}, 'ss': {'SS': ['b']}},
                   'SET #new = :x REMOVE s ADD n :one DELETE ss :a', names={'#new': 'new'},
                   x={'S': 'x'}, one={'N': '1'}, a={'SS': ['a']})

    def test_numbers_keep_38_digits(self):
        big = '12345678901234567890123456789012345678'
        after = self.update('SET n = n + :one', item={**KEY, 'n': {'N': big}}, one={'N': '1'})
        self.assertEqual(after['n'], {'N': str(int(big) + 1)})
        after = self.update('SET n = n + :v', item={**KEY, 'n': {'N': '0.1'}}, v={'N': '0.2'})
        self.assertEqual(after['n'], {'N': '0.3'})

    def refuse(self, text, expression, names=None, **values):
        with self.subTest(expression):
            self.assertFails('ValidationException', re.compile(text), self.update, expression,
                             names=names, **values)

    def test_refused_updates(self):
        v = {'v': {'N': '1'}}
        invalid = '^1 validation error detected: Invalid UpdateExpression: '
        self.refuse(invalid + 'The expression can not be empty;$', '')
        self.refuse(invalid + 'Syntax error; token: ', 'SET n :v', **v)
        self.refuse(invalid + 'Syntax error; token: ', 'UPSERT n = :v', **v)
        self.refuse(invalid + 'The "SET" section can only be used once in an update expression;$',
                    'SET n = :v SET s = :v', **v)
        self.refuse(invalid + 'Attribute name is a reserved keyword; reserved keyword: name$',
                    'SET name = :v', **v)
        self.refuse(invalid + 'An expression attribute value used in expression is not defined; '
                    'attribute value: :x$', 'SET n = :x', **v)
        self.refuse(invalid + 'Two document paths overlap with each other; must remove or rewrite '
                    r'one of these paths; path one: \[m\], path two: \[m, a\]$',
                    'SET m = :v, m.a = :v', **v)
        self.refuse(invalid + 'Two document paths conflict with each other',
                    'SET m.a = :v, m[0] = :v', **v)
        self.refuse('^One or more parameter values were invalid: Cannot update attribute pk. This '
                    'attribute is part of the key$', 'SET pk = :v', **v)
        self.refuse(invalid + 'Incorrect operand type for operator or function; operator or '
                    'function: \\+, operand type: S$', 'SET n = n + :s', s={'S': 'x'})
        self.refuse(invalid + 'Incorrect operand type for operator or function; operator: ADD, '
                    'operand type: STRING', 'ADD n :s', s={'S': 'x'})
        self.refuse(invalid + 'Incorrect operand type for operator or function; operator: DELETE, '
                    'operand type: NUMBER', 'DELETE ss :v', **v)

    def test_refused_by_the_item(self):
        v = {'v': {'N': '1'}}
        self.refuse('The provided expression refers to an attribute that does not exist in the '
                    'item', 'SET n = nowhere + :v', **v)
        self.refuse('An operand in the update expression has an incorrect data type',
                    'SET n = s + :v', **v)
        self.refuse('An operand in the update expression has an incorrect data type',
                    'SET l = list_append(s, :l)', l={'L': []})
        self.refuse('An operand in the update expression has an incorrect data type', 'ADD s :v',
                    **v)
        self.refuse('An operand in the update expression has an incorrect data type',
                    'DELETE ns :x', x={'SS': ['1']})
        for path in ('nowhere.x', 's.x', 'm[0]', 'l.x', 'l[9].x'):
            self.refuse('The document path provided in the update expression is invalid for update',
                        f'SET {path} = :v', **v)
        self.refuse('Number overflow. Attempting to store a number with magnitude larger than '
                    'supported range', 'SET n = :big + :big', big={'N': '9.9e125'})

    def test_refused_update_changes_nothing(self):
        with self.assertRaises(Exception):
            self.update('SET n = :v, s = nowhere', v={'N': '77'})
        self.assertEqual(self.get(self.t, **KEY)['n'], ITEM['n'])


class Projections(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.t = cls.class_table()
        cls.db.put_item(TableName=cls.t, Item=ITEM)

    def project(self, expression, names=None):
        parameters = {'ExpressionAttributeNames': names} if names else {}
        return self.db.get_item(TableName=self.t, Key=KEY, ProjectionExpression=expression,
                                **parameters)['Item']

    def test_paths(self):
        self.assertEqual(self.project('s, n'), {'s': ITEM['s'], 'n': ITEM['n']})
        self.assertEqual(self.project('m.a, l[2].deep'),
                         {'m': {'M': {'a': {'N': '1'}}},
                          'l': {'L': [{'M': {'deep': {'S': 'y'}}}]}})
        self.assertEqual(self.project('l[2], l[0]'),
                         {'l': {'L': [ITEM['l']['L'][0], ITEM['l']['L'][2]]}})
        self.assertEqual(self.project('nowhere'), {})
        self.assertEqual(self.project('m.#in[0], #n', {'#in': 'in', '#n': 'n'}),
                         {'m': {'M': {'in': {'L': [{'N': '3'}]}}}, 'n': ITEM['n']})

    def test_refused(self):
        for text, expression in (
                ('^Invalid ProjectionExpression: The expression can not be empty;$', ''),
                ('^Invalid ProjectionExpression: Syntax error; ', 'a,,b'),
                ('^Invalid ProjectionExpression: Syntax error; ', 'a-b'),
                ('^Invalid ProjectionExpression: Attribute name is a reserved keyword; reserved '
                 'keyword: ', 'a.abort'),
                ('^Invalid ProjectionExpression: An expression attribute name used in the '
                 'document path is not defined; attribute name: #a$', '#a'),
                ('^Invalid ProjectionExpression: Two document paths overlap with each other',
                 'm, m.a')):
            with self.subTest(expression):
                self.assertFails('ValidationException', re.compile(text), self.project, expression)


if __name__ == '__main__':
    unittest.main()
