"""AWS Backup through the command line of AWS, as Debian has it: what its model knew by 2022."""

import json
import os
import subprocess
import unittest

from case import make_table, unique
from iam_case import document, statement, table_arn
import server
from test_guides import AWS
from vault_case import VaultCase, vault_arn, wait_job


@unittest.skipUnless(AWS, 'no aws command line is here (Debian package awscli)')
class CommandLine(VaultCase):
    def aws(self, command, **parameters):
        """The answer of `aws backup COMMAND`, whose parameters are given as one would type them."""
        words = [AWS, 'backup', command, '--endpoint-url', self.server.url, '--output', 'json']
        for name, value in parameters.items():
            words += ['--' + name.replace('_', '-'), value if isinstance(value, str) else json.dumps(value)]
        environment = {**os.environ, 'AWS_ACCESS_KEY_ID': self.server.access_key, 'AWS_PAGER': '',
                       'AWS_SECRET_ACCESS_KEY': self.server.secret_key, 'AWS_DEFAULT_REGION': server.REGION}
        done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False, timeout=120)
        self.assertEqual(done.returncode, 0, f'{words}: {done.stderr}')
        return json.loads(done.stdout) if done.stdout.strip() else {}

    def ends(self, command, **which):
        return wait_job(self.aws, 'COMPLETED', command=command, **which)

    def test_points_from_their_making_to_their_end(self):
        role = self.service_role(document(statement(['backup:*', 'dynamodb:*', 'kms:*'])))
        table, name, other = make_table(self.db), unique('cli'), self.vault()
        self.addCleanup(self.db.delete_table, TableName=table)
        self.db.put_item(TableName=table, Item={'pk': {'S': 'a'}})
        self.aws('create-backup-vault', backup_vault_name=name)
        self.addCleanup(self.remove_vault, name)
        self.assertIn(name, [one['BackupVaultName'] for one in self.aws('list-backup-vaults')['BackupVaultList']])
        self.aws('tag-resource', resource_arn=vault_arn(name), tags={'team': 'blue'})
        self.assertEqual(self.aws('list-tags', resource_arn=vault_arn(name))['Tags'], {'team': 'blue'})
        job = self.aws('start-backup-job', backup_vault_name=name, resource_arn=table_arn(table), iam_role_arn=role,
                       lifecycle='DeleteAfterDays=30')
        point = self.ends('describe-backup-job', backup_job_id=job['BackupJobId'])['RecoveryPointArn']
        which = {'backup_vault_name': name, 'recovery_point_arn': point}
        self.assertEqual(self.aws('describe-recovery-point', **which)['Lifecycle'], {'DeleteAfterDays': 30})
        self.aws('update-recovery-point-lifecycle', lifecycle='DeleteAfterDays=40', **which)
        points = self.aws('list-recovery-points-by-backup-vault', backup_vault_name=name)['RecoveryPoints']
        self.assertEqual([(one['RecoveryPointArn'], one['Lifecycle']) for one in points],
                         [(point, {'DeleteAfterDays': 40})])
        copy = self.aws('start-copy-job', recovery_point_arn=point, source_backup_vault_name=name,
                        destination_backup_vault_arn=vault_arn(other), iam_role_arn=role)['CopyJobId']
        wait_job(lambda: self.aws('describe-copy-job', copy_job_id=copy)['CopyJob'], 'COMPLETED')
        metadata = self.aws('get-recovery-point-restore-metadata', **which)['RestoreMetadata']
        metadata['targetTableName'] = target = unique('restored')
        restore = self.aws('start-restore-job', recovery_point_arn=point, metadata=metadata, iam_role_arn=role)
        self.addCleanup(self.db.delete_table, TableName=target)
        self.ends('describe-restore-job', restore_job_id=restore['RestoreJobId'])
        self.assertEqual(self.db.scan(TableName=target)['Items'], [{'pk': {'S': 'a'}}])
        self.aws('delete-recovery-point', **which)

    def test_plans_holds_frameworks_and_reports(self):
        vault, role = self.vault(), self.service_role()
        rule = {'RuleName': 'nightly', 'TargetBackupVaultName': vault, 'ScheduleExpression': 'cron(30 0 ? * * *)'}
        plan = self.aws('create-backup-plan', backup_plan={'BackupPlanName': unique('plan'), 'Rules': [rule]})
        plan_id = plan['BackupPlanId']
        self.assertEqual(self.aws('get-backup-plan', backup_plan_id=plan_id)['BackupPlan']['Rules'][0]['RuleName'],
                         'nightly')
        selection = self.aws('create-backup-selection', backup_plan_id=plan_id, backup_selection={
            'SelectionName': 'all', 'IamRoleArn': role, 'Resources': [table_arn('*')]})
        self.aws('delete-backup-selection', backup_plan_id=plan_id, selection_id=selection['SelectionId'])
        self.aws('delete-backup-plan', backup_plan_id=plan_id)
        hold = self.aws('create-legal-hold', title='case', description='of a court',
                        recovery_point_selection={'VaultNames': [vault]})['LegalHoldId']
        self.aws('cancel-legal-hold', legal_hold_id=hold, cancel_description='over')
        name = unique('framework').replace('-', '_')
        self.aws('create-framework', framework_name=name, framework_controls=[
            {'ControlName': 'BACKUP_RECOVERY_POINT_ENCRYPTED', 'ControlInputParameters': []}])
        self.assertEqual(self.aws('describe-framework', framework_name=name)['FrameworkName'], name)
        self.aws('delete-framework', framework_name=name)
        self.assertIn('DynamoDB', self.aws('get-supported-resource-types')['ResourceTypes'])
        self.assertIn('DynamoDB', self.aws('describe-region-settings')['ResourceTypeOptInPreference'])


if __name__ == '__main__':
    unittest.main()
