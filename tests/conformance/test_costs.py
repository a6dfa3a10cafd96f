"""What backups, recovery and restores cost: the ledger against what the server says of itself."""

import calendar
import csv
import datetime
import decimal
import io
import json
import unittest

from case import load, make_table, unique, wait_active, wait_backup, wait_gone
from iam_case import document, statement, table_arn
import server
from test_cli import Program
from vault_case import TRUST, wait_job

OURS = 'Tidemark_20261101.'
DAY = 86400
GB = 2 ** 30
ITEMS = [{'pk': {'S': f'user-{i}'}, 'text': {'S': 'x' * 50_000}} for i in range(100)]


def dollars(text):
    return decimal.Decimal(text)


class Costs(Program):
    def setUp(self):
        super().setUp()
        self.running = self.server()
        self.connect()
        self.table = make_table(self.db, name='Users')
        load(self.db, 'Users', ITEMS)

    def connect(self):
        self.db = self.running.client()
        self.environment = {'AWS_ACCESS_KEY_ID': server.ACCESS_KEY, 'AWS_SECRET_ACCESS_KEY': server.SECRET_KEY,
                            'AWS_DEFAULT_REGION': 'us-east-1', 'TIDEMARK_ENDPOINT': self.running.url}

    def ask(self, operation, body, **key):
        answer = self.running.call(operation, body, target=OURS, **key)
        self.assertEqual(answer.status, 200, answer)
        return answer.json

    def costs(self, *by, **times):
        """Group's key, or the only part of it -> the group."""
        answer = self.ask('GetCosts', {'GroupBy': list(by), **times} if by else times)
        names = [name.capitalize() for name in by]
        groups = {tuple(group[name] for name in names): group for group in answer['Groups']}
        total = sum(dollars(group['Cost']) for group in groups.values())
        self.assertEqual(total, dollars(answer['Total']['Cost']))
        return {key[0] if len(key) == 1 else key: group for key, group in groups.items()}

    def backup(self, table='Users'):
        arn = self.db.create_backup(TableName=table, BackupName='backup')['BackupDetails']['BackupArn']
        wait_backup(self.db, arn)
        return arn

    def recovery(self, on, table='Users'):
        self.db.update_continuous_backups(TableName=table, PointInTimeRecoverySpecification={
            'PointInTimeRecoveryEnabled': on})

    def size(self, table='Users'):
        return self.db.describe_table(TableName=table)['Table']['TableSizeBytes']

    def restart(self):
        self.running.restart(crash=True)
        self.connect()


class Books(Costs):
    def test_they_balance_with_what_is_there(self):
        """Also after kills, and while things come and go."""
        self.recovery(True)
        first, second = self.backup(), self.backup()
        self.db.restore_table_from_backup(TargetTableName='Again', BackupArn=first)
        wait_active(self.db, 'Again')
        size = self.size()
        self.assertGreater(size, 5_000_000)
        for crash in (False, True, True):
            if crash:
                self.restart()
            groups = self.costs('KIND')
            self.assertEqual({kind: group['LogicalBytes'] for kind, group in groups.items()},
                             {'ON_DEMAND': 2 * size, 'PITR': size, 'RESTORE': 0})
            self.assertEqual(groups['RESTORE']['OnceBytes'], self.size('Again'))
            # Images of one table share their files.
            self.assertGreaterEqual(groups['ON_DEMAND']['PhysicalBytes'], 4096)
            self.assertLess(groups['ON_DEMAND']['PhysicalBytes'], 2 * size + 1_000_000)
            each = self.costs('RESOURCE', 'KIND')
            self.assertEqual(set(each), {(first, 'ON_DEMAND'), (second, 'ON_DEMAND'), (first, 'RESTORE'),
                                         (table_arn('Users'), 'PITR')})
        self.db.delete_backup(BackupArn=first)
        self.recovery(False)
        self.restart()
        groups = self.costs('KIND')
        self.assertEqual({kind: group['LogicalBytes'] for kind, group in groups.items()},
                         {'ON_DEMAND': size, 'PITR': 0, 'RESTORE': 0})
        self.assertGreater(dollars(groups['PITR']['GigabyteMonths']), 0)  # its cost may be below a billionth

    def test_a_deleted_table_and_its_orphans(self):
        self.recovery(True)
        arn = self.backup()
        size = self.size()
        self.db.delete_table(TableName='Users')
        wait_gone(self.db, 'Users')
        groups = self.costs('KIND')
        self.assertEqual(groups['PITR']['LogicalBytes'], 0)
        self.assertEqual(groups['ON_DEMAND']['LogicalBytes'], size)  # the SYSTEM backup is free
        self.assertEqual(list(self.costs('TABLE')), ['Users'])
        self.db.delete_backup(BackupArn=arn)
        self.assertEqual(self.costs('KIND')['ON_DEMAND']['LogicalBytes'], 0)

    def test_a_restore_into_another_region_pays_its_way_out(self):
        arn = self.backup()
        west = self.running.client(region='eu-west-1')
        west.restore_table_from_backup(TargetTableName='Users', BackupArn=arn,
                                       SSESpecificationOverride={'Enabled': False})
        wait_active(west, 'Users')
        size = self.size()
        groups = self.costs('REGION', 'KIND')
        self.assertEqual(groups['eu-west-1', 'RESTORE']['OnceBytes'], size)
        self.assertEqual(groups['us-east-1', 'CROSS_REGION']['OnceBytes'], size)
        self.assertAlmostEqual(float(groups['us-east-1', 'CROSS_REGION']['Cost']), 0.02 * size / GB, 9)

    def test_a_copy_counts_where_it_is_from_when_it_was_made(self):
        iam = self.running.client('iam')
        role = iam.create_role(RoleName='keeper', AssumeRolePolicyDocument=TRUST)['Role']['Arn']
        iam.put_role_policy(RoleName='keeper', PolicyName='p', PolicyDocument=document(
            statement(['dynamodb:*', 'kms:*', 'backup:*'])))
        near, far = self.running.client('backup'), self.running.client('backup', region='eu-west-1')
        for aws, name in ((near, 'near'), (far, 'far')):
            aws.create_backup_vault(BackupVaultName=name)
        job = near.start_backup_job(BackupVaultName='near', ResourceArn=table_arn('Users'), IamRoleArn=role)
        point = wait_job(near.describe_backup_job, 'COMPLETED', BackupJobId=job['BackupJobId'])['RecoveryPointArn']
        begin = self.running.advance(0)
        self.running.advance(30 * DAY)
        copy = near.start_copy_job(
            RecoveryPointArn=point, SourceBackupVaultName='near', IamRoleArn=role,
            DestinationBackupVaultArn=f'arn:aws:backup:eu-west-1:{server.ACCOUNT}:backup-vault:far')
        wait_job(lambda **which: near.describe_copy_job(**which)['CopyJob'], 'COMPLETED', CopyJobId=copy['CopyJobId'])
        self.running.advance(10 * DAY)
        size = self.size()
        groups = self.costs('REGION', 'KIND', From=str(begin - 60))
        self.assertEqual(groups['us-east-1', 'CROSS_REGION']['OnceBytes'], size)
        for region, days in (('us-east-1', 40), ('eu-west-1', 10)):
            group = groups[region, 'AWS_BACKUP_WARM']
            self.assertEqual(group['LogicalBytes'], size)
            months = float(group['GigabyteMonths']) * GB / size
            self.assertTrue(0.98 * days / 31 < months < 1.02 * days / 28, (region, months))

    def test_by_tag(self):
        """As tags are now; of a table that is gone, as they were."""
        make_table(self.db, name='Plain')
        load(self.db, 'Plain', ITEMS[:1])
        tag = {'ResourceArn': table_arn('Users'), 'Tags': [{'Key': 'team', 'Value': 'people'}]}
        self.db.tag_resource(**tag)
        self.backup()
        self.backup('Plain')
        size = self.size()

        def teams():
            answer = self.ask('GetCosts', {'GroupBy': ['TAG', 'KIND'], 'TagKey': 'team'})
            return {group['Tag']: group['LogicalBytes'] for group in answer['Groups']}
        self.assertEqual(teams(), {'people': size, '': self.size('Plain')})
        self.db.tag_resource(**{**tag, 'Tags': [{'Key': 'team', 'Value': 'new'}]})
        self.assertEqual(teams()['new'], size)
        self.db.delete_table(TableName='Users')
        wait_gone(self.db, 'Users')
        self.assertEqual(teams()['people'], size)
        for body in ({'GroupBy': ['TAG']}, {'TagKey': 'team'}, {'GroupBy': ['KIND'], 'TagKey': 'team'}):
            self.assertEqual(self.running.call('GetCosts', body, target=OURS).code, 'ValidationException', body)

    def test_what_the_month_comes_to(self):
        self.backup()
        answer = self.ask('GetCosts', {'GroupBy': ['KIND']})
        self.assertEqual(answer['Prices']['ON_DEMAND'], '0.10')
        # The backup began with this test: it pays for the rest of the month.
        now = datetime.datetime.fromtimestamp(self.running.advance(0), datetime.timezone.utc)
        days = calendar.monthrange(now.year, now.month)[1]
        rest = 1 - (now.day - 1 + now.hour / 24 + now.minute / 1440) / days
        self.assertAlmostEqual(float(answer['Forecast']) * GB / self.size() / 0.1, rest, delta=0.01)
        self.assertEqual(self.ask('EstimateCost', {'TableName': 'Users'})['Month']['Forecast'], answer['Forecast'])

    def test_a_reset_account_owes_nothing(self):
        self.recovery(True)
        self.backup()
        self.assertEqual(len(self.costs('KIND')), 2)
        self.running.reset()
        self.assertEqual(self.costs('KIND'), {})


class Time(Costs):
    def setUp(self):
        super().setUp()
        self.moved = 0

    def move(self, seconds):
        self.moved += seconds
        return self.running.advance(seconds)

    def test_a_year(self):
        """From the begin of a year on. Whatever takes the test itself some minutes is within the bounds."""
        year = 1798761600  # 2027-01-01
        self.assertGreater(year, self.running.advance(0), 'choose a later year')
        self.move(year - self.running.advance(0))
        self.recovery(True)
        kept, dropped = self.backup(), self.backup()
        size = self.size()
        self.costs()  # a look at the table's size
        self.running.kill()
        self.running.start()  # its clock begins with the machine's
        self.connect()
        self.moved += 31 * DAY  # the hours that nobody saw
        self.running.advance(self.moved)
        self.costs()
        self.db.delete_backup(BackupArn=dropped)
        load(self.db, 'Users', [{'pk': {'S': f'more-{i}'}, 'text': {'S': 'x' * 50_000}} for i in range(100)])
        larger = self.size()
        self.move(3600)
        self.costs()
        self.move(28 * DAY - 3600)
        self.recovery(False)
        self.move(306 * DAY)
        table = table_arn('Users')
        months = [f'2027-{month:02}' for month in range(1, 13)]
        expected = {(kept, month): (size, 0.1) for month in months}
        expected[dropped, months[0]] = size, 0.1
        expected[table, months[0]] = size, 0.2
        expected[table, months[1]] = larger, 0.2
        span = {'From': str(year), 'Until': str(year + 365 * DAY)}
        groups = self.costs('RESOURCE', 'MONTH', **span)
        for key, (bytes_, rate) in expected.items():
            self.assertAlmostEqual(float(groups[key]['GigabyteMonths']) * GB / bytes_, 1, delta=0.01, msg=key)
            self.assertAlmostEqual(float(groups[key]['Cost']) * GB / bytes_, rate, delta=0.01 * rate, msg=key)
        rest = sum(float(group['Cost']) for key, group in groups.items() if key not in expected)
        self.assertLess(rest, 0.01 * 0.2 * larger / GB)
        for by in ('DAY', 'KIND', 'TABLE', 'ACCOUNT'):
            total = sum(dollars(group['Cost']) for group in self.costs(by, **span).values())
            self.assertEqual(total, sum(dollars(group['Cost']) for group in groups.values()), by)


class Estimates(Costs):
    def test_a_table(self):
        self.recovery(True)
        estimate = self.ask('EstimateCost', {'TableName': 'Users', 'KeepDays': 360, 'EveryDays': 30,
                                             'ColdAfterDays': 30})
        size = self.size() / GB
        self.assertEqual(estimate['SizeBytes'], self.size())
        for part, member, price in (('Backup', 'CostPerMonth', 0.1), ('PointInTimeRecovery', 'CostPerMonth', 0.2),
                                    ('Restore', 'Cost', 0.15), ('Restore', 'CostIntoOtherRegion', 0.17),
                                    ('Plan', 'CostPerMonth', 0.1 + 11 * 0.03), ('Plan', 'CostPerMonthAllWarm', 1.2),
                                    ('Plan', 'SavedByColdStorage', 11 * 0.07)):
            self.assertAlmostEqual(float(estimate[part][member]), price * size, 7, (part, member))
        self.assertTrue(estimate['PointInTimeRecovery']['Enabled'])
        month = {name: dollars(text) for name, text in estimate['Month'].items()}
        self.assertLess(month['ForecastWithoutPointInTimeRecovery'], month['Forecast'])
        self.assertLessEqual(month['CostSoFar'], month['Forecast'])

    def test_another_size(self):
        estimate = self.ask('EstimateCost', {'TableName': 'Users', 'SizeBytes': 100 * GB})
        self.assertEqual(estimate['SizeBytes'], 100 * GB)
        self.assertEqual([estimate['Restore']['Cost'], estimate['Backup']['CostPerMonth']], ['15.00', '10.00'])

    def test_what_cannot_be_estimated(self):
        for body, code in (({'TableName': 'Nobody'}, 'ResourceNotFoundException'),
                           ({'TableName': 'Users', 'EveryDays': 1}, 'ValidationException'),
                           ({'TableName': 'Users', 'KeepDays': 0}, 'ValidationException'),
                           ({'TableName': 'Users', 'KeepDays': 100, 'ColdAfterDays': 30}, 'ValidationException')):
            self.assertEqual(self.running.call('EstimateCost', body, target=OURS).code, code, body)
        for body in ({'From': 'x'}, {'From': '2100-01-01T00:00:00Z'}, {'GroupBy': ['KIND', 'KIND']},
                     {'GroupBy': ['COLOUR']}):
            self.assertEqual(self.running.call('GetCosts', body, target=OURS).code, 'ValidationException', body)


class Access(Costs):
    def user(self, *statements):
        iam = self.running.client('iam')
        name = unique('user')
        iam.create_user(UserName=name)
        if statements:
            iam.put_user_policy(UserName=name, PolicyName='p', PolicyDocument=document(*statements))
        key = iam.create_access_key(UserName=name)['AccessKey']
        return {'access_key': key['AccessKeyId'], 'secret_key': key['SecretAccessKey']}

    def test_who_may_ask(self):
        nobody, reader = self.user(), self.user(statement('tidemark:GetCosts'),
                                                statement('tidemark:EstimateCost', table_arn('Users')))
        on_table = {'TableName': 'Users'}
        for operation, body in (('GetCosts', {}), ('EstimateCost', on_table)):
            refused = self.running.call(operation, body, target=OURS, **nobody)
            self.assertEqual(refused.code, 'AccessDeniedException')
            self.assertIn(f'tidemark:{operation}', refused.message)
            self.ask(operation, body, **reader)
        for key in (nobody, reader):
            self.assertEqual(self.running.call('GetServerCosts', {}, target=OURS, **key).code, 'AccessDeniedException')

    def test_who_may_set_prices(self):
        """The operator's account, by permission; and it is on record who did."""
        body = {'Kind': 'PITR', 'Usd': '0.30'}
        nobody, setter = self.user(statement('tidemark:GetPriceBook')), self.user(statement('tidemark:SetPrice'))
        refused = self.running.call('SetPrice', body, target=OURS, **nobody)
        self.assertEqual(refused.code, 'AccessDeniedException')
        self.assertIn('tidemark:SetPrice', refused.message)
        self.assertEqual(self.ask('GetPriceBook', {}, **nobody)['Edits'], [])
        edit, = self.ask('SetPrice', body, **setter)['Edits']
        self.assertEqual((edit['Kind'], edit['Usd']), ('PITR', '0.30'))
        self.assertEqual(self.running.call('ResetPrices', {}, target=OURS, **setter).code, 'AccessDeniedException')
        made = self.ask('CreateAccount', {'AccountId': '222222222222'})
        other = {'access_key': made['AccessKeyId'], 'secret_key': made['SecretAccessKey']}
        for operation, what in (('SetPrice', body), ('ResetPrices', {})):
            refused = self.running.call(operation, what, target=OURS, **other)
            self.assertEqual(refused.code, 'AccessDeniedException')
            self.assertIn("in the account of the operator", refused.message)
        self.assertEqual(self.ask('GetPriceBook', {}, **other)['Edits'], [edit])
        events = self.ask('LookupEvents', {'EventName': 'SetPrice'})['Events']
        self.assertEqual(len([event for event in events if not event.get('ErrorCode')]), 1, events)

    def test_accounts_see_their_own_and_the_operator_all(self):
        made = self.ask('CreateAccount', {'AccountId': '222222222222'})
        other = {'access_key': made['AccessKeyId'], 'secret_key': made['SecretAccessKey']}
        arn = self.backup()
        theirs = self.running.client(**other)
        make_table(theirs, name='Films')
        theirs.create_backup(TableName='Films', BackupName='backup')
        self.assertEqual(list(self.costs('RESOURCE')), [arn])
        self.assertEqual([group['Table'] for group in self.ask('GetCosts', {'GroupBy': ['TABLE']}, **other)['Groups']],
                         ['Films'])
        all_of_it = self.ask('GetServerCosts', {'GroupBy': ['ACCOUNT', 'TABLE']})['Groups']
        self.assertEqual([(group['Account'], group['Table']) for group in all_of_it],
                         [(server.ACCOUNT, 'Users'), ('222222222222', 'Films')])
        self.assertEqual(self.running.call('GetServerCosts', {}, target=OURS, **other).code, 'AccessDeniedException')


class CommandLine(Costs):
    def told(self, *arguments):
        return self.assertEnds(0, '', *arguments, **self.environment).stdout

    def test_costs(self):
        self.recovery(True)
        self.backup()
        told = self.told('costs')
        self.assertRegex(told, r'(?s)US dollars, prices of 2026-01-01\n.* 4\.[78] MiB .*  Users  ON_DEMAND\n.*'
                               r'  Users  PITR\n.*  all\n.* at the month.s end, if nothing changes\n')
        rows = list(csv.DictReader(io.StringIO(self.told('costs', '--csv', '--by', 'kind,region'))))
        self.assertEqual([(row['Kind'], row['Region']) for row in rows], [('ON_DEMAND', 'us-east-1'),
                                                                          ('PITR', 'us-east-1')])
        self.assertEqual(int(rows[0]['LogicalBytes']), self.size())
        told = json.loads(self.told('costs', '--all-accounts', '--by', 'account', '--output', 'json'))
        self.assertEqual(told['Groups'][0]['Account'], server.ACCOUNT)
        self.assertEnds(2, "'table' is there twice", 'costs', '--by', 'table,table', **self.environment)
        for wrong in (('--by', 'colour'), ('--by', 'tag:'), ('--by', 'tag:a,tag:b'), ('--from', 'noon'),
                      ('--until', '2026-02-30')):
            self.assertEnds(2, wrong[1].split(',')[0] if wrong[1] != 'tag:a,tag:b' else 'only one tag', 'costs', *wrong,
                            **self.environment)

    def test_a_day_is_its_begin(self):
        day = self.running.advance(0) // DAY * DAY
        bare = datetime.datetime.fromtimestamp(day, datetime.timezone.utc).strftime('%Y-%m-%d')
        told = json.loads(self.told('costs', '--from', bare, '--output', 'json'))
        self.assertEqual(told['From'], f'{bare}T00:00:00.000000Z')

    def test_of_a_range_the_month_is_named(self):
        self.backup()
        self.running.advance(40 * DAY)
        now = datetime.datetime.fromtimestamp(self.running.advance(0), datetime.timezone.utc)
        begin = now.replace(day=1)
        before = (begin - datetime.timedelta(days=1)).replace(day=1)
        told = self.told('costs', '--from', f'{before:%Y-%m-%d}', '--until', f'{begin:%Y-%m-%d}')
        self.assertIn(f' for all of {before:%Y-%m}, if what is there at the end of this stays\n', told)
        self.assertNotIn("month's end", told)
        told = self.told('costs', '--from', f'{before:%Y-%m-%d}')
        self.assertIn(f' for all of {now:%Y-%m}, if what is there now stays\n', told)

    def test_by_tag(self):
        self.db.tag_resource(ResourceArn=table_arn('Users'), Tags=[{'Key': 'team', 'Value': 'people'}])
        self.backup()
        rows = list(csv.DictReader(io.StringIO(self.told('costs', '--csv', '--by', 'kind,tag:team'))))
        self.assertEqual([(row['Kind'], row['Tag']) for row in rows], [('ON_DEMAND', 'people')])

    def test_estimate(self):
        told = self.told('estimate', 'Users', '--keep-days', '360', '--every-days', '30', '--cold-after-days', '30')
        self.assertIn('1 warm, 11 cold', told)
        self.assertIn('at its end, if nothing changes', told)
        self.assertEnds(1, 'ResourceNotFoundException', 'estimate', 'Nobody', **self.environment)

    def test_a_price_book_of_ones_own(self):
        arn = self.backup()
        self.running.advance(DAY)
        until = str(self.running.advance(0) - DAY / 2)
        before = self.costs('RESOURCE', Until=until)[arn]
        book = json.loads((server.ROOT / 'models/prices.json').read_text())
        book['lists'][0]['usd']['ON_DEMAND'] = '1.00'
        book['lists'][0]['from'] = '2020-02-02'
        path = self.directory / 'prices.json'
        path.write_text(json.dumps(book))
        self.running.arguments += ['--price-book', str(path)]
        self.running.restart()
        self.connect()
        self.running.advance(DAY + 60)
        answer = self.ask('GetCosts', {'GroupBy': ['RESOURCE'], 'Until': until})
        self.assertEqual(answer['PriceListDate'], '2020-02-02')
        self.assertAlmostEqual(float(answer['Groups'][0]['Cost']), 10 * float(before['Cost']), 7)
        path.write_text('{"currency":"USD"}')
        ended = self.run_program('serve', '--data', self.directory / 'other', '--price-book', path, '--listen',
                                 '127.0.0.1:0', **self.environment)
        self.assertEqual(ended.returncode, 1)
        self.assertIn('prices.json: this is no price book', ended.stderr)
        self.assertIn('begin with a copy of models/prices.json', ended.stderr)
        # It is the operator's own: what is set goes there.
        self.assertEnds(1, 'edit that file', 'prices', 'set', 'PITR', '0.5', **self.environment)
        self.assertIn('of the server\'s own book', self.told('prices', 'show'))
        self.assertEnds(1, 'Without --price-book', 'serve', '--data', self.directory / 'other', '--price-book',
                        self.directory / 'none.json', '--listen', '127.0.0.1:0', **self.environment)

    def day(self, after=0):
        now = self.running.advance(0) + after * DAY
        return datetime.datetime.fromtimestamp(now, datetime.timezone.utc).strftime('%Y-%m-%d')

    def test_prices_are_set_and_reset_from_a_day_on(self):
        """Bills of what is past keep the prices of their day."""
        if self.running.advance(0) % DAY > DAY - 7200:
            self.running.advance(7200)
        arn = self.backup()
        self.running.advance(2 * DAY)
        past = {'Until': str(self.running.advance(0) // DAY * DAY)}
        before = self.costs('RESOURCE', **past)[arn]['Cost']
        self.assertRegex(self.told('prices', 'show'), r'(?s)from 2026-01-01 on\n.*  ON_DEMAND +0\.10\n')
        told = self.told('prices', 'set', 'ON_DEMAND', '0.75')
        self.assertRegex(told, rf'(?s)from {self.day()} on\n.*  ON_DEMAND +0\.75\n')
        self.told('prices', 'set', 'ON_DEMAND', '0.95', '--from', self.day(40))
        self.told('prices', 'set', 'RESTORE', '0.5', '--price-region', 'eu-west-1')
        self.assertEnds(1, "e.g. eu-west-1: 1 to 32 of a-z, 0-9 and '-', not '../x'", 'prices', 'set', 'RESTORE',
                        '0.5', '--price-region', '../x', **self.environment)
        self.restart()
        self.running.advance(2 * DAY)
        self.environment['TIDEMARK_ENDPOINT'] = self.running.url
        answer = self.ask('GetCosts', {})
        self.assertEqual((answer['Prices']['ON_DEMAND'], answer['Prices']['RESTORE']), ('0.75', '0.15'))
        far = self.ask('GetCosts', {}, region='eu-west-1')
        self.assertEqual((far['Prices']['ON_DEMAND'], far['Prices']['RESTORE']), ('0.75', '0.50'))
        self.assertEqual(self.costs('RESOURCE', **past)[arn]['Cost'], before)
        self.running.advance(DAY)
        today = {'From': str(self.running.advance(0) // DAY * DAY - DAY),
                 'Until': str(self.running.advance(0) // DAY * DAY)}
        seconds = calendar.monthrange(*map(int, self.day(-1).split('-')[:2]))[1] * DAY
        self.assertAlmostEqual(float(self.costs('RESOURCE', **today)[arn]['Cost']),
                               0.75 * self.size() / GB * DAY / seconds, 8)
        self.told('prices', 'reset', 'ON_DEMAND')
        answer = self.ask('GetCosts', {})
        self.assertEqual(answer['Prices']['ON_DEMAND'], '0.10')
        self.assertAlmostEqual(float(self.costs('RESOURCE', **today)[arn]['Cost']),
                               0.75 * self.size() / GB * DAY / seconds, 8)
        self.running.advance(60 * DAY)
        self.assertEqual(self.ask('GetCosts', {})['Prices']['ON_DEMAND'], '0.95')  # which was set for later
        for wrong, text in ((('set', 'PITR', 'much'), 'decimal number of dollars'),
                            (('set', 'PITR', '1', '--from', '2026-01-01'), 'keeps its prices'),
                            (('set', 'PITR', '1', '--from', 'noon-today'), 'is no day'),
                            (('reset', 'PITR'), 'No such price has been set')):
            self.assertEnds(1, text, 'prices', *wrong, **self.environment)
        for wrong in ((), ('set',), ('set', 'TAPE', '1'), ('set', 'PITR')):
            self.assertEnds(2, '', 'prices', *wrong, **self.environment)


if __name__ == '__main__':
    unittest.main()
