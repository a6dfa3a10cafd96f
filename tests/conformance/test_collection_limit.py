"""Where item collections of tables with local indexes end: a server started with --item-collection-limit."""

import unittest

import server
from case import Case, unique, wait_active
from test_indexes import index, item, parameters

LIMIT = 20000
TOO_LARGE = ('ItemCollectionSizeLimitExceededException', 'Collection size exceeded.')


def sized(pk, sk, size, **more):
    return item(pk, sk, b='x' * size, **more)


@unittest.skipUnless(server.ours(), 'of our own server')
class CollectionLimit(Case):
    @classmethod
    def setUpClass(cls):
        cls.server = server.Server(arguments=('--test-hooks', '--item-collection-limit', str(LIMIT)))
        cls.db = cls.server.client()
        cls.class_tables = []

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def make(self, **arguments):
        name = unique()
        arguments = arguments or {'local': [index('byWhen', 'pk', None, 'when')], 'types': {'when': 'N'}}
        self.db.create_table(**parameters(name, **arguments))
        wait_active(self.db, name)
        return name

    def put(self, table, *arguments, **more):
        self.db.put_item(TableName=table, Item=sized(*arguments, **more))

    def assertTooLarge(self, call, *arguments, **parameters_):
        self.assertFails(*TOO_LARGE, call, *arguments, **parameters_)

    def update(self, table, pk, sk, size):
        self.db.update_item(TableName=table, Key=item(pk, sk), UpdateExpression='SET b = :b',
                            ExpressionAttributeValues={':b': {'S': 'y' * size}})

    def test_put_and_update(self):
        table = self.make()
        self.put(table, 'p', 1, 8000)
        self.put(table, 'p', 2, 8000)
        self.assertTooLarge(self.put, table, 'p', 3, 8000)
        self.assertTooLarge(self.put, table, 'p', 3, 3000, when=1)
        self.assertIsNone(self.get(table, **item('p', 3)))
        self.assertTooLarge(self.update, table, 'p', 1, 14000)
        self.assertTooLarge(self.update, table, 'p', 3, 14000)
        self.put(table, 'q', 1, 15000)
        self.put(table, 'p', 3, 3000)

    def test_what_does_not_grow_it_passes(self):
        table = self.make()
        self.put(table, 'p', 1, 6000, when=1)
        self.put(table, 'p', 2, 7000)
        self.assertTooLarge(self.update, table, 'p', 1, 7000)
        self.put(table, 'p', 2, 7000)
        self.update(table, 'p', 2, 6000)
        self.db.delete_item(TableName=table, Key=item('p', 2))
        self.update(table, 'p', 1, 7000)

    def test_it_is_known_after_a_restart(self):
        table = self.make()
        self.put(table, 'p', 1, 9000, when=1)
        self.server.restart()
        type(self).db = self.server.client()
        self.assertTooLarge(self.put, table, 'p', 2, 3000)

    def test_other_tables(self):
        for arguments in ({'local': None}, {'global_': [index('byWhen', 'when')], 'types': {'when': 'N'}}):
            table = self.make(**arguments)
            for sk in range(4):
                self.put(table, 'p', sk, 8000, when=1)

    def test_batches(self):
        table = self.make()
        puts = [{'PutRequest': {'Item': sized('p', sk, 8000)}} for sk in range(3)]
        self.assertTooLarge(self.db.batch_write_item, RequestItems={table: puts})
        answer = self.db.batch_write_item(RequestItems={table: puts[:2]})
        self.assertEqual(answer['UnprocessedItems'], {})

    def test_transactions(self):
        table = self.make()
        puts = [{'Put': {'TableName': table, 'Item': sized('p', sk, 8000)}} for sk in range(3)]
        refused = self.assertFails(
            'TransactionCanceledException', 'Transaction cancelled, please refer cancellation reasons for '
            'specific reasons [None, None, ItemCollectionSizeLimitExceeded]',
            self.db.transact_write_items, TransactItems=puts)
        self.assertEqual(refused['CancellationReasons'], [
            {'Code': 'None'}, {'Code': 'None'},
            {'Code': 'ItemCollectionSizeLimitExceeded', 'Message': TOO_LARGE[1]}])
        self.assertIsNone(self.get(table, **item('p', 0)))
        self.db.transact_write_items(TransactItems=puts[:2])


if __name__ == '__main__':
    unittest.main()
