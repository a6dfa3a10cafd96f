"""Continuous backups and restores to points in time."""

import re
import time
import unittest

import server
from case import (OwnServerCase, load, make_table, scan_all, unique, wait_active, wait_backup,
                  wait_gone)

DAY = 24 * 3600


class RecoveryCase(OwnServerCase):
    def switch(self, table, enabled=True, days=None):
        specification = {'PointInTimeRecoveryEnabled': enabled}
        if days is not None:
            specification['RecoveryPeriodInDays'] = days
        return self.server.call('UpdateContinuousBackups', {
            'TableName': table, 'PointInTimeRecoverySpecification': specification})

    def recovery(self, table):
        answer = self.server.call('DescribeContinuousBackups', {'TableName': table})
        self.assertEqual(answer.status, 200, answer)
        description = answer.json['ContinuousBackupsDescription']
        self.assertEqual(description['ContinuousBackupsStatus'], 'ENABLED')
        return description['PointInTimeRecoveryDescription']

    def protected(self, hash_type='S', range_type=None):
        table = self.table(hash_type, range_type)
        answer = self.switch(table)
        self.assertEqual(answer.status, 200, answer)
        return table

    def now(self):
        return self.server.advance(0)

    def next_second(self):
        """Moves on so that what follows lies in a later whole second; the second before it."""
        now = self.server.advance(2)
        return int(now) - 1

    def restore(self, source, when=None, **parameters):
        target = unique('r')
        if when is None:
            parameters['UseLatestRestorableTime'] = True
        else:
            parameters['RestoreDateTime'] = when
        self.db.restore_table_to_point_in_time(SourceTableName=source, TargetTableName=target,
                                               **parameters)
        self.addCleanup(self.drop, target)
        wait_active(self.db, target)
        return target

    def assertSameItems(self, table, items):
        self.assertEqual(server.digest(scan_all(self.db, table)), server.digest(items))


class Switch(RecoveryCase):
    def test_off_by_default(self):
        self.assertEqual(self.recovery(self.table()), {'PointInTimeRecoveryStatus': 'DISABLED'})

    def test_on_at_once(self):
        t = self.table()
        answer = self.switch(t)
        self.assertEqual(answer.status, 200, answer)
        recovery = answer.json['ContinuousBackupsDescription']['PointInTimeRecoveryDescription']
        self.assertEqual(recovery['PointInTimeRecoveryStatus'], 'ENABLED')
        self.assertEqual(recovery['RecoveryPeriodInDays'], 35)
        self.assertLessEqual(recovery['EarliestRestorableDateTime'],
                             recovery['LatestRestorableDateTime'])
        self.assertLess(abs(recovery['EarliestRestorableDateTime'] - self.now()), 5)

    def test_sdk_reads_the_answer(self):
        t = self.protected()
        description = self.db.describe_continuous_backups(TableName=t)[
            'ContinuousBackupsDescription']['PointInTimeRecoveryDescription']
        self.assertEqual(description['PointInTimeRecoveryStatus'], 'ENABLED')
        self.assertLessEqual(description['EarliestRestorableDateTime'],
                             description['LatestRestorableDateTime'])

    def test_latest_follows_the_clock(self):
        t = self.protected()
        first = self.recovery(t)
        self.server.advance(600)
        second = self.recovery(t)
        self.assertEqual(first['EarliestRestorableDateTime'], second['EarliestRestorableDateTime'])
        self.assertGreaterEqual(second['LatestRestorableDateTime'],
                                first['LatestRestorableDateTime'] + 299)

    def test_enabling_again_keeps_the_window(self):
        t = self.protected()
        first = self.recovery(t)
        self.server.advance(100)
        self.assertEqual(self.switch(t, days=7).status, 200)
        second = self.recovery(t)
        self.assertEqual(second['RecoveryPeriodInDays'], 7)
        self.assertEqual(second['EarliestRestorableDateTime'], first['EarliestRestorableDateTime'])

    def test_disabling_forgets_and_enabling_begins_anew(self):
        t = self.protected()
        first = self.recovery(t)
        self.server.advance(100)
        self.assertEqual(self.switch(t, enabled=False).status, 200)
        self.assertEqual(self.recovery(t), {'PointInTimeRecoveryStatus': 'DISABLED'})
        self.assertEqual(self.switch(t).status, 200)
        self.assertGreaterEqual(self.recovery(t)['EarliestRestorableDateTime'],
                                first['EarliestRestorableDateTime'] + 99)

    def test_refused_requests(self):
        t = self.table()
        name = unique()
        text = f'Table not found: {name}'
        self.assertRefused(self.switch(name), 'TableNotFoundException', text)
        self.assertRefused(self.server.call('DescribeContinuousBackups', {'TableName': name}),
                           'TableNotFoundException', text)
        for days in (0, 36):
            self.assertRefused(
                self.switch(t, days=days), 'ValidationException',
                re.compile("at 'pointInTimeRecoverySpecification.recoveryPeriodInDays' failed to "
                           'satisfy constraint'))
        self.assertRefused(self.server.call('UpdateContinuousBackups', {'TableName': t}),
                           'ValidationException',
                           re.compile("Value null at 'pointInTimeRecoverySpecification' failed to "
                                      'satisfy constraint: Member must not be null'))
        self.assertEqual(self.recovery(t), {'PointInTimeRecoveryStatus': 'DISABLED'})

    def test_setting_survives_a_crash(self):
        t = self.protected()
        before = self.recovery(t)
        now = self.now()
        self.server.restart(crash=True)
        type(self).db = self.server.client()
        self.server.advance(max(0, now - self.now()))
        after = self.recovery(t)
        self.assertEqual(after['EarliestRestorableDateTime'], before['EarliestRestorableDateTime'])
        self.assertEqual(after['PointInTimeRecoveryStatus'], 'ENABLED')


class RestoreToInstants(RecoveryCase):
    def test_each_instant_shows_its_own_state(self):
        t = self.table('S', 'N')
        load(self.db, t, [{'pk': {'S': 'p'}, 'sk': {'N': str(i)}} for i in range(50)])
        self.assertEqual(self.switch(t).status, 200)
        states = []
        for step in range(5):
            states.append((self.next_second(), scan_all(self.db, t)))
            self.server.advance(2)
            load(self.db, t, [{'pk': {'S': 'p'}, 'sk': {'N': str(i)}, 'step': {'N': str(step)}}
                              for i in range(step * 10, step * 10 + 10)])
            self.db.put_item(TableName=t, Item={'pk': {'S': 'new'}, 'sk': {'N': str(step)}})
            self.db.delete_item(TableName=t, Key={'pk': {'S': 'p'}, 'sk': {'N': str(49 - step)}})
            self.db.update_item(TableName=t, Key={'pk': {'S': 'count'}, 'sk': {'N': '0'}},
                                UpdateExpression='ADD n :one',
                                ExpressionAttributeValues={':one': {'N': '1'}})
        states.append((self.next_second(), scan_all(self.db, t)))
        self.assertEqual(len({server.digest(items) for _, items in states}), 6)
        for when, items in states:
            self.assertSameItems(self.restore(t, when), items)

    def test_latest_has_every_acknowledged_write(self):
        t = self.protected()
        for i in range(20):
            self.db.put_item(TableName=t, Item={'pk': {'S': str(i)}})
        self.assertSameItems(self.restore(t), scan_all(self.db, t))

    def test_earliest_is_the_state_when_enabled(self):
        t = self.table()
        items = [{'pk': {'S': str(i)}} for i in range(30)]
        load(self.db, t, items)
        self.assertEqual(self.switch(t).status, 200)
        earliest = self.recovery(t)['EarliestRestorableDateTime']
        self.server.advance(5)
        for item in items[:10]:
            self.db.delete_item(TableName=t, Key=item)
        self.assertSameItems(self.restore(t, earliest), items)

    def test_deleted_items_come_back(self):
        t = self.protected()
        items = [{'pk': {'S': str(i)}, 'v': {'B': bytes([i])}} for i in range(40)]
        load(self.db, t, items)
        when = self.next_second()
        self.server.advance(30)
        for item in items:
            self.db.delete_item(TableName=t, Key={'pk': item['pk']})
        self.assertEqual(scan_all(self.db, t), [])
        self.assertSameItems(self.restore(t, when), items)

    def test_large_changing_items(self):
        t = self.protected()
        states = []
        for step in range(4):
            for i in range(5):
                self.db.put_item(TableName=t, Item={'pk': {'S': str(i)},
                                                    'v': {'S': chr(97 + step) * 200_000}})
            states.append((self.next_second(), chr(97 + step)))
            self.server.advance(2)
        for when, letter in states:
            restored = scan_all(self.db, self.restore(t, when))
            self.assertEqual([item['v']['S'] for item in restored], [letter * 200_000] * 5)

    def test_answer_and_summary(self):
        t = self.protected('S', 'N')
        self.db.put_item(TableName=t, Item={'pk': {'S': 'a'}, 'sk': {'N': '1'}})
        when = self.next_second()
        target = unique('r')
        description = self.db.restore_table_to_point_in_time(
            SourceTableName=t, TargetTableName=target, RestoreDateTime=when)['TableDescription']
        self.addCleanup(self.drop, target)
        source = self.db.describe_table(TableName=t)['Table']
        self.assertEqual((description['TableName'], description['TableStatus']),
                         (target, 'CREATING'))
        active = wait_active(self.db, target)
        for summary, running in ((description['RestoreSummary'], True),
                                 (active['RestoreSummary'], False)):
            self.assertIs(summary['RestoreInProgress'], running)
            self.assertEqual(summary['SourceTableArn'], source['TableArn'])
            self.assertEqual(summary['RestoreDateTime'].timestamp(), when)
            self.assertNotIn('SourceBackupArn', summary)
        self.assertEqual(active['KeySchema'], source['KeySchema'])
        self.assertEqual(self.recovery(target), {'PointInTimeRecoveryStatus': 'DISABLED'})

    def test_source_by_arn(self):
        t = self.protected()
        self.db.put_item(TableName=t, Item={'pk': {'S': 'a'}})
        arn = self.db.describe_table(TableName=t)['Table']['TableArn']
        target = unique('r')
        self.db.restore_table_to_point_in_time(SourceTableArn=arn, TargetTableName=target,
                                               UseLatestRestorableTime=True)
        self.addCleanup(self.drop, target)
        wait_active(self.db, target)
        self.assertSameItems(target, [{'pk': {'S': 'a'}}])

    def test_source_goes_on_undisturbed(self):
        t = self.protected()
        self.db.put_item(TableName=t, Item={'pk': {'S': 'a'}})
        restored = self.restore(t)
        self.db.put_item(TableName=t, Item={'pk': {'S': 'b'}})
        self.assertEqual((len(scan_all(self.db, t)), len(scan_all(self.db, restored))), (2, 1))
        self.assertEqual(self.recovery(t)['PointInTimeRecoveryStatus'], 'ENABLED')

    def test_restored_tables_have_history_of_their_own(self):
        t = self.protected()
        self.db.put_item(TableName=t, Item={'pk': {'S': 'a'}})
        restored = self.restore(t)
        self.assertEqual(self.switch(restored).status, 200)
        when = self.next_second()
        self.server.advance(2)
        self.db.put_item(TableName=restored, Item={'pk': {'S': 'b'}})
        self.assertSameItems(self.restore(restored, when), [{'pk': {'S': 'a'}}])
        self.assertEqual(len(scan_all(self.db, self.restore(restored))), 2)

    def test_a_crash_takes_nothing_from_history(self):
        t = self.protected()
        self.db.put_item(TableName=t, Item={'pk': {'S': 'a'}, 'v': {'N': '1'}})
        when = self.next_second()
        self.server.advance(2)
        self.db.put_item(TableName=t, Item={'pk': {'S': 'a'}, 'v': {'N': '2'}})
        now = self.now()
        self.server.restart(crash=True)
        type(self).db = self.server.client()
        self.server.advance(max(0, now - self.now()) + 1)
        self.assertEqual(self.get(self.restore(t, when), pk={'S': 'a'})['v'], {'N': '1'})
        self.assertEqual(self.get(self.restore(t), pk={'S': 'a'})['v'], {'N': '2'})


class RefusedRestores(RecoveryCase):
    def call(self, source, **parameters):
        body = {'SourceTableName': source, 'TargetTableName': unique('r'), **parameters}
        return self.server.call('RestoreTableToPointInTime',
                                {name: v for name, v in body.items() if v is not None})

    def test_unknown_source(self):
        name = unique()
        self.assertRefused(self.call(name, UseLatestRestorableTime=True),
                           'TableNotFoundException', f'Table not found: {name}')

    def test_recovery_is_off(self):
        t = self.table()
        self.assertRefused(self.call(t, UseLatestRestorableTime=True),
                           'PointInTimeRecoveryUnavailableException',
                           f"Point in time recovery is not enabled for table '{t}'")

    def test_times_outside_the_window(self):
        t = self.protected()
        recovery = self.recovery(t)
        self.assertRefused(self.call(t, RestoreDateTime=recovery['EarliestRestorableDateTime'] - 5),
                           'InvalidRestoreTimeException')
        self.assertRefused(self.call(t, RestoreDateTime=int(self.now()) + 3600),
                           'InvalidRestoreTimeException')

    def test_exactly_one_time(self):
        t = self.protected()
        self.assertRefused(self.call(t), 'ValidationException')
        self.assertRefused(self.call(t, UseLatestRestorableTime=True,
                                     RestoreDateTime=int(self.now())), 'ValidationException')

    def test_target_is_free(self):
        t, other = self.protected(), self.table()
        for target in (t, other):
            self.assertRefused(self.call(t, TargetTableName=target, UseLatestRestorableTime=True),
                               'TableAlreadyExistsException', f'Table already exists: {target}')

    def test_constraints(self):
        t = self.protected()
        self.assertRefused(self.call(t, TargetTableName=None, UseLatestRestorableTime=True),
                           'ValidationException',
                           re.compile("Value null at 'targetTableName' failed to satisfy"))
        self.assertRefused(self.call(t, TargetTableName='ab', UseLatestRestorableTime=True),
                           'ValidationException', re.compile("Value 'ab' at 'targetTableName'"))
        self.assertRefused(self.call(t, RestoreDateTime='yesterday'), 'SerializationException')

    def test_refusals_leave_no_table(self):
        t = self.protected()
        before = self.db.list_tables()['TableNames']
        self.call(t, RestoreDateTime=1)
        self.call(t)
        self.assertEqual(self.db.list_tables()['TableNames'], before)


class Window(RecoveryCase):
    def test_earliest_moves_when_the_period_is_full(self):
        t = self.table()
        self.assertEqual(self.switch(t, days=2).status, 200)
        self.db.put_item(TableName=t, Item={'pk': {'S': 'a'}, 'v': {'N': '1'}})
        old = self.next_second()
        self.server.advance(3 * DAY)
        recovery = self.recovery(t)
        self.assertLess(abs(recovery['LatestRestorableDateTime'] - 2 * DAY -
                            recovery['EarliestRestorableDateTime']), 400)
        self.assertFails('InvalidRestoreTimeException', None,
                         self.db.restore_table_to_point_in_time, SourceTableName=t,
                         TargetTableName=unique('r'), RestoreDateTime=old)
        target = self.restore(t, int(recovery['EarliestRestorableDateTime']) + 1)
        self.assertSameItems(target, [{'pk': {'S': 'a'}, 'v': {'N': '1'}}])

    def test_shrinking_the_period_moves_earliest_at_once(self):
        t = self.protected()
        self.server.advance(10 * DAY)
        self.assertEqual(self.switch(t, days=3).status, 200)
        recovery = self.recovery(t)
        self.assertLess(abs(self.now() - 3 * DAY - recovery['EarliestRestorableDateTime']), 60)


class DeletedTables(RecoveryCase):
    def test_a_protected_table_leaves_a_system_backup(self):
        t = make_table(self.db)
        self.assertEqual(self.switch(t).status, 200)
        items = [{'pk': {'S': str(i)}} for i in range(25)]
        load(self.db, t, items)
        self.db.delete_table(TableName=t)
        wait_gone(self.db, t)
        self.assertEqual(self.db.list_backups(TableName=t)['BackupSummaries'], [])
        backup, = self.db.list_backups(TableName=t, BackupType='SYSTEM')['BackupSummaries']
        self.assertEqual(backup['BackupName'], f'{t}$DeletedTableBackup')
        self.assertEqual(backup['BackupType'], 'SYSTEM')
        self.assertRegex(backup['BackupArn'], r'/backup/\d{14}-00000000$')
        age = backup['BackupExpiryDateTime'] - backup['BackupCreationDateTime']
        self.assertEqual(age.total_seconds(), 35 * DAY)
        wait_backup(self.db, backup['BackupArn'])
        self.assertFails('ValidationException', None, self.db.delete_backup,
                         BackupArn=backup['BackupArn'])
        target = unique('r')
        self.db.restore_table_from_backup(TargetTableName=target, BackupArn=backup['BackupArn'])
        self.addCleanup(self.drop, target)
        wait_active(self.db, target)
        self.assertSameItems(target, items)
        self.assertFails('TableNotFoundException', f'Table not found: {t}',
                         self.db.restore_table_to_point_in_time, SourceTableName=t,
                         TargetTableName=unique('r'), UseLatestRestorableTime=True)

    def test_other_tables_leave_nothing(self):
        t = make_table(self.db)
        self.db.delete_table(TableName=t)
        wait_gone(self.db, t)
        self.assertEqual(self.db.list_backups(TableName=t, BackupType='ALL')['BackupSummaries'],
                         [])

    def test_system_backups_expire(self):
        t = make_table(self.db)
        self.assertEqual(self.switch(t).status, 200)
        self.db.delete_table(TableName=t)
        wait_gone(self.db, t)
        backup, = self.db.list_backups(TableName=t, BackupType='SYSTEM')['BackupSummaries']
        self.server.advance(36 * DAY)
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline:
            if not self.db.list_backups(TableName=t, BackupType='ALL')['BackupSummaries']:
                return
            time.sleep(0.5)
        self.fail(f'{backup["BackupArn"]} outlives its date')


if __name__ == '__main__':
    unittest.main()
