"""What is written into a table can be read nowhere but through the server: not in its data directory, not in a backup
store that is one, not in its log."""

import os
import unittest

from case import scan_all, unique, wait_active
from test_backup_store import S3, StoreCase

# Unlikely by chance, and not to be packed away.
MARK = 'fw7-legible-q0zK'
BIG = 300_000


def value(what):
    return {'S': f'{MARK}-{what}'}


@unittest.skipIf(S3, 'looks into files')
class Sealed(StoreCase):
    def files_with_mark(self):
        """Of all files below the test's directory; how many there are."""
        files = [path for path in self.directory.rglob('*') if path.is_file() and not path.is_symlink()]
        return [str(path) for path in files if MARK.encode() in path.read_bytes()], len(files)

    def write(self, db, table):
        for i in range(100):
            db.put_item(TableName=table, Item={'pk': value(f'key-{i}'), 'colour': value(f'index-key-{i % 3}'),
                                               'nested': {'L': [{'M': {MARK: value('deep')}}]},
                                               'set': {'SS': [f'{MARK}-{i}']}, 'binary': {'B': MARK.encode() * 3}})
        for i in range(30):  # more than what is buffered anywhere
            db.put_item(TableName=table, Item={'pk': value(f'big-{i}'),
                                               'text': {'S': MARK + os.urandom(BIG // 2).hex()}})
        db.update_item(TableName=table, Key={'pk': value('key-1')}, UpdateExpression='SET changed = :v',
                       ExpressionAttributeValues={':v': value('changed')})
        db.delete_item(TableName=table, Key={'pk': value('key-2')})
        db.transact_write_items(ClientRequestToken=unique(), TransactItems=[
            {'Put': {'TableName': table, 'Item': {'pk': value('transaction'), 'colour': value('c')}}}])
        # Errors are printed and logged, not what they are about.
        with self.assertRaises(db.exceptions.ConditionalCheckFailedException):
            db.put_item(TableName=table, Item={'pk': value('key-1')}, ConditionExpression='attribute_not_exists(pk)')
        with self.assertRaises(db.exceptions.ClientError):
            db.put_item(TableName=table, Item={'pk': {'S': MARK}, 'colour': {'N': '1'}})

    def test_nothing_of_an_item_can_be_read_in_any_file(self):
        running = self.begin()
        db = running.client()
        table = unique()
        db.create_table(
            TableName=table, BillingMode='PAY_PER_REQUEST', KeySchema=[{'AttributeName': 'pk', 'KeyType': 'HASH'}],
            AttributeDefinitions=[{'AttributeName': name, 'AttributeType': 'S'} for name in ('pk', 'colour')],
            StreamSpecification={'StreamEnabled': True, 'StreamViewType': 'NEW_AND_OLD_IMAGES'},
            GlobalSecondaryIndexes=[{'IndexName': 'by-colour', 'Projection': {'ProjectionType': 'ALL'},
                                     'KeySchema': [{'AttributeName': 'colour', 'KeyType': 'HASH'}]}])
        wait_active(db, table)
        db.update_continuous_backups(TableName=table, PointInTimeRecoverySpecification={
            'PointInTimeRecoveryEnabled': True})
        self.write(db, table)
        items = scan_all(db, table)
        arn = self.make_backup(db, table)
        self.copied(running, arn)
        running.kill()
        self.assertNothingIsLegible()  # as it was cut off
        running.start()
        db = running.client()
        db.restore_table_from_backup(TargetTableName=table + 'b', BackupArn=arn)
        db.restore_table_to_point_in_time(SourceTableName=table, TargetTableName=table + 'p',
                                          UseLatestRestorableTime=True)
        for name in (table + 'b', table + 'p'):
            wait_active(db, name)
            self.assertEqual(len(scan_all(db, name)), len(items))
        running.kill()
        self.assertNothingIsLegible()
        running.start()
        running.close()
        self.assertNothingIsLegible()
        # The search finds what there is to find.
        (self.directory / 'legible').write_bytes(b'x' * 5000 + MARK.encode())
        self.assertEqual(self.files_with_mark()[0], [str(self.directory / 'legible')])

    def assertNothingIsLegible(self):
        legible, files = self.files_with_mark()
        self.assertEqual(legible, [])
        self.assertGreater(files, 40)
