"""The hooks of a server started with --test-hooks and --test-clock."""

import json
import time
import unittest

import server
from case import Case, OwnServerCase, load, make_table, scan_all, wait_backup


class Hooks(OwnServerCase):
    def test_reset_empties_the_account(self):
        t = make_table(self.db)
        load(self.db, t, [{'pk': {'S': str(i)}} for i in range(30)])
        self.db.update_continuous_backups(
            TableName=t, PointInTimeRecoverySpecification={'PointInTimeRecoveryEnabled': True})
        wait_backup(self.db, self.db.create_backup(TableName=t, BackupName='abc')[
            'BackupDetails']['BackupArn'])
        elsewhere = self.server.client(region='eu-west-1')
        make_table(elsewhere)
        self.server.reset()
        for client in (self.db, elsewhere):
            self.assertEqual(client.list_tables()['TableNames'], [])
            self.assertEqual(client.list_backups(BackupType='ALL')['BackupSummaries'], [])
        make_table(self.db, name=t)
        self.assertEqual(scan_all(self.db, t), [])
        self.assertEqual(self.db.describe_continuous_backups(TableName=t)[
            'ContinuousBackupsDescription']['PointInTimeRecoveryDescription'],
            {'PointInTimeRecoveryStatus': 'DISABLED'})
        self.server.restart(crash=True)
        type(self).db = self.server.client()
        self.assertEqual(self.db.list_tables()['TableNames'], [t])
        self.server.reset()

    def test_reset_forgets_request_tokens(self):
        t = make_table(self.db)
        self.assertEqual(add_one(self, t, 'reused'), 1)
        self.server.reset()
        make_table(self.db, name=t)
        self.assertEqual(add_one(self, t, 'reused'), 1)

    def test_reset_of_nothing(self):
        self.server.reset()
        self.server.reset()

    def test_clock_advances(self):
        first = self.server.advance(0)
        self.assertLess(first - time.time(), 400 * 24 * 3600)
        second = self.server.advance(3600)
        self.assertLess(abs(second - first - 3600), 10)
        t = self.table()
        created = self.db.describe_table(TableName=t)['Table']['CreationDateTime'].timestamp()
        self.assertLess(abs(created - second), 10)

    def test_clock_moves_to_a_time(self):
        target = int(self.server.advance(0)) + 1000
        answer = self.server.hook('clock', {'now': target})
        self.assertEqual(answer.status, 200, answer)
        self.assertLess(abs(answer.json['now'] - target), 5)

    def test_signatures_keep_the_real_clock(self):
        self.server.advance(7 * 24 * 3600)
        self.assertIsInstance(self.db.list_tables()['TableNames'], list)

    def test_clock_refuses_nonsense(self):
        before = self.server.advance(0)
        for body in ({}, {'advance_seconds': 'x'}, {'now': None}, {'advance_seconds': -100},
                     {'now': 1}, {'now': 1e300}):
            self.assertEqual(self.server.hook('clock', body).status, 400, body)
        self.assertLess(self.server.advance(0) - before, 10)

    def test_hooks_want_a_signature(self):
        for name in ('reset', 'clock'):
            answer = self.server.send(json.dumps({'advance_seconds': 1}).encode(),
                                      {'Host': self.server.host,
                                       'Content-Type': 'application/json'},
                                      path='/_test/' + name)
            self.assertRefused(answer, 'MissingAuthenticationTokenException')

    def test_unknown_hooks(self):
        self.assertEqual(self.server.hook('nonsense', {}).status, 404)


def add_one(case, table, token):
    """What the counter holds after a transaction that adds to it."""
    case.db.transact_write_items(ClientRequestToken=token, TransactItems=[
        {'Update': {'TableName': table, 'Key': {'pk': {'S': 'a'}}, 'UpdateExpression': 'ADD n :one',
                    'ExpressionAttributeValues': {':one': {'N': '1'}}}}])
    return int(case.get(table, pk={'S': 'a'})['n']['N'])


class RequestTokens(OwnServerCase):
    def test_they_outlive_a_crash_and_expire_by_the_clock(self):
        t = make_table(self.db)
        self.assertEqual(add_one(self, t, 'token'), 1)
        self.server.restart(crash=True)
        type(self).db = self.server.client()
        self.assertEqual(add_one(self, t, 'token'), 1)
        self.server.advance(9 * 60)
        self.assertEqual(add_one(self, t, 'token'), 1)
        self.server.advance(2 * 60)
        self.assertEqual(add_one(self, t, 'token'), 2)


@unittest.skipUnless(server.ours(), 'of our own server')
class WithoutHooks(Case):
    @classmethod
    def setUpClass(cls):
        cls.server = server.Server(arguments=())
        cls.db = cls.server.client()
        cls.class_tables = []

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def test_hooks_are_closed(self):
        t = make_table(self.db)
        for name, body in (('reset', {}), ('clock', {'advance_seconds': 1})):
            answer = self.server.hook(name, body)
            self.assertGreaterEqual(answer.status, 400)
            self.assertLess(answer.status, 500)
        self.assertEqual(self.db.list_tables()['TableNames'], [t])


if __name__ == '__main__':
    unittest.main()
