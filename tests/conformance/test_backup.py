"""On-demand backups, and restores from them."""

import datetime
import re
import threading
import unittest

import server
from case import (Case, load, make_table, scan_all, table_parameters, unique, wait_active,
                  wait_backup, wait_gone)
from test_items import ALL_TYPES

ARN = re.compile(r'^arn:aws:dynamodb:[a-z0-9-]+:\d{12}:table/([^/]+)/backup/(\d{14}-[0-9a-f]{8})$')


def rows(count, mark='x'):
    return [{'pk': {'S': f'p{i % 7}'}, 'sk': {'N': str(i)}, 'v': {'S': f'{mark}{i}'}}
            for i in range(count)]


class BackupCase(Case):
    def backup(self, table, name=None, client=None):
        """A finished backup's ARN; deleted when the test ends."""
        client = client or self.db
        arn = client.create_backup(TableName=table, BackupName=name or unique('b'))[
            'BackupDetails']['BackupArn']
        if client is self.db:
            self.addCleanup(self.forget, arn)
        wait_backup(client, arn)
        return arn

    def forget(self, arn):
        try:
            self.db.delete_backup(BackupArn=arn)
        except self.db.exceptions.BackupNotFoundException:
            pass

    def restore(self, arn, target=None, client=None, **overrides):
        """Restores and waits; the new table's name."""
        client = client or self.db
        target = target or unique('r')
        client.restore_table_from_backup(TargetTableName=target, BackupArn=arn, **overrides)
        if client is self.db:
            self.addCleanup(self.drop, target)
        wait_active(client, target)
        return target

    def assertSameItems(self, table, items, client=None):
        self.assertEqual(server.digest(scan_all(client or self.db, table)), server.digest(items))


class Backups(BackupCase):
    def test_create_answers_at_once(self):
        t = self.table('S', 'N')
        load(self.db, t, rows(40))
        name = unique('nightly')
        details = self.db.create_backup(TableName=t, BackupName=name)['BackupDetails']
        self.addCleanup(self.forget, details['BackupArn'])
        self.assertEqual(details['BackupName'], name)
        self.assertIn(details['BackupStatus'], ('CREATING', 'AVAILABLE'))
        self.assertEqual(details['BackupType'], 'USER')
        self.assertNotIn('BackupExpiryDateTime', details)
        matched = ARN.match(details['BackupArn'])
        self.assertTrue(matched, details['BackupArn'])
        self.assertEqual(matched[1], t)
        millis = int(matched[2].split('-')[0])
        self.assertLess(abs(details['BackupCreationDateTime'].timestamp() * 1000 - millis), 2)
        wait_backup(self.db, details['BackupArn'])

    def test_describe_tells_of_the_source(self):
        t = self.table('S', 'N')
        load(self.db, t, rows(40))
        table = self.db.describe_table(TableName=t)['Table']
        arn = self.backup(t)
        description = self.db.describe_backup(BackupArn=arn)['BackupDescription']
        details, source = description['BackupDetails'], description['SourceTableDetails']
        self.assertEqual(details['BackupStatus'], 'AVAILABLE')
        for member in ('TableName', 'TableId', 'TableArn', 'KeySchema'):
            self.assertEqual(source[member], table[member], member)
        self.assertEqual(source['TableCreationDateTime'], table['CreationDateTime'])
        self.assertEqual(source['BillingMode'], 'PAY_PER_REQUEST')
        self.assertEqual(source['ProvisionedThroughput'],
                         {'ReadCapacityUnits': 0, 'WriteCapacityUnits': 0})
        if server.ours():  # the service refreshes these every six hours
            self.assertEqual(source['ItemCount'], 40)
            self.assertGreater(details['BackupSizeBytes'], 0)
        self.assertIn('SourceTableFeatureDetails', description)

    def test_names_may_repeat(self):
        t = self.table()
        self.assertNotEqual(self.backup(t, 'the-same'), self.backup(t, 'the-same'))

    def test_refused_requests(self):
        t = self.table()
        name = unique()
        self.assertFails('TableNotFoundException', f'Table not found: {name}',
                         self.db.create_backup, TableName=name, BackupName='abc')
        for bad, constraint in (('ab', 'length greater than or equal to 3'),
                                ('a' * 256, 'length less than or equal to 255'),
                                ('with space', r'regular expression pattern: \[a-zA-Z0-9_\.-\]\+')):
            self.assertFails('ValidationException',
                             re.compile(f"at 'backupName' failed to satisfy constraint: Member must"
                                        f".*{constraint}"),
                             self.db.create_backup, TableName=t, BackupName=bad)
        self.assertRefused(self.server.call('CreateBackup', {'TableName': t}),
                           'ValidationException',
                           "1 validation error detected: Value null at 'backupName' failed to "
                           "satisfy constraint: Member must not be null")

    def test_no_such_backup(self):
        t = self.table()
        arn = self.db.describe_table(TableName=t)['Table']['TableArn']
        arn += '/backup/01489602797149-73d8d5bc'
        text = f'Backup not found: {arn}'
        self.assertFails('BackupNotFoundException', text, self.db.describe_backup, BackupArn=arn)
        self.assertFails('BackupNotFoundException', text, self.db.delete_backup, BackupArn=arn)
        self.assertFails('BackupNotFoundException', text, self.db.restore_table_from_backup,
                         BackupArn=arn, TargetTableName=unique())

    def test_foreign_and_broken_arns(self):
        foreign = (f'arn:aws:dynamodb:{self.server.region}:999999999999:table/some/backup/'
                   '01489602797149-73d8d5bc')
        self.assertFails('AccessDeniedException', None, self.db.describe_backup, BackupArn=foreign)
        self.assertFails('ValidationException', re.compile('greater than or equal to 37'),
                         self.db.describe_backup, BackupArn='short')

    def test_delete_answers_deleted_and_then_it_is_gone(self):
        t = self.table()
        arn = self.backup(t)
        description = self.db.delete_backup(BackupArn=arn)['BackupDescription']
        self.assertEqual(description['BackupDetails']['BackupStatus'], 'DELETED')
        self.assertEqual(description['BackupDetails']['BackupArn'], arn)
        text = f'Backup not found: {arn}'
        self.assertFails('BackupNotFoundException', text, self.db.describe_backup, BackupArn=arn)
        self.assertFails('BackupNotFoundException', text, self.db.delete_backup, BackupArn=arn)
        self.assertEqual(self.db.list_backups(TableName=t)['BackupSummaries'], [])


class ListBackups(BackupCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.t, cls.other = cls.class_table(), cls.class_table()
        cls.arns, cls.times = [], []
        for i in range(5):
            if server.ours():
                cls.server.advance(2)
            details = cls.db.create_backup(TableName=cls.t, BackupName=f'number-{i}')
            details = details['BackupDetails']
            cls.arns.append(details['BackupArn'])
            cls.times.append(details['BackupCreationDateTime'])
            wait_backup(cls.db, details['BackupArn'])
        cls.other_arn = cls.db.create_backup(TableName=cls.other, BackupName='other')[
            'BackupDetails']['BackupArn']
        wait_backup(cls.db, cls.other_arn)

    @classmethod
    def tearDownClass(cls):
        for arn in [*cls.arns, cls.other_arn]:
            cls.db.delete_backup(BackupArn=arn)
        super().tearDownClass()

    def list(self, **parameters):
        answer = self.db.list_backups(**parameters)
        return [summary['BackupArn'] for summary in answer['BackupSummaries']]

    def test_one_table(self):
        answer = self.db.list_backups(TableName=self.t)
        self.assertEqual({s['BackupArn'] for s in answer['BackupSummaries']}, set(self.arns))
        self.assertNotIn('LastEvaluatedBackupArn', answer)
        summary = next(s for s in answer['BackupSummaries'] if s['BackupArn'] == self.arns[0])
        self.assertEqual((summary['TableName'], summary['BackupName'], summary['BackupStatus'],
                          summary['BackupType']), (self.t, 'number-0', 'AVAILABLE', 'USER'))
        self.assertEqual(summary['BackupCreationDateTime'], self.times[0])
        arn = self.db.describe_table(TableName=self.t)['Table']['TableArn']
        self.assertEqual(set(self.list(TableName=arn)), set(self.arns))

    def test_all_tables(self):
        self.assertLessEqual({*self.arns, self.other_arn}, set(self.list()))

    def test_pages(self):
        for limit in (1, 2, 5):
            found, start = [], {}
            while True:
                page = self.db.list_backups(TableName=self.t, Limit=limit, **start)
                self.assertLessEqual(len(page['BackupSummaries']), limit)
                found += [summary['BackupArn'] for summary in page['BackupSummaries']]
                if 'LastEvaluatedBackupArn' not in page:
                    break
                start = {'ExclusiveStartBackupArn': page['LastEvaluatedBackupArn']}
            self.assertEqual(sorted(found), sorted(self.arns))

    def test_limits(self):
        for limit in (0, 101):
            self.assertFails('ValidationException', re.compile("at 'limit' failed to satisfy"),
                             self.list, Limit=limit)

    @unittest.skipUnless(server.ours(), 'needs times apart')
    def test_time_range(self):
        def at(i, seconds=0):
            return self.times[i] + datetime.timedelta(seconds=seconds)
        # The bounds travel in whole seconds, so they are set a second beside the times.
        self.assertEqual(set(self.list(TableName=self.t, TimeRangeLowerBound=at(2, -1))),
                         set(self.arns[2:]))
        self.assertEqual(set(self.list(TableName=self.t, TimeRangeUpperBound=at(2, -1))),
                         set(self.arns[:2]))
        self.assertEqual(set(self.list(TableName=self.t, TimeRangeLowerBound=at(1, -1),
                                       TimeRangeUpperBound=at(3, -1))), set(self.arns[1:3]))
        self.assertEqual(self.list(TableName=self.t, TimeRangeLowerBound=at(4, 2)), [])

    @unittest.skipUnless(server.ours(), 'sends exact times')
    def test_time_range_is_half_open(self):
        def call(**bounds):
            answer = self.server.call('ListBackups', {'TableName': self.t, **bounds})
            self.assertEqual(answer.status, 200, answer)
            return {s['BackupArn'] for s in answer.json['BackupSummaries']}
        second = self.server.call('DescribeBackup', {'BackupArn': self.arns[2]}).json[
            'BackupDescription']['BackupDetails']['BackupCreationDateTime']
        self.assertEqual(call(TimeRangeLowerBound=second), set(self.arns[2:]))
        self.assertEqual(call(TimeRangeUpperBound=second), set(self.arns[:2]))

    def test_types(self):
        self.assertEqual(set(self.list(TableName=self.t, BackupType='USER')), set(self.arns))
        self.assertEqual(set(self.list(TableName=self.t, BackupType='ALL')), set(self.arns))
        self.assertEqual(self.list(TableName=self.t, BackupType='SYSTEM'), [])
        self.assertEqual(self.list(TableName=self.t, BackupType='AWS_BACKUP'), [])
        self.assertFails('ValidationException', re.compile('enum value set'), self.list,
                         BackupType='NONE')

    def test_unknown_table_has_none(self):
        self.assertEqual(self.list(TableName=unique()), [])


class Restores(BackupCase):
    def test_restore_gives_the_items_of_the_instant(self):
        t = self.table('S', 'N')
        before = rows(300)
        load(self.db, t, before)
        arn = self.backup(t)
        load(self.db, t, rows(50, 'changed'))
        self.db.delete_item(TableName=t, Key={'pk': before[60]['pk'], 'sk': before[60]['sk']})
        self.db.put_item(TableName=t, Item={'pk': {'S': 'later'}, 'sk': {'N': '1'}})
        restored = self.restore(arn)
        self.assertSameItems(restored, before)
        self.assertEqual(self.get(t, pk={'S': 'p0'}, sk={'N': '0'})['v'], {'S': 'changed0'})

    def test_all_types_come_through(self):
        t = self.table()
        self.db.put_item(TableName=t, Item=ALL_TYPES)
        before = self.get(t, pk=ALL_TYPES['pk'])
        self.assertEqual(self.get(self.restore(self.backup(t)), pk=ALL_TYPES['pk']), before)

    def test_answer_and_summary(self):
        t = self.table('S', 'N')
        load(self.db, t, rows(20))
        source = self.db.describe_table(TableName=t)['Table']
        arn = self.backup(t)
        created = self.db.describe_backup(BackupArn=arn)['BackupDescription']['BackupDetails'][
            'BackupCreationDateTime']
        target = unique('r')
        description = self.db.restore_table_from_backup(
            TargetTableName=target, BackupArn=arn)['TableDescription']
        self.addCleanup(self.drop, target)
        self.assertEqual(description['TableName'], target)
        self.assertEqual(description['TableStatus'], 'CREATING')
        self.assertIs(description['RestoreSummary']['RestoreInProgress'], True)
        active = wait_active(self.db, target)
        for summary in (description['RestoreSummary'], active['RestoreSummary']):
            self.assertEqual(summary['SourceBackupArn'], arn)
            self.assertEqual(summary['SourceTableArn'], source['TableArn'])
            self.assertEqual(summary['RestoreDateTime'], created)
        self.assertIs(active['RestoreSummary']['RestoreInProgress'], False)
        self.assertEqual(active['KeySchema'], source['KeySchema'])
        self.assertEqual(active['AttributeDefinitions'], source['AttributeDefinitions'])
        self.assertNotEqual(active['TableId'], source['TableId'])
        if server.ours():
            self.assertEqual((active['ItemCount'], active['TableSizeBytes']),
                             (20, source['TableSizeBytes']))

    def test_restored_table_is_a_table_of_its_own(self):
        t = self.table('S', 'N')
        load(self.db, t, rows(10))
        restored = self.restore(self.backup(t))
        self.db.put_item(TableName=restored, Item={'pk': {'S': 'new'}, 'sk': {'N': '1'}})
        self.db.delete_item(TableName=t, Key={'pk': {'S': 'p0'}, 'sk': {'N': '0'}})
        self.assertEqual(len(scan_all(self.db, restored)), 11)
        self.assertEqual(len(scan_all(self.db, t)), 9)

    def test_empty_table(self):
        restored = self.restore(self.backup(self.table()))
        self.assertEqual(scan_all(self.db, restored), [])
        self.db.put_item(TableName=restored, Item={'pk': {'S': 'a'}})

    def test_restore_of_a_restored_table(self):
        t = self.table('S', 'N')
        load(self.db, t, rows(30))
        again = self.restore(self.backup(self.restore(self.backup(t))))
        self.assertSameItems(again, rows(30))

    def test_source_table_may_be_gone(self):
        t = make_table(self.db, 'S', 'N')
        load(self.db, t, rows(100))
        arn = self.backup(t)
        self.db.delete_table(TableName=t)
        wait_gone(self.db, t)
        self.assertIn(arn, [s['BackupArn'] for s in
                            self.db.list_backups(TableName=t)['BackupSummaries']])
        self.assertSameItems(self.restore(arn), rows(100))
        self.assertSameItems(self.restore(arn, target=t), rows(100))

    def test_never_overwrites(self):
        t, other = self.table(), self.table()
        self.db.put_item(TableName=other, Item={'pk': {'S': 'mine'}})
        arn = self.backup(t)
        self.assertFails('TableAlreadyExistsException', f'Table already exists: {other}',
                         self.db.restore_table_from_backup, BackupArn=arn, TargetTableName=other)
        self.assertFails('TableAlreadyExistsException', f'Table already exists: {t}',
                         self.db.restore_table_from_backup, BackupArn=arn, TargetTableName=t)
        self.assertEqual(len(scan_all(self.db, other)), 1)

    def test_many_restores_at_once(self):
        t = self.table('S', 'N')
        load(self.db, t, rows(60))
        arn = self.backup(t)
        targets = [unique('r') for _ in range(4)]
        for target in targets:
            self.db.restore_table_from_backup(TargetTableName=target, BackupArn=arn)
            self.addCleanup(self.drop, target)
        for target in targets:
            wait_active(self.db, target)
            self.assertSameItems(target, rows(60))

    def test_billing_overrides(self):
        arn = self.backup(self.table())
        restored = self.restore(arn, BillingModeOverride='PROVISIONED',
                                ProvisionedThroughputOverride={'ReadCapacityUnits': 5,
                                                               'WriteCapacityUnits': 2})
        throughput = self.db.describe_table(TableName=restored)['Table']['ProvisionedThroughput']
        self.assertEqual((throughput['ReadCapacityUnits'], throughput['WriteCapacityUnits']),
                         (5, 2))
        self.assertFails('ValidationException', re.compile('ProvisionedThroughputOverride'),
                         self.db.restore_table_from_backup, BackupArn=arn,
                         TargetTableName=unique('r'), BillingModeOverride='PROVISIONED')
        self.assertFails('ValidationException', re.compile('ProvisionedThroughputOverride'),
                         self.db.restore_table_from_backup, BackupArn=arn,
                         TargetTableName=unique('r'),
                         ProvisionedThroughputOverride={'ReadCapacityUnits': 5,
                                                        'WriteCapacityUnits': 2})

    def test_what_a_restored_table_does_not_carry(self):
        t = self.table()
        self.db.update_continuous_backups(
            TableName=t, PointInTimeRecoverySpecification={'PointInTimeRecoveryEnabled': True})
        restored = self.restore(self.backup(t))
        recovery = self.db.describe_continuous_backups(TableName=restored)[
            'ContinuousBackupsDescription']['PointInTimeRecoveryDescription']
        self.assertEqual(recovery, {'PointInTimeRecoveryStatus': 'DISABLED'})
        self.db.update_continuous_backups(
            TableName=t, PointInTimeRecoverySpecification={'PointInTimeRecoveryEnabled': False})

    def test_backup_under_writes_is_one_instant(self):
        # Pairs are written first a, then b, with one number: no instant shows b ahead of a, and
        # a is at most one ahead of b.
        t = self.table()
        stop = threading.Event()

        def write():
            i = 0
            while not stop.is_set():
                i += 1
                for name in ('a', 'b'):
                    self.db.put_item(TableName=t, Item={'pk': {'S': name}, 'n': {'N': str(i)}})
        for name in ('a', 'b'):
            self.db.put_item(TableName=t, Item={'pk': {'S': name}, 'n': {'N': '0'}})
        writer = threading.Thread(target=write)
        writer.start()
        try:
            arns = [self.backup(t) for _ in range(5)]
        finally:
            stop.set()
            writer.join()
        for arn in arns:
            restored = self.restore(arn)
            a, b = (int(self.get(restored, pk={'S': name})['n']['N']) for name in ('a', 'b'))
            self.assertIn(a - b, (0, 1))


@unittest.skipUnless(server.ours(), 'of our own server')
class BackupsAcrossRestarts(BackupCase):
    def test_backups_and_restores_outlive_the_process(self):
        with server.Server() as own:
            client = own.client()
            t = make_table(client, 'S', 'N')
            load(client, t, rows(200))
            arn = self.backup(t, client=client)
            client.delete_table(TableName=t)
            first = self.restore(arn, client=client)
            for crash in (False, True):
                own.restart(crash=crash)
                client = own.client()
                self.assertSameItems(first, rows(200), client)
                self.assertSameItems(self.restore(arn, client=client), rows(200), client)
            client.delete_backup(BackupArn=arn)
            own.restart(crash=True)
            client = own.client()
            self.assertFails('BackupNotFoundException', None, client.describe_backup,
                             BackupArn=arn)
            self.assertSameItems(first, rows(200), client)

    def test_a_crash_right_after_the_answers_loses_neither_backup_nor_restore(self):
        with server.Server() as own:
            client = own.client()
            t = make_table(client, 'S', 'N')
            load(client, t, rows(500))
            arn = client.create_backup(TableName=t, BackupName='crash')['BackupDetails'][
                'BackupArn']
            own.restart(crash=True)
            client = own.client()
            wait_backup(client, arn)
            client.restore_table_from_backup(TargetTableName='restored', BackupArn=arn)
            own.restart(crash=True)
            client = own.client()
            wait_active(client, 'restored')
            self.assertSameItems('restored', rows(500), client)

    def test_counts_of_a_restored_table_are_exact(self):
        with server.Server() as own:
            client = own.client()
            name = unique()
            client.create_table(**table_parameters(name, 'S', 'N'))
            load(client, name, rows(25))
            size = client.describe_table(TableName=name)['Table']['TableSizeBytes']
            arn = self.backup(name, client=client)
            restored = self.restore(arn, client=client)
            table = client.describe_table(TableName=restored)['Table']
            self.assertEqual((table['ItemCount'], table['TableSizeBytes']), (25, size))


if __name__ == '__main__':
    unittest.main()
