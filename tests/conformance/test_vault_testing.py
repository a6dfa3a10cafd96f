"""AWS Backup: restore testing, from its plans to the tables that it makes, compares and removes."""

import os
import pathlib
import random
import sys
import time
import unittest

from botocore.exceptions import ClientError

from case import load, scan_all, unique, wait_active, wait_gone
from iam_case import document, statement, table_arn
from rest_api import RestApi
from test_vault_time import ROLE, VAULT, OwnVault
from vault_case import VaultCase, vault_arn
import server

ITEMS = [{'pk': {'S': f'k{n}'}, 'v': {'N': str(n)}} for n in range(20)]
ROUNDS = int(os.environ.get('TIDEMARK_CRASH_ROUNDS', '4'))
PREFIX = 'awsbackup-restore-test-'
OBJECTIVE = 'tidemark:restore-objective-seconds'


def choice(**parameters):
    return {'Algorithm': 'LATEST_WITHIN_WINDOW', 'IncludeVaults': ['*'], 'RecoveryPointTypes': ['SNAPSHOT'],
            **parameters}


def by_key(items):
    return sorted(items, key=lambda item: item['pk']['S'])


class TestingPlans(VaultCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.aws = RestApi(cls.server)

    def plan(self, name=None, **parameters):
        """The answer to a new plan; it goes with its selections when the test ends."""
        name = name or unique('p').replace('-', '_')
        parts = {key: parameters.pop(key) for key in ('CreatorRequestId', 'Tags') if key in parameters}
        made = self.aws.create_restore_testing_plan(RestoreTestingPlan={
            'RestoreTestingPlanName': name, 'ScheduleExpression': 'cron(0 5 ? * * *)',
            'RecoveryPointSelection': choice(), **parameters}, **parts)
        self.addCleanup(self.remove, name)
        return made

    def remove(self, plan):
        try:
            for one in self.aws.list_restore_testing_selections(
                    RestoreTestingPlanName=plan)['RestoreTestingSelections']:
                self.aws.delete_restore_testing_selection(
                    RestoreTestingPlanName=plan, RestoreTestingSelectionName=one['RestoreTestingSelectionName'])
            self.aws.delete_restore_testing_plan(RestoreTestingPlanName=plan)
        except ClientError as error:
            self.assertEqual(error.response['Error']['Code'], 'ResourceNotFoundException')

    def shown(self, name):
        return self.aws.get_restore_testing_plan(RestoreTestingPlanName=name)['RestoreTestingPlan']

    def test_plans_are_created_read_changed_deleted(self):
        name = unique('p').replace('-', '_')
        made = self.plan(name, Tags={'team': 'blue'})
        self.assertRegex(made['RestoreTestingPlanArn'],
                         rf'^arn:aws:backup:{server.REGION}:{server.ACCOUNT}:restore-testing-plan:{name}-[0-9a-f-]+$')
        plan = self.shown(name)
        self.assertEqual((plan['RestoreTestingPlanArn'], plan['CreationTime']),
                         (made['RestoreTestingPlanArn'], made['CreationTime']))
        self.assertEqual((plan['ScheduleExpression'], plan['ScheduleExpressionTimezone'], plan['StartWindowHours']),
                         ('cron(0 5 ? * * *)', 'Etc/UTC', 24))
        self.assertEqual(plan['RecoveryPointSelection'], {**choice(), 'ExcludeVaults': [], 'SelectionWindowDays': 30})
        self.assertNotIn('LastUpdateTime', plan)
        changed = self.aws.update_restore_testing_plan(RestoreTestingPlanName=name, RestoreTestingPlan={
            'StartWindowHours': 2, 'RecoveryPointSelection': choice(
                Algorithm='RANDOM_WITHIN_WINDOW', IncludeVaults=[vault_arn('a*')], ExcludeVaults=[vault_arn('ab')],
                RecoveryPointTypes=['CONTINUOUS', 'SNAPSHOT'], SelectionWindowDays=7)})
        plan = self.shown(name)
        self.assertEqual((plan['LastUpdateTime'], plan['StartWindowHours'], plan['ScheduleExpression']),
                         (changed['UpdateTime'], 2, 'cron(0 5 ? * * *)'))
        self.assertEqual(plan['RecoveryPointSelection'], {
            'Algorithm': 'RANDOM_WITHIN_WINDOW', 'IncludeVaults': [vault_arn('a*')],
            'ExcludeVaults': [vault_arn('ab')], 'RecoveryPointTypes': ['CONTINUOUS', 'SNAPSHOT'],
            'SelectionWindowDays': 7})
        arn = made['RestoreTestingPlanArn']
        self.backup.tag_resource(ResourceArn=arn, Tags={'more': 'x'})
        self.backup.untag_resource(ResourceArn=arn, TagKeyList=['team'])
        self.assertEqual(self.backup.list_tags(ResourceArn=arn)['Tags'], {'more': 'x'})
        self.plan()
        listed, page = [], {}
        while not listed or 'NextToken' in page:
            page = self.aws.list_restore_testing_plans(MaxResults=1, NextToken=page.get('NextToken'))
            listed += [one['RestoreTestingPlanName'] for one in page['RestoreTestingPlans']]
        self.assertIn(name, listed)
        self.assertGreater(len(listed), 1)
        self.aws.delete_restore_testing_plan(RestoreTestingPlanName=name)
        for call in (self.aws.get_restore_testing_plan, self.aws.delete_restore_testing_plan):
            self.assertBackupFails('ResourceNotFoundException', f'plan {name} does not exist', call,
                                   RestoreTestingPlanName=name)

    def test_plans_are_checked(self):
        for change, code, text in (
                ({'ScheduleExpression': 'cron(0,30 * ? * * *)'}, 'InvalidParameter', 'more often than hourly'),
                ({'ScheduleExpression': 'rate(1 day)'}, 'InvalidParameter', 'Invalid schedule expression'),
                ({'ScheduleExpressionTimezone': 'Mars/Olympus'}, 'InvalidParameter', 'Invalid time zone'),
                ({'StartWindowHours': 0}, 'InvalidParameter', 'StartWindowHours must be between 1 and 168'),
                ({'RestoreTestingPlanName': 'a-b'}, 'InvalidParameter', 'RestoreTestingPlanName must have 1 to 50'),
                ({'RecoveryPointSelection': choice(SelectionWindowDays=366)}, 'InvalidParameter', 'between 1 and 365'),
                ({'RecoveryPointSelection': choice(IncludeVaults=['x'])}, 'InvalidParameter', 'x is no backup vault'),
                ({'RecoveryPointSelection': choice(IncludeVaults=[])}, 'MissingParameter', 'IncludeVaults'),
                ({'RecoveryPointSelection': choice(RecoveryPointTypes=[])}, 'MissingParameter', 'RecoveryPointTypes'),
                ({'RecoveryPointSelection': choice(Algorithm='OLDEST')}, 'InvalidParameter', 'enum value set'),
                ({'Tags': {OBJECTIVE: 'soon'}}, 'InvalidParameter', 'must be a number of seconds'),
                ({'Tags': {OBJECTIVE: '-1'}}, 'InvalidParameter', 'must be a number of seconds')):
            with self.subTest(change=change):
                name = change.pop('RestoreTestingPlanName', None)
                self.assertBackupFails(code + 'ValueException', text, self.plan, name=name, **change)

    def test_a_name_has_one_plan(self):
        name = unique('p').replace('-', '_')
        made = self.plan(name, CreatorRequestId='once')
        self.assertEqual(self.plan(name, CreatorRequestId='once'), made)
        error = self.assertBackupFails('AlreadyExistsException', f'plan {name} already exists', self.plan, name=name)
        self.assertEqual((error['Arn'], error['CreatorRequestId']), (made['RestoreTestingPlanArn'], 'once'))

    def test_selections(self):
        plan = self.plan()['RestoreTestingPlanName']
        role = self.service_role()
        selection = {'RestoreTestingSelectionName': 's', 'ProtectedResourceType': 'DynamoDB', 'IamRoleArn': role,
                     'ProtectedResourceArns': ['*'], 'ValidationWindowHours': 3,
                     'ProtectedResourceConditions': {'StringEquals': [{'Key': 'aws:ResourceTag/k', 'Value': 'v'}],
                                                     'StringNotEquals': []},
                     'RestoreMetadataOverrides': {'encryptionType': 'Default'}}
        create = self.aws.create_restore_testing_selection
        made = create(RestoreTestingPlanName=plan, RestoreTestingSelection=selection)
        which = {'RestoreTestingPlanName': plan, 'RestoreTestingSelectionName': 's'}

        def shown():
            return self.aws.get_restore_testing_selection(**which)['RestoreTestingSelection']

        self.assertEqual(shown(), {**selection, **which, 'CreationTime': made['CreationTime']})
        self.aws.update_restore_testing_selection(**which, RestoreTestingSelection={
            'ProtectedResourceArns': [table_arn('a')], 'ProtectedResourceConditions': {}, 'ValidationWindowHours': 0})
        self.assertEqual((shown()['ProtectedResourceArns'], shown()['ValidationWindowHours'], shown()['IamRoleArn']),
                         ([table_arn('a')], 0, role))
        for change, code, text in (
                ({}, 'AlreadyExistsException', 'selection s already exists'),
                ({'ProtectedResourceType': 'EBS'}, 'InvalidParameterValueException', 'must be DynamoDB'),
                ({'ProtectedResourceArns': [], 'ProtectedResourceConditions': {}}, 'InvalidParameterValueException',
                 'names no resource'),
                ({'ProtectedResourceArns': [table_arn('a')]}, 'InvalidParameterValueException', 'go with'),
                ({'ProtectedResourceArns': [table_arn('a*')], 'ProtectedResourceConditions': {}},
                 'InvalidParameterValueException', 'whole ARNs'),
                ({'ValidationWindowHours': 169}, 'InvalidParameterValueException', 'between 0 and 168'),
                ({'RestoreMetadataOverrides': {'targetTableName': 'mine'}}, 'InvalidParameterValueException',
                 'not targetTableName'),
                ({'RestoreMetadataOverrides': {'encryptionType': 'KMS'}}, 'InvalidParameterValueException',
                 'kmsMasterKeyArn'),
                ({'IamRoleArn': role + 'x'}, 'InvalidParameterValueException', 'cannot be assumed by AWS Backup')):
            with self.subTest(change=change):
                self.assertBackupFails(code, text, create, RestoreTestingPlanName=plan,
                                       RestoreTestingSelection={**selection, **change})
        listed = self.aws.list_restore_testing_selections(RestoreTestingPlanName=plan)['RestoreTestingSelections']
        self.assertEqual([one['RestoreTestingSelectionName'] for one in listed], ['s'])
        user = self.user(document(statement('backup:CreateRestoreTestingSelection')))
        key = self.iam.create_access_key(UserName=user)['AccessKey']
        self.assertBackupFails('AccessDeniedException', f'iam:PassRole on resource: {role}',
                               RestApi(self.server, access_key=key['AccessKeyId'],
                                       secret_key=key['SecretAccessKey']).create_restore_testing_selection, status=403,
                               RestoreTestingPlanName=plan,
                               RestoreTestingSelection={**selection, 'RestoreTestingSelectionName': 'y'})
        self.assertBackupFails('InvalidRequestException', 'has selections', self.aws.delete_restore_testing_plan,
                               RestoreTestingPlanName=plan)
        self.aws.delete_restore_testing_selection(**which)
        self.assertBackupFails('ResourceNotFoundException', 'selection s does not exist',
                               self.aws.get_restore_testing_selection, **which)

    def test_inferred_metadata(self):
        table, vault, role = self.table(), self.vault(), self.service_role()
        arn = self.point(vault, table_arn(table), role)
        got = self.aws.get_restore_testing_inferred_metadata(BackupVaultName=vault, RecoveryPointArn=arn)
        self.assertEqual(got['InferredMetadata']['encryptionType'], 'Default')
        self.assertTrue(got['InferredMetadata']['targetTableName'].startswith(PREFIX))
        self.assertBackupFails('ResourceNotFoundException', 'does not exist in backup vault',
                               self.aws.get_restore_testing_inferred_metadata, BackupVaultName=vault,
                               RecoveryPointArn=arn + 'x')

    def test_results_are_for_tests_only(self):
        table, vault, role = self.table(), self.vault(), self.service_role()
        arn, target = self.point(vault, table_arn(table), role), unique()
        self.addCleanup(self.drop, target)
        job = self.backup.start_restore_job(RecoveryPointArn=arn, IamRoleArn=role,
                                            Metadata={'targetTableName': target})['RestoreJobId']
        put = self.aws.put_restore_validation_result
        self.assertBackupFails('InvalidRequestException', 'not made by a restore testing plan', put, RestoreJobId=job,
                               ValidationStatus='SUCCESSFUL')
        self.assertBackupFails('ResourceNotFoundException', 'does not exist', put, RestoreJobId='x',
                               ValidationStatus='SUCCESSFUL')


class Drills(OwnVault):
    """A server of its own, whose time is moved."""

    def setUp(self):
        super().setUp()
        self.aws = RestApi(self.server)
        load(self.db, 'Kept', ITEMS)
        self.until(1)

    def plan(self, name='drill', tags=None, **parameters):
        return self.aws.create_restore_testing_plan(RestoreTestingPlan={
            'RestoreTestingPlanName': name, 'ScheduleExpression': 'cron(0 5 ? * * *)',
            'RecoveryPointSelection': choice(**parameters)}, Tags=tags or {})['RestoreTestingPlanArn']

    def select(self, plan='drill', name='all', arns=('*',), **parameters):
        self.aws.create_restore_testing_selection(RestoreTestingPlanName=plan, RestoreTestingSelection={
            'RestoreTestingSelectionName': name, 'ProtectedResourceType': 'DynamoDB', 'IamRoleArn': ROLE,
            'ProtectedResourceArns': list(arns), **parameters})

    def of_plan(self, plan):
        return self.aws.list_restore_jobs(ByRestoreTestingPlanArn=plan)['RestoreJobs']

    def wait_tests(self, plan, count, done=lambda job: 'DeletionStatus' in job and job['DeletionStatus'] != 'DELETING',
                   timeout=240):
        """All of them, the oldest first, once there are so many and each is `done`."""
        deadline = time.monotonic() + timeout
        while True:
            jobs = self.of_plan(plan)
            if len(jobs) >= count and all(done(job) for job in jobs):
                self.assertEqual(len(jobs), count)
                return jobs[::-1]
            self.assertLess(time.monotonic(), deadline, jobs)
            time.sleep(0.05)

    def tables(self):
        return self.db.list_tables()['TableNames']

    def wait_tables(self, *names, timeout=240):
        deadline = time.monotonic() + timeout
        while self.tables() != sorted(names):
            self.assertLess(time.monotonic(), deadline, self.tables())
            time.sleep(0.05)

    def again(self, crash=True):
        """The server is killed, or stopped, and goes on at the time it had."""
        then = self.server.advance(0)
        self.server.restart(crash=crash)
        self.connect()
        self.server.advance(max(0, then - self.server.advance(0)))

    def protect(self, table, on):
        answer = self.server.call('UpdateTable', {'TableName': table, 'DeletionProtectionEnabled': on})
        self.assertEqual(answer.status, 200, answer)

    def target(self, job):
        return self.aws.get_restore_job_metadata(RestoreJobId=job['RestoreJobId'])['Metadata']['targetTableName']

    def describe(self, job):
        return self.aws.describe_restore_job(RestoreJobId=job['RestoreJobId'])

    def test_a_run_restores_compares_and_removes(self):
        arn, plan = self.point(), self.plan()
        self.select()
        self.until(5, 1)
        job, = self.wait_tests(plan, 1)
        job = self.describe(job)
        self.assertEqual((job['Status'], job['ValidationStatus'], job['DeletionStatus']),
                         ('COMPLETED', 'SUCCESSFUL', 'SUCCESSFUL'), job)
        self.assertIn('has the 20 items that the recovery point recorded', job['ValidationStatusMessage'])
        self.assertEqual((job['RecoveryPointArn'], job['SourceResourceArn'], job['CreatedBy']),
                         (arn, table_arn('Kept'), {'RestoreTestingPlanArn': plan}))
        self.assertTrue(self.target(job).startswith(PREFIX))
        self.assertEqual(self.tables(), ['Kept'])
        shown = self.aws.get_restore_testing_plan(RestoreTestingPlanName='drill')['RestoreTestingPlan']
        self.assertEqual(shown['LastExecutionTime'], job['CreationDate'])
        resource = self.aws.describe_protected_resource(ResourceArn=table_arn('Kept'))
        self.assertEqual(resource['LatestRestoreJobCreationDate'], job['CreationDate'])
        of_table = self.aws.list_restore_jobs_by_protected_resource(ResourceArn=table_arn('Kept'))['RestoreJobs']
        self.assertEqual([one['RestoreJobId'] for one in of_table], [job['RestoreJobId']])
        self.assertEqual(self.of_plan(plan + 'x'), [])
        self.until(5, 1)
        self.wait_tests(plan, 2)

    def test_what_the_vault_denies_is_not_tested(self):
        arn = self.point()
        deny = statement('backup:StartRestoreJob', effect='Deny')
        self.backup.put_backup_vault_access_policy(BackupVaultName=VAULT,
                                                   Policy=document({**deny, 'Principal': '*'}))
        plan = self.plan()
        self.select()
        self.until(5, 1)
        job, = self.wait_tests(plan, 1, lambda job: job['Status'] == 'FAILED')
        self.assertRegex(job['StatusMessage'],
                         rf'role/.* is not authorized to perform: backup:StartRestoreJob on resource: {arn} with an '
                         'explicit deny in a resource-based policy')
        self.assertEqual(self.tables(), ['Kept'])
        self.backup.delete_backup_vault_access_policy(BackupVaultName=VAULT)
        self.until(5, 1)
        jobs = self.wait_tests(plan, 2, lambda job: job['Status'] == 'FAILED' or 'SUCCESSFUL' in (
            job.get('DeletionStatus'),))
        self.assertEqual(jobs[1]['ValidationStatus'], 'SUCCESSFUL')

    def test_within_the_window_the_table_is_the_users(self):
        self.point()
        plan = self.plan()
        self.select(ValidationWindowHours=2)
        self.until(5, 1)
        job, = self.wait_tests(plan, 1, lambda job: 'has the 20 items' in job.get('ValidationStatusMessage', ''))
        self.assertEqual((job['ValidationStatus'], job.get('DeletionStatus')), ('VALIDATING', None))
        target = self.target(job)
        self.assertEqual(by_key(scan_all(self.db, target)), by_key(ITEMS))
        tags = self.db.list_tags_of_resource(ResourceArn=table_arn(target))['Tags']
        self.assertEqual([tag['Key'] for tag in tags], ['awsbackup-restore-test'])
        put, which = self.aws.put_restore_validation_result, {'RestoreJobId': job['RestoreJobId']}
        put(**which, ValidationStatus='VALIDATING', ValidationStatusMessage='counting')
        self.assertEqual(self.describe(job)['ValidationStatusMessage'], 'counting')
        put(**which, ValidationStatus='FAILED', ValidationStatusMessage='a page is missing')
        job, = self.wait_tests(plan, 1)
        self.assertEqual((job['ValidationStatus'], job['ValidationStatusMessage'], job['DeletionStatus']),
                         ('FAILED', 'a page is missing', 'SUCCESSFUL'))
        self.assertEqual(self.tables(), ['Kept'])
        with self.assertRaises(ClientError) as raised:
            put(**which, ValidationStatus='SUCCESSFUL')
        self.assertIn('is FAILED already', raised.exception.response['Error']['Message'])

        self.until(5, 1)
        self.wait_tests(plan, 2, lambda job: 'ValidationStatusMessage' in job)
        self.again()
        self.server.advance(3600)
        self.assertEqual(len(self.tables()), 2)
        self.server.advance(3601)
        _, job = self.wait_tests(plan, 2)
        self.assertEqual((job['ValidationStatus'], job['DeletionStatus']), ('TIMED_OUT', 'SUCCESSFUL'))
        self.assertEqual(self.tables(), ['Kept'])

    def test_which_point_of_which_table(self):
        for name, team in (('Blue', 'blue'), ('Red', 'red'), ('Bare', 'blue')):
            self.make_table(name)
            self.db.tag_resource(ResourceArn=table_arn(name), Tags=[{'Key': 'team', 'Value': team}])
        self.backup.create_backup_vault(BackupVaultName='other')
        points = {}
        for table, vault in (('Kept', VAULT), ('Blue', 'other'), ('Red', VAULT), ('Blue', VAULT), ('Kept', 'other')):
            points[table, vault] = self.finished_point(table, vault)
        self.server.advance(3 * 86400)
        self.until(1)
        newer = self.finished_point('Red', VAULT)
        blue = self.plan('blue')
        self.select('blue', ProtectedResourceConditions={
            'StringEquals': [{'Key': 'aws:ResourceTag/team', 'Value': 'blue'}]})
        here = self.plan('here', ExcludeVaults=[vault_arn('oth*')])
        self.select('here', arns=[table_arn('Kept'), table_arn('Red')])
        young = self.plan('young', SelectionWindowDays=2)
        self.select('young')
        none = self.plan('none', RecoveryPointTypes=['CONTINUOUS'])
        self.select('none')
        chance = self.plan('chance', Algorithm='RANDOM_WITHIN_WINDOW')
        self.select('chance', arns=[table_arn('Red')])
        self.until(5, 1)

        def tested(plan, count):
            return {job['RecoveryPointArn'] for job in self.wait_tests(plan, count)}

        self.assertEqual(tested(blue, 1), {points['Blue', VAULT]})
        self.assertEqual(tested(here, 2), {points['Kept', VAULT], newer})
        self.assertEqual(tested(young, 1), {newer})
        drawn = tested(chance, 1)
        self.assertEqual(self.of_plan(none), [])
        for day in range(2, 21):  # all days the same: one in a million
            if drawn == {points['Red', VAULT], newer}:
                break
            self.until(5, 1)
            drawn = tested(chance, day)
        self.assertEqual(drawn, {points['Red', VAULT], newer})
        self.wait_tables('Bare', 'Blue', 'Kept', 'Red')

    def finished_point(self, table, vault):
        job = self.backup.start_backup_job(BackupVaultName=vault, ResourceArn=table_arn(table), IamRoleArn=ROLE)
        deadline = time.monotonic() + 240
        while True:
            now = self.backup.describe_backup_job(BackupJobId=job['BackupJobId'])
            if now['State'] == 'COMPLETED':
                return now['RecoveryPointArn']
            self.assertLess(time.monotonic(), deadline, now)
            time.sleep(0.02)

    def test_a_role_that_may_not_restore(self):
        self.point()
        plan = self.plan()
        self.select()
        self.iam.put_role_policy(RoleName='keeper', PolicyName='p', PolicyDocument=document(
            statement('dynamodb:*'), statement('dynamodb:PutItem', table_arn(PREFIX + '*'), effect='Deny')))
        self.until(5, 1)
        job, = self.wait_tests(plan, 1, lambda job: job['Status'] != 'PENDING')
        self.assertEqual(job['Status'], 'FAILED')
        self.assertIn('is not authorized to perform: dynamodb:PutItem', job['StatusMessage'])
        self.assertNotIn('ValidationStatus', job)
        self.assertEqual(self.tables(), ['Kept'])

    def test_a_start_window_that_is_over(self):
        self.point()
        plan = self.plan()
        self.aws.update_restore_testing_plan(RestoreTestingPlanName='drill',
                                                RestoreTestingPlan={'StartWindowHours': 2})
        self.select()
        other = self.plan('other')  # whose window is long
        self.select('other')
        self.server.advance(6.5 * 3600)  # to two and a half hours after a run, in one step
        self.wait_tests(other, 1)
        self.assertEqual(self.of_plan(plan), [])
        self.until(4)
        self.server.advance(2.5 * 3600)
        self.wait_tests(plan, 1)

    def test_an_objective_that_is_missed(self):
        self.point()
        plan = self.plan(tags={OBJECTIVE: '0.0005'})
        self.select()
        self.until(5, 1)
        job, = self.wait_tests(plan, 1)
        self.assertEqual((job['Status'], job['ValidationStatus']), ('COMPLETED', 'FAILED'))
        self.assertRegex(job['ValidationStatusMessage'],
                         r'^The restore took [\d.]+ s, longer than the objective of 0\.0005 s\. The restored table')
        self.backup.tag_resource(ResourceArn=plan, Tags={OBJECTIVE: '600'})
        self.until(5, 1)
        self.assertEqual(self.wait_tests(plan, 2)[1]['ValidationStatus'], 'SUCCESSFUL')

    def test_damage_is_found(self):
        drawn = random.Random(7)
        load(self.db, 'Kept', [{'pk': {'S': f'large{n}'}, 'v': {'S': drawn.randbytes(10_000).hex()}}
                               for n in range(50)])
        self.again(crash=False)  # the items are in files of the table now, which backups share
        self.point()
        path = max(pathlib.Path(self.server.data).glob('**/images/**/*.sst'), key=lambda one: one.stat().st_size)
        with open(path, 'r+b') as file:
            file.seek(path.stat().st_size // 2)
            old = file.read(1)
            file.seek(-1, 1)
            file.write(bytes([old[0] ^ 1]))
        plan = self.plan()
        self.select()
        self.until(5, 1)
        job, = self.wait_tests(plan, 1)
        self.assertEqual((job['Status'], job['ValidationStatus']), ('COMPLETED', 'FAILED'), job)
        self.assertRegex(job['ValidationStatusMessage'], r'differs from the recovery point: .* fails its tag')
        self.assertEqual(self.tables(), ['Kept'])

    def test_only_tables_of_tests_are_removed(self):
        self.point()
        plan = self.plan()
        self.select(ValidationWindowHours=1)
        self.until(5, 1)
        job, = self.wait_tests(plan, 1, lambda job: 'ValidationStatusMessage' in job)
        name = self.target(job)
        self.db.delete_table(TableName=name)
        wait_gone(self.db, name)
        self.make_table(name)
        self.server.advance(3601)
        job, = self.wait_tests(plan, 1)
        self.assertEqual(job['DeletionStatus'], 'SUCCESSFUL')
        self.assertEqual(self.tables(), ['Kept', name])

        self.until(5, 1)
        job = self.wait_tests(plan, 2, lambda job: 'ValidationStatusMessage' in job)[1]
        other = self.target(job)
        self.db.untag_resource(ResourceArn=table_arn(other), TagKeys=['awsbackup-restore-test'])
        self.server.advance(3601)
        job = self.wait_tests(plan, 2)[1]
        self.assertEqual(job['DeletionStatus'], 'FAILED')
        self.assertIn(f'Table {other} stays: its tag', job['DeletionStatusMessage'])

        self.until(5, 1)
        job = self.wait_tests(plan, 3, lambda job: 'ValidationStatusMessage' in job)[2]
        last = self.target(job)
        self.protect(last, True)
        self.server.advance(3601)
        job = self.wait_tests(plan, 3)[2]
        self.assertEqual(job['DeletionStatus'], 'FAILED')
        self.assertIn('Disable deletion protection first', job['DeletionStatusMessage'])
        self.assertEqual(set(self.tables()), {'Kept', name, other, last})
        self.protect(last, False)
        job = self.wait_tests(plan, 3, lambda job: job['RestoreJobId'] != self.of_plan(plan)[0]['RestoreJobId']
                              or job['DeletionStatus'] == 'SUCCESSFUL')[2]
        self.assertEqual(set(self.tables()), {'Kept', name, other})

    def test_plans_of_backups_leave_its_tables_out(self):
        self.point()
        self.plan()
        self.select(ValidationWindowHours=168)
        made = self.backup.create_backup_plan(BackupPlan={'BackupPlanName': 'p', 'Rules': [
            {'RuleName': 'noon', 'TargetBackupVaultName': VAULT, 'ScheduleExpression': 'cron(0 12 ? * * *)'}]})
        self.backup.create_backup_selection(BackupPlanId=made['BackupPlanId'], BackupSelection={
            'SelectionName': 'all', 'IamRoleArn': ROLE, 'Resources': ['*']})
        self.until(5, 1)
        deadline = time.monotonic() + 240
        while len(self.tables()) < 2:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)
        for name in self.tables():
            wait_active(self.db, name)
        self.until(12, 1)
        deadline = time.monotonic() + 240
        while len(self.points()) < 2:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)
        self.assertEqual({job['ResourceArn'] for job in self.backup.list_backup_jobs()['BackupJobs']},
                         {table_arn('Kept')})

    def test_crashes_leave_no_table_and_lose_no_test(self):
        seed = random.randrange(sys.maxsize)
        print(f'{self.id()}: seed {seed}', file=sys.stderr)
        drawn = random.Random(seed)
        self.point()
        plan = self.plan()
        self.select()
        for count in range(1, ROUNDS + 1):
            self.until(5, 1)
            time.sleep(drawn.random() * 1.3)
            self.again()
            deadline = time.monotonic() + 240
            while True:
                jobs = self.of_plan(plan)
                if (len(jobs) == count and all(job.get('DeletionStatus') == 'SUCCESSFUL' for job in jobs)
                        and self.tables() == ['Kept']):
                    break
                self.assertLess(time.monotonic(), deadline, jobs)
                time.sleep(0.05)
        self.assertEqual({(job['Status'], job['ValidationStatus']) for job in self.of_plan(plan)},
                         {('COMPLETED', 'SUCCESSFUL')})


if __name__ == '__main__':
    unittest.main()
