"""AWS Backup: legal holds."""

import datetime
import time
import unittest

from iam_case import table_arn
from test_vault_time import DAY, ROLE, VAULT, OwnVault
from vault_case import VaultCase, get, wait_job
import server


class Holds(VaultCase):
    def hold(self, **parameters):
        """The answer to a new hold; it is cancelled when the test ends."""
        made = self.backup.create_legal_hold(**{'Title': 'case', 'Description': 'asked for', **parameters})
        self.addCleanup(self.cancel, made['LegalHoldId'])
        return made

    def cancel(self, hold):
        try:
            self.backup.cancel_legal_hold(LegalHoldId=hold, CancelDescription='over', RetainRecordInDays=0)
        except (self.backup.exceptions.InvalidResourceStateException, self.backup.exceptions.ResourceNotFoundException):
            pass  # the test has done so, and it may be forgotten by now

    def held(self, hold):
        return [point['RecoveryPointArn'] for point in self.backup.list_recovery_points_by_legal_hold(
            LegalHoldId=hold['LegalHoldId'])['RecoveryPoints']]

    def test_created_read_cancelled(self):
        table, vault, role = self.table(), self.vault(), self.service_role()
        point = self.point(vault, table_arn(table), role)
        selection = {'VaultNames': [vault], 'ResourceIdentifiers': [table_arn(table)]}
        hold = self.hold(RecoveryPointSelection=selection, Tags={'case': '7'}, IdempotencyToken='once')
        arn = f'arn:aws:backup:{server.REGION}:{server.ACCOUNT}:legal-hold:{hold["LegalHoldId"]}'
        self.assertEqual((hold['Status'], hold['LegalHoldArn'], hold['Title']), ('ACTIVE', arn, 'case'))
        again = {'Title': 'case', 'Description': 'asked for', 'RecoveryPointSelection': selection,
                 'Tags': {'case': '7'}, 'IdempotencyToken': 'once'}
        self.assertEqual(self.backup.create_legal_hold(**again)['LegalHoldId'], hold['LegalHoldId'])
        self.assertBackupFails('InvalidParameterValueException', 'IdempotencyToken was sent before',
                               self.backup.create_legal_hold, **{**again, 'Title': 'other'})
        got = self.backup.get_legal_hold(LegalHoldId=hold['LegalHoldId'])
        self.assertEqual((got['RecoveryPointSelection'], got['Description']), (selection, 'asked for'))
        self.assertIn(hold['LegalHoldId'],
                      [one['LegalHoldId'] for one in self.backup.list_legal_holds()['LegalHolds']])
        self.assertEqual(self.backup.list_tags(ResourceArn=arn)['Tags'], {'case': '7'})
        self.backup.tag_resource(ResourceArn=arn, Tags={'more': 'x'})
        self.assertEqual(self.backup.list_tags(ResourceArn=arn)['Tags'], {'case': '7', 'more': 'x'})

        listed = get(self.server, f'/legal-holds/{hold["LegalHoldId"]}/recovery-points')['RecoveryPoints']
        self.assertEqual(listed, [{'RecoveryPointArn': point, 'ResourceArn': table_arn(table),
                                   'ResourceType': 'DynamoDB', 'BackupVaultName': vault}])
        second = self.hold(RecoveryPointSelection={'VaultNames': [vault]})
        delete = {'BackupVaultName': vault, 'RecoveryPointArn': point}
        for one in (hold, second):
            self.assertBackupFails('InvalidResourceStateException', 'is under a legal hold',
                                   self.backup.delete_recovery_point, **delete)
            answer = self.backup.cancel_legal_hold(LegalHoldId=one['LegalHoldId'], CancelDescription='settled',
                                                   RetainRecordInDays=3)
            self.assertEqual(answer['ResponseMetadata']['HTTPStatusCode'], 201)
        got = self.backup.get_legal_hold(LegalHoldId=hold['LegalHoldId'])
        self.assertEqual((got['Status'], got['CancelDescription']), ('CANCELED', 'settled'))
        self.assertEqual((got['RetainRecordUntil'] - got['CancellationDate']).days, 3)
        self.assertEqual(self.held(hold), [])
        self.assertBackupFails('InvalidResourceStateException', 'is cancelled already', self.backup.cancel_legal_hold,
                               LegalHoldId=hold['LegalHoldId'], CancelDescription='x')
        self.backup.delete_recovery_point(**delete)
        self.wait_empty(vault)

    def test_selections(self):
        tables, vaults, role = [self.table(), self.table()], [self.vault(), self.vault()], self.service_role()
        points = {(t, v): self.point(vaults[v], table_arn(tables[t]), role) for t in (0, 1) for v in (0, 1)}
        created = {where: self.backup.describe_recovery_point(
            BackupVaultName=vaults[where[1]], RecoveryPointArn=arn)['CreationDate'] for where, arn in points.items()}
        first, hour = min(created.values()), datetime.timedelta(hours=1)
        mine = set(points.values())
        for selection, expected in (
                ({'VaultNames': [vaults[0]]}, {(0, 0), (1, 0)}),
                ({'ResourceIdentifiers': [table_arn(tables[1])]}, {(1, 0), (1, 1)}),
                ({'VaultNames': vaults[1:], 'ResourceIdentifiers': [table_arn(tables[0])]}, {(0, 1)}),
                ({'VaultNames': vaults, 'DateRange': {'FromDate': first - hour, 'ToDate': first + hour}}, set(points)),
                ({'VaultNames': vaults, 'DateRange': {'FromDate': first + hour, 'ToDate': first + hour}}, set()),
                ({'DateRange': {'FromDate': first - hour, 'ToDate': first + hour}}, set(points))):
            hold = self.hold(RecoveryPointSelection=selection)
            self.assertEqual(set(self.held(hold)) & mine, {points[where] for where in expected}, selection)
            self.cancel(hold['LegalHoldId'])

    def test_what_is_made_later_is_held_too(self):
        table, vault, role = self.table(), self.vault(), self.service_role()
        hold = self.hold(RecoveryPointSelection={'VaultNames': [vault]})
        self.assertEqual(self.held(hold), [])
        point = self.point(vault, table_arn(table), role)
        self.assertEqual(self.held(hold), [point])
        self.cancel(hold['LegalHoldId'])

    def test_requests_are_checked(self):
        create, vault = self.backup.create_legal_hold, self.vault()
        good = {'Title': 't', 'Description': 'd', 'RecoveryPointSelection': {'VaultNames': [vault]}}
        late, early = datetime.datetime(2026, 2, 1), datetime.datetime(2026, 1, 1)
        for change, text in (({'Title': ''}, 'must not be empty'),
                             ({'RecoveryPointSelection': {}}, 'must name vaults, resources or a range'),
                             ({'RecoveryPointSelection': {'VaultNames': ['absent']}}, 'absent does not exist'),
                             ({'RecoveryPointSelection': {'DateRange': {'FromDate': late, 'ToDate': early}}},
                              'must not be before')):
            self.assertBackupFails('InvalidParameterValueException', text, create, **{**good, **change})
        self.assertBackupFails('MissingParameterValueException', 'description', create, Title='t')
        absent = {'LegalHoldId': 'absent'}
        self.assertBackupFails('ResourceNotFoundException', 'does not exist', self.backup.get_legal_hold, **absent)
        self.assertBackupFails('ResourceNotFoundException', 'does not exist', self.backup.cancel_legal_hold,
                               CancelDescription='x', **absent)
        self.assertBackupFails('InvalidParameterValueException', 'does not exist',
                               self.backup.list_recovery_points_by_legal_hold, **absent)
        hold = self.hold(**good)['LegalHoldId']
        self.assertBackupFails('MissingParameterValueException', 'cancelDescription', self.backup.cancel_legal_hold,
                               LegalHoldId=hold)
        self.assertBackupFails('InvalidParameterValueException', 'RetainRecordInDays', self.backup.cancel_legal_hold,
                               LegalHoldId=hold, CancelDescription='x', RetainRecordInDays=-1)


class Time(OwnVault):
    def test_lives_end_when_the_hold_does(self):
        held, other = self.point(10), self.point()
        hold = self.backup.create_legal_hold(Title='t', Description='d', RecoveryPointSelection={
            'VaultNames': [VAULT]})['LegalHoldId']
        free = self.make_other_vault()
        self.server.advance(11 * DAY)
        # Another's end shows that the lives of all have been looked at.
        self.wait_gone(free)
        self.assertEqual(self.points(), {held: 'COMPLETED', other: 'COMPLETED'})
        self.server.restart(crash=True)
        self.connect()
        self.server.advance(22 * DAY)  # it began again at the real time
        with self.assertRaises(self.backup.exceptions.InvalidResourceStateException):
            self.backup.delete_recovery_point(BackupVaultName=VAULT, RecoveryPointArn=held)
        self.assertEqual(self.points(), {held: 'COMPLETED', other: 'COMPLETED'})
        self.backup.cancel_legal_hold(LegalHoldId=hold, CancelDescription='over', RetainRecordInDays=5)
        self.wait_points({other: 'COMPLETED'})
        self.server.restart(crash=True)
        self.connect()
        self.assertEqual(self.backup.get_legal_hold(LegalHoldId=hold)['Status'], 'CANCELED')
        self.server.advance(40 * DAY)
        self.wait_for(lambda: self.backup.list_legal_holds()['LegalHolds'] == [])

    def make_other_vault(self):
        """A vault with a point that lives for ten days."""
        self.backup.create_backup_vault(BackupVaultName='free')
        job = self.backup.start_backup_job(BackupVaultName='free', ResourceArn=table_arn('Kept'), IamRoleArn=ROLE,
                                           Lifecycle={'DeleteAfterDays': 10})['BackupJobId']
        wait_job(self.backup.describe_backup_job, 'COMPLETED', BackupJobId=job)
        return 'free'

    def wait_gone(self, vault):
        self.wait_for(lambda: self.backup.list_recovery_points_by_backup_vault(
            BackupVaultName=vault)['RecoveryPoints'] == [])

    def wait_for(self, holds, timeout=240):
        deadline = time.monotonic() + timeout
        while not holds():
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)


if __name__ == '__main__':
    unittest.main()
