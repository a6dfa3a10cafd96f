"""A live table made what it was at an instant, and that taken back."""

import re
import threading
import unittest

import server
from case import load, query_all, scan_all
from test_cli_past import Past
from test_item_restores import ItemRestoreCase, user


class RewindCase(ItemRestoreCase):
    def rewind(self, table, when=None, **more):
        instant = {} if when is None else {'RestoreDateTime': str(when)}
        job = self.ended(self.ask('RewindTable', {'TableName': table, **instant, **more}))
        self.assertEqual(job['Status'], 'COMPLETED', job)
        self.assertTrue(job['Rewind'])
        self.assertCounts(job)
        return job

    def changed(self):
        """A table of which some was deleted, changed and added; the instant before; what it was and is."""
        t = self.protected()
        load(self.db, t, [user(i, plan='gold') for i in range(60)])
        before, was = self.tick(), scan_all(self.db, t)
        for i in range(20):
            self.db.delete_item(TableName=t, Key=user(i))
        load(self.db, t, [user(i, plan='free') for i in range(20, 30)])
        load(self.db, t, [user(i, plan='new') for i in range(60, 65)])
        self.tick()
        return t, before, was, scan_all(self.db, t)


@unittest.skipUnless(server.ours(), 'of our own server')
class Rewind(RewindCase):
    def test_there_and_back_and_there_again(self):
        t, before, was, now = self.changed()
        dry = self.rewind(t, before, DryRun=True)
        self.assertEqual(dry['Restored'], {'REMOVED': 20, 'CHANGED': 10, 'ADDED': 5})
        self.assertNotIn('Undo', dry)
        self.assertSameItems(t, now)

        job = self.rewind(t, before)
        self.assertEqual(job['Restored'], dry['Restored'])
        self.assertSameItems(t, was)
        self.assertEqual(job['AccessKeyId'], server.ACCESS_KEY)
        self.assertLess(job['RestoreDateTime'], job['Until'])
        self.assertEqual(job['Undo'], {'TableName': t, 'UndoJobId': job['JobId']})
        history = self.ask('GetItemHistory', {'TableName': t, 'Key': user(3)})['Versions']
        self.assertEqual(history[0]['RequestId'], job['JobId'])

        self.tick()
        undone = self.ended(self.ask('RewindTable', job['Undo']))
        self.assertEqual(undone['Restored'], {'REMOVED': 5, 'CHANGED': 10, 'ADDED': 20})
        self.assertEqual(undone['UndoOf'], job['JobId'])
        self.assertSameItems(t, now)
        self.tick()
        self.rewind(t, **{name: value for name, value in undone['Undo'].items() if name != 'TableName'})
        self.assertSameItems(t, was)
        self.tick()
        self.rewind(t, job['Until'])  # or to the instant before it began
        self.assertSameItems(t, now)
        lineage = [(one['RestoreDateTime'], one['Until'], one.get('UndoOf'))
                   for one in self.ask('ListItemRestores', {'TableName': t})['ItemRestores'] if not one['DryRun']]
        self.assertEqual(len(lineage), 4)
        self.assertEqual(lineage[-1], (job['RestoreDateTime'], job['Until'], None))

    def test_an_undo_leaves_what_others_wrote(self):
        t, before, _, _ = self.changed()
        job = self.rewind(t, before)
        self.tick()
        self.db.put_item(TableName=t, Item=user(3, plan='theirs'))  # that it put back
        self.db.put_item(TableName=t, Item=user(40, plan='theirs'))  # that it had left alone
        self.db.put_item(TableName=t, Item=user(99, plan='theirs'))
        undone = self.rewind(t, UndoJobId=job['JobId'])
        self.assertEqual(undone['Restored'], {'REMOVED': 5, 'CHANGED': 10, 'ADDED': 19})
        self.assertEqual(undone['Conflicts'], 1)
        self.assertEqual(undone['NotRestored'][0]['Key'], user(3))
        plans = {item['pk']['S']: item['plan']['S'] for item in scan_all(self.db, t)}
        self.assertEqual({name for name, plan in plans.items() if plan == 'theirs'}, {'user-3', 'user-40', 'user-99'})

    def test_restored_items_are_taken_back_as_well(self):
        t, before, _, now = self.changed()
        job = self.bring_back(t, before)
        self.assertFalse(job['Rewind'])
        self.tick()
        self.assertEqual(self.rewind(t, UndoJobId=job['JobId'])['Restored']['ADDED'], 20)
        self.assertSameItems(t, now)

    def test_what_is_written_meanwhile_stays(self):
        """Each row is as it was then, or as somebody wrote it after the rewind had begun."""
        t = self.protected()
        load(self.db, t, [user(i, plan='gold') for i in range(2000)])
        before = self.tick()
        self.delete(t, [user(i) for i in range(2000)])
        self.tick()
        stop = threading.Event()
        written = set()

        def write():
            client = self.server.client()
            for i in range(2000):
                if stop.is_set():
                    return
                client.put_item(TableName=t, Item=user(i, plan='theirs'))
                written.add(i)

        writer = threading.Thread(target=write)
        writer.start()
        try:
            job = self.rewind(t, before)
        finally:
            stop.set()
            writer.join()
        plans = {int(item['pk']['S'].split('-')[1]): item['plan']['S'] for item in scan_all(self.db, t)}
        self.assertEqual(sorted(plans), list(range(2000)))
        theirs = {i for i, plan in plans.items() if plan == 'theirs'}
        self.assertLessEqual(theirs, written)
        self.assertGreaterEqual(len(theirs), job['Conflicts'])

    def test_indexes_follow(self):
        t = self.protected()
        self.db.update_table(TableName=t, AttributeDefinitions=[
            {'AttributeName': 'pk', 'AttributeType': 'S'}, {'AttributeName': 'plan', 'AttributeType': 'S'}],
            GlobalSecondaryIndexUpdates=[{'Create': {
                'IndexName': 'plans', 'KeySchema': [{'AttributeName': 'plan', 'KeyType': 'HASH'}],
                'Projection': {'ProjectionType': 'KEYS_ONLY'}}}])
        self.wait_index(t)
        load(self.db, t, [user(i, plan='gold') for i in range(20)])
        before = self.tick()
        load(self.db, t, [user(i, plan='free') for i in range(10)])
        self.tick()
        self.rewind(t, before)
        gold = query_all(self.db, TableName=t, IndexName='plans', KeyConditionExpression='#p = :g',
                         ExpressionAttributeNames={'#p': 'plan'}, ExpressionAttributeValues={':g': {'S': 'gold'}})
        self.assertEqual(len(gold), 20)

    def test_refusals(self):
        t, before, _, _ = self.changed()
        other = self.protected()
        dry = self.rewind(t, before, DryRun=True)

        def refused(body, code, text):
            self.assertRefused(self.ask('RewindTable', {'TableName': t, **body}, 400), code, re.compile(text))

        refused({}, 'ValidationException', 'either RestoreDateTime or UndoJobId')
        refused({'RestoreDateTime': str(before), 'UndoJobId': dry['JobId']}, 'ValidationException',
                'either RestoreDateTime or UndoJobId')
        refused({'RestoreDateTime': 'noon'}, 'ValidationException', "'noon' is no instant")
        refused({'RestoreDateTime': '1000'}, 'InvalidRestoreTimeException', 'The restore time must be')
        refused({'UndoJobId': 'x'}, 'ResourceNotFoundException', 'ListItemRestores tells')
        refused({'UndoJobId': dry['JobId']}, 'ValidationException', 'was a dry run')
        job = self.rewind(t, before)
        refused({'TableName': other, 'UndoJobId': job['JobId']}, 'ValidationException', 'was of another table')
        refused({'TableName': self.table(), 'RestoreDateTime': str(before)},
                'PointInTimeRecoveryUnavailableException', '')
        refused({'TableName': 'there-is-none', 'RestoreDateTime': str(before)}, 'ResourceNotFoundException', '')


@unittest.skipUnless(server.ours(), 'of our own server')
class CommandLine(Past):
    def test_rewind(self):
        load(self.db, 'Users', [{'pk': {'S': str(i)}} for i in range(30)])
        self.running.advance(2)
        then = self.running.advance(1)
        self.running.advance(2)
        for i in range(10):
            self.db.delete_item(TableName='Users', Key={'pk': {'S': str(i)}})
        command = ('rewind', 'Users', '--at', str(then))
        self.assertIn('would be undone:     10 removed, 0 changed, 0 added', self.told(*command, '--dry-run'))
        self.assertEnds(1, 'nobody answered', *command, **self.environment)
        self.assertEqual(len(scan_all(self.db, 'Users')), 20)
        told = self.assertEnds(0, 'write this to the live table Users? [y/N]', *command, input='y\n',
                               **self.environment).stdout
        self.assertEqual(len(scan_all(self.db, 'Users')), 30)
        job = re.search('--undo ([0-9a-f-]{36})', told).group(1)
        self.running.advance(2)
        self.assertEqual(self.json('rewind', 'Users', '--undo', job, '--yes')['Restored']['ADDED'], 10)
        self.assertEqual(len(scan_all(self.db, 'Users')), 20)
        self.assertEnds(2, 'either --at or --undo', 'rewind', 'Users', **self.environment)


if __name__ == '__main__':
    unittest.main()
