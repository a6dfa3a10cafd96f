"""The case files (cases/*.txt), as written and through boto3; README.md describes their form."""

import unittest

import case_file
import run_cases
import server
import transports


class Cases(unittest.TestCase):
    transport = transports.Raw

    @classmethod
    def setUpClass(cls):
        endpoint = server.shared()
        cls.runner = run_cases.Runner(endpoint, cls.transport(endpoint))

    @classmethod
    def tearDownClass(cls):
        cls.runner.close()


class BotoCases(Cases):
    transport = transports.Boto


def add_tests(kind):
    """One test a file, one subtest a case."""
    def make(path):
        def test(self):
            for case in case_file.read(path):
                if self.runner.supports(case):
                    with self.subTest(case.name):
                        try:
                            self.runner.run_case(case)
                        except run_cases.Mismatch as mismatch:
                            self.fail(str(mismatch))
        return test
    for path in case_file.files():
        setattr(kind, f'test_{path.stem}', make(path))


add_tests(Cases)
add_tests(BotoCases)


class Runner(unittest.TestCase):
    """The runner itself: it must not let a wrong answer pass."""

    def refuse(self, want, answer, operation='Query'):
        with self.assertRaises(run_cases.Mismatch):
            run_cases.check_answer(operation, want, answer, {})

    def test_differences_are_found(self):
        self.refuse({'Count': 1}, {'Count': 2})
        self.refuse({'Count': 1}, {})
        self.refuse({'Item': None}, {'Item': {}})
        self.refuse({'Item': {'a': {'S': 'x'}}}, {'Item': {'a': {'S': 'x'}, 'b': {'S': 'x'}}})
        self.refuse({'Item': {'a': {'S': 'x'}, 'b': {'S': 'x'}}}, {'Item': {'a': {'S': 'x'}}})
        self.refuse({'Items': [1, 2]}, {'Items': [2, 1]})
        self.refuse({'Items': [1]}, {'Items': [1, 1]}, 'Scan')
        self.refuse({'A': {'SS': ['a', 'b']}}, {'A': {'SS': ['a', 'c']}})
        self.refuse({'A': {'L': ['a', 'b']}}, {'A': {'L': ['b', 'a']}})
        self.refuse({'A': {'BOOL': True}}, {'A': {'BOOL': 1}})

    def test_what_has_no_order_is_compared_so(self):
        run_cases.check_answer('Scan', {'Items': [1, 2]}, {'Items': [2, 1], 'Count': 2}, {})
        run_cases.check_answer('Query', {'A': {'SS': ['b', 'a']}}, {'A': {'SS': ['a', 'b']}}, {})

    def test_captures(self):
        captures = {}
        run_cases.check_answer('Query', {'K': '$=k', 'L': '$any'}, {'K': {'a': 1}, 'L': 2},
                               captures)
        self.assertEqual(run_cases.fill({'x': ['$k']}, captures), {'x': [{'a': 1}]})

    def test_texts_are_compared(self):
        step = case_file.parse_step(1, 'GetItem {} -> Validation: a b')
        self.assertEqual((step.error, step.text), ('ValidationException', 'a b'))
        runner = run_cases.Runner.__new__(run_cases.Runner)
        for reply in (transports.Reply({}), transports.Reply(error='OtherException', text='a b'),
                      transports.Reply(error='ValidationException', text='a')):
            with self.assertRaises(run_cases.Mismatch):
                runner.check(step, reply, 'id', 'table', {})
        runner.check(step, transports.Reply(error='ValidationException', text='a b'), '', '', {})

    def test_forms_of_lines(self):
        step = case_file.parse_step(1, '!Query {"a":1} => InternalServerError ~ ^x$')
        self.assertEqual((step.raw, step.poll, step.operation, step.error, step.text.pattern),
                         (True, True, 'Query', 'InternalServerError', '^x$'))
        self.assertEqual(case_file.repeat('<<3|, |:v@>> <<4||x>>'), ':v0, :v1, :v2 xxxx')
        for line in ('Query {}', 'Query {} -> 17', 'Query {} -> {"a":'):
            with self.assertRaises(ValueError):
                case_file.parse_step(1, line)


if __name__ == '__main__':
    unittest.main()
