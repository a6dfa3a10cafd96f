"""AWS Backup: frameworks and what they find; plans of reports, and the files that their jobs write."""

import csv
import io
import json
import pathlib
import tempfile
import time
import unittest

from iam_case import document, statement, table_arn
from rest_api import RestApi
from test_vault_time import DAY, ROLE, VAULT, OwnVault
from vault_case import wait_job
import server


class Reports(OwnVault):
    def setUp(self):
        super().setUp()
        directory = tempfile.TemporaryDirectory(prefix='tidemark-reports-')
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)
        self.aws = RestApi(self.server)

    def with_directory(self):
        self.server.arguments += ['--report-directory', str(self.directory)]
        self.server.restart()
        self.connect()

    def plan(self, name='jobs', template='BACKUP_JOB_REPORT', formats=('CSV', 'JSON'), settings=None, **parameters):
        return self.aws.create_report_plan(
            ReportPlanName=name, ReportSetting={'ReportTemplate': template, **(settings or {})},
            ReportDeliveryChannel={'S3BucketName': 'reports', 'S3KeyPrefix': 'daily/all', 'Formats': list(formats)},
            **parameters)

    def ended(self, job, status='COMPLETED', timeout=240):
        deadline = time.monotonic() + timeout
        while True:
            now = self.aws.describe_report_job(ReportJobId=job)['ReportJob']
            if now['Status'] in ('COMPLETED', 'FAILED'):
                self.assertEqual(now['Status'], status, now)
                return now
            self.assertLess(time.monotonic(), deadline, now)
            time.sleep(0.02)

    def read(self, job):
        """The rows of each format."""
        where = job['ReportDestination']
        found = {}
        for key in where['S3Keys']:
            text = (self.directory / where['S3BucketName'] / key).read_bytes().decode()
            if key.endswith('.csv'):
                found['CSV'] = list(csv.DictReader(io.StringIO(text, newline='')))
            else:
                found['JSON'] = json.loads(text)['reportItems']
        return found

    def assertRefused(self, code, text, call, **members):
        with self.assertRaises(Exception) as raised:
            call(**members)
        error = raised.exception.response['Error']
        self.assertEqual(error['Code'], code)
        self.assertIn(text, error['Message'])

    def test_plans(self):
        made = self.plan(ReportPlanTags={'a': 'b'}, ReportPlanDescription='of all', IdempotencyToken='once')
        self.assertRegex(made['ReportPlanArn'], r':report-plan:jobs-[0-9a-f-]{36}$')
        self.assertEqual(self.plan(ReportPlanTags={'a': 'b'}, ReportPlanDescription='of all', IdempotencyToken='once'),
                         made)
        self.assertEqual(self.backup.list_tags(ResourceArn=made['ReportPlanArn'])['Tags'], {'a': 'b'})
        shown = self.aws.describe_report_plan(ReportPlanName='jobs')['ReportPlan']
        self.assertEqual((shown['ReportSetting']['ReportTemplate'], shown['ReportPlanDescription'],
                          shown['DeploymentStatus']), ('BACKUP_JOB_REPORT', 'of all', 'COMPLETED'))
        self.aws.update_report_plan(ReportPlanName='jobs', ReportSetting={'ReportTemplate': 'COPY_JOB_REPORT'})
        listed = self.aws.list_report_plans()['ReportPlans']
        self.assertEqual([(one['ReportPlanName'], one['ReportSetting']['ReportTemplate']) for one in listed],
                         [('jobs', 'COPY_JOB_REPORT')])
        self.assertRefused('AlreadyExistsException', 'already exists', self.plan)
        for change, text in (({'template': 'SCAN_JOB_REPORT'}, 'ReportTemplate must be one of BACKUP_JOB_REPORT'),
                             ({'settings': {'FrameworkArns': ['x']}}, 'FrameworkArns are for'),
                             ({'settings': {'Accounts': ['1']}}, 'reports are of the own account'),
                             ({'settings': {'OrganizationUnits': ['ou']}}, 'no organizations'),
                             ({'settings': {'Regions': ['*', '../x']}}, "not '../x'"),
                             ({'formats': ['PDF']}, 'can be CSV and JSON'), ({'name': '1st'}, 'a letter first')):
            self.assertRefused('InvalidParameterValueException', text, self.plan, **{'name': 'other', **change})
        for bucket in ('.', '..', 'a/b', 'ab', 'Ab1', '-ab', 'ab.', 'a..b', 'a_b', 'a' * 64):
            self.assertRefused('InvalidParameterValueException', 'S3BucketName must have 3 to 63',
                               self.aws.update_report_plan, ReportPlanName='jobs',
                               ReportDeliveryChannel={'S3BucketName': bucket})
        for prefix in ('../x', '/x', 'x/', 'a/./b', 'a//b', '.', 'a b', 'a' * 201, '/'.join(['a' * 100] * 6)):
            self.assertRefused('InvalidParameterValueException', 'S3KeyPrefix must have at most',
                               self.aws.update_report_plan, ReportPlanName='jobs',
                               ReportDeliveryChannel={'S3BucketName': 'reports', 'S3KeyPrefix': prefix})
        self.aws.delete_report_plan(ReportPlanName='jobs')
        self.assertRefused('ResourceNotFoundException', 'does not exist', self.aws.describe_report_plan,
                           ReportPlanName='jobs')

    def test_without_a_directory_nothing_is_written(self):
        self.plan()
        job = self.ended(self.aws.start_report_job(ReportPlanName='jobs')['ReportJobId'], 'FAILED')
        self.assertIn('--report-directory', job['StatusMessage'])

    def test_reports_on_demand(self):
        self.with_directory()
        point = self.point()
        failed = self.start('Nowhere')
        wait_job(self.backup.describe_backup_job, 'FAILED', BackupJobId=failed)
        self.plan()
        job = self.ended(self.aws.start_report_job(ReportPlanName='jobs', IdempotencyToken='x')['ReportJobId'])
        again = self.aws.start_report_job(ReportPlanName='jobs', IdempotencyToken='x')['ReportJobId']
        self.assertEqual(again, job['ReportJobId'])
        self.assertTrue(all(key.startswith(f'daily/all/Backup/{server.ACCOUNT}/{server.REGION}/')
                            for key in job['ReportDestination']['S3Keys']))
        rows = self.read(job)
        self.assertEqual([{name: str(value) for name, value in row.items()} for row in rows['JSON']], rows['CSV'])
        self.assertEqual([(row['jobStatus'], row['recoveryPointArn'], row['resourceArn']) for row in rows['CSV']],
                         [('COMPLETED', point, table_arn('Kept')), ('FAILED', '', table_arn('Nowhere'))])
        done, other = rows['JSON']
        self.assertEqual((done['accountId'], done['region'], done['backupVaultName'], done['iamRoleArn']),
                         (server.ACCOUNT, server.REGION, VAULT, ROLE))
        self.assertRegex(done['jobRunTime'], r'^00:0\d:\d\d$')
        self.assertIsInstance(done['backupSizeInBytes'], int)
        self.assertEqual((other['backupJobId'], other['statusMessage']), (failed, 'Table not found.'))
        restore = self.backup.start_restore_job(RecoveryPointArn=point, IamRoleArn=ROLE,
                                                Metadata={'targetTableName': 'Back'})['RestoreJobId']
        wait_job(self.backup.describe_restore_job, 'COMPLETED', RestoreJobId=restore)
        for name, template, ids in (('restores', 'RESTORE_JOB_REPORT', [restore]), ('copies', 'COPY_JOB_REPORT', [])):
            self.plan(name, template, formats=())
            rows = self.read(self.ended(self.aws.start_report_job(ReportPlanName=name)['ReportJobId']))
            self.assertEqual(list(rows), ['CSV'])
            self.assertEqual([row.get('restoreJobId') for row in rows['CSV']], ids)
        listed = self.aws.list_report_jobs(ByReportPlanName='restores', ByStatus='COMPLETED')['ReportJobs']
        self.assertEqual([one['ReportTemplate'] for one in listed], ['RESTORE_JOB_REPORT'])
        self.assertIn('LastSuccessfulExecutionTime',
                      self.aws.describe_report_plan(ReportPlanName='jobs')['ReportPlan'])

    def test_what_ended_a_day_ago_is_not_told(self):
        self.with_directory()
        self.plan()
        self.point()
        self.server.advance(2 * DAY)
        newer = self.point()
        rows = self.read(self.ended(self.aws.start_report_job(ReportPlanName='jobs')['ReportJobId']))
        self.assertEqual([row['recoveryPointArn'] for row in rows['JSON']], [newer])

    def test_other_regions(self):
        self.with_directory()
        self.point()
        self.plan('all', settings={'Regions': ['*']}, formats=['JSON'])
        self.plan('other', settings={'Regions': ['eu-west-1']}, formats=['JSON'])
        for name, count in (('all', 1), ('other', 0)):
            rows = self.read(self.ended(self.aws.start_report_job(ReportPlanName=name)['ReportJobId']))
            self.assertEqual(len(rows['JSON']), count, name)
        shown = self.aws.describe_report_plan(ReportPlanName='all')['ReportPlan']['ReportSetting']
        self.assertEqual(shown['Regions'], ['*'])

    def test_what_cannot_be_written_fails(self):
        self.with_directory()
        (self.directory / 'reports').write_text('in the way')
        self.plan()
        job = self.ended(self.aws.start_report_job(ReportPlanName='jobs')['ReportJobId'], 'FAILED')
        self.assertIn('could not be written to bucket reports', job['StatusMessage'])
        self.assertNotIn(str(self.directory), job['StatusMessage'])
        self.assertNotIn('LastSuccessfulExecutionTime',
                         self.aws.describe_report_plan(ReportPlanName='jobs')['ReportPlan'])

    def test_links_are_not_followed(self):
        self.with_directory()
        with tempfile.TemporaryDirectory(prefix='tidemark-elsewhere-') as elsewhere:
            (self.directory / 'reports').symlink_to(elsewhere)
            self.plan()
            job = self.ended(self.aws.start_report_job(ReportPlanName='jobs')['ReportJobId'], 'FAILED')
            self.assertIn('a symbolic link is in the way', job['StatusMessage'])
            self.assertEqual(list(pathlib.Path(elsewhere).iterdir()), [])

    def test_long_names(self):
        self.with_directory()
        name, prefix = 'n' * 256, '/'.join(['p' * 100] * 4)
        self.plan(name)
        self.aws.update_report_plan(ReportPlanName=name, ReportDeliveryChannel={
            'S3BucketName': 'reports', 'S3KeyPrefix': prefix, 'Formats': ['CSV', 'JSON']})
        self.read(self.ended(self.aws.start_report_job(ReportPlanName=name)['ReportJobId']))

    def test_a_directory_that_is_not_there(self):
        for wrong in (self.directory / 'none', pathlib.Path(self.server.log_path)):
            with self.assertRaisesRegex(RuntimeError, f'--report-directory {wrong}: there is no such directory'):
                server.Server(arguments=['--report-directory', str(wrong)]).close()

    def test_one_a_day_whatever_crash_comes(self):
        self.with_directory()
        self.plan(formats=['JSON'])
        points = []
        for count in range(1, 4):
            points.append(self.point())
            self.server.advance(DAY + 1)
            time.sleep(0.05 * count)  # the kill comes elsewhere each time
            then = self.server.advance(0)
            self.server.restart(crash=True)
            self.connect()
            self.server.advance(then - self.server.advance(0))
            deadline = time.monotonic() + 240
            while True:
                jobs = self.aws.list_report_jobs()['ReportJobs']
                if len(jobs) == count and all(job['Status'] == 'COMPLETED' for job in jobs):
                    break
                self.assertLess(time.monotonic(), deadline, jobs)
                time.sleep(0.05)
        files = [path for path in self.directory.rglob('*') if path.is_file()]
        self.assertEqual(len(files), 3, files)
        told = [row['recoveryPointArn'] for job in jobs for row in self.read(job)['JSON']]
        self.assertEqual(sorted(told), sorted(points))  # each by one report


class Frameworks(OwnVault):
    def setUp(self):
        super().setUp()
        self.aws = RestApi(self.server)

    def create(self, name='mine', controls=({'ControlName': 'BACKUP_LAST_RECOVERY_POINT_CREATED'},), **parameters):
        return self.aws.create_framework(FrameworkName=name, FrameworkControls=list(controls), **parameters)

    def compliance(self, name='mine'):
        """Control -> its status, and what is said of resources that do not comply."""
        return {one['ControlName']: (one['Status'], [finding['Reason'] for finding in one['Findings']])
                for one in self.aws.describe_framework(FrameworkName=name)['Compliance']}

    assertRefused = Reports.assertRefused

    def test_frameworks_are_created_read_changed_deleted(self):
        control = {'ControlName': 'BACKUP_LAST_RECOVERY_POINT_CREATED',
                   'ControlInputParameters': [{'ParameterName': 'recoveryPointAgeUnit', 'ParameterValue': 'hours'},
                                              {'ParameterName': 'recoveryPointAgeValue', 'ParameterValue': '6'}],
                   'ControlScope': {'ComplianceResourceTypes': ['DynamoDB'], 'Tags': {'stage': 'production'}}}
        made = self.create(controls=[control], FrameworkDescription='all', FrameworkTags={'a': 'b'},
                           IdempotencyToken='once')
        self.assertRegex(made['FrameworkArn'], r':framework:mine-[0-9a-f-]{36}$')
        self.assertEqual(self.create(controls=[control], FrameworkDescription='all', FrameworkTags={'a': 'b'},
                                     IdempotencyToken='once'), made)
        shown = self.aws.describe_framework(FrameworkName='mine')
        self.assertEqual(shown['FrameworkControls'], [control])
        self.assertEqual((shown['FrameworkDescription'], shown['DeploymentStatus'], shown['FrameworkStatus'],
                          shown['IdempotencyToken']), ('all', 'COMPLETED', 'ACTIVE', 'once'))
        self.backup.tag_resource(ResourceArn=made['FrameworkArn'], Tags={'more': 'x'})
        self.backup.untag_resource(ResourceArn=made['FrameworkArn'], TagKeyList=['a'])
        self.assertEqual(self.backup.list_tags(ResourceArn=made['FrameworkArn'])['Tags'], {'more': 'x'})
        other = {'ControlName': 'BACKUP_RECOVERY_POINT_ENCRYPTED'}
        changed = self.aws.update_framework(FrameworkName='mine', FrameworkControls=[control, other])
        self.assertEqual((changed['FrameworkArn'], changed['CreationTime']),
                         (made['FrameworkArn'], shown['CreationTime']))
        listed, = self.aws.list_frameworks()['Frameworks']
        self.assertEqual((listed['FrameworkName'], listed['NumberOfControls'], listed['FrameworkDescription']),
                         ('mine', 2, 'all'))
        self.assertRefused('AlreadyExistsException', 'mine already exists', self.create)
        for change, text in (({'name': '1st'}, 'a letter first'), ({'controls': []}, 'one control at least'),
                             ({'controls': [other, other]}, 'named twice'),
                             ({'controls': [{'ControlName': 'NO_SUCH'}]}, 'There is no control NO_SUCH'),
                             ({'controls': [{**other, 'ControlInputParameters': [
                                 {'ParameterName': 'x', 'ParameterValue': 'y'}]}]}, 'has no parameter x'),
                             ({'controls': [{'ControlName': 'BACKUP_RESOURCES_PROTECTED_BY_CROSS_REGION',
                                             'ControlInputParameters': [
                                                 {'ParameterName': 'crossRegionList',
                                                  'ParameterValue': 'eu-west-1, ../x'}]}]}, "not '../x'")):
            self.assertRefused('InvalidParameterValueException', text, self.create, **{'name': 'other', **change})
        self.aws.delete_framework(FrameworkName='mine')
        for call in (self.aws.describe_framework, self.aws.delete_framework):
            self.assertRefused('ResourceNotFoundException', 'Framework mine does not exist', call,
                               FrameworkName='mine')

    def test_at_most_fifteen_with_fifty_controls(self):
        names = ('BACKUP_RECOVERY_POINT_ENCRYPTED', 'BACKUP_RESOURCES_PROTECTED_BY_BACKUP_PLAN',
                 'BACKUP_LAST_RECOVERY_POINT_CREATED', 'RESTORE_TIME_FOR_RESOURCES_MEET_TARGET')
        for number in range(12):
            self.create(f'f{number}', [{'ControlName': name} for name in names])
        self.create('f12', [{'ControlName': names[0]}])
        self.assertRefused('LimitExceededException', 'can have 50 controls', self.aws.update_framework,
                           FrameworkName='f12', FrameworkControls=[{'ControlName': name} for name in names])
        self.create('f13', [{'ControlName': names[0]}])
        self.assertRefused('LimitExceededException', '50 controls', self.create, name='f14')
        self.aws.delete_framework(FrameworkName='f0')
        for name in ('f14', 'f15'):
            self.create(name)
        self.assertRefused('LimitExceededException', '15 frameworks', self.create, name='f16')

    def test_what_is_found_follows_the_world(self):
        self.create(controls=[{'ControlName': name} for name in (
            'BACKUP_LAST_RECOVERY_POINT_CREATED', 'BACKUP_RESOURCES_PROTECTED_BY_BACKUP_PLAN',
            'BACKUP_RECOVERY_POINT_MINIMUM_RETENTION_CHECK', 'BACKUP_RESOURCES_PROTECTED_BY_BACKUP_VAULT_LOCK')])
        found = self.compliance()
        self.assertEqual({name: status for name, (status, _) in found.items()}, {
            'BACKUP_LAST_RECOVERY_POINT_CREATED': 'NON_COMPLIANT',
            'BACKUP_RESOURCES_PROTECTED_BY_BACKUP_PLAN': 'NON_COMPLIANT',
            'BACKUP_RECOVERY_POINT_MINIMUM_RETENTION_CHECK': 'INSUFFICIENT_DATA',
            'BACKUP_RESOURCES_PROTECTED_BY_BACKUP_VAULT_LOCK': 'NON_COMPLIANT'})
        self.assertIn('assign it to one', found['BACKUP_RESOURCES_PROTECTED_BY_BACKUP_PLAN'][1][0])
        self.point(days=40)
        self.backup.put_backup_vault_lock_configuration(BackupVaultName=VAULT, MinRetentionDays=7)
        plan = self.backup.create_backup_plan(BackupPlan={'BackupPlanName': 'daily', 'Rules': [
            {'RuleName': 'nightly', 'TargetBackupVaultName': VAULT}]})['BackupPlanId']
        self.backup.create_backup_selection(BackupPlanId=plan, BackupSelection={
            'SelectionName': 'all', 'IamRoleArn': ROLE, 'Resources': ['*']})
        self.assertEqual({status for status, _ in self.compliance().values()}, {'COMPLIANT'})
        self.server.restart(crash=True)
        self.connect()
        self.aws = RestApi(self.server)
        self.assertEqual({status for status, _ in self.compliance().values()}, {'COMPLIANT'})
        self.server.advance(DAY + 60)
        self.backup.update_region_settings(ResourceTypeOptInPreference={'DynamoDB': False})
        found = self.compliance()
        self.assertEqual(found['BACKUP_RESOURCES_PROTECTED_BY_BACKUP_PLAN'][0], 'NON_COMPLIANT')

    def test_reports_of_compliance(self):
        directory = tempfile.TemporaryDirectory(prefix='tidemark-reports-')
        self.addCleanup(directory.cleanup)
        self.server.arguments += ['--report-directory', directory.name]
        self.server.restart()
        self.connect()
        arn = self.create(controls=[
            {'ControlName': 'BACKUP_LAST_RECOVERY_POINT_CREATED', 'ControlScope': {'ComplianceResourceIds': ['Kept']}},
            {'ControlName': 'BACKUP_RECOVERY_POINT_MINIMUM_RETENTION_CHECK', 'ControlInputParameters': [
                {'ParameterName': 'requiredRetentionDays', 'ParameterValue': '7'}]}])['FrameworkArn']
        self.create('other')
        self.make_table('Bare')
        point = self.point(days=5)
        channel = {'S3BucketName': 'audit', 'Formats': ['JSON']}
        rows = {}
        for name, template, arns in (('controls', 'CONTROL_COMPLIANCE_REPORT', [arn]),
                                     ('resources', 'RESOURCE_COMPLIANCE_REPORT', [arn]),
                                     ('every', 'RESOURCE_COMPLIANCE_REPORT', [])):
            self.aws.create_report_plan(ReportPlanName=name, ReportDeliveryChannel=channel, ReportSetting={
                'ReportTemplate': template, 'FrameworkArns': arns})
            job = self.aws.start_report_job(ReportPlanName=name)['ReportJobId']
            done = wait_job(lambda ReportJobId: self.aws.describe_report_job(ReportJobId=ReportJobId)['ReportJob'],
                            'COMPLETED', ReportJobId=job)
            key, = done['ReportDestination']['S3Keys']
            rows[name] = json.loads((pathlib.Path(directory.name) / 'audit' / key).read_text())['reportItems']
        self.assertEqual(
            [(row['controlName'], row['controlComplianceStatus'], row['numResourcesCompliant'],
              row['numResourcesNonCompliant']) for row in rows['controls']],
            [('BACKUP_LAST_RECOVERY_POINT_CREATED', 'COMPLIANT', 1, 0),
             ('BACKUP_RECOVERY_POINT_MINIMUM_RETENTION_CHECK', 'NON_COMPLIANT', 0, 1)])
        self.assertEqual((rows['controls'][0]['controlScope'], rows['controls'][1]['controlParameters']),
                         ('{"ComplianceResourceIds":["Kept"]}', '{"requiredRetentionDays":"7"}'))
        self.assertEqual(
            [(row['resourceId'], row['resourceType'], row['resourceComplianceStatus']) for row in rows['resources']],
            [('AWS::DynamoDB::Table/Kept', 'AWS::DynamoDB::Table', 'COMPLIANT'),
             (f'AWS::Backup::RecoveryPoint/{point}', 'AWS::Backup::RecoveryPoint', 'NON_COMPLIANT')])
        self.assertIn('kept for 5 days, not 7', rows['resources'][1]['resourceComplianceReason'])
        self.assertEqual([row['resourceName'] for row in rows['every'] if row['frameworkName'] == 'other'],
                         ['Bare', 'Kept'])
        self.assertRefused('InvalidParameterValueException', 'does not exist', self.aws.update_report_plan,
                           ReportPlanName='controls', ReportSetting={
                               'ReportTemplate': 'CONTROL_COMPLIANCE_REPORT', 'FrameworkArns': [arn + 'x']})

    def test_policies_can_name_frameworks(self):
        arn = self.create()['FrameworkArn']
        self.iam.create_user(UserName='auditor')
        key = self.iam.create_access_key(UserName='auditor')['AccessKey']
        as_user = RestApi(self.server, access_key=key['AccessKeyId'], secret_key=key['SecretAccessKey'])
        self.iam.put_user_policy(UserName='auditor', PolicyName='p', PolicyDocument=document(
            statement('backup:DescribeFramework', arn),
            {**statement('backup:CreateReportPlan'),
             'Condition': {'ForAllValues:StringEquals': {'backup:FrameworkArns': arn},
                           'Null': {'backup:FrameworkArns': 'false'}}}))
        self.assertEqual(as_user.describe_framework(FrameworkName='mine')['FrameworkArn'], arn)
        self.assertRefused('AccessDeniedException', 'backup:DeleteFramework', as_user.delete_framework,
                           FrameworkName='mine')
        other = self.create('other')['FrameworkArn']
        for arns, allowed in (([arn], True), ([arn, other], False), ([], False)):
            call = {'ReportPlanName': 'p', 'ReportDeliveryChannel': {'S3BucketName': 'audit'},
                    'ReportSetting': {'ReportTemplate': 'CONTROL_COMPLIANCE_REPORT', 'FrameworkArns': arns}}
            if allowed:
                as_user.create_report_plan(**call)
            else:
                self.assertRefused('AccessDeniedException', 'backup:CreateReportPlan', as_user.create_report_plan,
                                   **call)


if __name__ == '__main__':
    unittest.main()
