"""The service guide's ten examples of policies for backup and restore, allow and deny, over the wire."""

import re
import unittest

from case import unique, wait_active, wait_backup
from iam_case import ACCOUNT, ALLOW_ALL, IamCase, document, statement, table_arn

ITEMS = ['PutItem', 'UpdateItem', 'DeleteItem', 'GetItem', 'Query', 'Scan', 'BatchWriteItem']


def named(*actions):
    return ['dynamodb:' + action for action in actions]


class Examples(IamCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.name = cls.class_table()
        cls.db.put_item(TableName=cls.name, Item={'pk': {'S': '1'}})
        cls.db.update_continuous_backups(TableName=cls.name, PointInTimeRecoverySpecification={
            'PointInTimeRecoveryEnabled': True})
        cls.backup = cls.db.create_backup(TableName=cls.name, BackupName='example')['BackupDetails']['BackupArn']
        wait_backup(cls.db, cls.backup)

    def restored(self, client, backup=None):
        """Restores a backup as `client` and checks what is in the new table."""
        target = unique('restored')
        self.addCleanup(self.drop, target)
        client.restore_table_from_backup(TargetTableName=target, BackupArn=backup or self.backup)
        wait_active(self.db, target)
        self.assertEqual(self.get(target, pk={'S': '1'}), {'pk': {'S': '1'}})

    def denied_by_statement(self, user, action, resource, call, **parameters):
        self.assertDenied(user, action, resource, call, reason='with an explicit deny in an identity-based policy',
                          **parameters)

    def test_1_backup_and_restore_of_everything(self):
        user = self.user(document(statement(named('CreateBackup', 'RestoreTableFromBackup', *ITEMS))))
        client = self.client_of(user)
        backup = client.create_backup(TableName=self.name, BackupName='one')['BackupDetails']['BackupArn']
        wait_backup(self.db, backup)
        self.restored(client, backup)
        self.assertDenied(user, 'dynamodb:DeleteBackup', backup, client.delete_backup, BackupArn=backup)
        self.assertDenied(user, 'dynamodb:RestoreTableToPointInTime', table_arn(self.name),
                          client.restore_table_to_point_in_time, SourceTableName=self.name,
                          TargetTableName=unique(), UseLatestRestorableTime=True)

    def test_2_restores_denied(self):
        user = self.user(ALLOW_ALL, document(statement(named('RestoreTableFromBackup'), effect='Deny')))
        client = self.client_of(user)
        self.denied_by_statement(user, 'dynamodb:RestoreTableFromBackup', self.backup,
                                 client.restore_table_from_backup, TargetTableName=unique(), BackupArn=self.backup)
        client.describe_backup(BackupArn=self.backup)

    def test_3_and_4_creation_and_deletion_denied(self):
        user = self.user(ALLOW_ALL, document(statement(named('CreateBackup', 'DeleteBackup'), effect='Deny')))
        client = self.client_of(user)
        self.denied_by_statement(user, 'dynamodb:CreateBackup', table_arn(self.name), client.create_backup,
                                 TableName=self.name, BackupName='not')
        self.denied_by_statement(user, 'dynamodb:DeleteBackup', self.backup, client.delete_backup,
                                 BackupArn=self.backup)
        client.list_backups()

    def test_5_restore_of_one_backup(self):
        """RestoreTableFromBackup is not needed on the target."""
        other = self.db.create_backup(TableName=self.name, BackupName='other')['BackupDetails']['BackupArn']
        wait_backup(self.db, other)
        user = self.user(document(statement(named('DescribeBackup', 'RestoreTableFromBackup'), self.backup),
                                  statement(named(*ITEMS))))
        client = self.client_of(user)
        client.describe_backup(BackupArn=self.backup)
        self.restored(client)
        self.assertDenied(user, 'dynamodb:RestoreTableFromBackup', other, client.restore_table_from_backup,
                          TargetTableName=unique(), BackupArn=other)
        self.assertDenied(user, 'dynamodb:DescribeBackup', other, client.describe_backup, BackupArn=other)

    def test_5_without_the_rights_on_the_target(self):
        user = self.user(document(statement(named('RestoreTableFromBackup'), self.backup)))
        target = unique()
        self.assertDenied(user, 'dynamodb:BatchWriteItem', table_arn(target),
                          self.client_of(user).restore_table_from_backup, TargetTableName=target,
                          BackupArn=self.backup)

    def test_6_backups_of_one_table(self):
        other = self.table()
        user = self.user(document(statement(named('CreateBackup'), table_arn(self.name))))
        client = self.client_of(user)
        client.create_backup(TableName=self.name, BackupName='six')
        self.assertDenied(user, 'dynamodb:CreateBackup', table_arn(other), client.create_backup, TableName=other,
                          BackupName='six')

    def test_7_lists_are_of_everything(self):
        user = self.user(document(statement(named('ListBackups'), table_arn(self.name))))
        self.assertDenied(user, 'dynamodb:ListBackups', '*', self.client_of(user).list_backups)
        everything = self.user(document(statement(named('ListBackups'))))
        listed = self.client_of(everything).list_backups(TableName=self.name)['BackupSummaries']
        self.assertIn(self.backup, [backup['BackupArn'] for backup in listed])

    def test_8_the_managed_service(self):
        """Through a simulation, until it is there."""
        policy = document(statement(named('StartAwsBackupJob', 'DescribeTable', 'Query', 'Scan'), table_arn('Music')),
                          statement(named('RestoreTableFromAwsBackup')))
        results = self.iam.simulate_custom_policy(
            PolicyInputList=[policy], ActionNames=named('StartAwsBackupJob', 'RestoreTableFromAwsBackup'),
            ResourceArns=[table_arn('Music'), table_arn('Movies')])['EvaluationResults']
        self.assertEqual([(result['EvalActionName'], result['EvalResourceName'][-6:], result['EvalDecision'])
                          for result in results],
                         [('dynamodb:StartAwsBackupJob', '/Music', 'allowed'),
                          ('dynamodb:StartAwsBackupJob', 'Movies', 'implicitDeny'),
                          ('dynamodb:RestoreTableFromAwsBackup', '/Music', 'allowed'),
                          ('dynamodb:RestoreTableFromAwsBackup', 'Movies', 'allowed')])

    def test_9_point_in_time_restores_of_one_table_denied(self):
        user = self.user(ALLOW_ALL, document(statement(named('RestoreTableToPointInTime'), table_arn(self.name),
                                                       effect='Deny')))
        client = self.client_of(user)
        self.denied_by_statement(user, 'dynamodb:RestoreTableToPointInTime', table_arn(self.name),
                                 client.restore_table_to_point_in_time, SourceTableName=self.name,
                                 TargetTableName=unique(), UseLatestRestorableTime=True)
        self.assertFails('TableNotFoundException', None, client.restore_table_to_point_in_time,
                         SourceTableName='another', TargetTableName=unique(), UseLatestRestorableTime=True)

    def test_10_restores_of_all_backups_of_a_table_denied(self):
        user = self.user(ALLOW_ALL, document(statement(named('RestoreTableFromBackup'),
                                                       table_arn(self.name) + '/backup/*', effect='Deny')))
        client = self.client_of(user)
        self.denied_by_statement(user, 'dynamodb:RestoreTableFromBackup', self.backup,
                                 client.restore_table_from_backup, TargetTableName=unique(), BackupArn=self.backup)
        other = self.table()
        backup = self.db.create_backup(TableName=other, BackupName='ten')['BackupDetails']['BackupArn']
        wait_backup(self.db, backup)
        target = unique('restored')
        self.addCleanup(self.drop, target)
        client.restore_table_from_backup(TargetTableName=target, BackupArn=backup)
        wait_active(self.db, target)

    def test_a_role_does_the_same(self):
        """The same policy on a role, assumed by a user who may nothing else."""
        role = self.role(ACCOUNT + ':root', document(statement(named('RestoreTableFromBackup'), self.backup),
                                                     statement(named(*ITEMS))))
        user = self.user(document(statement('sts:AssumeRole', f'{ACCOUNT}:role/{role}')))
        answer = self.client_of(user, 'sts').assume_role(RoleArn=f'{ACCOUNT}:role/{role}', RoleSessionName='restore')
        self.restored(self.client_with(answer))
        self.assertFails('AccessDeniedException', re.compile(f'assumed-role/{role}/restore is not authorized'),
                         self.client_with(answer).delete_backup, BackupArn=self.backup)


if __name__ == '__main__':
    unittest.main()
