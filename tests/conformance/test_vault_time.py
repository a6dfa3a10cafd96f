"""AWS Backup as time passes and servers are killed: lives that end, locks that close, jobs that are taken up."""

import datetime
import os
import random
import sys
import time
import unittest

from botocore.exceptions import ClientError

from case import load, scan_all, wait_active, wait_gone
from iam_case import document, statement, table_arn
from vault_case import ALL_WORK, TRUST, wait_job
import server

DAY = 86400
VAULT = 'vault'
ROLE = f'arn:aws:iam::{server.ACCOUNT}:role/keeper'


def statuses_in(backup, vault):
    """ARN -> status."""
    points = backup.list_recovery_points_by_backup_vault(BackupVaultName=vault)['RecoveryPoints']
    return {point['RecoveryPointArn']: point['Status'] for point in points}


class OwnVault(unittest.TestCase):
    """A server of its own with a table, a vault and a role."""

    def setUp(self):
        self.server = server.Server()
        self.addCleanup(self.server.close)
        self.connect()
        self.iam.create_role(RoleName='keeper', AssumeRolePolicyDocument=TRUST)
        self.iam.put_role_policy(RoleName='keeper', PolicyName='p', PolicyDocument=ALL_WORK)
        self.make_table('Kept')
        self.backup.create_backup_vault(BackupVaultName=VAULT)

    def connect(self):
        self.backup, self.db, self.iam = (self.server.client(name) for name in ('backup', 'dynamodb', 'iam'))

    def make_table(self, name):
        self.db.create_table(TableName=name, BillingMode='PAY_PER_REQUEST',
                             KeySchema=[{'AttributeName': 'pk', 'KeyType': 'HASH'}],
                             AttributeDefinitions=[{'AttributeName': 'pk', 'AttributeType': 'S'}])
        wait_active(self.db, name)

    def start(self, table='Kept', days=None):
        return self.backup.start_backup_job(
            BackupVaultName=VAULT, ResourceArn=table_arn(table), IamRoleArn=ROLE,
            Lifecycle={'DeleteAfterDays': days} if days else {})['BackupJobId']

    def point(self, days=None):
        return wait_job(self.backup.describe_backup_job, 'COMPLETED', BackupJobId=self.start(days=days))[
            'RecoveryPointArn']

    def points(self):
        return statuses_in(self.backup, VAULT)

    def backups(self):
        return {one['BackupArn'] for one in self.db.list_backups(BackupType='AWS_BACKUP')['BackupSummaries']}

    def now(self):
        return datetime.datetime.fromtimestamp(self.server.advance(0), datetime.timezone.utc)

    def until(self, hour, minute=0):
        """Moves the clock to the next such time of day (UTC)."""
        now = self.now()
        then = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
        if then <= now:
            then += datetime.timedelta(days=1)
        self.server.advance((then - now).total_seconds())

    def wait_points(self, expected, points=None, timeout=240):
        """`points`: of which vault, by default VAULT's."""
        points = points or self.points
        deadline = time.monotonic() + timeout
        while points() != expected:
            if time.monotonic() > deadline:
                self.assertEqual(points(), expected)
            time.sleep(0.05)


class Lives(OwnVault):
    def test_points_go_when_their_life_is_over(self):
        short, long, ever = self.point(10), self.point(20), self.point()
        self.server.advance(10 * DAY + 1)
        self.wait_points({long: 'COMPLETED', ever: 'COMPLETED'})
        self.assertEqual(self.backups(), {long, ever})
        self.assertNotIn(short, self.backups())
        # A lock keeps nobody longer than its life.
        self.backup.put_backup_vault_lock_configuration(BackupVaultName=VAULT, MinRetentionDays=15)
        self.server.advance(10 * DAY)
        self.wait_points({ever: 'COMPLETED'})

    def test_without_the_right_to_delete_it_is_expired(self):
        arn = self.point(1)
        self.iam.put_role_policy(RoleName='keeper', PolicyName='p', PolicyDocument=document(
            statement('dynamodb:CreateBackup')))
        self.server.advance(DAY + 1)
        self.wait_points({arn: 'EXPIRED'})
        point = self.backup.describe_recovery_point(BackupVaultName=VAULT, RecoveryPointArn=arn)
        self.assertIn('is not authorized to perform: dynamodb:DeleteBackup', point['StatusMessage'])
        self.backup.delete_recovery_point(BackupVaultName=VAULT, RecoveryPointArn=arn)
        self.wait_points({})
        self.assertEqual(self.backups(), set())

    def test_a_compliance_lock_closes_for_good(self):
        arn = self.point(30)
        put, delete = (self.backup.put_backup_vault_lock_configuration,
                       self.backup.delete_backup_vault_lock_configuration)
        put(BackupVaultName=VAULT, MinRetentionDays=7, ChangeableForDays=3)
        put(BackupVaultName=VAULT, MinRetentionDays=5, ChangeableForDays=4)
        self.server.advance(4 * DAY + 1)
        for call, parameters, text in (
                (put, {'MinRetentionDays': 1}, 'immutable and cannot be modified'),
                (delete, {}, 'immutable and cannot be deleted'),
                (self.backup.delete_recovery_point, {'RecoveryPointArn': arn}, 'is locked'),
                (self.backup.update_recovery_point_lifecycle,
                 {'RecoveryPointArn': arn, 'Lifecycle': {'DeleteAfterDays': 6}}, 'is locked'),
                (self.backup.delete_backup_vault, {}, 'contains recovery points')):
            with self.assertRaises(ClientError) as raised:
                call(BackupVaultName=VAULT, **parameters)
            error = raised.exception.response['Error']
            self.assertEqual(error['Code'], 'InvalidRequestException')
            self.assertIn(text, error['Message'])
        self.server.restart(crash=True)
        self.connect()
        self.assertEqual(self.points(), {arn: 'COMPLETED'})
        self.server.advance(30 * DAY + 1)  # it began again at the real time
        self.wait_points({})
        self.backup.delete_backup_vault(BackupVaultName=VAULT)

    def test_jobs_are_told_of_for_thirty_days(self):
        job = self.start()
        wait_job(self.backup.describe_backup_job, 'COMPLETED', BackupJobId=job)
        self.server.advance(30 * DAY + 1)
        deadline = time.monotonic() + 240
        while self.backup.list_backup_jobs()['BackupJobs']:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)
        with self.assertRaises(self.backup.exceptions.ResourceNotFoundException):
            self.backup.describe_backup_job(BackupJobId=job)
        self.assertEqual(list(self.points().values()), ['COMPLETED'])

    def test_a_job_that_cannot_begin_in_time_expires(self):
        with server.Server(arguments=['--test-hooks', '--test-clock', '--create-delay-ms', '600000']) as slow:
            backup, db, iam = (slow.client(name) for name in ('backup', 'dynamodb', 'iam'))
            iam.create_role(RoleName='keeper', AssumeRolePolicyDocument=TRUST)
            iam.put_role_policy(RoleName='keeper', PolicyName='p', PolicyDocument=ALL_WORK)
            backup.create_backup_vault(BackupVaultName=VAULT)
            db.create_table(TableName='Slow', BillingMode='PAY_PER_REQUEST',
                            KeySchema=[{'AttributeName': 'pk', 'KeyType': 'HASH'}],
                            AttributeDefinitions=[{'AttributeName': 'pk', 'AttributeType': 'S'}])
            job = backup.start_backup_job(BackupVaultName=VAULT, ResourceArn=table_arn('Slow'), IamRoleArn=ROLE,
                                          StartWindowMinutes=60)['BackupJobId']
            self.assertEqual(backup.describe_backup_job(BackupJobId=job)['State'], 'CREATED')
            slow.advance(3601)
            ended = wait_job(backup.describe_backup_job, 'EXPIRED', BackupJobId=job)
            self.assertEqual(ended['StatusMessage'], 'Backup job expired before completion.')

    def test_a_reset_forgets_vaults(self):
        self.point()
        self.server.reset()
        self.assertEqual(self.backup.list_backup_vaults()['BackupVaultList'], [])
        self.assertEqual(self.backup.list_backup_jobs()['BackupJobs'], [])


class Crashes(OwnVault):
    """Killed a random moment after each request: each job ends as asked for, once."""

    ROUNDS = int(os.environ.get('TIDEMARK_CRASH_ROUNDS', '4'))

    def setUp(self):
        super().setUp()
        seed = random.randrange(sys.maxsize)
        print(f'{self.id()}: seed {seed}', file=sys.stderr)
        self.random = random.Random(seed)
        self.items = [{'pk': {'S': f'k{n}'}} for n in range(50)]
        load(self.db, 'Kept', self.items)

    def crash_soon(self):
        time.sleep(self.random.random() * 0.06)
        self.server.restart(crash=True)
        self.connect()

    def test_backup_jobs(self):
        jobs = []
        for _ in range(self.ROUNDS):
            jobs.append(self.start())
            self.crash_soon()
            wait_job(self.backup.describe_backup_job, 'COMPLETED', BackupJobId=jobs[-1])
        points = [self.backup.describe_backup_job(BackupJobId=job)['RecoveryPointArn'] for job in jobs]
        self.assertEqual(self.points(), {arn: 'COMPLETED' for arn in points})
        self.assertEqual(self.backups(), set(points))
        self.assertEqual(len(set(points)), self.ROUNDS)

    def test_restore_jobs(self):
        arn = self.point()
        for number in range(self.ROUNDS):
            target = f'Back{number}'
            job = self.backup.start_restore_job(RecoveryPointArn=arn, IamRoleArn=ROLE,
                                                Metadata={'targetTableName': target})['RestoreJobId']
            self.crash_soon()
            wait_job(self.backup.describe_restore_job, 'COMPLETED', RestoreJobId=job)
            items = scan_all(self.db, target)
            self.assertEqual(sorted(item['pk']['S'] for item in items),
                             sorted(item['pk']['S'] for item in self.items))
            self.db.delete_table(TableName=target)
            wait_gone(self.db, target)
        self.assertEqual(self.db.list_tables()['TableNames'], ['Kept'])

    def test_deletions_and_stops(self):
        for _ in range(self.ROUNDS):
            arn = self.point()
            self.backup.delete_recovery_point(BackupVaultName=VAULT, RecoveryPointArn=arn)
            job = self.start()
            try:
                self.backup.stop_backup_job(BackupJobId=job)
                state, left = 'ABORTED', {}
            except self.backup.exceptions.InvalidRequestException:  # it was quicker
                state, left = 'COMPLETED', None
            self.crash_soon()
            ended = wait_job(self.backup.describe_backup_job, state, BackupJobId=job)
            if left is None:
                self.backup.delete_recovery_point(BackupVaultName=VAULT, RecoveryPointArn=ended['RecoveryPointArn'])
            self.wait_points({})
            self.assertEqual(self.backups(), set())


if __name__ == '__main__':
    unittest.main()
