"""AWS Backup: copies of recovery points into vaults of other Regions and accounts of the server."""

import datetime
import json
import random
import sys
import time
import unittest
import urllib.parse

from botocore.exceptions import ClientError

from case import load, scan_all, unique, wait_active, wait_gone
from iam_case import document, statement, table_arn
from test_recover import RecoverCase
from test_vault_time import DAY, ROLE, VAULT, OwnVault, statuses_in
from vault_case import TRUST, VaultCase, get, vault_arn, wait_job
import server

FAR = 'eu-west-1'
ITEMS = [{'pk': {'S': f'k{n:03}'}, 'v': {'N': str(n)}} for n in range(60)]
WORK = document(statement(['dynamodb:*', 'kms:*', 'backup:CopyFromBackupVault', 'backup:CopyIntoBackupVault']))


def arn_of(vault, region=FAR, account=server.ACCOUNT):
    return f'arn:aws:backup:{region}:{account}:backup-vault:{vault}'


def by_key(items):
    return sorted(items, key=lambda item: item['pk']['S'])


def ended(backup, job, state='COMPLETED'):
    """The copy job once it has ended, in this state."""
    return wait_job(lambda **which: backup.describe_copy_job(**which)['CopyJob'], state, CopyJobId=job['CopyJobId'])


class CopyCase(VaultCase):
    """A table, a vault, a role, a recovery point, and a vault far away."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.far, cls.far_db = (cls.server.client(name, region=FAR) for name in ('backup', 'dynamodb'))

    def setUp(self):
        super().setUp()
        self.name, self.near, self.role = self.table(), self.vault(), self.service_role(WORK)
        load(self.db, self.name, ITEMS)
        self.far_vault = unique('far')
        self.make_vault(self.far, self.far_vault)

    def make_vault(self, backup, name, **parameters):
        backup.create_backup_vault(BackupVaultName=name, **parameters)
        self.addCleanup(self.empty, backup, name)

    @staticmethod
    def points_in(backup, name):
        return backup.list_recovery_points_by_backup_vault(BackupVaultName=name)['RecoveryPoints']

    def empty(self, backup, name):
        try:
            backup.delete_backup_vault_lock_configuration(BackupVaultName=name)
            for point in self.points_in(backup, name):
                backup.delete_recovery_point(BackupVaultName=name, RecoveryPointArn=point['RecoveryPointArn'])
            deadline = time.monotonic() + 240
            while self.points_in(backup, name) and time.monotonic() < deadline:
                time.sleep(0.02)
            backup.delete_backup_vault(BackupVaultName=name)
        except ClientError:
            pass

    def copy(self, point, vault=None, backup=None, **parameters):
        return (backup or self.backup).start_copy_job(**{
            'RecoveryPointArn': point, 'SourceBackupVaultName': self.near, 'IamRoleArn': self.role,
            'DestinationBackupVaultArn': vault or arn_of(self.far_vault), **parameters})

    def restored(self, backup, db, point, role):
        """The items of a table that is restored from the point; the table goes with the test."""
        target = unique()
        job = backup.start_restore_job(RecoveryPointArn=point, IamRoleArn=role, Metadata={'targetTableName': target})
        self.addCleanup(self.drop_in, db, target)
        wait_job(backup.describe_restore_job, 'COMPLETED', RestoreJobId=job['RestoreJobId'])
        wait_active(db, target)
        return by_key(scan_all(db, target))

    @staticmethod
    def drop_in(db, name):
        try:
            db.delete_table(TableName=name)
            wait_gone(db, name)
        except ClientError:
            pass


class ToAnotherRegion(CopyCase):
    def test_it_is_a_recovery_point_of_its_own(self):
        point = self.point(self.near, table_arn(self.name), self.role, RecoveryPointTags={'why': 'audit'},
                           Lifecycle={'DeleteAfterDays': 30})
        started = self.copy(point, Lifecycle={'DeleteAfterDays': 365})
        self.assertFalse(started['IsParent'])
        job = ended(self.backup, started)
        copy = job['DestinationRecoveryPointArn']
        self.assertTrue(copy.startswith(f'arn:aws:dynamodb:{FAR}:{server.ACCOUNT}:table/{self.name}/backup/'), copy)
        self.assertEqual((job['SourceBackupVaultArn'], job['SourceRecoveryPointArn'], job['ResourceArn']),
                         (vault_arn(self.near), point, table_arn(self.name)))
        source = self.backup.describe_recovery_point(BackupVaultName=self.near, RecoveryPointArn=point)
        made = self.far.describe_recovery_point(BackupVaultName=self.far_vault, RecoveryPointArn=copy)
        self.assertEqual((made['Status'], made['SourceBackupVaultArn'], made['ResourceArn']),
                         ('COMPLETED', vault_arn(self.near), table_arn(self.name)))
        for same in ('CreationDate', 'BackupSizeInBytes'):
            self.assertEqual(made[same], source[same])
        self.assertNotIn('SourceBackupVaultArn', source)
        self.assertEqual(made['EncryptionKeyArn'],
                         self.far.describe_backup_vault(BackupVaultName=self.far_vault)['EncryptionKeyArn'])
        self.assertEqual(made['Lifecycle'], {'DeleteAfterDays': 365})
        # Its life begins when it is made.
        days = (made['CalculatedLifecycle']['DeleteAt'] - made['CompletionDate']).total_seconds() / DAY
        self.assertAlmostEqual(days, 365, delta=0.01)
        self.assertEqual(self.far.list_tags(ResourceArn=copy)['Tags'], {'why': 'audit'})
        # Neither its source nor its table is needed any more.
        self.backup.delete_recovery_point(BackupVaultName=self.near, RecoveryPointArn=point)
        self.wait_empty(self.near)
        self.drop(self.name)
        self.assertEqual(self.restored(self.far, self.far_db, copy, self.role), by_key(ITEMS))
        # Of DynamoDB it is a backup there.
        listed = self.far_db.list_backups(TableName=self.name, BackupType='AWS_BACKUP')['BackupSummaries']
        self.assertEqual([(one['BackupArn'], one['TableArn']) for one in listed], [(copy, table_arn(self.name))])
        self.assertBackupFails('ValidationException', 'delete the recovery point of this ARN in its backup vault',
                               self.far_db.delete_backup, BackupArn=copy)
        target = unique()
        self.addCleanup(self.drop_in, self.far_db, target)
        summary = self.far_db.restore_table_from_backup(TargetTableName=target, BackupArn=copy)['TableDescription'][
            'RestoreSummary']
        self.assertEqual((summary['SourceBackupArn'], summary['SourceTableArn']), (copy, table_arn(self.name)))
        wait_active(self.far_db, target)
        self.assertEqual(by_key(scan_all(self.far_db, target)), by_key(ITEMS))

    def test_a_copy_of_a_copy(self):
        point = self.point(self.near, table_arn(self.name), self.role)
        first = ended(self.backup, self.copy(point))['DestinationRecoveryPointArn']
        back = self.vault()
        job = self.copy(first, vault_arn(back), self.far, SourceBackupVaultName=self.far_vault)
        second = ended(self.far, job)['DestinationRecoveryPointArn']
        made = self.backup.describe_recovery_point(BackupVaultName=back, RecoveryPointArn=second)
        self.assertEqual((made['SourceBackupVaultArn'], made['ResourceArn']),
                         (arn_of(self.far_vault), table_arn(self.name)))
        self.assertNotEqual(second, point)
        self.far.delete_recovery_point(BackupVaultName=self.far_vault, RecoveryPointArn=first)
        self.assertEqual(self.restored(self.backup, self.db, second, self.role), by_key(ITEMS))

    def test_requests_are_checked(self):
        point = self.point(self.near, table_arn(self.name), self.role)
        for change, code, text in (
                ({'SourceBackupVaultName': 'absent'}, 'ResourceNotFoundException', 'Backup vault absent does not'),
                ({'RecoveryPointArn': point + 'x'}, 'ResourceNotFoundException', 'does not exist in backup vault'),
                ({'DestinationBackupVaultArn': 'vault'}, 'InvalidParameterValueException', 'ARN of a backup vault'),
                ({'DestinationBackupVaultArn': arn_of('absent')}, 'ResourceNotFoundException', 'absent does not exist'),
                ({'DestinationBackupVaultArn': arn_of(self.far_vault, 'eu-west-2')}, 'ResourceNotFoundException',
                 'does not exist'),
                ({'DestinationBackupVaultArn': vault_arn(self.near)}, 'InvalidRequestException', 'its own vault'),
                ({'IamRoleArn': self.role + 'x'}, 'InvalidParameterValueException', 'cannot be assumed'),
                ({'Lifecycle': {'DeleteAfterDays': 99, 'MoveToColdStorageAfterDays': 10}},
                 'InvalidParameterValueException', 'DeleteAfterDays cannot be less than 90 days apart')):
            self.assertBackupFails(code, text, self.copy, point=point, **change)
        self.assertBackupFails('AccessDeniedException', 'Insufficient privileges to perform this action.', self.copy,
                               status=403, point=point, vault=arn_of(self.far_vault, account='999999999999'))
        self.assertBackupFails('ResourceNotFoundException', 'does not exist', self.backup.describe_copy_job,
                               CopyJobId='absent')
        self.assertEqual(self.points_in(self.far, self.far_vault), [])

    def test_jobs_that_cannot_be_done_fail_and_leave_nothing(self):
        point = self.point(self.near, table_arn(self.name), self.role)

        def failure(**parameters):
            job = ended(self.backup, self.copy(point, **parameters), 'FAILED')
            self.assertNotIn('DestinationRecoveryPointArn', job)
            return job['StatusMessage']

        for actions, missing in ((['backup:CopyIntoBackupVault'], 'CopyFromBackupVault on resource: ' + point),
                                 (['backup:CopyFromBackupVault'],
                                  'CopyIntoBackupVault on resource: ' + arn_of(self.far_vault))):
            role = self.service_role(document(statement(['dynamodb:*'] + actions)))
            self.assertIn('is not authorized to perform: backup:' + missing, failure(IamRoleArn=role))
        only = self.service_role(document(statement(['backup:CopyIntoBackupVault']), statement(
            'backup:CopyFromBackupVault', condition={'ArnEquals': {'backup:CopyTargets': arn_of('other')}})))
        self.assertIn('backup:CopyFromBackupVault', failure(IamRoleArn=only))
        self.far.put_backup_vault_access_policy(BackupVaultName=self.far_vault, Policy=json.dumps({
            'Version': '2012-10-17', 'Statement': [{'Effect': 'Deny', 'Principal': '*', 'Resource': '*',
                                                    'Action': 'backup:CopyIntoBackupVault'}]}))
        self.assertIn('explicit deny', failure())
        self.far.delete_backup_vault_access_policy(BackupVaultName=self.far_vault)
        self.far.put_backup_vault_lock_configuration(BackupVaultName=self.far_vault, MinRetentionDays=7,
                                                     MaxRetentionDays=30)
        for lifecycle in ({'DeleteAfterDays': 6}, {'DeleteAfterDays': 31}, {}):
            self.assertEqual(failure(Lifecycle=lifecycle), 'Copy job failed. The retention specified in the job is not '
                             'within the range specified for the target Backup Vault.')
        self.far.delete_backup_vault_lock_configuration(BackupVaultName=self.far_vault)
        kms = self.server.client('kms', region=FAR)
        key = kms.create_key()['KeyMetadata']['Arn']
        sealed = unique('sealed')
        self.make_vault(self.far, sealed, EncryptionKeyArn=key)
        kms.disable_key(KeyId=key)
        self.assertIn('is disabled', failure(vault=arn_of(sealed)))
        self.assertEqual(self.points_in(self.far, self.far_vault) + self.points_in(self.far, sealed), [])
        self.assertEqual(self.far_db.list_backups(TableName=self.name, BackupType='ALL')['BackupSummaries'], [])
        # The copy is under the vault's key, not the table's.
        kms.enable_key(KeyId=key)
        copy = ended(self.backup, self.copy(point, arn_of(sealed)))['DestinationRecoveryPointArn']
        kms.disable_key(KeyId=key)
        job = self.far.start_restore_job(RecoveryPointArn=copy, IamRoleArn=self.role,
                                         Metadata={'targetTableName': unique()})['RestoreJobId']
        wait_job(self.far.describe_restore_job, 'FAILED', RestoreJobId=job)
        kms.enable_key(KeyId=key)
        self.assertEqual(self.restored(self.far, self.far_db, copy, self.role), by_key(ITEMS))

    def test_tokens_lists_and_summaries(self):
        point = self.point(self.near, table_arn(self.name), self.role)
        first = self.copy(point, IdempotencyToken='once')
        self.assertEqual(self.copy(point, IdempotencyToken='once')['CopyJobId'], first['CopyJobId'])
        self.assertBackupFails('InvalidParameterValueException', 'IdempotencyToken was sent before', self.copy,
                               point=point, IdempotencyToken='once', Lifecycle={'DeleteAfterDays': 1})
        ended(self.backup, first)
        second = self.copy(point)
        ended(self.backup, second)

        def listed(**filters):
            return [job['CopyJobId'] for job in self.backup.list_copy_jobs(
                **{'ByResourceArn': table_arn(self.name), **filters})['CopyJobs']]

        both = [second['CopyJobId'], first['CopyJobId']]
        self.assertEqual(listed(), both)
        self.assertEqual(listed(ByState='COMPLETED', ByResourceType='DynamoDB',
                                ByDestinationVaultArn=arn_of(self.far_vault), ByAccountId=server.ACCOUNT), both)
        for nothing in ({'ByState': 'FAILED'}, {'ByDestinationVaultArn': arn_of('x')}, {'ByResourceType': 'EFS'},
                        {'ByAccountId': '999999999999'}, {'ByResourceArn': table_arn('x')}):
            self.assertEqual(listed(**nothing), [])
        page = self.backup.list_copy_jobs(ByResourceArn=table_arn(self.name), MaxResults=1)
        rest = self.backup.list_copy_jobs(ByResourceArn=table_arn(self.name), NextToken=page['NextToken'])
        self.assertEqual([job['CopyJobId'] for job in page['CopyJobs'] + rest['CopyJobs']], both)
        one = get(self.server, '/copy-jobs/' + first['CopyJobId'])['CopyJob']
        self.assertEqual((one['DestinationRecoveryPointLifecycle'], one['MessageCategory']), ({}, 'SUCCESS'))
        self.assertEqual([job['CopyJobId'] for job in get(
            self.server, '/copy-jobs/', '?sourceRecoveryPointArn=' + urllib.parse.quote(point, safe=''))['CopyJobs']],
            both)

        def count(**filters):
            return get(self.server, '/audit/copy-job-summaries',
                       '?' + urllib.parse.urlencode(filters))['CopyJobSummaries']

        done = count(State='COMPLETED')
        self.assertEqual([(one['State'], one['MessageCategory'], one['ResourceType'], one['Region']) for one in done],
                         [('COMPLETED', 'SUCCESS', 'DynamoDB', server.REGION)])
        self.assertGreaterEqual(done[0]['Count'], 2)
        self.assertAlmostEqual(done[0]['EndTime'] - done[0]['StartTime'], DAY, places=3)
        everything = count(State='AGGREGATE_ALL', MessageCategory='AGGREGATE_ALL', AggregationPeriod='SEVEN_DAYS')
        self.assertEqual([one['State'] for one in everything], ['AGGREGATE_ALL'])
        self.assertEqual(sum(one['Count'] for one in count(State='ANY')), everything[0]['Count'])


class ToAnotherAccount(CopyCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        made = cls.server.call('CreateAccount', {'Name': 'safe'}, target='Tidemark_20261101.').json
        cls.account = made['AccountId']
        keys = {'access_key': made['AccessKeyId'], 'secret_key': made['SecretAccessKey']}
        cls.theirs, cls.their_db, cls.their_kms = (
            cls.server.client(name, region=FAR, **keys) for name in ('backup', 'dynamodb', 'kms'))
        cls.their_iam = cls.server.client('iam', **keys)

    def setUp(self):
        super().setUp()
        self.safe = unique('safe')
        self.make_vault(self.theirs, self.safe, EncryptionKeyArn=self.their_kms.create_key()['KeyMetadata']['Arn'])
        self.addCleanup(self.switch, 'false')

    def switch(self, value):
        self.backup.update_global_settings(GlobalSettings={'isCrossAccountBackupEnabled': value})

    def let_in(self, name):
        self.theirs.put_backup_vault_access_policy(BackupVaultName=name, Policy=json.dumps({
            'Version': '2012-10-17', 'Statement': [{
                'Effect': 'Allow', 'Principal': {'AWS': f'arn:aws:iam::{server.ACCOUNT}:root'}, 'Resource': '*',
                'Action': 'backup:CopyIntoBackupVault'}]}))

    def test_it_needs_the_vaults_policy_the_switch_and_a_key_of_its_own(self):
        point = self.point(self.near, table_arn(self.name), self.role)
        there = arn_of(self.safe, account=self.account)
        for vault in (there, arn_of('absent', account=self.account)):
            self.assertBackupFails('AccessDeniedException', 'Insufficient privileges to perform this action.',
                                   self.copy, status=403, point=point, vault=vault)
        self.let_in(self.safe)
        job = ended(self.backup, self.copy(point, there), 'FAILED')
        self.assertEqual(job['StatusMessage'], 'Copy job failed. Cross-account copy feature is not enabled for the '
                         'current organization.')
        self.switch('true')
        plain = unique('plain')
        self.make_vault(self.theirs, plain)
        self.let_in(plain)
        job = ended(self.backup, self.copy(point, arn_of(plain, account=self.account)), 'FAILED')
        self.assertIn('encrypted with the default Backup service managed key.', job['StatusMessage'])
        self.assertEqual(self.points_in(self.theirs, plain) + self.points_in(self.theirs, self.safe), [])

        copy = ended(self.backup, self.copy(point, there))['DestinationRecoveryPointArn']
        self.assertTrue(copy.startswith(f'arn:aws:dynamodb:{FAR}:{self.account}:table/{self.name}/backup/'), copy)
        made = self.theirs.describe_recovery_point(BackupVaultName=self.safe, RecoveryPointArn=copy)
        self.assertEqual((made['Status'], made['ResourceArn'], made['SourceBackupVaultArn']),
                         ('COMPLETED', table_arn(self.name), vault_arn(self.near)))
        # Whoever made it cannot reach it there.
        with self.assertRaises(ClientError):
            self.far.delete_recovery_point(BackupVaultName=self.safe, RecoveryPointArn=copy)
        self.assertEqual(self.far_db.list_backups(BackupType='AWS_BACKUP', TableName=self.name)['BackupSummaries'], [])
        role = self.role_there()
        self.assertEqual(self.restored(self.theirs, self.their_db, copy, role), by_key(ITEMS))
        # And back.
        self.backup.delete_recovery_point(BackupVaultName=self.near, RecoveryPointArn=point)
        own = unique('own')
        self.make_vault(self.backup, own,
                        EncryptionKeyArn=self.server.client('kms').create_key()['KeyMetadata']['Arn'])
        self.backup.put_backup_vault_access_policy(BackupVaultName=own, Policy=json.dumps({
            'Version': '2012-10-17', 'Statement': [{'Effect': 'Allow', 'Principal': {'AWS': self.account},
                                                    'Action': 'backup:CopyIntoBackupVault', 'Resource': '*'}]}))
        job = self.copy(copy, vault_arn(own), self.theirs, SourceBackupVaultName=self.safe, IamRoleArn=role)
        back = ended(self.theirs, job)['DestinationRecoveryPointArn']
        self.assertEqual(self.restored(self.backup, self.db, back, self.role), by_key(ITEMS))

    def role_there(self):
        name = unique('role')
        self.their_iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)
        self.their_iam.put_role_policy(RoleName=name, PolicyName='p', PolicyDocument=WORK)
        return f'arn:aws:iam::{self.account}:role/{name}'

    def test_settings_are_the_first_accounts(self):
        settings = self.theirs.describe_global_settings()['GlobalSettings']
        self.assertEqual(settings, {'isCrossAccountBackupEnabled': 'false', 'isMpaEnabled': 'false',
                                    'isDelegatedAdministratorEnabled': 'false'})
        self.assertBackupFails('InvalidRequestException', 'management account', self.theirs.update_global_settings,
                               GlobalSettings={'isCrossAccountBackupEnabled': 'true'})
        for wrong in ({'isCrossAccountBackupEnabled': 'yes'}, {'isMpaEnabled': 'true'}, {'other': 'true'}):
            self.assertBackupFails('InvalidParameterValueException', 'Invalid global setting',
                                   self.backup.update_global_settings, GlobalSettings=wrong)
        self.switch('true')
        answer = self.theirs.describe_global_settings()
        self.assertEqual(answer['GlobalSettings']['isCrossAccountBackupEnabled'], 'true')
        self.assertIn('LastUpdateTime', answer)


class OwnCopies(OwnVault):
    """A server of its own."""

    def setUp(self):
        super().setUp()
        self.iam.put_role_policy(RoleName='keeper', PolicyName='p', PolicyDocument=WORK)
        self.far.create_backup_vault(BackupVaultName='far')
        load(self.db, 'Kept', ITEMS)

    def connect(self):
        super().connect()
        self.far, self.far_db = (self.server.client(name, region=FAR) for name in ('backup', 'dynamodb'))

    def copies(self):
        return statuses_in(self.far, 'far')


class Plans(OwnCopies):
    def test_each_run_is_copied(self):
        soon = datetime.datetime.fromtimestamp(self.server.advance(0) + 7200, datetime.timezone.utc)
        rule = {'RuleName': 'daily', 'TargetBackupVaultName': VAULT,
                'ScheduleExpression': f'cron(0 {soon.hour} ? * * *)',
                'Lifecycle': {'DeleteAfterDays': 3}, 'CopyActions': [
                    {'DestinationBackupVaultArn': arn_of('far'), 'Lifecycle': {'DeleteAfterDays': 10}},
                    {'DestinationBackupVaultArn': arn_of('absent')}]}
        plan = self.backup.create_backup_plan(BackupPlan={'BackupPlanName': 'p', 'Rules': [rule]})['BackupPlanId']
        told = self.backup.get_backup_plan(BackupPlanId=plan)['BackupPlan']['Rules'][0]['CopyActions']
        self.assertEqual(told, rule['CopyActions'])
        self.backup.create_backup_selection(BackupPlanId=plan, BackupSelection={
            'SelectionName': 's', 'IamRoleArn': ROLE, 'Resources': ['*']})
        self.server.advance(7200)
        deadline = time.monotonic() + 240
        while True:
            jobs = self.backup.list_copy_jobs()['CopyJobs']
            if len(jobs) == 2 and all(job['State'] in ('COMPLETED', 'FAILED') for job in jobs):
                break
            self.assertLess(time.monotonic(), deadline, jobs)
            time.sleep(0.05)
        made, failed = sorted(jobs, key=lambda job: job['State'])
        self.assertEqual((made['State'], failed['State']), ('COMPLETED', 'FAILED'))
        self.assertEqual(failed['StatusMessage'], 'Backup vault absent does not exist')
        backup_job = self.backup.list_backup_jobs()['BackupJobs'][0]
        for job in jobs:
            self.assertEqual(job['CreatedBy']['BackupPlanId'], plan)
            told = get(self.server, '/copy-jobs/' + job['CopyJobId'])['CopyJob']
            self.assertEqual(told['CreatedByBackupJobId'], backup_job['BackupJobId'])
        self.assertEqual(backup_job['State'], 'COMPLETED')  # whatever becomes of its copies
        copy = made['DestinationRecoveryPointArn']
        self.assertEqual(self.copies(), {copy: 'COMPLETED'})
        self.backup.delete_backup_selection(BackupPlanId=plan, SelectionId=self.backup.list_backup_selections(
            BackupPlanId=plan)['BackupSelectionsList'][0]['SelectionId'])
        # Each has a life of its own.
        self.server.advance(4 * DAY)
        self.wait_points({})
        self.assertEqual(self.copies(), {copy: 'COMPLETED'})
        self.server.advance(7 * DAY)
        self.wait_points({}, self.copies)
        self.assertEqual(self.far_db.list_backups(BackupType='ALL')['BackupSummaries'], [])


class InTheStore(RecoverCase):
    def test_a_lost_server_has_its_copies_again_and_no_tables_made_of_them(self):
        running = self.begin()
        db, backup, far, iam = (running.client(*which) for which in (
            ('dynamodb',), ('backup',), ('backup', FAR), ('iam',)))
        table = self.make_table(db)
        items = scan_all(db, table)
        iam.create_role(RoleName='keeper', AssumeRolePolicyDocument=TRUST)
        iam.put_role_policy(RoleName='keeper', PolicyName='p', PolicyDocument=WORK)
        backup.create_backup_vault(BackupVaultName=VAULT)
        far.create_backup_vault(BackupVaultName='far')
        job = backup.start_backup_job(BackupVaultName=VAULT, ResourceArn=table_arn(table), IamRoleArn=ROLE)
        point = wait_job(backup.describe_backup_job, 'COMPLETED', BackupJobId=job['BackupJobId'])['RecoveryPointArn']
        job = backup.start_copy_job(RecoveryPointArn=point, SourceBackupVaultName=VAULT, IamRoleArn=ROLE,
                                    DestinationBackupVaultArn=arn_of('far'))
        copy = ended(backup, job)['DestinationRecoveryPointArn']
        for arn in (point, copy):
            self.copied(running, arn)
        key = self.lose(running)
        report = self.recover_as_json('--root-key', key)
        self.assertEqual(self.fates(report), {table: 'RESTORED'})
        self.assertEqual(report['Backups'], 2)
        running = self.begin('new')
        self.assertEqual(running.client().list_tables()['TableNames'], [table])
        far_db = running.client(region=FAR)
        self.assertEqual(far_db.list_tables()['TableNames'], [])
        self.assertEqual([one['BackupArn'] for one in far_db.list_backups()['BackupSummaries']], [copy])
        self.assertRestores(far_db, copy, items)


class Crashes(OwnCopies):
    """Killed a random moment after each request: each job makes one copy, which can be restored."""

    ROUNDS = 8

    def test_copy_jobs(self):
        seed = random.randrange(sys.maxsize)
        print(f'{self.id()}: seed {seed}', file=sys.stderr)
        moments = random.Random(seed)
        source, copies = self.point(), []
        for _ in range(self.ROUNDS):
            job = self.backup.start_copy_job(RecoveryPointArn=source, SourceBackupVaultName=VAULT, IamRoleArn=ROLE,
                                             DestinationBackupVaultArn=arn_of('far'))
            time.sleep(moments.random() * 0.04)
            self.server.restart(crash=True)
            self.connect()
            copies.append(ended(self.backup, job)['DestinationRecoveryPointArn'])
        self.assertEqual(len(set(copies)), self.ROUNDS)
        self.assertEqual(self.copies(), {arn: 'COMPLETED' for arn in copies})
        backups = self.far_db.list_backups(BackupType='AWS_BACKUP')['BackupSummaries']
        self.assertEqual({one['BackupArn'] for one in backups}, set(copies))
        self.assertEqual(self.points(), {source: 'COMPLETED'})
        self.backup.delete_recovery_point(BackupVaultName=VAULT, RecoveryPointArn=source)
        self.wait_points({})
        self.far.start_restore_job(RecoveryPointArn=moments.choice(copies), IamRoleArn=ROLE,
                                   Metadata={'targetTableName': 'Back'})
        wait_active(self.far_db, 'Back')
        self.assertEqual(by_key(scan_all(self.far_db, 'Back')), by_key(ITEMS))


if __name__ == '__main__':
    unittest.main()
