"""AWS Backup: how many jobs there were of late, and plans as templates."""

import json
import unittest

from case import unique
from rest_api import RestApi
from test_vault_time import DAY, ROLE, VAULT, OwnVault
from vault_case import VaultCase, wait_job
import server


class Summaries(OwnVault):
    """A server of its own, whose jobs are all counted."""

    def setUp(self):
        super().setUp()
        self.aws = RestApi(self.server)

    def groups(self, kind, **filters):
        answer = getattr(self.aws, f'list_{kind}_job_summaries')(**filters)
        self.assertEqual(answer['AggregationPeriod'], filters.get('AggregationPeriod', 'ONE_DAY'))
        return {(one['State'], one.get('MessageCategory')): one['Count']
                for one in answer[kind.capitalize() + 'JobSummaries']}

    def test_backup_and_restore_jobs(self):
        first = self.point()
        self.point()
        failed = self.start('Nowhere')
        wait_job(self.backup.describe_backup_job, 'FAILED', BackupJobId=failed)
        self.assertEqual(self.groups('backup'), {('COMPLETED', 'SUCCESS'): 2, ('FAILED', 'InvalidParameters'): 1})
        self.assertEqual(self.groups('backup', State='FAILED'), {('FAILED', 'InvalidParameters'): 1})
        self.assertEqual(self.groups('backup', State='AGGREGATE_ALL', MessageCategory='AGGREGATE_ALL'),
                         {('AGGREGATE_ALL', 'AGGREGATE_ALL'): 3})
        self.assertEqual(self.groups('backup', MessageCategory='SUCCESS', ResourceType='DynamoDB'),
                         {('COMPLETED', 'SUCCESS'): 2})
        self.assertEqual(self.groups('backup', ResourceType='EBS'), {})
        self.assertEqual(self.groups('backup', AccountId='999999999999'), {})
        for target, state in (('Back', 'COMPLETED'), ('Back', 'FAILED')):
            job = self.backup.start_restore_job(RecoveryPointArn=first, IamRoleArn=ROLE,
                                                Metadata={'targetTableName': target})['RestoreJobId']
            wait_job(self.backup.describe_restore_job, state, RestoreJobId=job)
        self.assertEqual(self.groups('restore'), {('COMPLETED', None): 1, ('FAILED', None): 1})
        self.assertEqual(self.groups('restore', State='AGGREGATE_ALL'), {('AGGREGATE_ALL', None): 2})
        one, = self.aws.list_restore_job_summaries(State='FAILED')['RestoreJobSummaries']
        self.assertEqual((one['Region'], one['AccountId'], one['ResourceType']),
                         (server.REGION, server.ACCOUNT, 'DynamoDB'))
        self.assertAlmostEqual(one['EndTime'] - one['StartTime'], DAY, places=3)

        pages, page = [], {}
        while not pages or 'NextToken' in page:
            page = self.aws.list_backup_job_summaries(MaxResults=1, NextToken=page.get('NextToken'))
            pages.append([group['State'] for group in page['BackupJobSummaries']])
        self.assertEqual(pages, [['COMPLETED'], ['FAILED']])

        self.server.advance(3 * DAY)
        self.assertEqual(self.groups('backup'), {})
        self.assertEqual(self.groups('backup', AggregationPeriod='SEVEN_DAYS', State='FAILED'),
                         {('FAILED', 'InvalidParameters'): 1})
        self.server.advance(5 * DAY)
        self.assertEqual(self.groups('restore', AggregationPeriod='SEVEN_DAYS'), {})
        self.assertEqual(self.groups('restore', AggregationPeriod='FOURTEEN_DAYS', State='FAILED'),
                         {('FAILED', None): 1})


class Templates(VaultCase):
    def test_a_plan_goes_out_and_comes_back(self):
        made = self.backup.create_backup_plan(BackupPlan={'BackupPlanName': unique('plan'), 'Rules': [
            {'RuleName': 'daily', 'TargetBackupVaultName': VAULT, 'Lifecycle': {'DeleteAfterDays': 30},
             'RecoveryPointTags': {'a': 'b'}}]})
        self.addCleanup(self.backup.delete_backup_plan, BackupPlanId=made['BackupPlanId'])
        plan = self.backup.get_backup_plan(BackupPlanId=made['BackupPlanId'])['BackupPlan']
        text = self.backup.export_backup_plan_template(BackupPlanId=made['BackupPlanId'])['BackupPlanTemplateJson']
        self.assertNotIn('RuleId', text)
        back = self.from_json(text)['BackupPlan']
        del plan['Rules'][0]['RuleId']
        self.assertEqual(back, plan)
        for wrong, code, reason in (('{', 'Invalid', 'is no JSON document'), ('{}}, {"x": {}', 'Invalid', 'no JSON'),
                                    ('{}', 'Missing', 'backupPlanName'),
                                    (text.replace('cron(', 'rate('), 'Invalid', 'Invalid schedule expression')):
            self.assertBackupFails(code + 'ParameterValueException', reason, self.from_json, document=wrong)
        self.assertBackupFails('ResourceNotFoundException', 'Failed reading Backup plan',
                               self.backup.export_backup_plan_template, BackupPlanId='x')

    def from_json(self, document):
        return self.backup.get_backup_plan_from_json(BackupPlanTemplateJson=document)

    def test_those_that_come_with_the_service(self):
        listed = self.backup.list_backup_plan_templates()['BackupPlanTemplatesList']
        self.assertEqual([one['BackupPlanTemplateName'] for one in listed],
                         ['Daily-35day-Retention', 'Daily-Monthly-1yr-Retention',
                          'Daily-Weekly-Monthly-5yr-Retention', 'Daily-Weekly-Monthly-7yr-Retention'])
        self.assertEqual(len(self.backup.list_backup_plan_templates(MaxResults=3)['BackupPlanTemplatesList']), 3)
        for one in listed:
            document = self.backup.get_backup_plan_from_template(
                BackupPlanTemplateId=one['BackupPlanTemplateId'])['BackupPlanDocument']
            self.assertEqual(document['BackupPlanName'], one['BackupPlanTemplateName'])
            # Of two rules that run at one time, the second would fail.
            schedules = [rule['ScheduleExpression'] for rule in document['Rules']]
            self.assertEqual(len(schedules), len(set(schedules)))
            document['BackupPlanName'] = unique('plan')
            made = self.backup.create_backup_plan(BackupPlan=document)
            self.backup.delete_backup_plan(BackupPlanId=made['BackupPlanId'])
            self.assertEqual(self.from_json(json.dumps(document))['BackupPlan'], document)
        self.assertBackupFails('ResourceNotFoundException', 'template x does not exist',
                               self.backup.get_backup_plan_from_template, BackupPlanTemplateId='x')


if __name__ == '__main__':
    unittest.main()
