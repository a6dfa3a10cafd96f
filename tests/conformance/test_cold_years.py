"""Eight years of a plan under a clock that the test moves, against a model of what must be there.

Daily backups are kept for 30 days; quarterly ones move to cold storage after 30 days, are kept for 7 years,
so that the first ones end, and are copied to another Region and another account, where they do the same. The daily
rule goes after two months. TIDEMARK_YEARS=long: it stays all the time, and what is quarterly is monthly.
"""

import datetime
import json
import os
import random
import sys
import time
import unittest

from case import load, scan_all, wait_active, wait_gone
from iam_case import document, statement, table_arn
from test_vault_copies import FAR, WORK, arn_of, by_key
from test_vault_time import ROLE, VAULT, OwnVault
from vault_case import TRUST, wait_job
import server

LONG = os.environ.get('TIDEMARK_YEARS') == 'long'
MONTHS = 96
DAILY_MONTHS = MONTHS if LONG else 2
EVERY = 1 if LONG else 3  # so many months
DAILY_KEPT, COLD_AFTER, RARE_KEPT = 30, 30, 2555  # days
HOUR = datetime.timedelta(hours=1)
DAY = datetime.timedelta(days=1)
DAILY_AT, RARE_AT, LOOK_AT = 5 * HOUR, 6 * HOUR, 7 * HOUR
OURS = 'Tidemark_20261101.'


def items_on(day):
    """What the table holds on a day: all of it is of the month, but for one item."""
    month = f'{day:%Y-%m}'
    return by_key([{'pk': {'S': f'k{n:02}'}, 'month': {'S': month}, 'text': {'S': f'{month} {n} ' * 20}}
                   for n in range(30)] + [{'pk': {'S': 'today'}, 'day': {'S': f'{day:%Y-%m-%d}'}}])


def is_rare(day):
    return day.day == 1 and (day.month - 1) % EVERY == 0


class Model:
    """Which recovery points there are in which vault, and in which tier, at LOOK_AT of a day."""

    def __init__(self, first):
        self.first = first
        self.last_daily = None  # None: there is a daily one today

    def days(self, until):
        return [self.first + DAY * n for n in range((until - self.first).days + 1)]

    def near(self, today):
        daily = {(day, DAILY_AT): 'WARM' for day in self.days(self.last_daily or today)
                 if (today - day).days < DAILY_KEPT}
        return {**daily, **self.far(today)}

    def far(self, today):
        return {(day, RARE_AT): 'COLD' if (today - day).days >= COLD_AFTER else 'WARM'
                for day in self.days(today) if is_rare(day) and (today - day).days < RARE_KEPT}


class Place:
    """A vault, and the clients that reach it."""

    def __init__(self, backup, db, vault, role):
        self.backup, self.db, self.vault, self.role = backup, db, vault, role

    def points(self):
        """(day, time of the run) -> ARN and details."""
        found = {}
        for page in self.backup.get_paginator('list_recovery_points_by_backup_vault').paginate(
                BackupVaultName=self.vault):
            for point in page['RecoveryPoints']:
                made = point['CreationDate'].astimezone(datetime.timezone.utc)
                day = made.replace(hour=0, minute=0, second=0, microsecond=0)
                key = day, datetime.timedelta(hours=made.hour)
                if key in found:
                    raise AssertionError(f'{key} is there twice')
                found[key] = point
        return found

    def tiers(self, since=None):
        """The same of those since then -> tier; or the status of what is not complete."""
        return {key: self.describe(point)['StorageClass'] if point['Status'] == 'COMPLETED' else point['Status']
                for key, point in self.points().items() if since is None or key[0] >= since}

    def describe(self, point):
        return self.backup.describe_recovery_point(BackupVaultName=self.vault,
                                                   RecoveryPointArn=point['RecoveryPointArn'])


class Years(OwnVault):
    def setUp(self):
        super().setUp()
        seed = random.randrange(sys.maxsize)
        print(f'{self.id()}: seed {seed}', file=sys.stderr)
        self.random = random.Random(seed)
        self.iam.put_role_policy(RoleName='keeper', PolicyName='p', PolicyDocument=WORK)
        self.near = Place(self.backup, self.db, VAULT, ROLE)
        far = self.server.client('backup', region=FAR)
        far.create_backup_vault(BackupVaultName='far')
        self.far = Place(far, self.server.client(region=FAR), 'far', ROLE)
        self.other = self.another_account()
        self.first = self.begin()
        self.model = Model(self.first)

    def another_account(self):
        made = self.server.call('CreateAccount', {'Name': 'safe'}, target=OURS).json
        self.account = made['AccountId']
        keys = {'access_key': made['AccessKeyId'], 'secret_key': made['SecretAccessKey']}
        backup, db, iam, kms = (self.server.client(name, **keys) for name in ('backup', 'dynamodb', 'iam', 'kms'))
        iam.create_role(RoleName='keeper', AssumeRolePolicyDocument=TRUST)
        iam.put_role_policy(RoleName='keeper', PolicyName='p', PolicyDocument=document(statement(
            ['dynamodb:*', 'kms:*'])))
        backup.create_backup_vault(BackupVaultName='safe', EncryptionKeyArn=kms.create_key()['KeyMetadata']['Arn'])
        backup.put_backup_vault_access_policy(BackupVaultName='safe', Policy=json.dumps({
            'Version': '2012-10-17', 'Statement': [{'Effect': 'Allow', 'Resource': '*', 'Principal': {
                'AWS': f'arn:aws:iam::{server.ACCOUNT}:root'}, 'Action': 'backup:CopyIntoBackupVault'}]}))
        self.backup.update_global_settings(GlobalSettings={'isCrossAccountBackupEnabled': 'true'})
        return Place(backup, db, 'safe', f'arn:aws:iam::{self.account}:role/keeper')

    def begin(self):
        """Makes the plan at the end of a day; the next one."""
        now = self.now()
        first = now.replace(hour=0, minute=0, second=0, microsecond=0) + (2 if now.hour >= 22 else 1) * DAY
        self.move_to(first - HOUR)
        self.plan = self.backup.create_backup_plan(BackupPlan=self.document())['BackupPlanId']
        self.backup.create_backup_selection(BackupPlanId=self.plan, BackupSelection={
            'SelectionName': 's', 'IamRoleArn': ROLE, 'Resources': [table_arn('Kept')]})
        return first

    def document(self, daily=True):
        life = {'MoveToColdStorageAfterDays': COLD_AFTER, 'DeleteAfterDays': RARE_KEPT}
        copies = [arn_of('far'), arn_of('safe', region=server.REGION, account=self.account)]
        rules = [{'RuleName': 'daily', 'TargetBackupVaultName': VAULT, 'ScheduleExpression': 'cron(0 5 ? * * *)',
                  'Lifecycle': {'DeleteAfterDays': DAILY_KEPT}}] if daily else []
        return {'BackupPlanName': 'years', 'Rules': rules + [
            {'RuleName': 'rare', 'TargetBackupVaultName': VAULT, 'ScheduleExpression': f'cron(0 6 1 1/{EVERY} ? *)',
             'Lifecycle': life, 'CopyActions': [{'DestinationBackupVaultArn': arn, 'Lifecycle': life}
                                                for arn in copies]}]}

    def now(self):
        return datetime.datetime.fromtimestamp(self.server.advance(0), datetime.timezone.utc)

    def move_to(self, time):
        self.server.advance(max(0, (time - self.now()).total_seconds()))

    def wait(self, found, expected, timeout=240):
        deadline = time.monotonic() + timeout
        while (now := found()) != expected:
            if time.monotonic() > deadline:
                self.assertEqual(now, expected)
            time.sleep(0.03)

    def run_at(self, day, hour):
        """Moves to a little after a run of the plan, and waits until it has made its recovery point."""
        self.move_to(day + hour + HOUR / 60)
        self.wait(lambda: [point['Status'] for point in self.backup.list_recovery_points_by_backup_vault(
            BackupVaultName=VAULT, ByCreatedAfter=day + hour)['RecoveryPoints']], ['COMPLETED'])

    def live(self, day, daily):
        """What happens on a day."""
        if day == self.first or day.day == 1:
            load(self.db, 'Kept', items_on(day))
        else:
            load(self.db, 'Kept', [item for item in items_on(day) if item['pk']['S'] == 'today'])
        if daily:
            self.run_at(day, DAILY_AT)
        if is_rare(day):
            self.run_at(day, RARE_AT)
            self.wait(lambda: [job['State'] for job in self.backup.list_copy_jobs(
                ByCreatedAfter=day)['CopyJobs']], ['COMPLETED'] * 2)

    def check(self, today, since=None):
        """Which points there are, and those since then in which tier."""
        self.move_to(today + LOOK_AT)
        for place, expected in ((self.near, self.model.near(today)), (self.far, self.model.far(today)),
                                (self.other, self.model.far(today))):
            self.wait(lambda: set(place.points()), set(expected))  # before each is looked at
            self.wait(lambda: place.tiers(since), {key: tier for key, tier in expected.items()
                                                   if since is None or key[0] >= since})

    def restore_some(self, today):
        """One of each tier there is, in any vault."""
        for tier in ('WARM', 'COLD'):
            place = self.random.choice((self.near, self.far, self.other))
            keys = [key for key, now in place.tiers().items() if now == tier]
            if not keys:
                continue
            key = self.random.choice(keys)
            job = place.backup.start_restore_job(
                RecoveryPointArn=place.points()[key]['RecoveryPointArn'], IamRoleArn=place.role,
                Metadata={'targetTableName': 'Back'})['RestoreJobId']
            wait_job(place.backup.describe_restore_job, 'COMPLETED', RestoreJobId=job)
            wait_active(place.db, 'Back')
            self.assertEqual(by_key(scan_all(place.db, 'Back')), items_on(key[0]), (place.vault, key, today))
            place.db.delete_table(TableName='Back')
            wait_gone(place.db, 'Back')
            self.restores[tier] = self.restores.get(tier, 0) + 1

    def test_points_tiers_and_copies_are_those_of_the_model(self):
        self.restores = {}
        day, begun = self.first, time.monotonic()
        last = self.end_of_month(day, MONTHS)
        last_daily = self.end_of_month(day, DAILY_MONTHS)
        while day <= last:
            daily = day <= last_daily
            if daily or is_rare(day):
                self.live(day, daily)
            ends = (day + DAY).day == 1 and (daily or day.month == 12)  # a month, or a year
            if is_rare(day) or ends:
                self.check(day, since=None if ends else day - 7 * COLD_AFTER * DAY)
            if ends:
                self.restore_some(day)
            if day == last_daily:
                self.model.last_daily = day
                self.backup.update_backup_plan(BackupPlanId=self.plan, BackupPlan=self.document(daily=False))
            day += DAY
        print(f'{MONTHS} months in {time.monotonic() - begun:.0f} s; restores: {self.restores}', file=sys.stderr)
        self.assertGreater(self.restores['COLD'], 0)
        early = self.model.far(self.end_of_month(self.first, 80))
        self.assertNotEqual(min(self.model.far(last)), min(early))  # the first ones have ended

    @staticmethod
    def end_of_month(day, months):
        """The last day of the so-manieth month from this one on."""
        month = day.month - 1 + months
        return day.replace(year=day.year + month // 12, month=month % 12 + 1, day=1) - DAY


if __name__ == '__main__':
    unittest.main()
