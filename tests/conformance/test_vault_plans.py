"""AWS Backup: plans, selections, and the runs they make as time passes."""

import random
import sys
import time
import unittest

from case import unique, wait_active
from iam_case import document, statement, table_arn
from test_vault_copies import WORK
from test_vault_time import DAY, ROLE, VAULT, OwnVault
from vault_case import VaultCase, vault_arn
import server


def rule(**parameters):
    return {'RuleName': 'daily', 'TargetBackupVaultName': VAULT, **parameters}


class Plans(VaultCase):
    def plan(self, *rules, name=None):
        """The answer to a new plan; it goes with its selections when the test ends."""
        made = self.backup.create_backup_plan(
            BackupPlan={'BackupPlanName': name or unique('plan'), 'Rules': list(rules)})
        self.addCleanup(self.remove, made['BackupPlanId'])
        return made

    def remove(self, plan):
        try:
            for one in self.backup.list_backup_selections(BackupPlanId=plan)['BackupSelectionsList']:
                self.backup.delete_backup_selection(BackupPlanId=plan, SelectionId=one['SelectionId'])
            self.backup.delete_backup_plan(BackupPlanId=plan)
        except self.backup.exceptions.ResourceNotFoundException:
            pass

    def test_created_read_changed_deleted(self):
        made = self.plan(rule(Lifecycle={'DeleteAfterDays': 30}, RecoveryPointTags={'a': 'b'}))
        plan, arn = made['BackupPlanId'], made['BackupPlanArn']
        self.assertEqual(arn, f'arn:aws:backup:{server.REGION}:{server.ACCOUNT}:backup-plan:{plan}')
        shown = self.backup.get_backup_plan(BackupPlanId=plan)
        first = shown['BackupPlan']['Rules'][0]
        self.assertEqual((first['ScheduleExpression'], first['StartWindowMinutes'], first['CompletionWindowMinutes']),
                         ('cron(0 5 ? * * *)', 480, 10080))
        self.assertEqual((first['Lifecycle'], first['RecoveryPointTags']), ({'DeleteAfterDays': 30}, {'a': 'b'}))
        changed = self.backup.update_backup_plan(BackupPlanId=plan, BackupPlan={
            'BackupPlanName': 'other', 'Rules': [rule(ScheduleExpression='cron(0 1 1 * ? *)')]})
        self.assertNotEqual(changed['VersionId'], made['VersionId'])
        now = self.backup.get_backup_plan(BackupPlanId=plan)
        self.assertEqual((now['BackupPlan']['BackupPlanName'], now['BackupPlan']['Rules'][0]['RuleId']),
                         ('other', first['RuleId']))
        before = self.backup.get_backup_plan(BackupPlanId=plan, VersionId=made['VersionId'])
        self.assertEqual(before['BackupPlan'], shown['BackupPlan'])
        versions = self.backup.list_backup_plan_versions(BackupPlanId=plan)['BackupPlanVersionsList']
        self.assertEqual([one['VersionId'] for one in versions], [changed['VersionId'], made['VersionId']])
        self.backup.tag_resource(ResourceArn=arn, Tags={'team': 'blue'})
        self.assertEqual(self.backup.list_tags(ResourceArn=arn)['Tags'], {'team': 'blue'})
        listed = self.backup.list_backup_plans()['BackupPlansList']
        self.assertIn((plan, 'other'), [(one['BackupPlanId'], one['BackupPlanName']) for one in listed])
        self.backup.delete_backup_plan(BackupPlanId=plan)
        self.assertNotIn(plan, [one['BackupPlanId'] for one in self.backup.list_backup_plans()['BackupPlansList']])
        deleted = self.backup.list_backup_plans(IncludeDeleted=True)['BackupPlansList']
        self.assertTrue([one for one in deleted if one['BackupPlanId'] == plan and 'DeletionDate' in one])
        self.assertBackupFails('ResourceNotFoundException', 'Failed reading Backup plan with provided version',
                               self.backup.delete_backup_plan, BackupPlanId=plan)

    def test_rules_are_checked(self):
        create = self.backup.create_backup_plan
        other = {'DestinationBackupVaultArn': vault_arn('other')}
        for change, text in (
                ({'Lifecycle': {'MoveToColdStorageAfterDays': 10, 'DeleteAfterDays': 99}},
                 'Error in rule daily : Invalid lifecycle. DeleteAfterDays cannot be less than 90 days apart from '
                 'MoveToColdStorageAfterDays'),
                ({'Lifecycle': {'DeleteAfterDays': 0}}, 'cannot be less than 1 or more than 36500 days'),
                ({'EnableContinuousBackup': True, 'Lifecycle': {'MoveToColdStorageAfterDays': 1}},
                 'MoveToColdStorageAfterDays is unavailable'),
                ({'ScheduleExpression': 'rate(1 day)'}, 'Invalid schedule expression'),
                ({'ScheduleExpression': 'cron(0,30 * ? * * *)'}, 'more often than hourly'),
                ({'ScheduleExpression': 'cron(0 5 * * * *)'}, 'exactly one of day-of-month and day-of-week'),
                ({'StartWindowMinutes': 59}, 'StartWindowMinutes must be between'),
                ({'StartWindowMinutes': 60, 'CompletionWindowMinutes': 60}, 'CompletionWindowMinutes must be greater'),
                ({'CopyActions': [{'DestinationBackupVaultArn': 'x'}]}, "is no backup vault's ARN: x"),
                ({'CopyActions': [{**other, 'Lifecycle': {'DeleteAfterDays': 0}}]}, 'DeleteAfterDays cannot be less'),
                ({'CopyActions': [other] * 6}, 'There can be 5 copy actions'),
                ({'CopyActions': [{'DestinationBackupVaultArn': vault_arn(VAULT)}]}, 'copied to its own vault'),
                ({'ScheduleExpression': 'cron(0 5 31 2 ? *)'}, 'cron(0 5 31 2 ? *) names no time to come'),
                ({'ScheduleExpression': 'cron(0 5 1 1 ? 2020)'}, 'names no time to come'),
                ({'RuleName': 'a b'}, 'failed to satisfy constraint')):
            self.assertBackupFails('InvalidParameterValueException', text, create, BackupPlan={
                'BackupPlanName': 'p', 'Rules': [rule(**change)]})
        for rules in ([], [rule(), rule()], [rule(RuleName=f'r{n}') for n in range(11)]):
            self.assertBackupFails('InvalidParameterValueException', 'rules', create,
                                   BackupPlan={'BackupPlanName': 'p', 'Rules': rules})

    def test_a_document_has_one_plan(self):
        plan = {'BackupPlanName': unique('plan'), 'Rules': [rule()]}
        made = self.backup.create_backup_plan(BackupPlan=plan, CreatorRequestId='once')
        self.addCleanup(self.remove, made['BackupPlanId'])
        again = self.backup.create_backup_plan(BackupPlan=plan, CreatorRequestId='once')
        self.assertEqual(again['BackupPlanId'], made['BackupPlanId'])
        self.assertBackupFails('AlreadyExistsException', 'Backup plan with the same plan document already exists',
                               self.backup.create_backup_plan, BackupPlan=plan)

    def test_default_is_made_with_the_first_plan_that_names_it(self):
        with server.Server() as own:
            backup, iam = own.client('backup'), own.client('iam')
            template = next(one for one in backup.list_backup_plan_templates()['BackupPlanTemplatesList'])
            plan = backup.get_backup_plan_from_template(
                BackupPlanTemplateId=template['BackupPlanTemplateId'])['BackupPlanDocument']
            iam.create_user(UserName='planner')
            iam.put_user_policy(UserName='planner', PolicyName='p',
                                PolicyDocument=document(statement('backup:CreateBackupPlan')))
            key = iam.create_access_key(UserName='planner')['AccessKey']
            planner = own.client('backup', access_key=key['AccessKeyId'], secret_key=key['SecretAccessKey'])
            planner.create_backup_plan(BackupPlan=plan)
            self.assertEqual(backup.list_backup_vaults()['BackupVaultList'], [])  # who may not create vaults makes none
            plan['BackupPlanName'] += '-2'
            made = backup.create_backup_plan(BackupPlan=plan)['BackupPlanId']
            vault, = backup.list_backup_vaults()['BackupVaultList']
            self.assertEqual((vault['BackupVaultName'], vault['Locked']), ('Default', False))
            backup.update_backup_plan(BackupPlanId=made, BackupPlan=plan)
            backup.delete_backup_vault(BackupVaultName='Default')
            backup.update_backup_plan(BackupPlanId=made, BackupPlan=plan)
            self.assertEqual(len(backup.list_backup_vaults()['BackupVaultList']), 1)

    def test_selections(self):
        plan, role = self.plan(rule())['BackupPlanId'], self.service_role()
        selection = {'SelectionName': 's', 'IamRoleArn': role, 'Resources': [table_arn('a*')],
                     'NotResources': [table_arn('ab*')],
                     'ListOfTags': [{'ConditionType': 'STRINGEQUALS', 'ConditionKey': 'k', 'ConditionValue': 'v'}],
                     'Conditions': {'StringLike': [{'ConditionKey': 'aws:ResourceTag/t', 'ConditionValue': 'x*'}]}}
        made = self.backup.create_backup_selection(BackupPlanId=plan, BackupSelection=selection)
        shown = self.backup.get_backup_selection(BackupPlanId=plan, SelectionId=made['SelectionId'])['BackupSelection']
        self.assertEqual({name: shown[name] for name in ('SelectionName', 'IamRoleArn', 'Resources', 'NotResources',
                                                         'ListOfTags')},
                         {name: selection[name] for name in ('SelectionName', 'IamRoleArn', 'Resources',
                                                             'NotResources', 'ListOfTags')})
        self.assertEqual(shown['Conditions']['StringLike'], selection['Conditions']['StringLike'])
        for change, code, text in (
                ({}, 'AlreadyExistsException', 'already exists'),
                ({'SelectionName': 'x', 'Resources': [], 'ListOfTags': []}, 'InvalidParameterValueException',
                 "Either 'ListOfTags' or 'Resources' section must be non-empty."),
                ({'SelectionName': 'x', 'Resources': ['table']}, 'InvalidParameterValueException', 'is no ARN'),
                ({'SelectionName': 'x', 'IamRoleArn': role + 'x'}, 'InvalidParameterValueException',
                 'cannot be assumed by AWS Backup')):
            self.assertBackupFails(code, text, self.backup.create_backup_selection, BackupPlanId=plan,
                                   BackupSelection={**selection, **change})
        self.assertBackupFails('InvalidRequestException', 'must be deleted prior', self.backup.delete_backup_plan,
                               BackupPlanId=plan)
        user = self.user(document(statement('backup:CreateBackupSelection')))
        self.assertBackupFails('AccessDeniedException', f'iam:PassRole on resource: {role}',
                               self.client_of(user, 'backup').create_backup_selection, status=403, BackupPlanId=plan,
                               BackupSelection={**selection, 'SelectionName': 'y'})


class Runs(OwnVault):
    """A server of its own, whose time is moved."""

    def select(self, plan, name='all', resources=('*',), **parameters):
        self.backup.create_backup_selection(BackupPlanId=plan, BackupSelection={
            'SelectionName': name, 'IamRoleArn': ROLE, 'Resources': list(resources), **parameters})

    def plan(self, *rules):
        return self.backup.create_backup_plan(BackupPlan={'BackupPlanName': 'p', 'Rules': list(rules)})['BackupPlanId']

    def jobs(self):
        return self.backup.get_paginator('list_backup_jobs').paginate().build_full_result()['BackupJobs']

    def wait_jobs(self, count, timeout=240):
        """All of them, once there are so many and all have ended."""
        deadline = time.monotonic() + timeout
        while True:
            jobs = self.jobs()
            if len(jobs) >= count and all(job['State'] not in ('CREATED', 'RUNNING') for job in jobs):
                self.assertEqual(len(jobs), count)
                return jobs
            self.assertLess(time.monotonic(), deadline, jobs)
            time.sleep(0.05)

    def test_a_daily_plan_keeps_what_it_should(self):
        self.until(1)
        plan = self.plan(rule(Lifecycle={'DeleteAfterDays': 3}, RecoveryPointTags={'by': 'plan'}))
        self.select(plan)
        for day in range(1, 7):
            self.until(5, 1)
            jobs = self.wait_jobs(day)
            self.assertEqual({job['State'] for job in jobs}, {'COMPLETED'})
            # Those of the last three days; the oldest goes three days after it was made.
            kept = sorted((job for job in jobs), key=lambda job: job['CreationDate'])[-3:]
            self.wait_points({job['RecoveryPointArn']: 'COMPLETED' for job in kept})
        by = self.backup.describe_backup_job(BackupJobId=kept[-1]['BackupJobId'])['CreatedBy']
        self.assertEqual(by['BackupPlanId'], plan)
        point = self.backup.list_recovery_points_by_backup_vault(BackupVaultName=VAULT, ByBackupPlanId=plan)
        self.assertEqual(len(point['RecoveryPoints']), 3)
        self.assertEqual(self.backup.list_tags(ResourceArn=kept[-1]['RecoveryPointArn'])['Tags'], {'by': 'plan'})
        self.assertIn('LastExecutionDate', self.backup.get_backup_plan(BackupPlanId=plan))

    def test_selections_decide_which_tables(self):
        for name, tags in (('Blue', {'team': 'blue'}), ('Red', {'team': 'red'}),
                           ('Scratch', {'team': 'blue', 'tmp': 'y'})):
            self.make_table(name)
            self.db.tag_resource(ResourceArn=table_arn(name), Tags=[{'Key': k, 'Value': v} for k, v in tags.items()])
        self.until(1)
        plan = self.plan(rule())
        self.select(plan, 'tagged', (), ListOfTags=[
            {'ConditionType': 'STRINGEQUALS', 'ConditionKey': 'team', 'ConditionValue': 'blue'}], Conditions={
                'StringNotEquals': [{'ConditionKey': 'aws:ResourceTag/tmp', 'ConditionValue': 'y'}]})
        self.select(plan, 'named', (table_arn('Ke*'), table_arn('Re*')), NotResources=[table_arn('Red')])
        self.until(5, 1)
        self.assertEqual({job['ResourceArn'] for job in self.wait_jobs(2)}, {table_arn('Blue'), table_arn('Kept')})

    def test_who_has_opted_out_is_backed_up_by_name_only(self):
        for name in ('Blue', 'Red'):
            self.make_table(name)
        self.db.tag_resource(ResourceArn=table_arn('Red'), Tags=[{'Key': 'team', 'Value': 'red'}])
        told = self.backup.describe_region_settings()
        self.assertEqual((told['ResourceTypeOptInPreference'], told['ResourceTypeManagementPreference']),
                         ({'DynamoDB': True}, {'DynamoDB': True}))
        with self.assertRaises(self.backup.exceptions.InvalidParameterValueException):
            self.backup.update_region_settings(ResourceTypeOptInPreference={'DynamoDB': False, 'EBS': True})
        self.backup.update_region_settings(ResourceTypeOptInPreference={'DynamoDB': False, 'EBS': False})
        self.server.restart(crash=True)
        self.connect()
        told = self.backup.describe_region_settings()
        self.assertEqual((told['ResourceTypeOptInPreference'], told['ResourceTypeManagementPreference']),
                         ({'DynamoDB': False}, {'DynamoDB': True}))
        self.until(1)
        plan = self.plan(rule())
        self.select(plan, 'some', ('arn:aws:dynamodb:*', table_arn('Blue')), ListOfTags=[
            {'ConditionType': 'STRINGEQUALS', 'ConditionKey': 'team', 'ConditionValue': 'red'}])
        self.until(5, 1)
        self.assertEqual({job['ResourceArn'] for job in self.wait_jobs(1)}, {table_arn('Blue')})
        self.backup.update_region_settings(ResourceTypeOptInPreference={'DynamoDB': True})
        self.until(4)
        self.until(5, 1)
        self.assertEqual({job['ResourceArn'] for job in self.wait_jobs(4)},
                         {table_arn(name) for name in ('Blue', 'Red', 'Kept')})

    def test_rules_that_are_due_together_make_one_backup(self):
        """It is kept for the longest time, whichever rule is named first, and copied for all of them."""
        def copies(vault, days):
            return [{'DestinationBackupVaultArn': vault_arn(vault), 'Lifecycle': {'DeleteAfterDays': days}}]

        for vault in ('near', 'far'):
            self.backup.create_backup_vault(BackupVaultName=vault)
        self.iam.put_role_policy(RoleName='keeper', PolicyName='p', PolicyDocument=WORK)
        self.until(1)
        rules = [rule(RuleName='daily', Lifecycle={'DeleteAfterDays': 7}, CopyActions=copies('near', 5)),
                 rule(RuleName='monthly', Lifecycle={'DeleteAfterDays': 365},
                      CopyActions=copies('near', 3) + copies('far', 9)),
                 rule(RuleName='weekly', Lifecycle={'DeleteAfterDays': 30}, RecoveryPointTags={'by': 'week'})]
        for day, plan in enumerate((rules, rules[::-1]), start=1):
            plan = self.plan(*plan)
            self.select(plan)
            self.until(5, 1)
            jobs = self.wait_jobs(day)
            job = max(jobs, key=lambda one: one['CreationDate'])
            self.assertEqual((job['State'], job['CreatedBy']['BackupPlanId']), ('COMPLETED', plan))
            wanted = {(VAULT, 365), ('near', 3), ('near', 5), ('far', 9)}
            lives = set()
            deadline = time.monotonic() + 240
            while lives != wanted:
                self.assertLess(time.monotonic(), deadline, lives)
                time.sleep(0.05)
                lives = {(vault, point['Lifecycle']['DeleteAfterDays']) for vault in (VAULT, 'near', 'far')
                         for point in self.backup.list_recovery_points_by_backup_vault(
                             BackupVaultName=vault, ByCreatedAfter=job['CreationDate'])['RecoveryPoints']}
            one = self.backup.list_backup_selections(BackupPlanId=plan)['BackupSelectionsList'][0]
            self.backup.delete_backup_selection(BackupPlanId=plan, SelectionId=one['SelectionId'])
            self.backup.delete_backup_plan(BackupPlanId=plan)

    def test_runs_that_were_missed(self):
        """One is made up for while its start window lasts; none after it."""
        self.until(1)
        self.select(self.plan(rule(StartWindowMinutes=120)))
        self.until(6)
        self.wait_jobs(1)
        self.until(20)
        self.server.advance(2 * DAY + 11 * 3600 + 60)  # to two hours and a minute after a run
        self.start()
        self.wait_jobs(2)
        self.until(5, 1)
        self.wait_jobs(3)

    def test_plans_that_are_changed_or_deleted_run_no_more_as_before(self):
        self.until(1)
        plan = self.plan(rule())
        self.select(plan)
        self.backup.update_backup_plan(BackupPlanId=plan, BackupPlan={
            'BackupPlanName': 'p', 'Rules': [rule(ScheduleExpression='cron(0 9 ? * * *)')]})
        self.until(5, 1)
        self.until(9, 1)
        self.wait_jobs(1)
        one = self.backup.list_backup_selections(BackupPlanId=plan)['BackupSelectionsList'][0]
        self.backup.delete_backup_selection(BackupPlanId=plan, SelectionId=one['SelectionId'])
        self.backup.delete_backup_plan(BackupPlanId=plan)
        self.until(9, 1)
        self.start()
        self.wait_jobs(2)

    def test_a_rule_that_is_over_holds_up_no_change(self):
        self.until(1)
        once = rule(RuleName='once', ScheduleExpression=self.now().strftime('cron(0 5 %-d %-m ? %Y)'))
        plan = self.plan(once)
        self.until(6)
        change = {'BackupPlanName': 'p', 'Rules': [once, rule()]}
        self.backup.update_backup_plan(BackupPlanId=plan, BackupPlan=change)
        change['Rules'][1]['ScheduleExpression'] = once['ScheduleExpression'].replace('0 5', '0 4')
        with self.assertRaisesRegex(self.backup.exceptions.InvalidParameterValueException, 'names no time to come'):
            self.backup.update_backup_plan(BackupPlanId=plan, BackupPlan=change)

    def test_crashes_neither_lose_nor_double_runs(self):
        seed = random.randrange(sys.maxsize)
        print(f'{self.id()}: seed {seed}', file=sys.stderr)
        drawn = random.Random(seed)
        self.until(1)
        self.select(self.plan(rule(ScheduleExpression='cron(0 * ? * * *)')))
        for count in range(1, 4):
            now = self.now()
            self.until((now.hour + 1) % 24)
            self.wait_jobs(count)
        self.until((self.now().hour + 1) % 24)
        time.sleep(drawn.random() * 1.2)
        self.server.restart(crash=True)
        self.connect()
        deadline = time.monotonic() + 240
        while True:  # the last run may have been begun before the crash, or not
            jobs = self.jobs()
            if (all(job['State'] == 'COMPLETED' for job in jobs)
                    and self.backups() == {job['RecoveryPointArn'] for job in jobs}):
                break
            self.assertLess(time.monotonic(), deadline, jobs)
            time.sleep(0.05)
        self.assertIn(len(jobs), (3, 4))
        self.assertEqual(len(self.backups()), len(jobs))


if __name__ == '__main__':
    unittest.main()
