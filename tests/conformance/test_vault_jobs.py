"""AWS Backup: jobs, recovery points and what becomes of them."""

import json
import unittest

from botocore.exceptions import ClientError

from case import load, scan_all, unique, wait_active, wait_backup
from iam_case import document, statement, table_arn
from vault_case import TRUST, VaultCase, wait_job
import server

ITEMS = [{'pk': {'S': f'k{n}'}, 'v': {'N': str(n)}} for n in range(60)]


def by_key(items):
    return sorted(items, key=lambda item: item['pk']['S'])


class BackupJobs(VaultCase):
    def test_a_backup_and_a_restore_from_it(self):
        table, vault, role = self.table(), self.vault(), self.service_role()
        load(self.db, table, ITEMS)
        job = self.finished(self.start(vault, table_arn(table), role, RecoveryPointTags={'why': 'audit'},
                                       Lifecycle={'DeleteAfterDays': 35}))
        arn = job['RecoveryPointArn']
        self.assertTrue(arn.startswith(table_arn(table) + '/backup/'))
        self.assertRegex(job['BackupJobId'], r'^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$')
        self.assertEqual((job['PercentDone'], job['ResourceType'], job['IamRoleArn']), ('100.0', 'DynamoDB', role))
        self.db.put_item(TableName=table, Item={'pk': {'S': 'later'}})
        point = self.backup.describe_recovery_point(BackupVaultName=vault, RecoveryPointArn=arn)
        self.assertEqual((point['Status'], point['StorageClass'], point['ResourceArn']),
                         ('COMPLETED', 'WARM', table_arn(table)))
        self.assertEqual((point['CalculatedLifecycle']['DeleteAt'] - point['CreationDate']).days, 35)
        self.assertEqual(point['BackupSizeInBytes'], job['BackupSizeInBytes'])
        self.assertEqual(self.backup.list_tags(ResourceArn=arn)['Tags'], {'why': 'audit'})
        self.assertEqual(self.backup.describe_backup_vault(BackupVaultName=vault)['NumberOfRecoveryPoints'], 1)

        metadata = self.backup.get_recovery_point_restore_metadata(
            BackupVaultName=vault, RecoveryPointArn=arn)['RestoreMetadata']
        self.assertEqual((metadata['targetTableName'], metadata['encryptionType']), (table, 'Default'))
        target = unique()
        metadata['targetTableName'] = target
        self.addCleanup(self.drop, target)
        started = self.backup.start_restore_job(RecoveryPointArn=arn, IamRoleArn=role, Metadata=metadata)
        done = wait_job(self.backup.describe_restore_job, 'COMPLETED', RestoreJobId=started['RestoreJobId'])
        self.assertEqual((done['CreatedResourceArn'], done['PercentDone']), (table_arn(target), '100.00%'))
        wait_active(self.db, target)
        self.assertEqual(by_key(scan_all(self.db, target)), by_key(ITEMS))
        resource = self.backup.describe_protected_resource(ResourceArn=table_arn(table))
        self.assertEqual(resource['LastBackupTime'], point['CreationDate'])
        restored = self.backup.describe_recovery_point(BackupVaultName=vault, RecoveryPointArn=arn)
        self.assertEqual(restored['LastRestoreTime'], done['CompletionDate'])

    def test_a_restore_that_is_verified_first(self):
        table, vault, role = self.table(), self.vault(), self.service_role()
        load(self.db, table, ITEMS)
        arn, target = self.point(vault, table_arn(table), role), unique()
        self.addCleanup(self.drop, target)
        said = []
        backup = self.server.client('backup')
        backup.meta.events.register('before-sign.backup.StartRestoreJob', lambda request, **_:
                                    request.headers.add_header('X-Tidemark-Restore-Verify', said[-1]))
        restore = {'RecoveryPointArn': arn, 'IamRoleArn': role, 'Metadata': {'targetTableName': target}}
        said.append('some')
        self.assertBackupFails('InvalidParameterValueException', 'must be full or later, not some',
                               backup.start_restore_job, **restore)
        said.append('full')
        started = backup.start_restore_job(**restore)['RestoreJobId']
        wait_job(self.backup.describe_restore_job, 'COMPLETED', RestoreJobId=started)
        report = self.server.call('', {'TableName': target}, target='Tidemark_20261101.DescribeTableRestore')
        self.assertEqual(report.json['Verification'], 'PASSED', report)

    def test_of_dynamodb_it_is_a_backup_that_only_its_vault_deletes(self):
        table, vault, role = self.table(), self.vault(), self.service_role()
        arn = self.point(vault, table_arn(table), role)
        found = {kind: [one['BackupArn'] for one in self.db.list_backups(TableName=table, BackupType=kind)
                        ['BackupSummaries']] for kind in ('USER', 'SYSTEM', 'AWS_BACKUP', 'ALL')}
        self.assertEqual(found, {'USER': [], 'SYSTEM': [], 'AWS_BACKUP': [arn], 'ALL': [arn]})
        details = self.db.describe_backup(BackupArn=arn)['BackupDescription']['BackupDetails']
        self.assertEqual((details['BackupType'], details['BackupStatus']), ('AWS_BACKUP', 'AVAILABLE'))
        self.assertBackupFails('ValidationException', 'delete the recovery point of this ARN in its backup vault',
                               self.db.delete_backup, BackupArn=arn)
        self.assertBackupFails('InvalidRequestException',
                               'Backup vault cannot be deleted because it contains recovery points.',
                               self.backup.delete_backup_vault, BackupVaultName=vault)
        self.backup.delete_recovery_point(BackupVaultName=vault, RecoveryPointArn=arn)
        self.wait_empty(vault)
        self.assertEqual(self.db.list_backups(TableName=table, BackupType='ALL')['BackupSummaries'], [])
        self.backup.delete_backup_vault(BackupVaultName=vault)

    def test_tokens_make_requests_repeatable(self):
        table, vault, role = self.table(), self.vault(), self.service_role()
        first = self.start(vault, table_arn(table), role, IdempotencyToken='once')
        self.assertEqual(self.start(vault, table_arn(table), role, IdempotencyToken='once')['BackupJobId'],
                         first['BackupJobId'])
        self.assertBackupFails('InvalidParameterValueException', 'IdempotencyToken was sent before',
                               self.backup.start_backup_job, BackupVaultName=vault, ResourceArn=table_arn(table + 'x'),
                               IamRoleArn=role, IdempotencyToken='once')
        arn = self.finished(first)['RecoveryPointArn']
        target = unique()
        self.addCleanup(self.drop, target)
        restore = {'RecoveryPointArn': arn, 'IamRoleArn': role, 'IdempotencyToken': 'once',
                   'Metadata': {'targetTableName': target}}
        started = self.backup.start_restore_job(**restore)['RestoreJobId']
        self.assertEqual(self.backup.start_restore_job(**restore)['RestoreJobId'], started)
        wait_job(self.backup.describe_restore_job, 'COMPLETED', RestoreJobId=started)

    def test_requests_are_checked(self):
        table, vault, role = self.table(), self.vault(), self.service_role()
        good = {'BackupVaultName': vault, 'ResourceArn': table_arn(table), 'IamRoleArn': role}
        strange = self.service_role(trust=TRUST.replace('backup.', 'ec2.'))
        for change, code, text in (
                ({'BackupVaultName': 'absent'}, 'ResourceNotFoundException', 'Backup vault absent does not exist'),
                ({'ResourceArn': 'arn:aws:s3:::bucket'}, 'InvalidParameterValueException', 'ARN of a DynamoDB table'),
                ({'ResourceArn': table_arn(table) + '/index/x'}, 'InvalidParameterValueException', 'ARN of a DynamoDB'),
                ({'IamRoleArn': role + 'x'}, 'InvalidParameterValueException', 'cannot be assumed by AWS Backup'),
                ({'IamRoleArn': strange}, 'InvalidParameterValueException', 'cannot be assumed by AWS Backup'),
                ({'StartWindowMinutes': 59}, 'InvalidParameterValueException', 'StartWindowMinutes must be between'),
                ({'StartWindowMinutes': 60, 'CompleteWindowMinutes': 60}, 'InvalidParameterValueException',
                 'CompleteWindowMinutes must be greater'),
                ({'Lifecycle': {'DeleteAfterDays': 0}}, 'InvalidParameterValueException',
                 'Invalid lifecycle. DeleteAfterDays cannot be less than 1 or more than 36500 days'),
                ({'Lifecycle': {'DeleteAfterDays': 99, 'MoveToColdStorageAfterDays': 10}},
                 'InvalidParameterValueException', 'DeleteAfterDays cannot be less than 90 days apart'),
                ({'BackupOptions': {'WindowsVSS': 'enabled'}}, 'InvalidParameterValueException', 'BackupOptions')):
            self.assertBackupFails(code, text, self.backup.start_backup_job, **{**good, **change})
        self.assertEqual(self.points(vault), [])

    def test_jobs_that_cannot_be_done_fail_and_say_why(self):
        table, vault = self.table(), self.vault()
        role = self.service_role()
        job = self.finished(self.start(vault, table_arn('absent-table'), role), 'FAILED')
        self.assertEqual(job['StatusMessage'], 'Table not found.')
        self.assertNotIn('RecoveryPointArn', job)
        powerless = self.service_role(document(statement('dynamodb:DescribeTable')))
        job = self.finished(self.start(vault, table_arn(table), powerless), 'FAILED')
        self.assertRegex(job['StatusMessage'],
                         f'^User: arn:aws:sts::{server.ACCOUNT}:assumed-role/.*/AWSBackup-.* is not authorized to '
                         f'perform: dynamodb:CreateBackup on resource: {table_arn(table)} because no identity-based '
                         'policy allows the dynamodb:CreateBackup action$')
        self.backup.put_backup_vault_lock_configuration(BackupVaultName=vault, MinRetentionDays=7, MaxRetentionDays=30)
        for lifecycle in ({'DeleteAfterDays': 6}, {'DeleteAfterDays': 31}, {}):
            job = self.finished(self.start(vault, table_arn(table), role, Lifecycle=lifecycle), 'FAILED')
            self.assertIn('not within the range specified for the target Backup Vault', job['StatusMessage'])
        self.assertEqual(self.points(vault), [])
        self.assertBackupFails('InvalidRequestException', 'cannot be stopped: it is FAILED',
                               self.backup.stop_backup_job, BackupJobId=job['BackupJobId'])

    def test_a_stopped_job_leaves_nothing(self):
        table, vault, role = self.table(), self.vault(), self.service_role()
        job = self.start(vault, table_arn(table), role)
        try:
            self.backup.stop_backup_job(BackupJobId=job['BackupJobId'])
        except ClientError as error:  # it was quicker
            self.assertEqual(error.response['Error']['Code'], 'InvalidRequestException')
            self.finished(job)
            return
        self.finished(job, 'ABORTED')
        self.assertEqual(self.points(vault), [])
        self.assertEqual(self.db.list_backups(TableName=table, BackupType='ALL')['BackupSummaries'], [])

    def test_lists_and_their_filters(self):
        tables, vault, role = [self.table(), self.table()], self.vault(), self.service_role()
        jobs = [self.finished(self.start(vault, table_arn(name), role)) for name in tables]
        listed = self.backup.list_backup_jobs(ByBackupVaultName=vault)['BackupJobs']
        self.assertEqual([job['BackupJobId'] for job in listed], [job['BackupJobId'] for job in reversed(jobs)])
        first = table_arn(tables[0])

        def count(**filters):
            return len(self.backup.list_backup_jobs(ByBackupVaultName=vault, **filters)['BackupJobs'])

        self.assertEqual((count(ByResourceArn=first), count(ByState='COMPLETED'), count(ByState='FAILED')), (1, 2, 0))
        self.assertEqual((count(ByCreatedAfter=jobs[0]['CreationDate'].replace(microsecond=0)),
                          count(ByCreatedBefore=jobs[0]['CreationDate'].replace(microsecond=0))), (2, 0))
        self.assertEqual((count(ByResourceType='EFS'), count(ByResourceType='DynamoDB')), (0, 2))
        page = self.backup.list_backup_jobs(ByBackupVaultName=vault, MaxResults=1)
        rest = self.backup.list_backup_jobs(ByBackupVaultName=vault, NextToken=page['NextToken'])
        self.assertEqual([job['BackupJobId'] for job in page['BackupJobs'] + rest['BackupJobs']],
                         [job['BackupJobId'] for job in reversed(jobs)])
        points = self.backup.list_recovery_points_by_backup_vault(BackupVaultName=vault, ByResourceArn=first)
        self.assertEqual([point['RecoveryPointArn'] for point in points['RecoveryPoints']],
                         [jobs[0]['RecoveryPointArn']])
        native = self.db.create_backup(TableName=tables[0], BackupName='native')['BackupDetails']['BackupArn']
        wait_backup(self.db, native)
        self.addCleanup(self.db.delete_backup, BackupArn=native)
        of_table = self.backup.list_recovery_points_by_resource
        self.assertEqual([point['RecoveryPointArn'] for point in of_table(ResourceArn=first)['RecoveryPoints']],
                         [native, jobs[0]['RecoveryPointArn']])
        resources = self.backup.get_paginator('list_protected_resources').paginate().build_full_result()['Results']
        self.assertLessEqual({table_arn(name) for name in tables}, {one['ResourceArn'] for one in resources})


class RestoreJobs(VaultCase):
    def test_requests_and_failures(self):
        table, vault, role = self.table(), self.vault(), self.service_role()
        arn = self.point(vault, table_arn(table), role)
        start = self.backup.start_restore_job
        for metadata, code, text in (
                ({}, 'MissingParameterValueException', 'targetTableName is missing'),
                ({'targetTableName': 'a'}, 'InvalidParameterValueException', 'targetTableName must have'),
                ({'targetTableName': 'abc', 'colour': 'red'}, 'InvalidParameterValueException', 'colour is not known'),
                ({'targetTableName': 'abc', 'encryptionType': 'KMS'}, 'InvalidParameterValueException',
                 'kmsMasterKeyArn')):
            self.assertBackupFails(code, text, start, RecoveryPointArn=arn, IamRoleArn=role, Metadata=metadata)
        good = {'targetTableName': unique()}
        self.assertBackupFails('ResourceNotFoundException', 'does not exist', start, RecoveryPointArn=arn + 'x',
                               IamRoleArn=role, Metadata=good)
        self.assertBackupFails('MissingParameterValueException', 'IamRoleArn', start, RecoveryPointArn=arn,
                               Metadata=good)
        taken = start(RecoveryPointArn=arn, IamRoleArn=role, Metadata={'TargetTableName': table})
        job = wait_job(self.backup.describe_restore_job, 'FAILED', RestoreJobId=taken['RestoreJobId'])
        self.assertEqual(job['StatusMessage'], f'Table already exists: {table}')
        self.assertNotIn('CreatedResourceArn', job)
        powerless = self.service_role(document(statement('dynamodb:RestoreTableFromBackup')))
        denied = start(RecoveryPointArn=arn, IamRoleArn=powerless, Metadata=good)
        job = wait_job(self.backup.describe_restore_job, 'FAILED', RestoreJobId=denied['RestoreJobId'])
        self.assertIn('is not authorized to perform: dynamodb:', job['StatusMessage'])
        failed = self.backup.list_restore_jobs(ByStatus='FAILED')['RestoreJobs']
        self.assertLessEqual({denied['RestoreJobId'], taken['RestoreJobId']}, {one['RestoreJobId'] for one in failed})

    def test_the_new_table_can_be_under_a_key(self):
        table, vault, role = self.table(), self.vault(), self.service_role()
        arn = self.point(vault, table_arn(table), role)
        key = self.server.client('kms').create_key()['KeyMetadata']['Arn']
        target = unique()
        self.addCleanup(self.drop, target)
        request = {'RecoveryPointArn': arn, 'Metadata': {
            'targetTableName': target, 'encryptionType': 'KMS', 'kmsMasterKeyArn': key}}
        without = self.service_role(document(statement('dynamodb:*')))
        self.assertBackupFails('AccessDeniedException', 'KMS key access denied', self.backup.start_restore_job,
                               status=403, IamRoleArn=without, **request)
        job = self.backup.start_restore_job(IamRoleArn=role, **request)
        wait_job(self.backup.describe_restore_job, 'COMPLETED', RestoreJobId=job['RestoreJobId'])
        description = self.db.describe_table(TableName=target)['Table']
        self.assertEqual(description['SSEDescription']['KMSMasterKeyArn'], key)


class Lives(VaultCase):
    def test_lifecycle_is_replaced_whole(self):
        table, vault, role = self.table(), self.vault(), self.service_role()
        arn = self.point(vault, table_arn(table), role, Lifecycle={'DeleteAfterDays': 30})
        update = self.backup.update_recovery_point_lifecycle
        which = {'BackupVaultName': vault, 'RecoveryPointArn': arn}
        answer = update(Lifecycle={'MoveToColdStorageAfterDays': 30, 'DeleteAfterDays': 120}, **which)
        self.assertEqual(answer['Lifecycle'], {'MoveToColdStorageAfterDays': 30, 'DeleteAfterDays': 120})
        self.assertIn('DeleteAt', answer['CalculatedLifecycle'])
        self.assertBackupFails('InvalidParameterValueException', 'cannot be less than 90 days apart', update,
                               Lifecycle={'MoveToColdStorageAfterDays': 30, 'DeleteAfterDays': 119}, **which)
        self.assertEqual(update(**which)['Lifecycle'], {})
        self.assertEqual(self.backup.describe_recovery_point(**which)['CalculatedLifecycle'], {})

    def test_what_is_neither_continuous_nor_part_of_another_is_not_disassociated(self):
        table, vault, role = self.table(), self.vault(), self.service_role()
        arn = self.point(vault, table_arn(table), role)
        for act, text in ((self.backup.disassociate_recovery_point, 'only continuous backups'),
                          (self.backup.disassociate_recovery_point_from_parent, 'has no parent')):
            self.assertBackupFails('InvalidRequestException', text, act, BackupVaultName=vault, RecoveryPointArn=arn)
            self.assertBackupFails('ResourceNotFoundException', 'does not exist', act, BackupVaultName=vault,
                                   RecoveryPointArn=arn + 'x')
        self.assertEqual([point['RecoveryPointArn'] for point in self.points(vault)], [arn])

    def test_a_locked_vault_keeps_what_is_in_it(self):
        table, vault, role = self.table(), self.vault(), self.service_role()
        arn = self.point(vault, table_arn(table), role, Lifecycle={'DeleteAfterDays': 30})
        which = {'BackupVaultName': vault, 'RecoveryPointArn': arn}
        self.backup.put_backup_vault_lock_configuration(BackupVaultName=vault, MinRetentionDays=7)
        update = self.backup.update_recovery_point_lifecycle
        for call, more in ((self.backup.delete_recovery_point, {}), (update, {'Lifecycle': {'DeleteAfterDays': 29}})):
            self.assertBackupFails('InvalidRequestException', f'while backup vault {vault} is locked', call, **which,
                                   **more)
        self.assertBackupFails('ValidationException', 'backup vault', self.db.delete_backup, BackupArn=arn)
        self.assertBackupFails('InvalidRequestException', 'contains recovery points', self.backup.delete_backup_vault,
                               BackupVaultName=vault)
        update(Lifecycle={'DeleteAfterDays': 31}, **which)
        self.db.delete_table(TableName=table)
        self.assertEqual(self.backup.describe_recovery_point(**which)['Status'], 'COMPLETED')

    def test_policies_of_the_vault_reach_its_points(self):
        table, vault, role = self.table(), self.vault(), self.service_role()
        arn = self.point(vault, table_arn(table), role)
        self.backup.put_backup_vault_access_policy(BackupVaultName=vault, Policy=json.dumps({
            'Version': '2012-10-17', 'Statement': [{
                'Effect': 'Deny', 'Principal': '*', 'Resource': '*',
                'Action': ['backup:DeleteRecoveryPoint', 'backup:StartRestoreJob', 'backup:StartBackupJob']}]}))
        self.assertBackupFails('AccessDeniedException', 'explicit deny', self.backup.delete_recovery_point, status=403,
                               BackupVaultName=vault, RecoveryPointArn=arn)
        self.assertBackupFails('AccessDeniedException', 'explicit deny', self.backup.start_restore_job, status=403,
                               RecoveryPointArn=arn, IamRoleArn=role, Metadata={'targetTableName': unique()})
        self.assertBackupFails('AccessDeniedException', 'explicit deny', self.backup.start_backup_job, status=403,
                               BackupVaultName=vault, ResourceArn=table_arn(table), IamRoleArn=role)

    def test_jobs_need_the_right_to_pass_their_role(self):
        table, vault, role = self.table(), self.vault(), self.service_role()
        request = {'BackupVaultName': vault, 'ResourceArn': table_arn(table), 'IamRoleArn': role}
        start = statement('backup:StartBackupJob')
        passing = statement('iam:PassRole', role,
                            condition={'StringEquals': {'iam:PassedToService': 'backup.amazonaws.com'}})
        self.assertBackupFails('AccessDeniedException', f'iam:PassRole on resource: {role}',
                               self.client_of(self.user(document(start)), 'backup').start_backup_job, status=403,
                               **request)
        job = self.client_of(self.user(document(start, passing)), 'backup').start_backup_job(**request)
        self.finished(job)


if __name__ == '__main__':
    unittest.main()
