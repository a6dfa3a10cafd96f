"""What protection lacks: each check is made to find something, then what it found is mended by the command it gave."""

import json
import pathlib
import re
import shlex
import time
import unittest

from case import make_table, wait_active, wait_gone
from iam_case import table_arn
from rest_api import RestApi
import server
from test_costs import DAY, Costs
from test_vault_copies import WORK, arn_of, ended
from vault_case import ALL_WORK, TRUST, wait_job

ROLE = f'arn:aws:iam::{server.ACCOUNT}:role/keeper'


class Advice(Costs):
    def found(self, check=None, **question):
        """The findings of a check, or the names of the checks that found something."""
        findings = self.ask('GetAdvice', question)['Findings']
        self.assertEqual([finding['Severity'] for finding in findings],
                         sorted((finding['Severity'] for finding in findings), key=['HIGH', 'MEDIUM', 'LOW'].index))
        if check is None:
            return {finding['Check'] for finding in findings}
        return [finding for finding in findings if finding['Check'] == check]

    def words(self, check):
        """Of the command that the only finding gives."""
        finding, = self.found(check)
        self.assertEqual(finding['Region'], 'us-east-1')
        return shlex.split(finding['Command'])

    def option(self, check, name):
        words = self.words(check)
        return words[words.index(name) + 1]

    def keeper(self):
        iam = self.running.client('iam')
        iam.create_role(RoleName='keeper', AssumeRolePolicyDocument=TRUST)
        iam.put_role_policy(RoleName='keeper', PolicyName='p', PolicyDocument=ALL_WORK)
        aws = self.running.client('backup')
        aws.create_backup_vault(BackupVaultName='vault')
        return aws

    def test_recovery_is_off(self):
        self.assertIn('update-continuous-backups', self.words('RECOVERY_OFF'))
        self.recovery(True, self.option('RECOVERY_OFF', '--table-name'))
        self.assertEqual(self.found('RECOVERY_OFF'), [])

    def test_no_plan(self):
        aws = self.keeper()
        plan = aws.create_backup_plan(BackupPlan={'BackupPlanName': 'daily', 'Rules': [{
            'RuleName': 'daily', 'TargetBackupVaultName': 'vault',
            'ScheduleExpression': 'cron(0 5 ? * * *)'}]})['BackupPlanId']
        text = self.option('NO_PLAN', '--backup-selection')
        selection = dict(part.split('=', 1) for part in text.split(','))
        made = aws.create_backup_selection(BackupPlanId=plan, BackupSelection={
            'SelectionName': selection['SelectionName'], 'IamRoleArn': ROLE, 'Resources': [selection['Resources']]})
        self.assertEqual(self.found('NO_PLAN'), [])
        aws.delete_backup_selection(BackupPlanId=plan, SelectionId=made['SelectionId'])
        self.assertEqual(len(self.found('NO_PLAN')), 1)

    def test_the_last_backup_is_too_old(self):
        finding, = self.found('LAST_BACKUP_TOO_OLD')
        self.assertIn('has no backup', finding['Text'])
        self.backup(self.option('LAST_BACKUP_TOO_OLD', '--table-name'))
        self.assertEqual(self.found('LAST_BACKUP_TOO_OLD'), [])
        self.running.advance(8 * DAY)
        finding, = self.found('LAST_BACKUP_TOO_OLD')
        self.assertIn('8 days old', finding['Text'])
        self.assertEqual(self.found('LAST_BACKUP_TOO_OLD', BackupAgeDays=9), [])

    def test_a_vault_without_a_lock(self):
        aws = self.keeper()
        self.assertEqual(self.found('VAULT_UNLOCKED'), [])  # there is nothing in it
        job = aws.start_backup_job(BackupVaultName='vault', ResourceArn=table_arn('Users'), IamRoleArn=ROLE)
        wait_job(aws.describe_backup_job, 'COMPLETED', BackupJobId=job['BackupJobId'])
        aws.put_backup_vault_lock_configuration(
            BackupVaultName=self.option('VAULT_UNLOCKED', '--backup-vault-name'),
            MinRetentionDays=int(self.option('VAULT_UNLOCKED', '--min-retention-days')))
        self.assertEqual(self.found('VAULT_UNLOCKED'), [])

    def until(self, hour, minute=0):
        """Moves the clock to the next such time of day (UTC)."""
        seconds = self.running.advance(0) % DAY
        self.running.advance((hour * 3600 + minute * 60 - seconds) % DAY)

    def drill(self, aws, arn, seconds):
        """A restore test at the next run of the plan, once it is over."""
        rest = RestApi(self.running)
        aws.tag_resource(ResourceArn=arn, Tags={'tidemark:restore-objective-seconds': str(seconds)})
        known = len(rest.list_restore_jobs(ByRestoreTestingPlanArn=arn)['RestoreJobs'])
        self.until(5, 1)
        deadline = time.monotonic() + 240
        while True:
            jobs = rest.list_restore_jobs(ByRestoreTestingPlanArn=arn)['RestoreJobs']
            if len(jobs) > known and all(job.get('DeletionStatus') == 'SUCCESSFUL' for job in jobs):
                return
            self.assertLess(time.monotonic(), deadline, jobs)
            time.sleep(0.05)

    def test_restores_are_tested_and_quick_enough(self):
        aws = self.keeper()
        self.assertEqual(self.found('RESTORE_NOT_TESTED'), [])  # there is nothing to restore
        job = aws.start_backup_job(BackupVaultName='vault', ResourceArn=table_arn('Users'), IamRoleArn=ROLE)
        wait_job(aws.describe_backup_job, 'COMPLETED', BackupJobId=job['BackupJobId'])
        plan = json.loads(self.option('RESTORE_NOT_TESTED', '--restore-testing-plan'))
        plan['ScheduleExpression'] = 'cron(0 5 * * ? *)'
        arn = RestApi(self.running).create_restore_testing_plan(RestoreTestingPlan=plan)['RestoreTestingPlanArn']
        words = self.option('RESTORE_NOT_TESTED', '--restore-testing-selection').replace('ROLE', ROLE)
        RestApi(self.running).create_restore_testing_selection(
            RestoreTestingPlanName=self.option('RESTORE_NOT_TESTED', '--restore-testing-plan-name'),
            RestoreTestingSelection=json.loads(words))
        self.assertEqual(self.found('RESTORE_NOT_TESTED'), [])  # the next run does
        self.until(1)
        self.drill(aws, arn, 0.001)
        self.assertEqual(self.option('RESTORE_OBJECTIVE_MISSED', '--resource-arn'), arn)
        key, seconds = self.option('RESTORE_OBJECTIVE_MISSED', '--tags').split('=')
        self.assertEqual(key, 'tidemark:restore-objective-seconds')
        self.drill(aws, arn, 60 * int(seconds))
        self.assertFalse({check for check in self.found() if check.startswith('RESTORE_')})

    def test_a_restore_test_that_failed(self):
        aws = self.keeper()
        job = aws.start_backup_job(BackupVaultName='vault', ResourceArn=table_arn('Users'), IamRoleArn=ROLE)
        wait_job(aws.describe_backup_job, 'COMPLETED', BackupJobId=job['BackupJobId'])
        arn = RestApi(self.running).create_restore_testing_plan(RestoreTestingPlan={
            'RestoreTestingPlanName': 'daily', 'ScheduleExpression': 'cron(0 5 * * ? *)', 'RecoveryPointSelection': {
                'Algorithm': 'LATEST_WITHIN_WINDOW', 'IncludeVaults': ['*'], 'RecoveryPointTypes': ['SNAPSHOT']}})[
                    'RestoreTestingPlanArn']
        RestApi(self.running).create_restore_testing_selection(RestoreTestingPlanName='daily', RestoreTestingSelection={
            'RestoreTestingSelectionName': 'all', 'ProtectedResourceType': 'DynamoDB', 'IamRoleArn': ROLE,
            'ProtectedResourceArns': ['*']})
        iam = self.running.client('iam')
        iam.delete_role_policy(RoleName='keeper', PolicyName='p')
        self.until(1)
        self.until(5, 1)
        deadline = time.monotonic() + 240
        while not self.found('RESTORE_TEST_FAILED'):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)
        job = aws.describe_restore_job(RestoreJobId=self.option('RESTORE_TEST_FAILED', '--restore-job-id'))
        self.assertIn('is not authorized to perform', job['StatusMessage'])
        iam.put_role_policy(RoleName='keeper', PolicyName='p', PolicyDocument=ALL_WORK)
        self.until(5, 1)
        while self.found('RESTORE_TEST_FAILED'):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)
        self.assertEqual(len(RestApi(self.running).list_restore_jobs(ByRestoreTestingPlanArn=arn)['RestoreJobs']), 2)

    def test_any_restore_shows_that_it_can_be_done(self):
        aws = self.keeper()
        job = aws.start_backup_job(BackupVaultName='vault', ResourceArn=table_arn('Users'), IamRoleArn=ROLE)
        point = wait_job(aws.describe_backup_job, 'COMPLETED', BackupJobId=job['BackupJobId'])['RecoveryPointArn']
        self.assertEqual(len(self.found('RESTORE_NOT_TESTED')), 1)
        job = aws.start_restore_job(RecoveryPointArn=point, IamRoleArn=ROLE, Metadata={'targetTableName': 'Back'})
        wait_job(aws.describe_restore_job, 'COMPLETED', RestoreJobId=job['RestoreJobId'])
        self.assertEqual([one for one in self.found('RESTORE_NOT_TESTED') if one['Resource'] == table_arn('Users')], [])

    def test_a_plan_that_finds_none_that_is_young_enough(self):
        aws = self.keeper()
        job = aws.start_backup_job(BackupVaultName='vault', ResourceArn=table_arn('Users'), IamRoleArn=ROLE)
        wait_job(aws.describe_backup_job, 'COMPLETED', BackupJobId=job['BackupJobId'])
        self.running.advance(10 * DAY)
        rest = RestApi(self.running)
        rest.create_restore_testing_plan(RestoreTestingPlan={
            'RestoreTestingPlanName': 'daily', 'ScheduleExpression': 'cron(0 5 * * ? *)', 'RecoveryPointSelection': {
                'Algorithm': 'LATEST_WITHIN_WINDOW', 'IncludeVaults': ['*'], 'RecoveryPointTypes': ['SNAPSHOT'],
                'SelectionWindowDays': 2}})
        rest.create_restore_testing_selection(RestoreTestingPlanName='daily', RestoreTestingSelection={
            'RestoreTestingSelectionName': 'all', 'ProtectedResourceType': 'DynamoDB', 'IamRoleArn': ROLE,
            'ProtectedResourceArns': ['*']})
        self.assertEqual(self.found('RESTORE_NOT_TESTED'), [])  # the next run may
        self.until(1)
        self.until(5, 1)
        deadline = time.monotonic() + 240
        while not self.found('RESTORE_NOT_TESTED'):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.02)
        self.assertEqual(self.option('RESTORE_NOT_TESTED', '--restore-testing-plan-name'), 'daily')
        finding, = self.found('RESTORE_NOT_TESTED')
        self.assertIn('found none that is young enough', finding['Text'])

    def test_of_ones_own_account_alone(self):
        made = self.ask('CreateAccount', {'AccountId': '222222222222'})
        other = {'access_key': made['AccessKeyId'], 'secret_key': made['SecretAccessKey']}
        self.assertEqual(self.ask('GetAdvice', {}, **other)['Findings'], [])
        make_table(self.running.client(**other), name='Theirs')
        about = {finding['Resource'] for finding in self.ask('GetAdvice', {}, **other)['Findings']}
        self.assertEqual(about, {'arn:aws:dynamodb:us-east-1:222222222222:table/Theirs'})
        self.assertEqual({finding['Resource'] for finding in self.ask('GetAdvice', {})['Findings']},
                         {table_arn('Users')})

    def test_each_check_is_documented_and_made_to_find_something_here(self):
        """And each of the tests above mends what it found."""
        sources = ''.join(path.read_text() for path in (server.ROOT / 'src/advice').glob('*.cc'))
        checks = set(re.findall(r'Severity::k\w+,\s+"([A-Z_]+)"', sources))
        self.assertGreater(len(checks), 9)
        self.assertEqual(checks, set(re.findall(r'^\| ([A-Z_]+) \| (?:HIGH|MEDIUM|LOW) ',
                                                (server.ROOT / 'docs/costs.md').read_text(), re.M)))
        for check in checks:
            self.assertRegex(pathlib.Path(__file__).read_text(), rf"(words|option|found)\('{check}'", check)

    def test_backups_on_the_same_disk_only(self):
        self.assertEqual(self.found('SAME_DISK_ONLY'), [])
        arn = self.backup()
        self.assertIn('--backup-store', self.words('SAME_DISK_ONLY'))
        self.running.arguments += ['--backup-store', str(self.directory / 'store')]
        self.running.restart()
        self.connect()
        self.assertEqual(self.words('SAME_DISK_ONLY'), ['tidemark', 'backup', 'copy', arn])
        self.assertEnds(0, '', 'backup', 'copy', arn, **self.environment)
        self.assertEqual(self.found('SAME_DISK_ONLY'), [])

    def test_a_key_that_is_to_be_deleted(self):
        kms = self.running.client('kms')
        key = kms.create_key()['KeyMetadata']['KeyId']
        kms.schedule_key_deletion(KeyId=key)
        self.assertEqual(self.found('KEY_TO_BE_DELETED'), [])  # nothing is under it
        kms.cancel_key_deletion(KeyId=key)
        kms.enable_key(KeyId=key)
        self.db.update_table(TableName='Users', SSESpecification={'Enabled': True, 'SSEType': 'KMS',
                                                                  'KMSMasterKeyId': key})
        wait_active(self.db, 'Users')
        kms.schedule_key_deletion(KeyId=key)
        kms.cancel_key_deletion(KeyId=self.option('KEY_TO_BE_DELETED', '--key-id'))
        self.assertEqual(self.found('KEY_TO_BE_DELETED'), [])

    def test_a_key_of_what_is_no_table_any_more(self):
        """Of a deleted table that can be brought back, and of backups, also under a vault's key."""
        kms, aws = self.running.client('kms'), self.keeper()
        key, vault_key = (kms.create_key()['KeyMetadata'] for _ in range(2))
        self.db.update_table(TableName='Users', SSESpecification={'Enabled': True, 'SSEType': 'KMS',
                                                                  'KMSMasterKeyId': key['KeyId']})
        wait_active(self.db, 'Users')
        backup = self.backup()
        self.recovery(True)
        aws.create_backup_vault(BackupVaultName='copies', EncryptionKeyArn=vault_key['Arn'])
        job = aws.start_backup_job(BackupVaultName='vault', ResourceArn=table_arn('Users'), IamRoleArn=ROLE)
        point = wait_job(aws.describe_backup_job, 'COMPLETED', BackupJobId=job['BackupJobId'])['RecoveryPointArn']
        self.running.client('iam').put_role_policy(RoleName='keeper', PolicyName='p', PolicyDocument=WORK)
        copied = ended(aws, aws.start_copy_job(
            RecoveryPointArn=point, SourceBackupVaultName='vault', IamRoleArn=ROLE,
            DestinationBackupVaultArn=arn_of('copies', region=server.REGION)))
        self.db.delete_table(TableName='Users')
        wait_gone(self.db, 'Users')
        for one in (key, vault_key):
            kms.schedule_key_deletion(KeyId=one['KeyId'])
        texts = {finding['Resource']: finding['Text'] for finding in self.found('KEY_TO_BE_DELETED')}
        self.assertIn('0 table(s), 1 deleted table(s) that can be brought back and 2 backup(s)', texts[key['Arn']])
        self.assertIn('0 table(s), 0 deleted table(s) that can be brought back and 1 backup(s)',
                      texts[vault_key['Arn']])
        self.db.delete_backup(BackupArn=backup)
        for vault, arn in (('vault', point), ('copies', copied['DestinationRecoveryPointArn'])):
            aws.delete_recovery_point(BackupVaultName=vault, RecoveryPointArn=arn)
        deadline = time.monotonic() + 240
        while len(self.found('KEY_TO_BE_DELETED')) == 2:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.02)
        finding, = self.found('KEY_TO_BE_DELETED')
        self.assertEqual(finding['Resource'], key['Arn'])
        self.running.advance(36 * DAY)  # the deleted table's time is over
        deadline = time.monotonic() + 240
        while self.found('KEY_TO_BE_DELETED'):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.02)

    def test_an_orphaned_backup(self):
        arn = self.backup()
        self.assertEqual(self.found('ORPHANED_BACKUP'), [])
        self.db.delete_table(TableName='Users')
        wait_gone(self.db, 'Users')
        self.assertEqual(self.option('ORPHANED_BACKUP', '--backup-arn'), arn)
        self.db.delete_backup(BackupArn=arn)
        self.assertEqual(self.found(), set())  # there is nothing left to protect

    def test_the_command(self):
        told = self.assertEnds(0, '', 'advise', **self.environment).stdout
        self.assertRegex(told, r'(?s)HIGH .*point-in-time recovery.*\n +aws --endpoint-url http\S+ dynamodb update-c')
        self.recovery(True)
        self.backup()
        told = self.assertEnds(0, '', 'advise', **self.environment).stdout
        self.assertNotIn('point-in-time', told)
        self.assertIn('tidemark serve', told)


if __name__ == '__main__':
    unittest.main()
