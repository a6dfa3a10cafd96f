"""Settings as part of a table's history: as of an instant, restored, listed; across kills and deletions."""

import random
import time
import unittest

import server
from case import query_all, scan_all, unique, wait_active, wait_backup, wait_gone
from iam_case import IamCase, document, statement, table_arn
from test_indexes import wait_index
from test_past import PastCase
from test_pitr import DAY

HEADER = 'X-Tidemark-Restore-Settings'
INDEX = {'IndexName': 'by-n', 'KeySchema': [{'AttributeName': 'n', 'KeyType': 'HASH'}],
         'Projection': {'ProjectionType': 'ALL'}}
NUMBER = [{'AttributeName': 'n', 'AttributeType': 'N'}]
BY_SEVEN = {'IndexName': 'by-n', 'KeyConditionExpression': 'n = :n', 'ExpressionAttributeValues': {':n': {'N': '7'}}}


class SettingsCase(PastCase):
    def arn(self, table):
        return self.db.describe_table(TableName=table)['Table']['TableArn']

    def until(self, done, timeout=240):
        deadline = time.monotonic() + timeout
        while not done():
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)

    def update(self, table, **changes):
        """UpdateTable, also with members that an older SDK does not know."""
        answer = self.server.call('UpdateTable', {'TableName': table, **changes})
        self.assertEqual(answer.status, 200, answer)

    def add_index(self, table):
        self.update(table, AttributeDefinitions=NUMBER, GlobalSecondaryIndexUpdates=[
            {'Create': INDEX}])
        wait_index(self.db, table, 'by-n')

    def drop_index(self, table):
        self.update(table, GlobalSecondaryIndexUpdates=[{'Delete': {'IndexName': 'by-n'}}])
        wait_index(self.db, table, 'by-n')

    def tag(self, table, value):
        self.db.tag_resource(ResourceArn=self.arn(table), Tags=[{'Key': 'k', 'Value': value}])

    def expire(self, table, attribute, enabled=True):
        self.db.update_time_to_live(TableName=table, TimeToLiveSpecification={
            'Enabled': enabled, 'AttributeName': attribute})

    def start(self, operation, settings, **request):
        """A restore with the header; the answer."""
        target = unique('r')
        answer = self.server.call(operation, {**request, 'TargetTableName': target}, headers={HEADER: settings})
        if answer.status == 200:
            self.addCleanup(self.drop, target)
            answer.target = target
        return answer

    def restored(self, table, when, settings, **request):
        answer = self.start('RestoreTableToPointInTime', settings, SourceTableName=table, RestoreDateTime=when,
                            **request)
        self.assertEqual(answer.status, 200, answer)
        wait_active(self.db, answer.target)
        return answer.target

    def described(self, table):
        """All that is a setting of the table, but for how warm it is."""
        told = self.server.call('DescribeTable', {'TableName': table}).json['Table']
        ttl = self.db.describe_time_to_live(TableName=table)['TimeToLiveDescription']
        recovery = self.recovery(table)
        return {
            'billing': told.get('BillingModeSummary', {}).get('BillingMode', 'PROVISIONED'),
            'units': [told['ProvisionedThroughput'][one] for one in ('ReadCapacityUnits', 'WriteCapacityUnits')],
            'indexes': sorted(one['IndexName'] for one in told.get('GlobalSecondaryIndexes', [])),
            'attributes': sorted(one['AttributeName'] for one in told['AttributeDefinitions']),
            'stream': told.get('StreamSpecification'),
            'class': told.get('TableClassSummary', {}).get('TableClass', 'STANDARD'),
            'protected': told['DeletionProtectionEnabled'],
            'ttl': ttl.get('AttributeName'),
            'tags': self.db.list_tags_of_resource(ResourceArn=told['TableArn'])['Tags'],
            'days': recovery.get('RecoveryPeriodInDays'),
        }

    def unprotect(self, table):
        self.update(table, DeletionProtectionEnabled=False)

    def settings_at(self, table, when):
        """What the history says held at the instant."""
        answer = self.ask('GetSettingsHistory', {'TableName': table, 'From': str(when), 'Until': str(when)})
        self.assertEqual(answer['Changes'], [])
        return answer['Before']['Settings']


class DroppedIndexes(SettingsCase):
    def test_queries_of_an_index_as_of_its_time(self):
        t = self.protected()
        before = self.tick()
        self.add_index(t)
        for i in range(30):
            self.db.put_item(TableName=t, Item={'pk': {'S': f'i{i}'}, 'n': {'N': str(i % 10)}})
        then = self.tick()
        expected = query_all(self.db, TableName=t, **BY_SEVEN)
        whole = scan_all_of_index(self.db, t)
        self.assertEqual(len(expected), 3)
        self.db.delete_item(TableName=t, Key={'pk': {'S': 'i7'}})
        self.drop_index(t)
        after = self.tick()
        self.db.delete_item(TableName=t, Key={'pk': {'S': 'i17'}})

        def compare():
            past = self.client_as_of(then)
            self.assertEqual(query_all(past, TableName=t, **BY_SEVEN), expected)
            self.assertEqual(scan_all_of_index(past, t), whole)
            self.assertEqual(past.query(TableName=t, Select='COUNT', **BY_SEVEN)['Count'], 3)
            for when in (before, after):
                with self.assertRaisesRegex(Exception, 'The table does not have the specified index: by-n'):
                    self.client_as_of(when).query(TableName=t, **BY_SEVEN)

        compare()
        now = self.now()
        self.server.restart(crash=True)
        type(self).db = self.server.client()
        self.server.advance(max(0, now - self.now()) + 1)
        compare()
        self.server.advance(DAY)  # sorted into runs, then a new image
        self.db.put_item(TableName=t, Item={'pk': {'S': 'late'}})
        compare()

        # A table with that index again, under another number: the old one's rows are not taken for its.
        self.add_index(t)
        compare()
        restored = self.restored(t, then, 'as-of')
        self.assertEqual(self.described(restored)['indexes'], ['by-n'])
        self.assertEqual(query_all(self.db, TableName=restored, **BY_SEVEN), expected)
        restored = self.restored(t, after, 'as-of')
        self.assertEqual(self.described(restored)['indexes'], [])
        restored = self.restored(t, after, 'current')
        self.assertEqual(self.described(restored)['indexes'], ['by-n'])

    def test_overrides_name_indexes_of_the_instant(self):
        t = self.protected()
        self.add_index(t)
        then = self.tick()
        self.drop_index(t)
        restored = self.restored(t, then, 'as-of', GlobalSecondaryIndexOverride=[INDEX])
        self.assertEqual(self.described(restored)['indexes'], ['by-n'])
        restored = self.restored(t, then, 'as-of', GlobalSecondaryIndexOverride=[])
        self.assertEqual(self.described(restored)['indexes'], [])
        answer = self.start('RestoreTableToPointInTime', 'current', SourceTableName=t, RestoreDateTime=then,
                            GlobalSecondaryIndexOverride=[INDEX])
        self.assertEqual(answer.code, 'ValidationException')


def scan_all_of_index(client, table):
    return [item for page in client.get_paginator('scan').paginate(TableName=table, IndexName='by-n')
            for item in page['Items']]


class Restores(SettingsCase):
    def setUp(self):
        super().setUp()
        self.t = self.protected()
        self.tag(self.t, 'old')
        self.expire(self.t, 'gone')
        self.update(self.t, BillingMode='PROVISIONED',
                             ProvisionedThroughput={'ReadCapacityUnits': 3, 'WriteCapacityUnits': 4})
        self.update(self.t, DeletionProtectionEnabled=True)
        self.update(self.t, TableClass='STANDARD_INFREQUENT_ACCESS')
        self.update(self.t, StreamSpecification={
            'StreamEnabled': True, 'StreamViewType': 'KEYS_ONLY'})
        self.assertEqual(self.switch(self.t, days=9).status, 200)
        self.db.put_item(TableName=self.t, Item={'pk': {'S': 'a'}, 'gone': {'N': str(int(self.now()) + 5000)}})
        self.then = self.tick()
        self.was = self.described(self.t)
        self.unprotect(self.t)
        self.tag(self.t, 'new')
        self.expire(self.t, 'gone', False)
        self.update(self.t, StreamSpecification={'StreamEnabled': False})
        self.update(self.t, BillingMode='PAY_PER_REQUEST')
        self.tick()

    def test_as_of(self):
        restored = self.described(self.restored(self.t, self.then, 'as-of'))
        self.assertEqual((restored['billing'], restored['units']), ('PROVISIONED', [3, 4]))
        self.assertEqual((restored['tags'], restored['ttl'], restored['stream'], restored['protected'],
                          restored['class'], restored['days']), ([], None, None, False, 'STANDARD', None))
        for default in ('current', ''):
            restored = self.described(self.restored(self.t, self.then, default))
            self.assertEqual(restored['billing'], 'PAY_PER_REQUEST')

    def test_all(self):
        target = self.restored(self.t, self.then, 'all')
        self.assertEqual(self.described(target), self.was)
        self.assertSameItems(target, scan_all(self.db, self.t))
        arn = self.db.describe_table(TableName=target)['Table']['LatestStreamArn']
        self.assertIn(target, arn)
        # All of it works: recovery from the restore on, and time to live.
        begin = self.tick()
        self.db.delete_item(TableName=target, Key={'pk': {'S': 'a'}})
        again = self.restored(target, begin, 'current')
        self.assertEqual(len(scan_all(self.db, again)), 1)
        self.unprotect(target)

        target = self.restored(self.t, self.then, 'all', BillingModeOverride='PAY_PER_REQUEST')
        self.assertEqual(self.described(target), {**self.was, 'billing': 'PAY_PER_REQUEST', 'units': [0, 0]})
        self.server.advance(6000)
        self.until(lambda: not scan_all(self.db, target))  # expired
        self.unprotect(target)

    def test_all_of_a_backup(self):
        arn = self.db.create_backup(TableName=self.t, BackupName='settings')['BackupDetails']['BackupArn']
        wait_backup(self.db, arn)
        was = self.described(self.t)
        self.tag(self.t, 'newest')
        answer = self.start('RestoreTableFromBackup', 'all', BackupArn=arn)
        self.assertEqual(answer.status, 200, answer)
        wait_active(self.db, answer.target)
        self.assertEqual(self.described(answer.target), was)
        answer = self.start('RestoreTableFromBackup', 'as-of', BackupArn=arn)
        wait_active(self.db, answer.target)
        self.assertEqual(self.described(answer.target), {
            **was, 'tags': [], 'days': None, 'class': 'STANDARD'})

    def test_a_restore_of_all_that_a_kill_cut_off(self):
        # Whenever the kill comes, the table is whole once it is ACTIVE.
        for pause in range(3):
            target = unique('r')
            answer = self.server.call('RestoreTableToPointInTime', {
                'SourceTableName': self.t, 'TargetTableName': target, 'RestoreDateTime': self.then},
                headers={HEADER: 'all'})
            self.assertEqual(answer.status, 200, answer)
            for _ in range(pause):
                self.db.describe_table(TableName=target)
            now = self.now()
            self.server.restart(crash=True)
            type(self).db = self.server.client()
            self.server.advance(max(0, now - self.now()) + 1)
            wait_active(self.db, target)
            self.assertEqual(self.described(target), self.was)
            self.unprotect(target)
            self.db.delete_table(TableName=target)

    def test_refused(self):
        answer = self.start('RestoreTableToPointInTime', 'everything', SourceTableName=self.t,
                            RestoreDateTime=self.then)
        self.assertEqual((answer.status, answer.code), (400, 'ValidationException'))
        self.assertEqual(answer.message, 'X-Tidemark-Restore-Settings must be current, as-of or all, not everything')
        answer = self.server.call('GetItem', {'TableName': self.t, 'Key': {'pk': {'S': 'a'}}}, headers={HEADER: 'all'})
        self.assertEqual(answer.code, 'ValidationException')


class History(SettingsCase):
    def test_what_when_and_by_whom(self):
        t = self.protected()
        self.update(t, BillingMode='PROVISIONED',
                             ProvisionedThroughput={'ReadCapacityUnits': 3, 'WriteCapacityUnits': 4})
        self.tag(t, 'one')
        self.tag(t, 'two')
        self.expire(t, 'gone')
        request = {'TableName': t}
        answer = self.ask('GetSettingsHistory', request)
        changes = [{one['Name']: (one.get('OldValue'), one.get('NewValue')) for one in change['Settings']}
                   for change in answer['Changes']]
        self.assertEqual(changes[0], {'TimeToLiveSpecification.AttributeName': (None, 'gone')})
        self.assertEqual(changes[1], {'Tags.k': ('one', 'two')})
        self.assertEqual(changes[2], {'Tags.k': (None, 'one')})
        self.assertEqual(changes[3]['BillingMode'], ('PAY_PER_REQUEST', 'PROVISIONED'))
        self.assertEqual(changes[3]['ProvisionedThroughput'], (None, {'ReadCapacityUnits': 3, 'WriteCapacityUnits': 4}))
        self.assertEqual(len(changes), 4)
        self.assertEqual({change['AccessKeyId'] for change in answer['Changes']}, {server.ACCESS_KEY})
        self.assertEqual(len({change['RequestId'] for change in answer['Changes']}), 4)
        times = [change['CommitTime'] for change in answer['Changes']]
        self.assertEqual(times, sorted(times, reverse=True))
        self.assertEqual(answer['Before']['Settings']['BillingMode'], 'PAY_PER_REQUEST')
        self.assertNotIn('Tags.k', answer['Before']['Settings'])

        found, answers = self.pages('GetSettingsHistory', {**request, 'Limit': 1}, 'Changes')
        self.assertEqual(found, answer['Changes'])
        self.assertEqual(answers[-1]['Before'], answer['Before'])
        middle = self.ask('GetSettingsHistory', {**request, 'From': times[3], 'Until': times[1]})
        self.assertEqual([change['CommitTime'] for change in middle['Changes']], times[1:3])
        self.assertEqual(middle['Before']['Settings']['BillingMode'], 'PROVISIONED')

    def test_an_index_of_its_own_accord(self):
        t = self.protected()
        self.add_index(t)
        changes = self.ask('GetSettingsHistory', {'TableName': t})['Changes']
        self.assertNotIn('AccessKeyId', changes[0])  # when it was built
        self.assertEqual(changes[0]['Settings'][0]['NewValue']['IndexStatus'], 'ACTIVE')
        self.assertEqual(changes[-1]['AccessKeyId'], server.ACCESS_KEY)

    def test_refused(self):
        t = self.table()
        for name, code in ((t, 'PointInTimeRecoveryUnavailableException'), ('no-such', 'ResourceNotFoundException')):
            self.assertEqual(self.ask('GetSettingsHistory', {'TableName': name}, 400).code, code)

    def test_forgotten_with_recovery(self):
        t = self.protected()
        self.tag(t, 'one')
        self.assertEqual(self.switch(t, False).status, 200)
        self.assertEqual(self.switch(t).status, 200)
        answer = self.ask('GetSettingsHistory', {'TableName': t})
        self.assertEqual(answer['Changes'], [])
        self.assertEqual(answer['Before']['Settings']['Tags.k'], 'one')

    def test_a_table_of_the_same_name(self):
        t = self.protected()
        self.tag(t, 'first')
        self.tick()
        self.db.delete_table(TableName=t)
        wait_gone(self.db, t)
        self.make(t)
        self.assertEqual(self.switch(t).status, 200)
        self.tag(t, 'second')
        answer = self.ask('GetSettingsHistory', {'TableName': t})
        self.assertEqual([change['Settings'] for change in answer['Changes']], [
            [{'Name': 'Tags.k', 'NewValue': 'second'}]])
        self.assertNotIn('Tags.k', answer['Before']['Settings'])
        (backup,) = self.db.list_backups(TableName=t, BackupType='SYSTEM')['BackupSummaries']
        wait_backup(self.db, backup['BackupArn'])
        answer = self.start('RestoreTableFromBackup', 'all', BackupArn=backup['BackupArn'])
        self.assertEqual(answer.status, 200, answer)
        wait_active(self.db, answer.target)
        self.assertEqual(self.described(answer.target)['tags'], [{'Key': 'k', 'Value': 'first'}])
        self.assertEqual(self.described(answer.target)['days'], 35)

    def make(self, name):
        self.db.create_table(TableName=name, BillingMode='PAY_PER_REQUEST',
                             KeySchema=[{'AttributeName': 'pk', 'KeyType': 'HASH'}],
                             AttributeDefinitions=[{'AttributeName': 'pk', 'AttributeType': 'S'}])
        wait_active(self.db, name)


class RandomChanges(SettingsCase):
    def test_at_every_instant_the_history_says_what_was_acknowledged(self):
        chance = random.Random(20261127)
        t = self.protected()
        state = {'Tags.k': None, 'TimeToLiveSpecification.AttributeName': None, 'GlobalSecondaryIndexes.by-n': False}
        known = [(self.tick(), dict(state))]
        for step in range(24):
            kind = chance.choice(list(state))
            if kind == 'Tags.k':
                state[kind] = f'v{step}'
                self.tag(t, state[kind])
            elif kind == 'GlobalSecondaryIndexes.by-n':
                state[kind] = not state[kind]
                self.add_index(t) if state[kind] else self.drop_index(t)
            else:
                self.expire(t, state[kind] or 'gone', state[kind] is None)
                state[kind] = 'gone' if state[kind] is None else None
            if step % 8 == 7:
                now = self.now()
                self.server.restart(crash=True)
                type(self).db = self.server.client()
                self.server.advance(max(0, now - self.now()) + 1)
            known.append((self.tick(), dict(state)))
        for when, state in known:
            told = self.settings_at(t, when)
            told = {name: name in told if name.startswith('Global') else told.get(name) for name in state}
            self.assertEqual(told, state, when)
        for when, state in chance.sample(known, 4):
            target = self.restored(t, when, 'all')
            found = self.described(target)
            self.assertEqual({
                'Tags.k': found['tags'][0]['Value'] if found['tags'] else None,
                'TimeToLiveSpecification.AttributeName': found['ttl'],
                'GlobalSecondaryIndexes.by-n': found['indexes'] == ['by-n']}, state)


@unittest.skipUnless(server.ours(), 'of our own server')
class Permissions(IamCase):
    def test_all_needs_what_it_sets(self):
        source = self.table()
        arn = self.db.create_backup(TableName=source, BackupName='settings')['BackupDetails']['BackupArn']
        self.addCleanup(lambda: self.db.delete_backup(BackupArn=arn))
        wait_backup(self.db, arn)
        target = unique('r')
        restore = ['RestoreTableFromBackup']
        items = ['BatchWriteItem', 'DeleteItem', 'GetItem', 'PutItem', 'Query', 'Scan', 'UpdateItem']
        needed = ['TagResource', 'UpdateContinuousBackups', 'UpdateTable', 'UpdateTimeToLive']
        named = lambda actions: ['dynamodb:' + one for one in actions]
        user = self.user()
        key = self.iam.create_access_key(UserName=user)['AccessKey']

        def refusal(more, settings):
            self.iam.put_user_policy(UserName=user, PolicyName='p', PolicyDocument=document(
                statement(named(restore), arn), statement(named(items + more), table_arn(target))))
            answer = self.server.call('RestoreTableFromBackup', {'BackupArn': arn, 'TargetTableName': target},
                                      headers={HEADER: settings}, access_key=key['AccessKeyId'],
                                      secret_key=key['SecretAccessKey'])
            return answer.message if answer.code == 'AccessDeniedException' else None

        for more, settings in ([], 'as-of'), (needed, 'all'):
            self.assertIsNone(refusal(more, settings))
            wait_active(self.db, target)
            self.db.delete_table(TableName=target)
            wait_gone(self.db, target)
        for missing in needed:
            text = refusal([one for one in needed if one != missing], 'all')
            self.assertIn(f'is not authorized to perform: dynamodb:{missing} on resource: {table_arn(target)}', text)


if __name__ == '__main__':
    unittest.main()
