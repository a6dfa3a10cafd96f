"""The subcommands that read the past, and the story they tell: moments, diff, get, restore."""

import datetime
import json
import re
import unittest

from case import load, make_table, scan_all, wait_active, wait_backup, wait_gone
from server import ACCESS_KEY, SECRET_KEY
from test_cli import Program


class Past(Program):
    def setUp(self):
        super().setUp()
        self.running = self.server()
        self.db = self.running.client()
        self.environment = {'AWS_ACCESS_KEY_ID': ACCESS_KEY, 'AWS_SECRET_ACCESS_KEY': SECRET_KEY,
                            'AWS_DEFAULT_REGION': 'us-east-1',
                            'TIDEMARK_ENDPOINT': self.running.url}
        self.table = make_table(self.db, name='Users')
        self.running.call('UpdateContinuousBackups', {
            'TableName': 'Users',
            'PointInTimeRecoverySpecification': {'PointInTimeRecoveryEnabled': True}})

    def told(self, *arguments):
        return self.assertEnds(0, '', *arguments, **self.environment).stdout

    def json(self, *arguments):
        return json.loads(self.told(*arguments, '--output', 'json'))


class Settings(Past):
    def test_what_was_changed_and_what_it_was(self):
        arn = self.db.describe_table(TableName='Users')['Table']['TableArn']
        for value in ('red', 'blue'):
            self.db.tag_resource(ResourceArn=arn, Tags=[{'Key': 'team', 'Value': value}])
        told = self.told('settings-history', 'Users')
        self.assertRegex(told, rf'(?s)  {ACCESS_KEY} .*\n    Tags.team: "red" -> "blue"\n.*'
                               r'\n    Tags.team: - -> "red"\n.*  as history begins\n.*    BillingMode: "PAY_PER')
        history = self.json('settings-history', 'Users')
        self.assertEqual([len(change['Settings']) for change in history['Changes']], [1, 1])
        self.assertEqual(history['Before']['Settings']['BillingMode'], 'PAY_PER_REQUEST')
        self.assertIn('--limit 0 shows all', self.told('settings-history', 'Users', '--limit', '1'))


class Story(Past):
    def test_from_the_moment_to_the_restored_table(self):
        items = [{'pk': {'S': f'user-{i}'}, 'plan': {'S': 'gold'}} for i in range(1, 101)]
        load(self.db, 'Users', items)
        self.running.advance(61 - self.running.advance(0) % 60)  # what follows lies in one minute
        for i in range(1, 91):
            self.db.delete_item(TableName='Users', Key={'pk': {'S': f'user-{i}'}})
        self.db.put_item(TableName='Users', Item={'pk': {'S': 'user-91'}, 'plan': {'S': 'none'}})

        told = self.told('moments', 'Users')
        self.assertRegex(told, rf'\n +90  deleted      {ACCESS_KEY} ')
        self.assertRegex(told, rf'\n +1  overwritten  {ACCESS_KEY} ')
        # All lines have their columns at the same places, however long a word is.
        head, *rows = told.splitlines()
        for title, text in (('access key', ACCESS_KEY), ('first (UTC)', '20')):
            self.assertEqual({row.index(text, row.index(ACCESS_KEY)) for row in rows}, {head.index(title)}, told)
        moment = self.json('moments', 'Users')['Moments'][0]
        instant = moment['JustBefore']
        self.assertIn(instant, told)

        told = self.told('diff', 'Users', instant, '--limit', '3')
        self.assertEqual(len(re.findall(r'^[-~] \{"pk":\{"S":"user-\d+"\}\}', told, re.M)), 3)
        self.assertIn('... and 88 more', told)
        self.assertIn(': 0 added, 90 removed, 1 changed', told)
        changed = self.told('diff', 'Users', instant, '--items', '--partition',
                            '{"pk":{"S":"user-91"}}')
        self.assertIn('was {"pk":{"S":"user-91"},"plan":{"S":"gold"}}', changed)
        self.assertIn('is  {"pk":{"S":"user-91"},"plan":{"S":"none"}}', changed)
        diff = self.json('diff', 'Users', instant, '--limit', '0')
        self.assertEqual((diff['Removed'], diff['Changed'], len(diff['Changes'])), (90, 1, 91))

        self.assertEqual(json.loads(self.told('get', 'Users', 'user-7', '--as-of', instant)),
                         items[6])
        self.assertEnds(1, 'table Users has no item {"pk":{"S":"user-7"}}', 'get', 'Users',
                        'user-7', **self.environment)
        history = self.told('history', 'Users', 'user-7', '--items')
        self.assertRegex(history, rf'(?s)  delete .* {ACCESS_KEY} .*  put    .*"gold".*'
                                  'not there when history begins')
        self.assertEqual([v['Kind'] for v in self.json('history', 'Users',
                                                       '{"pk":{"S":"user-7"}}')['Versions']],
                         ['DELETE', 'PUT'])
        self.assertIn('--limit 0 shows all', self.told('history', 'Users', 'user-7', '--limit', '1'))

        activity = self.told('activity', 'Users')
        self.assertIn('101 puts, 1 of them overwrites, 90 deletes', activity)
        self.assertIn('-' * 10, activity)

        self.running.call('RestoreTableToPointInTime', {
            'SourceTableName': 'Users', 'TargetTableName': 'Users-Restored',
            'RestoreDateTime': datetime.datetime.fromisoformat(
                instant.replace('Z', '+00:00')).timestamp()})
        wait_active(self.db, 'Users-Restored')
        key = lambda item: item['pk']['S']
        self.assertEqual(sorted(scan_all(self.db, 'Users-Restored'), key=key),
                         sorted(items, key=key))


class ItemsBack(Past):
    def test_after_a_question(self):
        items = [{'pk': {'S': f'user-{i}'}, 'plan': {'S': 'gold'}} for i in range(1, 31)]
        load(self.db, 'Users', items)
        self.running.advance(61 - self.running.advance(0) % 60)
        for i in range(1, 21):
            self.db.delete_item(TableName='Users', Key={'pk': {'S': f'user-{i}'}})
        self.db.put_item(TableName='Users', Item={'pk': {'S': 'user-30'}, 'plan': {'S': 'none'}})
        moment = self.json('moments', 'Users')['Moments'][0]
        instant = moment['JustBefore']
        self.running.advance(10)
        self.db.put_item(TableName='Users', Item={'pk': {'S': 'user-1'}, 'plan': {'S': 'new'}})
        command = ('restore-items', 'Users', '--at', instant, '--until', moment['Last'])

        self.assertIn('no restores of items are on record', self.told('restores', '--items'))
        self.assertEnds(2, '--items lists', 'restores', 'Users', '--items', '--wait', **self.environment)
        told = self.told(*command, '--dry-run')
        listed = self.told('restores', '--items', 'Users')
        self.assertRegex(listed, r'^\S+ \S+  COMPLETED   Users  as of \S+ \S+  19 items, dry run  \S+\n$')
        job, = self.json('restores', '--items')['ItemRestores']
        self.assertIn(job['JobId'], listed)
        self.assertIn('no restores of items', self.told('restores', '--items', 'Nobody'))
        self.assertIn('would be undone:     19 removed, 0 changed, 0 added', told)
        self.assertIn('changed since, kept: 1\n  {"pk":{"S":"user-1"}}  changed since', told)
        dry = self.json(*command, '--dry-run')
        self.assertEqual((dry['Status'], dry['Restored']['REMOVED'], dry['Conflicts']),
                         ('COMPLETED', 19, 1))
        self.assertEnds(1, 'nobody answered; --yes does it without asking', *command,
                        **self.environment)
        self.assertEqual(len(scan_all(self.db, 'Users')), 11)
        self.assertEnds(1, 'nothing was done', *command, input='n\n', **self.environment)
        self.assertEqual(len(scan_all(self.db, 'Users')), 11)

        one = self.json('restore-items', 'Users', '--at', instant, '--key', 'user-3',
                        '--key', '{"pk":{"S":"user-4"}}', '--yes')
        self.assertEqual((one['Restored']['REMOVED'], one['KeyCount']), (2, 2))
        told = self.assertEnds(0, 'write this to the live table Users? [y/N]', *command, input='y\n',
                               **self.environment).stdout
        self.assertIn('undone:              17 removed, 0 changed, 0 added', told)
        self.assertIn('as it was already:   2', told)
        job = re.search('request id ([0-9a-f-]{36})', told).group(1)
        self.assertIn(job, self.told('history', 'Users', 'user-7'))
        self.assertEqual(len(scan_all(self.db, 'Users')), 30)

        self.assertIn('there is nothing to restore', self.told(*command))
        changed = self.json('restore-items', 'Users', '--at', instant, '--changed', '--partition',
                            '{"pk":{"S":"user-30"}}', '--yes')
        self.assertEqual(changed['Restored'], {'REMOVED': 0, 'CHANGED': 1, 'ADDED': 0})

    def test_what_cannot_be_done(self):
        self.assertEnds(1, 'InvalidRestoreTimeException', 'restore-items', 'Users', '--at',
                        '3 days ago', '--yes', **self.environment)
        self.assertEnds(2, '--at', 'restore-items', 'Users', **self.environment)


class Keys(Past):
    def test_of_numbers_and_sort_keys(self):
        make_table(self.db, 'N', 'S', name='Scores')
        self.db.put_item(TableName='Scores', Item={'pk': {'N': '7'}, 'sk': {'S': 'a'}})
        self.assertIn('"sk":{"S":"a"}', self.told('get', 'Scores', '7', 'a'))
        self.assertEnds(1, 'has 2 key attribute(s), 1 were given', 'get', 'Scores', '7',
                        **self.environment)


class Backups(Past):
    def test_looked_into_and_brought_back(self):
        items = [{'pk': {'S': f'user-{i}'}, 'plan': {'S': 'gold'}} for i in range(1, 31)]
        load(self.db, 'Users', items)
        arn = self.db.create_backup(TableName='Users', BackupName='kept')['BackupDetails']['BackupArn']
        wait_backup(self.db, arn)
        for i in range(1, 21):
            self.db.delete_item(TableName='Users', Key={'pk': {'S': f'user-{i}'}})
        self.db.put_item(TableName='Users', Item={'pk': {'S': 'user-31'}})
        source = ('--from-backup', arn)
        self.assertEqual(json.loads(self.told('get', 'Users', 'user-7', *source)), items[6])
        self.assertEnds(1, 'table Users had no item {"pk":{"S":"user-31"}}', 'get', 'Users', 'user-31', *source,
                        **self.environment)
        told = self.told('items', 'Users', *source, '--limit', '0').splitlines()
        self.assertEqual({json.loads(line)['pk']['S'] for line in told}, {f'user-{i}' for i in range(1, 31)})
        few = self.assertEnds(0, '', 'items', 'Users', *source, '--limit', '7', **self.environment)
        self.assertEqual((len(few.stdout.splitlines()), few.stderr), (7, '... and more; --limit 0 prints all\n'))
        one = self.told('items', 'Users', *source, '--partition', '{"pk":{"S":"user-9"}}')
        self.assertEqual(json.loads(one), items[8])
        self.assertEqual(len(self.told('items', 'Users', '--limit', '0').splitlines()), 11)
        self.assertEnds(1, '--partition is a partition key', 'items', 'Users', '--partition', 'x', **self.environment)
        for command in (('items', 'Users'), ('get', 'Users', 'a')):
            self.assertEnds(2, 'cannot be given together', *command, *source, '--as-of', 'now', **self.environment)

        self.assertIn('would be undone:     2 removed', self.told(
            'restore-items', 'Users', *source, '--key', 'user-3', '--key', 'user-4', '--dry-run'))
        job = self.json('restore-items', 'Users', *source, '--key', 'user-3', '--yes')
        self.assertEqual((job['Restored']['REMOVED'], job['BackupArn']), (1, arn))
        rest = self.json('restore-items', 'Users', *source, '--yes')
        self.assertEqual(rest['Restored'], {'REMOVED': 19, 'CHANGED': 0, 'ADDED': 0})
        self.assertEqual(len(scan_all(self.db, 'Users')), 31)
        self.db.delete_table(TableName='Users')
        wait_gone(self.db, 'Users')
        self.assertEnds(1, 'give the key as one JSON object', 'get', 'Users', 'user-7', *source, **self.environment)
        self.assertEqual(json.loads(self.told('get', 'Users', '{"pk":{"S":"user-7"}}', *source)), items[6])


class Wrong(Past):
    def test_what_is_empty_is_not_left_out(self):
        for command in (('restore-items', 'Users', '--at', '1h ago', '--yes', '--partition', ''),
                        ('restore-items', 'Users', '--at', '1h ago', '--yes', '--key', ''),
                        ('restore-items', 'Users', '--yes', '--from-backup', ''),
                        ('items', 'Users', '--from-backup', ''), ('items', 'Users', '--partition', ''),
                        ('items', 'Users', '--as-of', ''), ('items', 'Users', '--limit', '-1'),
                        ('get', 'Users', 'a', '--from-backup', ''), ('get', 'Users', 'a', '--as-of', ''),
                        ('diff', 'Users', '1h ago', '--partition', '')):
            with self.subTest(command=command):
                self.assertEnds(2, command[-2], *command, **self.environment)

    def test_what_cannot_be_done(self):
        environment = self.environment
        for command in (('get', 'Users', 'a', '--as-of'), ('diff', 'Users'), ('moments', 'Users', '--from'),
                        ('restore', 'Users=New', '--at'), ('restore-items', 'Users', '--at'),
                        ('rewind', 'Users', '--at'), ('undelete', 'Users', '--at')):
            self.assertEnds(2, "'noon' is no instant", *command, 'noon', **environment)
        self.assertEnds(1, 'InvalidRestoreTimeException: The restore time must be', 'get', 'Users',
                        'a', '--as-of', '3 days ago', **environment)
        self.assertEnds(1, 'ResourceNotFoundException: Requested resource not found', 'moments',
                        'Nothing', **environment)
        self.assertEnds(1, 'UnrecognizedClientException', 'moments', 'Users',
                        **{**environment, 'AWS_ACCESS_KEY_ID': 'AKIANOBODY'})
        self.assertEnds(2, 'set AWS_ACCESS_KEY_ID', 'moments', 'Users',
                        **{**environment, 'AWS_ACCESS_KEY_ID': ''})
        for arguments in (('get', 'Users'), ('diff', 'Users'), ('moments',),
                          ('moments', 'Users', '--output', 'xml'),
                          ('moments', 'Users', '--endpoint', 'nonsense')):
            self.assertEnds(2, '', *arguments, **environment)


if __name__ == '__main__':
    unittest.main()
