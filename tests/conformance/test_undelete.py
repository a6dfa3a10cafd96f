"""Tables that were deleted, as they were at any instant of their window."""

import time
import unittest

import server
from case import load, make_table, scan_all, unique, wait_active, wait_gone
from test_cli_past import Past
from test_past import PastCase
from test_pitr import DAY


class DeletedTable(PastCase):
    def deleted(self, table):
        return self.ask('ListDeletedTables', {'TableName': table})['DeletedTables']

    def delete(self, table):
        self.db.delete_table(TableName=table)
        wait_gone(self.db, table)

    def undelete(self, table, when=None, headers=None, **more):
        target = unique('u')
        instant = {'UseLatestRestorableTime': True} if when is None else {'RestoreDateTime': str(when)}
        answer = self.server.call('', {'SourceTableName': table, 'TargetTableName': target, **instant, **more},
                                  target='Tidemark_20261101.UndeleteTable', headers=headers or {})
        self.assertEqual(answer.status, 200, answer)
        self.addCleanup(self.drop, target)
        wait_active(self.db, target)
        return target

    def refused(self, table, **more):
        return self.ask('UndeleteTable', {'SourceTableName': table, 'TargetTableName': unique('u'), **more}, 400)


@unittest.skipUnless(server.ours(), 'of our own server')
class EveryInstant(DeletedTable):
    """With a server of its own: it is killed."""

    def test_every_instant_of_the_window(self):
        t = self.protected()
        states = []
        for step in range(4):
            load(self.db, t, [{'pk': {'S': str(i)}, 'step': {'N': str(step)}} for i in range(step * 5, 30)])
            self.db.delete_item(TableName=t, Key={'pk': {'S': str(step)}})
            states.append((self.tick(), scan_all(self.db, t)))
        self.assertEqual(self.deleted(t), [], 'it is there yet')
        self.delete(t)
        told, = self.deleted(t)
        self.assertEqual(told['TableName'], t)
        self.assertEqual(told['ItemCount'], len(states[-1][1]))
        self.assertLess(told['EarliestRestorableDateTime'], told['LatestRestorableDateTime'])
        self.assertEqual(told['LatestRestorableDateTime'], told['DeletionDateTime'])
        system, = self.db.list_backups(TableName=t, BackupType='SYSTEM')['BackupSummaries']
        self.assertEqual(told['BackupArn'], system['BackupArn'])

        def compare():
            for when, items in states:
                self.assertSameItems(self.undelete(t, when), items)
            self.assertSameItems(self.undelete(t), states[-1][1])

        compare()
        self.server.restart(crash=True)
        type(self).db = self.server.client()
        compare()
        self.server.advance(30 * DAY)  # the window does not move on
        compare()
        self.assertEqual(self.deleted(t), [told])
        report = self.ask('DescribeTableRestore', {'TableName': self.undelete(t, states[1][0])})
        self.assertEqual(report['SourceTableArn'], told['TableArn'])


@unittest.skipUnless(server.ours(), 'of our own server')
class Undelete(DeletedTable):
    def test_it_ends_with_the_backup(self):
        t = self.protected()
        load(self.db, t, [{'pk': {'S': 'a'}}])
        self.delete(t)
        self.assertEqual(len(self.deleted(t)), 1)
        self.server.advance(36 * DAY)
        deadline = time.monotonic() + 90
        while self.deleted(t):
            self.assertLess(time.monotonic(), deadline, 'it outlives its date')
            time.sleep(0.2)
        self.assertEqual(self.refused(t, UseLatestRestorableTime=True).code, 'TableNotFoundException')

    def test_two_of_one_name(self):
        t = unique('t')
        ids = []
        for value in ('first', 'second'):
            make_table(self.db, name=t)
            self.assertEqual(self.switch(t).status, 200)
            self.db.put_item(TableName=t, Item={'pk': {'S': value}})
            ids.append(self.db.describe_table(TableName=t)['Table']['TableId'])
            self.delete(t)
            self.tick()
        self.assertEqual([one['TableId'] for one in self.deleted(t)], ids[::-1])
        pages, _ = self.pages('ListDeletedTables', {'TableName': t, 'Limit': 1}, 'DeletedTables')
        self.assertEqual(pages, self.deleted(t))
        self.assertSameItems(self.undelete(t), [{'pk': {'S': 'second'}}])
        self.assertSameItems(self.undelete(t, SourceTableId=ids[0]), [{'pk': {'S': 'first'}}])
        of_first = self.deleted(t)[1]['LatestRestorableDateTime']
        self.assertSameItems(self.undelete(t, of_first), [{'pk': {'S': 'first'}}])

    def test_what_has_expired_since_is_not_deleted_again(self):
        t = self.protected()
        self.db.update_time_to_live(TableName=t, TimeToLiveSpecification={'AttributeName': 'ends', 'Enabled': True})
        load(self.db, t, [{'pk': {'S': 'a'}, 'ends': {'N': str(int(self.now()) + 3600)}}])
        self.delete(t)
        self.server.advance(DAY)
        made = self.undelete(t, headers={'X-Tidemark-Restore-Settings': 'all'})
        status = self.db.describe_time_to_live(TableName=made)['TimeToLiveDescription']['TimeToLiveStatus']
        self.assertEqual(status, 'DISABLED')
        self.assertEqual(len(scan_all(self.db, made)), 1)

    def test_settings_of_then(self):
        t = self.protected()
        arn = self.db.describe_table(TableName=t)['Table']['TableArn']
        self.db.tag_resource(ResourceArn=arn, Tags=[{'Key': 'team', 'Value': 'red'}])
        then = self.tick()
        self.db.tag_resource(ResourceArn=arn, Tags=[{'Key': 'team', 'Value': 'blue'}])
        self.delete(t)

        def tags(**more):
            made = self.undelete(t, **more)
            made = self.db.describe_table(TableName=made)['Table']['TableArn']
            return {tag['Key']: tag['Value'] for tag in self.db.list_tags_of_resource(ResourceArn=made)['Tags']}

        settings = {'X-Tidemark-Restore-Settings': 'all'}
        self.assertEqual(tags(when=then, headers=settings), {'team': 'red'})
        self.assertEqual(tags(headers=settings), {'team': 'blue'})
        self.assertEqual(tags(), {})

    def test_refusals(self):
        t = self.protected()
        latest = {'UseLatestRestorableTime': True}
        refused = self.refused(t, **latest)
        self.assertEqual((refused.code, refused.message), (
            'TableNotFoundException', f'Table not found among those that were deleted and can be restored: {t}'))
        self.delete(t)
        self.assertEqual(self.refused(t).code, 'ValidationException')
        self.assertEqual(self.refused(t, **latest, RestoreDateTime='2026-01-01T00:00:00Z').code,
                         'ValidationException')
        self.assertEqual(self.refused(t, RestoreDateTime='yesterday').code, 'ValidationException')
        self.assertEqual(self.refused(t, RestoreDateTime=str(self.now() + 5)).code, 'InvalidRestoreTimeException')
        self.assertEqual(self.refused(t, **latest, SourceTableId='x').code, 'ValidationException')
        self.assertEqual(self.refused(t, **latest, SourceTableId='00000000-0000-4000-8000-00000000abcd').code,
                         'TableNotFoundException')
        taken = self.table()
        refused = self.ask('UndeleteTable', {'SourceTableName': t, 'TargetTableName': taken, **latest}, 400)
        self.assertEqual(refused.code, 'TableAlreadyExistsException')
        unprotected = self.table()
        self.delete(unprotected)
        self.assertEqual(self.deleted(unprotected), [])
        off = self.protected()
        self.assertEqual(self.switch(off, enabled=False).status, 200)
        self.delete(off)
        self.assertEqual(self.deleted(off), [])


@unittest.skipUnless(server.ours(), 'of our own server')
class CommandLine(Past):
    def test_undelete(self):
        load(self.db, 'Users', [{'pk': {'S': 'a'}}])
        self.running.advance(2)
        then = self.running.advance(1)
        self.running.advance(2)
        load(self.db, 'Users', [{'pk': {'S': 'b'}}])
        self.assertIn('no deleted table can be restored', self.told('deleted-tables'))
        self.db.delete_table(TableName='Users')
        wait_gone(self.db, 'Users')
        told, = self.json('deleted-tables', 'Users')['DeletedTables']
        self.assertIn(told['TableId'], self.told('deleted-tables'))
        self.assertIn('COMPLETED', self.told('undelete', 'Users', '--at', str(then), '--to', 'Then'))
        self.assertEqual(len(scan_all(self.db, 'Then')), 1)
        self.told('undelete', 'Users', '--id', told['TableId'])
        self.assertEqual(len(scan_all(self.db, 'Users')), 2)
        status = self.db.describe_continuous_backups(TableName='Users')['ContinuousBackupsDescription']
        self.assertEqual(status['PointInTimeRecoveryDescription']['PointInTimeRecoveryStatus'], 'ENABLED')
        self.assertEnds(1, 'Table not found among those that were deleted', 'undelete', 'Nobody',
                        **self.environment)


if __name__ == '__main__':
    unittest.main()
