"""Acts on tables, backups and recovery points, each of which notes what it must cost: for tests of the bill.

The prices are a million times AWS's, so that lines are dollars and a cent tells; they change in June, and differ
in one Region.
"""

import dataclasses
import datetime
import fractions
import json
import os
import random
import sys
import time
import typing

from botocore.exceptions import ClientError

from case import load, wait_active, wait_backup, wait_gone
from iam_case import table_arn
from test_vault_copies import FAR, WORK, arn_of, ended
from test_vault_time import ROLE, VAULT, OwnVault
from vault_case import ALL_WORK, TRUST, wait_job
import server

OURS = 'Tidemark_20261101.'
HOUR, DAY = 3600, 86400
GB = 2 ** 30
YEAR = datetime.date.today().year + 1  # the server begins now, and never goes back
BEGIN = int(datetime.datetime(YEAR, 1, 1, tzinfo=datetime.timezone.utc).timestamp())
END = int(datetime.datetime(YEAR + 1, 1, 1, tzinfo=datetime.timezone.utc).timestamp())
MONTHS = 12
COLD_DAYS = 90
WARM, COLD, EARLY = 'AWS_BACKUP_WARM', 'AWS_BACKUP_COLD', 'AWS_BACKUP_COLD_EARLY_DELETION'
BOOK = {'currency': 'USD', 'lists': [
    {'from': '2026-01-01', 'least_bytes': {}, 'regions': {},
     'usd': {'PITR': '200000.00', 'ON_DEMAND': '100000.00', WARM: '110000.00', COLD: '30000.00',
             'RESTORE': '150000.00', 'RESTORE_FROM_COLD': '200000.00', 'CROSS_REGION': '20000.00',
             'EXPORT': '1.00', 'EXPORT_INCREMENTAL': '1.00', 'IMPORT': '1.00'}},
    {'from': f'{YEAR}-06-10', 'least_bytes': {},
     'regions': {FAR: {WARM: '130000.50', 'RESTORE': '170000.00', 'PITR': '260000.00'}},
     'usd': {'PITR': '220000.00', 'ON_DEMAND': '90000.00', WARM: '90000.25', COLD: '25000.00',
             'RESTORE': '140000.00', 'RESTORE_FROM_COLD': '210000.00', 'CROSS_REGION': '10000.00',
             'EXPORT': '1.00', 'EXPORT_INCREMENTAL': '1.00', 'IMPORT': '1.00'}}]}


def date(instant):
    return datetime.datetime.fromtimestamp(instant, datetime.timezone.utc)


def price(kind, region, instant):
    kind = COLD if kind == EARLY else kind
    held = [one for one in BOOK['lists'] if one['from'] <= f'{date(instant):%Y-%m-%d}'][-1]
    return fractions.Fraction(held['regions'].get(region, {}).get(kind, held['usd'][kind]))


def month_seconds(instant):
    first = date(instant).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    after = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
    return int((after - first).total_seconds())


@dataclasses.dataclass
class Kept:
    """Bytes that are kept from an instant on; `sizes`: what they are from when on."""
    account: str
    region: str
    table: str
    kind: str
    begin: float
    sizes: list
    end: typing.Optional[float] = None

    def lines(self, until):
        """(day, dollars), part by part."""
        end = min(until, self.end or until)
        cuts = sorted({self.begin, end, *(begin for begin, _ in self.sizes if self.begin < begin < end),
                       *range(int(self.begin // DAY + 1) * DAY, int(end) + 1, DAY)})
        for begin, after in zip(cuts, cuts[1:]):
            size = [size for since, size in self.sizes if since <= begin][-1]
            yield begin, price(self.kind, self.region, begin) * size / GB * fractions.Fraction(
                after - begin) / month_seconds(begin)


@dataclasses.dataclass
class Once:
    account: str
    region: str
    table: str
    kind: str
    when: float
    size: int
    months: fractions.Fraction = fractions.Fraction(1)

    def lines(self, _):
        yield self.when, price(self.kind, self.region, self.when) * self.size / GB * self.months


@dataclasses.dataclass
class Point:
    """A recovery point: where it is, what is noted of it, and what happens to it when."""
    place: typing.Any
    arn: str
    kept: Kept
    cold_at: typing.Optional[float] = None
    delete_at: typing.Optional[float] = None

    @property
    def due(self):
        return min(at for at in (self.cold_at, self.delete_at, float('inf')) if at)


class Acts(OwnVault):
    """Tables, vaults of other places, and what can be done with them; each act notes what it did."""

    keys = None  # of the other account's root

    def setUp(self):
        super().setUp()
        seed = int(os.environ.get('TIDEMARK_SEED', '854143112'))
        print(f'{self.id()}: seed {seed}', file=sys.stderr)
        self.random = random.Random(seed)
        path = self.server.data + '.prices.json'
        with open(path, 'w') as book:
            json.dump(BOOK, book)
        self.addCleanup(os.remove, path)
        self.server.arguments += ['--price-book', path]
        self.server.restart()
        self.connect()
        self.iam.put_role_policy(RoleName='keeper', PolicyName='p', PolicyDocument=WORK)
        self.make_account()
        self.connect()
        self.far_backup.create_backup_vault(BackupVaultName='far')
        self.make_safe()
        self.make_orders()
        make = {'TableName': 'Afar', 'BillingMode': 'PAY_PER_REQUEST',
                'KeySchema': [{'AttributeName': 'pk', 'KeyType': 'HASH'}],
                'AttributeDefinitions': [{'AttributeName': 'pk', 'AttributeType': 'S'}]}
        self.far_db.create_table(**make)
        wait_active(self.far_db, 'Afar')
        self.moved, self.notes, self.points_, self.backups_ = 0, [], [], []
        self.recovering, self.done, self.numbers, self.sizes_of = {}, {}, 0, {}
        self.tables = {'Kept': server.REGION, 'Orders': server.REGION, 'Afar': FAR}
        self.move_to(BEGIN + 10 * 60)
        for table in self.tables:
            self.write(table)

    def connect(self):
        super().connect()
        self.far_db, self.far_backup = (self.server.client(name, region=FAR) for name in ('dynamodb', 'backup'))
        if self.keys:
            self.safe_db, self.safe_backup = (self.server.client(name, **self.keys) for name in ('dynamodb', 'backup'))

    def make_account(self):
        made = self.call('CreateAccount', {'Name': 'safe'})
        self.account = made['AccountId']
        self.keys = {'access_key': made['AccessKeyId'], 'secret_key': made['SecretAccessKey']}

    def make_safe(self):
        """The other account's vault, which takes copies."""
        iam, kms = (self.server.client(name, **self.keys) for name in ('iam', 'kms'))
        iam.create_role(RoleName='keeper', AssumeRolePolicyDocument=TRUST)
        iam.put_role_policy(RoleName='keeper', PolicyName='p', PolicyDocument=ALL_WORK)
        self.safe_backup.create_backup_vault(BackupVaultName='safe',
                                             EncryptionKeyArn=kms.create_key()['KeyMetadata']['Arn'])
        self.safe_backup.put_backup_vault_access_policy(BackupVaultName='safe', Policy=json.dumps({
            'Version': '2012-10-17', 'Statement': [{'Effect': 'Allow', 'Resource': '*', 'Principal': {
                'AWS': f'arn:aws:iam::{server.ACCOUNT}:root'}, 'Action': 'backup:CopyIntoBackupVault'}]}))
        self.backup.update_global_settings(GlobalSettings={'isCrossAccountBackupEnabled': 'true'})

    def make_orders(self):
        """With an index of either kind: the local one is charged, the global one is not."""
        keys = [{'AttributeName': 'pk', 'KeyType': 'HASH'}]
        self.db.create_table(
            TableName='Orders', BillingMode='PAY_PER_REQUEST',
            KeySchema=keys + [{'AttributeName': 'sk', 'KeyType': 'RANGE'}],
            AttributeDefinitions=[{'AttributeName': name, 'AttributeType': 'S'} for name in ('pk', 'sk', 'other')],
            LocalSecondaryIndexes=[{'IndexName': 'near', 'Projection': {'ProjectionType': 'ALL'}, 'KeySchema': keys + [
                {'AttributeName': 'other', 'KeyType': 'RANGE'}]}],
            GlobalSecondaryIndexes=[{'IndexName': 'wide', 'Projection': {'ProjectionType': 'ALL'}, 'KeySchema': [
                {'AttributeName': 'other', 'KeyType': 'HASH'}]}])
        wait_active(self.db, 'Orders')

    # ---- time

    def clock(self):
        return self.server.advance(0)

    def look(self):
        """The server looks at the sizes of tables at least every ten seconds: after a step, now."""
        return self.call('GetServerCosts', {})

    def call(self, operation, body):
        answer = self.server.call(operation, body, target=OURS)
        self.assertEqual(answer.status, 200, answer)
        return answer.json

    def move_to(self, instant):
        """On the way, at what is due, a minute late."""
        # What is due soon is passed, too: nothing may become so while it is looked at what there is.
        while due := min((point for point in self.points_ if point.due <= instant + 600), key=lambda point: point.due,
                         default=None):
            self.step(max(due.due + 60, self.clock()))
            self.pass_due(due)
        self.step(max(instant, self.clock()))

    def step(self, instant):
        seconds = instant - self.clock()
        if seconds > 0:
            self.moved += seconds
            self.server.advance(seconds)
        self.look()

    def wait(self, condition, timeout=240):
        deadline = time.monotonic() + timeout
        while not condition():
            self.assertLess(time.monotonic(), deadline, f'{date(self.clock())}: it did not come')
            time.sleep(0.005)
        return self.clock()

    def kill(self):
        self.server.kill()
        self.server.start()  # its clock begins with the machine's
        self.connect()
        self.server.advance(self.moved)
        self.look()

    # ---- notes

    def keep(self, account, region, table, kind, begin, size):
        kept = Kept(account, region, table, kind, begin, [(begin, size)])
        self.notes.append(kept)
        return kept

    def db_of(self, table):
        return self.far_db if self.tables[table] == FAR else self.db

    def sizes(self, table, db=None):
        """Of its items, and with its local indexes."""
        found = (db or self.db_of(table)).describe_table(TableName=table)['Table']
        items = found['TableSizeBytes']
        return items, items + sum(index['IndexSizeBytes'] for index in found.get('LocalSecondaryIndexes', []))

    def follow(self, place, arn, kept):
        """Notes a recovery point and when it is to move and to go."""
        point = Point(place, arn, kept)
        self.sizes_of[arn] = kept.sizes[0][1]
        self.points_.append(point)
        life = self.describe(point).get('CalculatedLifecycle', {})
        at = {name: life[name].timestamp() if name in life else None for name in ('MoveToColdStorageAt', 'DeleteAt')}
        point.cold_at, point.delete_at = at['MoveToColdStorageAt'], at['DeleteAt']
        return point

    def describe(self, point):
        return self.backup_of(point.place).describe_recovery_point(BackupVaultName=self.vault_of(point.place),
                                                                   RecoveryPointArn=point.arn)

    def backup_of(self, place):
        return {'near': self.backup, 'far': self.far_backup, 'safe': self.safe_backup}[place]

    def vault_of(self, place):
        return VAULT if place == 'near' else place

    def region_of(self, place):
        return FAR if place == 'far' else server.REGION

    def account_of(self, place):
        return self.account if place == 'safe' else server.ACCOUNT

    def pass_due(self, point):
        if point.cold_at is not None:
            point.cold_at = None
            now = self.wait(lambda: self.describe(point)['StorageClass'] == 'COLD')
            point.kept.end = now
            kept = point.kept
            point.kept = self.keep(kept.account, kept.region, kept.table, COLD, now, kept.sizes[0][1])
        else:
            self.gone(point)

    def gone(self, point):
        def is_gone():
            try:
                self.describe(point)
            except ClientError as error:
                return error.response['Error']['Code'] == 'ResourceNotFoundException'
            return False
        kept = point.kept
        kept.end = self.wait(is_gone)
        self.points_.remove(point)
        days_left = int((kept.begin + COLD_DAYS * DAY - kept.end) // DAY)
        if kept.kind == COLD and days_left > 0:
            self.notes.append(Once(kept.account, kept.region, kept.table, EARLY, kept.end, kept.sizes[0][1],
                                   fractions.Fraction(days_left, 30)))

    # ---- acts; each tells whether it could be done

    def write(self, table=None):
        table = table or self.random.choice(list(self.tables))
        now = self.clock()
        numbers = self.random.sample(range(60), 25)
        text = 'x' * self.random.randrange(1000, 20_000)
        items = [{'pk': {'S': f'k{n}'}, 'text': {'S': text}} for n in numbers]
        if table == 'Orders':
            items = [{**item, 'sk': {'S': 's'}, 'other': {'S': 'o'}} for item in items]
        load(self.db_of(table), table, items)
        kept = self.recovering.get(table)
        if kept:  # from the hour's begin on that comes
            kept.sizes.append(((now // HOUR + 1) * HOUR, self.sizes(table)[1]))
        return True

    def switch(self):
        table = self.random.choice(list(self.tables))
        kept = self.recovering.pop(table, None)
        self.db_of(table).update_continuous_backups(TableName=table, PointInTimeRecoverySpecification={
            'PointInTimeRecoveryEnabled': kept is None})
        now = self.clock()
        if kept:
            kept.end = now
        else:
            self.recovering[table] = self.keep(server.ACCOUNT, self.tables[table], table, 'PITR', now,
                                               self.sizes(table)[1])
            self.look()
        return True

    def back_up(self):
        table = self.random.choice(list(self.tables))
        now, db = self.clock(), self.db_of(table)
        arn = db.create_backup(TableName=table, BackupName='kept')['BackupDetails']['BackupArn']
        wait_backup(db, arn)
        kept = self.keep(server.ACCOUNT, self.tables[table], table, 'ON_DEMAND', now, self.sizes(table)[1])
        self.sizes_of[arn] = kept.sizes[0][1]
        self.backups_.append((table, arn, kept))
        return True

    def delete_backup(self):
        if not self.backups_:
            return False
        table, arn, kept = self.backups_.pop(self.random.randrange(len(self.backups_)))
        self.db_of(table).delete_backup(BackupArn=arn)
        kept.end = self.clock()
        return True

    def life(self):
        cold = self.random.choice((1, 5, 30))
        return self.random.choice((
            {}, {'DeleteAfterDays': self.random.randrange(20, 60)}, {'MoveToColdStorageAfterDays': cold},
            {'MoveToColdStorageAfterDays': cold, 'DeleteAfterDays': cold + 90 + self.random.choice((0, 1, 20))}))

    def make_point(self):
        table = self.random.choice(('Kept', 'Orders'))
        size = self.sizes(table)[1]
        job = self.backup.start_backup_job(BackupVaultName=VAULT, ResourceArn=table_arn(table), IamRoleArn=ROLE,
                                           Lifecycle=self.life())
        done = wait_job(self.backup.describe_backup_job, 'COMPLETED', BackupJobId=job['BackupJobId'])
        kept = self.keep(server.ACCOUNT, server.REGION, table, WARM, done['CreationDate'].timestamp(), size)
        self.follow('near', done['RecoveryPointArn'], kept)
        return True

    def copied(self, job, place, table, size):
        """Notes what a copy job made."""
        when = job['CompletionDate'].timestamp()
        kept = self.keep(self.account_of(place), self.region_of(place), table, WARM, when, size)
        self.follow(place, job['DestinationRecoveryPointArn'], kept)
        if self.region_of(place) != server.REGION:
            self.notes.append(Once(server.ACCOUNT, server.REGION, table, 'CROSS_REGION', when, size))

    def copy(self, place):
        warm = [point for point in self.points_ if point.place == 'near' and point.kept.kind == WARM]
        if not warm:
            return False
        point = self.random.choice(warm)
        vault = arn_of('far') if place == 'far' else arn_of('safe', region=server.REGION, account=self.account)
        job = ended(self.backup, self.backup.start_copy_job(
            RecoveryPointArn=point.arn, SourceBackupVaultName=VAULT, DestinationBackupVaultArn=vault, IamRoleArn=ROLE,
            Lifecycle=self.life()))
        self.copied(job, place, point.kept.table, point.kept.sizes[0][1])
        return True

    def copy_far(self):
        return self.copy('far')

    def copy_safe(self):
        return self.copy('safe')

    def delete_point(self, kind=WARM):
        some = [point for point in self.points_ if point.kept.kind == kind]
        if not some:
            return False
        point = self.random.choice(some)
        if kind == COLD and (self.clock() - point.kept.begin + 120) % DAY < 240:
            return False  # which day it is must not hang on seconds
        self.backup_of(point.place).delete_recovery_point(BackupVaultName=self.vault_of(point.place),
                                                          RecoveryPointArn=point.arn)
        self.gone(point)
        return True

    def delete_cold(self):
        return self.delete_point(COLD)

    def restored(self, kind, table, db, region, source=None, account=server.ACCOUNT):
        """Notes the restore that made Back, which goes."""
        wait_active(db, 'Back')
        now, size = self.clock(), self.sizes('Back', db)[0]
        self.notes.append(Once(account, region, table, kind, now, size))
        if source and source != region:
            self.notes.append(Once(account, source, table, 'CROSS_REGION', now, size))
        db.delete_table(TableName='Back')
        wait_gone(db, 'Back')
        return True

    def restore(self, cold=False):
        kind = COLD if cold else WARM
        some = [point for point in self.points_ if point.kept.kind == kind]
        if not some:
            return False
        point = self.random.choice(some)
        backup = self.backup_of(point.place)
        db = {'near': self.db, 'far': self.far_db, 'safe': self.safe_db}[point.place]
        role = f'arn:aws:iam::{self.account_of(point.place)}:role/keeper'
        job = backup.start_restore_job(RecoveryPointArn=point.arn, IamRoleArn=role,
                                       Metadata={'targetTableName': 'Back'})['RestoreJobId']
        wait_job(backup.describe_restore_job, 'COMPLETED', RestoreJobId=job)
        return self.restored('RESTORE_FROM_COLD' if cold else 'RESTORE', point.kept.table, db,
                             self.region_of(point.place), account=self.account_of(point.place))

    def restore_cold(self):
        return self.restore(cold=True)

    def restore_backup(self):
        """Of CreateBackup; into another Region now and then."""
        if not self.backups_:
            return False
        table, arn, _ = self.random.choice(self.backups_)
        region = self.random.choice((server.REGION, FAR))
        db = self.far_db if region == FAR else self.db
        db.restore_table_from_backup(TargetTableName='Back', BackupArn=arn,
                                     SSESpecificationOverride={'Enabled': False})
        return self.restored('RESTORE', table, db, region, self.tables[table])

    def restore_to_a_time(self):
        if not self.recovering:
            return False
        table = self.random.choice(list(self.recovering))
        db = self.db_of(table)
        db.restore_table_to_point_in_time(SourceTableName=table, TargetTableName='Back', UseLatestRestorableTime=True)
        return self.restored('RESTORE', table, db, self.tables[table])

    def come_and_go(self):
        """A table with recovery and a backup, which outlives it."""
        self.numbers += 1
        name = f'Passing{self.numbers}'
        self.make_table(name)
        load(self.db, name, [{'pk': {'S': 'k'}, 'text': {'S': 'x' * 100_000}}])
        self.db.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification={
            'PointInTimeRecoveryEnabled': True})
        self.tables[name] = server.REGION
        now, size = self.clock(), self.sizes(name)[1]
        kept = self.keep(server.ACCOUNT, server.REGION, name, 'PITR', now, size)
        self.look()
        arn = self.db.create_backup(TableName=name, BackupName='kept')['BackupDetails']['BackupArn']
        wait_backup(self.db, arn)
        orphan = self.keep(server.ACCOUNT, server.REGION, name, 'ON_DEMAND', self.clock(), size)
        self.move_to(self.clock() + self.random.randrange(2, 30) * HOUR)
        self.db.delete_table(TableName=name)
        kept.end = self.clock()
        wait_gone(self.db, name)
        del self.tables[name]
        self.move_to(self.clock() + 5 * HOUR)
        self.db.delete_backup(BackupArn=arn)
        orphan.end = self.clock()
        return True

    def crash(self):
        self.kill()
        return True

    def tried(self, act):
        done = act()
        if done:
            self.done[act.__name__] = self.done.get(act.__name__, 0) + 1
        return done
