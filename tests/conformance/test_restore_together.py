"""Several tables restored to one instant: all of them or none."""

import itertools
import threading
import unittest

from botocore.exceptions import ClientError

import server
from case import load, make_table, scan_all, unique, wait_active, wait_gone
from test_cli_past import Past
from test_past import PastCase

ACCOUNTS = 10
BEGIN = 1000


class TogetherCase(PastCase):
    def request(self, pairs, when=None):
        instant = {'UseLatestRestorableTime': True} if when is None else {'RestoreDateTime': str(when)}
        return {'Tables': [{'SourceTableName': source, 'TargetTableName': target} for source, target in pairs],
                **instant}

    def restore_all(self, sources, when=None):
        """The answer, and the new tables."""
        targets = [unique('g') for _ in sources]
        answer = self.ask('RestoreTablesToPointInTime', self.request(zip(sources, targets), when))
        for target in targets:
            self.addCleanup(self.drop, target)
            wait_active(self.db, target)
        return answer, targets


@unittest.skipUnless(server.ours(), 'of our own server')
class Together(TogetherCase):
    def transfer(self, tables, i, amount):
        """From an account of the one table to one of the other."""
        def change(table, account, by):
            return {'Update': {'TableName': table, 'Key': {'pk': {'S': str(account)}},
                               'UpdateExpression': 'ADD amount :by',
                               'ExpressionAttributeValues': {':by': {'N': str(by)}}}}
        self.db.transact_write_items(TransactItems=[change(tables[0], i % ACCOUNTS, -amount),
                                                    change(tables[1], (i + 1) % ACCOUNTS, amount)])

    def total(self, tables):
        return sum(int(item['amount']['N']) for table in tables for item in scan_all(self.db, table))

    def test_transactions_are_in_all_tables_or_in_none(self):
        tables = [self.protected(), self.protected()]
        for table in tables:
            load(self.db, table, [{'pk': {'S': str(i)}, 'amount': {'N': str(BEGIN)}} for i in range(ACCOUNTS)])
        whole = 2 * ACCOUNTS * BEGIN
        stop, failed, instants = threading.Event(), set(), []

        def write(number):
            for i in itertools.count(number, 2):
                if stop.is_set():
                    return
                try:
                    self.transfer(tables, i, i % 7 + 1)
                except ClientError as error:  # as when it met the other writer's
                    failed.add(error.response['Error']['Code'])

        writers = [threading.Thread(target=write, args=(number,)) for number in range(2)]
        for writer in writers:
            writer.start()
        try:
            for _ in range(4):
                answer, made = self.restore_all(tables)
                self.assertEqual(self.total(made), whole)
                instants.append(answer['RestoreDateTime'])
        finally:
            stop.set()
            for writer in writers:
                writer.join()
        self.assertLessEqual(failed, {'TransactionCanceledException'})
        self.assertEqual(instants, sorted(set(instants)))
        for when in instants:
            answer, made = self.restore_all(tables, when)
            self.assertEqual(answer['RestoreDateTime'], when)
            self.assertEqual(self.total(made), whole)

    def test_the_report(self):
        sources = [self.protected(), self.protected(), self.protected()]
        for n, source in enumerate(sources):
            load(self.db, source, [{'pk': {'S': str(i)}} for i in range(n)])
        self.restore_all(sources[:1])
        answer, made = self.restore_all(sources)
        self.assertEqual([one['TableName'] for one in answer['TableRestores']], made)
        self.assertEqual({one['GroupId'] for one in answer['TableRestores']}, {answer['GroupId']})
        told = self.ask('ListTableRestores', {'GroupId': answer['GroupId']})['TableRestores']
        self.assertEqual(sorted(one['TableName'] for one in told), sorted(made))
        self.assertEqual({one['RestoreDateTime'] for one in told}, {answer['RestoreDateTime']})
        self.assertEqual({one['Status'] for one in told}, {'COMPLETED'})
        self.assertEqual({one['TableName']: one['ItemCount'] for one in told}, dict(zip(made, range(3))))

    def test_none_if_one_cannot_be(self):
        good, other = self.protected(), self.protected()
        unprotected, taken = self.table(), self.table()
        target = unique('g')
        before = self.now() - 1000

        def refused(code, pairs, **more):
            self.assertEqual(self.ask('RestoreTablesToPointInTime', {**self.request(pairs), **more}, 400).code, code)
            self.assertNotIn(target, self.db.list_tables()['TableNames'])
            self.ask('DescribeTableRestore', {'TableName': target}, 400)

        first = (good, target)
        refused('TableNotFoundException', [first, ('nobody', unique('g'))])
        refused('PointInTimeRecoveryUnavailableException', [first, (unprotected, unique('g'))])
        refused('TableAlreadyExistsException', [first, (other, taken)])
        refused('ValidationException', [first, (other, target)])
        refused('ValidationException', [])
        refused('ValidationException', [first] * 51)
        refused('ValidationException', [first], RestoreDateTime=str(self.now()))
        refused('InvalidRestoreTimeException', [first, (other, unique('g'))], UseLatestRestorableTime=None,
                RestoreDateTime=str(before))

    def test_one_instant_within_the_second_of_the_beginning(self):
        """Whole seconds may name an Earliest; it is the same for all of them then."""
        self.server.advance(1 - self.now() % 1)
        tables = [self.protected(), self.protected()]
        self.tick()
        windows = [self.recovery(table)['EarliestRestorableDateTime'] for table in tables]
        answer = self.restore_all(tables, int(max(windows)))[0]
        self.assertEqual(len({one['RestoreDateTime'] for one in answer['TableRestores']}), 1)


@unittest.skipUnless(server.ours(), 'of our own server')
class CommandLine(Past):
    def test_restore(self):
        make_table(self.db, name='Orders')
        self.running.call('UpdateContinuousBackups', {
            'TableName': 'Orders', 'PointInTimeRecoverySpecification': {'PointInTimeRecoveryEnabled': True}})
        load(self.db, 'Users', [{'pk': {'S': 'a'}}])
        load(self.db, 'Orders', [{'pk': {'S': str(i)}} for i in range(3)])
        self.running.advance(2)
        then = self.running.advance(1)
        self.running.advance(2)
        for i in range(3):
            self.db.delete_item(TableName='Orders', Key={'pk': {'S': str(i)}})
        told = self.told('restore', '--at', str(then), 'Users=Users-Then', 'Orders=Orders-Then')
        self.assertEqual(told.count('COMPLETED'), 2)
        self.assertEqual([len(scan_all(self.db, name)) for name in ('Users-Then', 'Orders-Then', 'Orders')],
                         [1, 3, 0])
        self.assertIn('all as of', self.told('restore', 'Users=Users-Now'))
        self.assertEnds(1, 'TableAlreadyExistsException', 'restore', 'Users=Orders-Again', 'Orders=Users',
                        **self.environment)
        wait_gone(self.db, 'Orders-Again')
        self.assertEnds(2, 'is not TABLE=NEW', 'restore', 'Users', **self.environment)


if __name__ == '__main__':
    unittest.main()
