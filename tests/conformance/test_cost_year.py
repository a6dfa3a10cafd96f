"""A year of tables, backups, recovery points, copies and restores under a clock that the test moves: each line
of the bill, by account, Region, table, kind and day, is what the test reckons from its own notes of what it did.
TIDEMARK_COST_ACTS: acts a month beside the plan's, 6 if not given.
"""

import datetime
import fractions
import os
import sys
import time
import unittest

from cost_case import COLD, DAY, EARLY, END, HOUR, MONTHS, WARM, YEAR, Acts, date
from iam_case import table_arn
from test_vault_copies import arn_of
from test_vault_time import ROLE, VAULT
import server

ACTS = int(os.environ.get('TIDEMARK_COST_ACTS', '6'))


class Year(Acts):
    def setUp(self):
        super().setUp()
        self.make_plan()

    def make_plan(self):
        life = {'MoveToColdStorageAfterDays': 20, 'DeleteAfterDays': 130}
        plan = self.backup.create_backup_plan(BackupPlan={'BackupPlanName': 'monthly', 'Rules': [
            {'RuleName': 'monthly', 'TargetBackupVaultName': VAULT, 'ScheduleExpression': 'cron(0 5 2 * ? *)',
             'Lifecycle': life, 'CopyActions': [
                 {'DestinationBackupVaultArn': arn_of('far'), 'Lifecycle': {'DeleteAfterDays': 45}}]}]})
        self.backup.create_backup_selection(BackupPlanId=plan['BackupPlanId'], BackupSelection={
            'SelectionName': 's', 'IamRoleArn': ROLE, 'Resources': [table_arn('Kept')]})

    def run_plan(self, second):
        """The second of a month, at five."""
        known = {point.arn for point in self.points_}
        self.move_to(second + 5 * HOUR + 60)
        size = self.sizes('Kept')[1]

        def fresh():
            return [one for one in self.backup.list_recovery_points_by_backup_vault(
                BackupVaultName=VAULT, ByCreatedAfter=date(second + 5 * HOUR))['RecoveryPoints']
                    if one['RecoveryPointArn'] not in known and one['Status'] == 'COMPLETED']

        def copies():
            return [job for job in self.backup.list_copy_jobs(ByCreatedAfter=date(second))['CopyJobs']
                    if job['CreationDate'].timestamp() >= second + 5 * HOUR]
        self.wait(lambda: fresh() and [job['State'] for job in copies()] == ['COMPLETED'])
        point, = fresh()
        kept = self.keep(server.ACCOUNT, server.REGION, 'Kept', WARM, point['CreationDate'].timestamp(), size)
        self.follow('near', point['RecoveryPointArn'], kept)
        self.copied(copies()[0], 'far', 'Kept', size)

    def live(self):
        deck = []
        for month in range(1, MONTHS + 1):
            first = datetime.datetime(YEAR, month, 1, tzinfo=datetime.timezone.utc).timestamp()
            self.run_plan(first + DAY)
            days = sorted(self.random.sample(range(2, 24), min(ACTS, 22)))
            for number in range(ACTS):
                day = days[number % len(days)] if ACTS <= 22 else 2 + number * 22 // ACTS
                at = first + day * DAY + self.random.randrange(24) * HOUR + self.random.randrange(5, 40) * 60
                self.move_to(max(at, self.clock()))
                if not deck:
                    deck = [self.switch, self.switch, self.write, self.write, self.write, self.back_up, self.back_up,
                            self.delete_backup, self.make_point, self.make_point, self.copy_far, self.copy_safe,
                            self.delete_point, self.delete_cold, self.restore, self.restore_cold, self.restore_backup,
                            self.restore_to_a_time, self.come_and_go, self.crash]
                    self.random.shuffle(deck)
                act = next((act for act in deck if self.tried(act)), None)
                if act:
                    deck.remove(act)
        self.move_to(END + HOUR)

    def reckoned(self, until):
        lines = {}
        for note in self.notes:
            for instant, cost in note.lines(until):
                key = note.account, note.region, note.table, note.kind, f'{date(instant):%Y-%m-%d}'
                lines[key] = lines.get(key, 0) + cost
        return lines

    def billed(self):
        lines = {}
        for month in range(1, MONTHS + 1):
            until = f'{YEAR}-{month + 1:02}-01' if month < 12 else f'{YEAR + 1}-01-01'
            answer = self.call('GetServerCosts', {
                'From': f'{YEAR}-{month:02}-01T00:00:00Z', 'Until': f'{until}T00:00:00Z',
                'GroupBy': ['ACCOUNT', 'REGION', 'TABLE', 'KIND', 'DAY']})
            for group in answer['Groups']:
                key = tuple(group[name] for name in ('Account', 'Region', 'Table', 'Kind', 'Day'))
                lines[key] = fractions.Fraction(group['Cost'])
        return lines

    def test_every_line_is_what_the_notes_come_to(self):
        begun = time.monotonic()
        self.live()
        expected, billed = self.reckoned(END), self.billed()
        wrong = {}
        for line in expected.keys() | billed.keys():
            if abs(billed.get(line, 0) - expected.get(line, 0)) >= fractions.Fraction(5, 1000):
                wrong[line] = f'billed {float(billed.get(line, 0)):.4f}, due {float(expected.get(line, 0)):.4f}'
        total = float(sum(expected.values()))
        print(f'{len(expected)} lines, {total:.2f} dollars, in {time.monotonic() - begun:.0f} s: {self.done}',
              file=sys.stderr)
        some = dict(sorted(wrong.items(), key=lambda line: line[0][4])[:20])
        self.assertEqual(some, {}, f'{len(wrong)} of {len(expected)} lines')
        self.assertAlmostEqual(float(sum(billed.values())), total, delta=0.05)
        if ACTS >= 6:
            self.assertEqual({line[3] for line in expected}, {
                'PITR', 'ON_DEMAND', WARM, COLD, EARLY, 'RESTORE', 'RESTORE_FROM_COLD', 'CROSS_REGION'})


if __name__ == '__main__':
    unittest.main()
