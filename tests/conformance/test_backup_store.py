"""Copies of backups in a store, fetched back and restored: by the server that made them, and by one that has nothing of
it but the root key. The store is a directory, or the S3 gateway that TIDEMARK_S3_ENDPOINT names (tests/ceph)."""

import json
import os
import pathlib
import shutil
import time
import unittest

import botocore.session

from case import load, scan_all, table_parameters, unique, wait_active, wait_backup, wait_gone
from iam_case import ALLOW_ALL
import server
from test_cli import Program

OURS = 'Tidemark_20261101.'
S3 = os.environ.get('TIDEMARK_S3_ENDPOINT')


def s3_store():
    """Flags and environment of a server whose store is a new bucket."""
    access_key, secret_key = os.environ['TIDEMARK_S3_ACCESS_KEY'], os.environ['TIDEMARK_S3_SECRET_KEY']
    bucket = unique('bucket')
    session = botocore.session.Session()
    session.set_credentials(access_key, secret_key)
    client = session.create_client('s3', region_name='us-east-1', endpoint_url=S3)
    client.create_bucket(Bucket=bucket)
    client.close()
    return (('--backup-store', f's3://{bucket}/some/prefix', '--backup-store-endpoint', S3),
            {'TIDEMARK_STORE_ACCESS_KEY_ID': access_key, 'TIDEMARK_STORE_SECRET_ACCESS_KEY': secret_key})


TIMEOUT = 240  # seconds, of what the server does by itself


class StoreCase(Program):
    def setUp(self):
        super().setUp()
        self.store = self.directory / 'store'
        self.flags, self.store_environment = s3_store() if S3 else (('--backup-store', str(self.store)), {})

    def begin(self, name='data', root_key_of=None, flags=None):
        """A server with the store; `root_key_of`: a data directory whose root key it begins with."""
        data = self.directory / name
        if root_key_of:
            data.mkdir()
            shutil.copy(root_key_of / 'root.key', data / 'root.key')
        running = server.Server(data, ['--test-hooks', *(self.flags if flags is None else flags)],
                                self.store_environment)
        self.addCleanup(running.close)
        return running

    def backup(self, running, *arguments, status=0, text=''):
        return self.assertEnds(status, text, 'backup', *arguments, AWS_ACCESS_KEY_ID=server.ACCESS_KEY,
                               AWS_SECRET_ACCESS_KEY=server.SECRET_KEY, AWS_DEFAULT_REGION=server.REGION,
                               TIDEMARK_ENDPOINT=running.url).stdout

    def copied(self, running, arn):
        return json.loads(self.backup(running, 'copy', arn, '--output', 'json'))['StoredBackup']

    def stored(self, running):
        """What is in the store, by ARN."""
        lines = self.backup(running, 'stored', '--output', 'json').splitlines()
        return {one['BackupArn']: one for one in map(json.loads, lines)}

    def wait_stored(self, running, arns):
        deadline = time.monotonic() + TIMEOUT
        while not set(self.stored(running)) >= set(arns):
            self.assertLess(time.monotonic(), deadline, 'copies are not made')
            time.sleep(0.05)

    def job(self, running, job_id):
        return running.call('DescribeStoreJob', {'JobId': job_id}, target=OURS).json

    def wait_job(self, running, job_id):
        """Until it has ended with all it does behind its manifest, too."""
        deadline = time.monotonic() + TIMEOUT
        while (job := self.job(running, job_id))['Status'] == 'RUNNING':
            self.assertLess(time.monotonic(), deadline, 'the job does not end')
            time.sleep(0.05)
        self.assertEqual(job['Status'], 'COMPLETED', job)

    def blobs(self):
        """Names of files in a store that is a directory, without those of the store itself."""
        return sorted(str(path.parent.relative_to(self.store / 'blobs'))
                      for path in self.store.glob('blobs/**/*') if path.is_file())

    def make_backup(self, db, table):
        arn = db.create_backup(TableName=table, BackupName='daily')['BackupDetails']['BackupArn']
        wait_backup(db, arn)
        return arn

    def make_table(self, db):
        table = unique()
        db.create_table(**{**table_parameters(table), 'AttributeDefinitions': [
            {'AttributeName': name, 'AttributeType': 'S'} for name in ('pk', 'colour')]},
            GlobalSecondaryIndexes=[{'IndexName': 'by-colour', 'Projection': {'ProjectionType': 'ALL'},
                                     'KeySchema': [{'AttributeName': 'colour', 'KeyType': 'HASH'}]}])
        wait_active(db, table)
        load(db, table, ({'pk': {'S': f'item-{i}'}, 'colour': {'S': 'red' if i % 3 else 'blue'},
                          'text': {'S': f'{i} ' * 50}} for i in range(300)))
        return table

    def assertRestores(self, db, arn, items):
        table = unique('restored')
        db.restore_table_from_backup(BackupArn=arn, TargetTableName=table)
        self.assertEqual(wait_active(db, table)['ItemCount'], len(items))
        self.assertEqual(server.digest(scan_all(db, table)), server.digest(items))
        blue = db.query(TableName=table, IndexName='by-colour', KeyConditionExpression='colour = :c',
                        ExpressionAttributeValues={':c': {'S': 'blue'}})['Items']
        self.assertEqual(server.digest(blue),
                         server.digest(item for item in items if item.get('colour') == {'S': 'blue'}))


class Stories(StoreCase):
    def damage(self, running, arn):
        """Of the one image there is: a restore of it fails."""
        images = [path for path in pathlib.Path(running.data).glob('shards/*/images/*') if path.is_dir()]
        self.assertEqual(len(images), 1)
        largest = max(images[0].glob('*.sst'), key=lambda path: path.stat().st_size)
        with open(largest, 'r+b') as file:
            file.seek(largest.stat().st_size // 2)
            old = file.read(1)
            file.seek(-1, 1)
            file.write(bytes([old[0] ^ 1]))

    def test_a_backup_comes_back_when_all_else_is_gone(self):
        first = self.begin()
        db = first.client()
        table = self.make_table(db)
        before = scan_all(db, table)
        arn = self.make_backup(db, table)
        stored = self.copied(first, arn)
        load(db, table, ({'pk': {'S': f'item-{i}'}, 'later': {'BOOL': True}} for i in range(100, 400)))
        after = scan_all(db, table)
        later_arn = self.make_backup(db, table)
        later = self.copied(first, later_arn)
        self.assertEqual(self.copied(first, later_arn), later, 'a copy can be made again')
        listed = [json.loads(line) for line in self.backup(first, 'stored', '--output', 'json').splitlines()]
        self.assertEqual([(one['StoredBackup'], one['BackupArn'], one['ItemCount']) for one in listed],
                         [(stored, arn, 300), (later, later_arn, 400)])
        self.backup(first, 'verify', stored, text='are as they were put')
        page = first.send(b'', {}, method='GET', path='/metrics').body.decode()
        figure = page[page.index('tidemark_backup_store_bytes_total{operation="put"}'):].split()[1]
        self.assertGreater(int(figure), 10_000)

        # The same server, after the backup and the table are gone.
        for one in (arn, later_arn):
            db.delete_backup(BackupArn=one)
        db.delete_table(TableName=table)
        wait_gone(db, table)
        self.backup(first, 'fetch', stored, text='is a backup of this server again')
        self.backup(first, 'fetch', stored, status=1, text='is here already')
        self.damage(first, arn)
        self.backup(first, 'fetch', stored, text='is a backup of this server again')
        self.assertRestores(db, arn, before)
        self.backup(first, 'fetch', stored, status=1, text='is here already, and not damaged')
        first.restart(crash=True)
        db = first.client()
        self.assertEqual(wait_backup(db, arn)['BackupName'], 'daily')
        self.assertRestores(db, arn, before)

        # Another machine, which has nothing but the store and the root key.
        second = self.begin('second', root_key_of=self.directory / 'data')
        first.close()
        shutil.rmtree(self.directory / 'data')
        self.assertEqual(len(self.backup(second, 'stored', '--output', 'json').splitlines()), 2)
        db = second.client()
        for name, one, items in ((later, later_arn, after), (stored, arn, before)):
            self.backup(second, 'verify', name)
            self.backup(second, 'fetch', name)
            self.assertRestores(db, one, items)

    def test_what_is_damaged_is_not_copied(self):
        running = self.begin()
        db = running.client()
        arn = self.make_backup(db, self.make_table(db))
        self.damage(running, arn)
        told = self.backup(running, 'copy', arn, status=1, text='.sst: the chunk at offset')
        self.assertNotIn(str(running.data), told)
        self.assertEqual(self.stored(running), {})

    def check_fetched_again(self, spoil):
        """`spoil`: told the path of its KEYS."""
        running = self.begin()
        db = running.client()
        table = self.make_table(db)
        items = scan_all(db, table)
        arn = self.make_backup(db, table)
        stored = self.copied(running, arn)
        [keys] = pathlib.Path(running.data).glob('shards/*/images/*/KEYS')
        spoil(keys)
        self.backup(running, 'fetch', stored, text='is a backup of this server again')
        self.assertRestores(db, arn, items)
        self.backup(running, 'fetch', stored, status=1, text='is here already, and not damaged')

    def test_a_backup_without_sound_keys_is_fetched_again(self):
        def spoil(keys):
            sound = keys.read_bytes()
            keys.write_bytes(sound[:20] + bytes([sound[20] ^ 1]) + sound[21:])

        self.check_fetched_again(spoil)

    def test_a_backup_whose_image_is_gone_is_fetched_again(self):
        self.check_fetched_again(lambda keys: shutil.rmtree(keys.parent))

    def test_a_damaged_backup_is_fetched_again_while_its_key_is_disabled(self):
        running = self.begin()
        db, kms = running.client(), running.client('kms')
        table = self.make_table(db)
        key = kms.create_key()['KeyMetadata']['KeyId']
        db.update_table(TableName=table, SSESpecification={'Enabled': True, 'SSEType': 'KMS', 'KMSMasterKeyId': key})
        wait_active(db, table)
        items = scan_all(db, table)
        arn = self.make_backup(db, table)
        stored = self.copied(running, arn)
        kms.disable_key(KeyId=key)
        self.backup(running, 'fetch', stored, status=1, text='is here already, and not damaged')
        self.damage(running, arn)
        self.backup(running, 'fetch', stored, text='is a backup of this server again')
        kms.enable_key(KeyId=key)
        self.assertRestores(db, arn, items)

    def test_another_root_key_opens_nothing(self):
        first = self.begin()
        db = first.client()
        stored = self.copied(first, self.make_backup(db, self.make_table(db)))
        stranger = self.begin('stranger')
        self.assertEqual(self.backup(stranger, 'stored'), '')
        self.backup(stranger, 'fetch', stored, status=1, text="but this server's is")
        self.assertEqual(stranger.client().list_backups()['BackupSummaries'], [])

    @unittest.skipIf(S3, 'looks into the files of a directory')
    def test_damage_is_found_and_nothing_damaged_comes_back(self):
        running = self.begin()
        db = running.client()
        arn = self.make_backup(db, self.make_table(db))
        stored = self.copied(running, arn)
        db.delete_backup(BackupArn=arn)
        largest = max((path for path in self.store.glob('blobs/files+/**/*') if path.is_file()),
                      key=lambda path: path.stat().st_size)
        self.assertEqual(largest.stat().st_nlink, 1, 'a copy shares nothing with the table')
        sound = largest.read_bytes()
        largest.write_bytes(sound[:5000] + bytes([sound[5000] ^ 1]) + sound[5001:])
        name = largest.parent.name.removesuffix('=')
        self.assertNotIn('Verdict', self.stored(running)[arn])
        self.backup(running, 'verify', stored, status=1, text=name)
        verdict = self.stored(running)[arn]
        self.assertEqual(verdict['Verdict'], 'DAMAGED')
        self.assertIn(name, verdict['VerdictReason'])
        # Asking for it was done, and is told so; what came of it is told as well.
        told = running.call('LookupEvents', {'EventName': 'VerifyStoredBackup'}, target='Tidemark_20261101.').json
        self.assertEqual([(one['Resource'], one.get('ErrorCode')) for one in told['Events']],
                         [(stored, 'StoreJobFailed'), (stored, None)])
        self.backup(running, 'fetch', stored, status=1, text=name)
        self.assertEqual(db.list_backups()['BackupSummaries'], [])
        self.assertEqual(list(pathlib.Path(running.data).glob('shards/us-east-1/images/*')), [])
        largest.write_bytes(sound)
        self.backup(running, 'verify', stored)
        self.assertEqual(self.stored(running)[arn]['Verdict'], 'SOUND')
        self.assertIn('sound when verified 20', self.backup(running, 'stored'))
        self.backup(running, 'fetch', stored)
        wait_backup(db, arn)

    def test_every_backup_is_copied_by_itself(self):
        running = self.begin(flags=(*self.flags, '--copy-backups'))
        db = running.client()
        table = self.make_table(db)
        first = self.make_backup(db, table)
        self.wait_stored(running, [first])
        # Made while nobody copies, and while copies take long.
        running.stop()
        running.arguments = ['--test-hooks', *self.flags]
        running.start()
        db = running.client()
        arns = [self.make_backup(db, table) for _ in range(3)]
        self.assertEqual(set(self.stored(running)), {first})
        running.stop()
        running.arguments += ['--copy-backups']
        running.start()
        self.wait_stored(running, arns)
        for one in self.stored(running).values():
            self.backup(running, 'verify', one['StoredBackup'], text='as they were put')
        self.assertEnds(2, '--copy-backups needs a --backup-store', 'serve', '--data', self.data, '--copy-backups')

    def test_a_copy_goes_on_after_a_crash_under_its_id(self):
        running = self.begin(flags=(*self.flags, '--backup-store-rate', '2KB'))
        db = running.client()
        arn = self.make_backup(db, self.make_table(db))
        job = running.call('CopyBackup', {'BackupArn': arn}, target=OURS).json
        self.assertEqual(job['Status'], 'RUNNING')
        again = running.call('CopyBackup', {'BackupArn': arn}, target=OURS).json
        self.assertEqual(again['JobId'], job['JobId'], 'it is being made already')
        running.restart(crash=True)
        goes_on = running.call('DescribeStoreJob', {'JobId': job['JobId']}, target=OURS).json
        self.assertEqual((goes_on['Status'], goes_on['BackupArn']), ('RUNNING', arn))
        running.kill()
        running.arguments = ['--test-hooks', *self.flags]
        running.start()
        self.wait_stored(running, [arn])
        self.backup(running, 'verify', self.stored(running)[arn]['StoredBackup'])

    def put_bytes(self, running):
        """Sent to the store since the server started."""
        page = running.send(b'', {}, method='GET', path='/metrics').body.decode()
        return int(page.split('tidemark_backup_store_bytes_total{operation="put"} ')[1].split()[0])

    def storing(self, running):
        """What is written for copies while they are made."""
        return [path for path in pathlib.Path(running.data).glob('shards/*/storing/**/*') if path.is_file()]

    def test_a_store_grows_by_what_changed(self):
        running = self.begin()
        db = running.client()
        table = self.make_table(db)

        def item(number):
            return {'pk': {'S': f'item-{number}'}, 'colour': {'S': 'red' if number % 3 else 'blue'},
                    'bytes': {'B': os.urandom(6000)}}
        load(db, table, map(item, range(400)))
        items, arns, names, sent = [], [], [], []
        for day in range(3):
            if day:
                load(db, table, map(item, (7 * day, 9 * day, 400 + day)))
                db.delete_item(TableName=table, Key={'pk': {'S': f'item-{100 + day}'}})
            items.append(scan_all(db, table))
            arns.append(self.make_backup(db, table))
            if day == 2:  # made while copies take long, and cut off in the midst of them
                running.stop()
                running.arguments = ['--test-hooks', *self.flags, '--backup-store-rate', '2KB']
                running.start()
                job = running.call('CopyBackup', {'BackupArn': arns[day]}, target=OURS).json
                deadline = time.monotonic() + TIMEOUT
                while not self.storing(running):
                    self.assertLess(time.monotonic(), deadline, 'no changes are written')
                    time.sleep(0.01)
                self.assertEqual(self.job(running, job['JobId'])['Status'], 'RUNNING')
                running.kill()
                running.arguments = ['--test-hooks', *self.flags]
                running.start()
                db = running.client()
                self.wait_job(running, job['JobId'])
                names.append(self.stored(running)[arns[day]]['StoredBackup'])
            else:
                before = self.put_bytes(running)
                names.append(self.copied(running, arns[day]))
                sent.append(self.put_bytes(running) - before)
        self.assertGreater(sent[0], 3_000_000)
        self.assertLess(sent[1], 200_000, 'rows that did not change are not sent again')
        self.assertLess(self.put_bytes(running), 200_000, 'nor by a copy that goes on')
        self.assertEqual(self.storing(running), [])
        # As other files than those here: it is said to be sound for all that, and is not put again.
        self.backup(running, 'fetch', names[1], status=1, text='is here already, and not damaged')
        before = self.put_bytes(running)
        self.assertEqual(self.copied(running, arns[1]), names[1])
        self.assertLess(self.put_bytes(running) - before, 50_000)
        for name in names:
            self.backup(running, 'verify', name, text='as they were put')
        self.backup(running, 'delete', names[0])
        self.backup(running, 'collect', text='0 files')
        for arn in arns:
            db.delete_backup(BackupArn=arn)
        self.backup(running, 'fetch', names[1])
        self.assertRestores(db, arns[1], items[1])
        self.damage(running, arns[1])
        self.backup(running, 'fetch', names[1], text='is a backup of this server again')
        self.assertRestores(db, arns[1], items[1])

        # Another machine, which has nothing but the store and the root key.
        running.close()
        second = self.begin('second', root_key_of=self.directory / 'data')
        db = second.client()
        for day in (1, 2):
            self.backup(second, 'verify', names[day])
            self.backup(second, 'fetch', names[day])
            self.assertRestores(db, arns[day], items[day])

    def test_what_a_copy_wrote_goes_at_a_start_without_a_store_too(self):
        running = self.begin()
        db = running.client()
        self.make_backup(db, self.make_table(db))
        running.kill()
        left = pathlib.Path(running.data) / 'shards' / server.REGION / 'storing' / 'job' / 'changes'
        left.mkdir(parents=True)
        (left / 'run.sst').write_bytes(b'half')
        running.arguments = ['--test-hooks']
        running.start()
        self.assertEqual(self.storing(running), [])

    def test_what_a_store_grows_by_is_under_the_tables_key(self):
        running = self.begin()
        db, kms = running.client(), running.client('kms')
        table = self.make_table(db)
        keys = [kms.create_key()['KeyMetadata']['KeyId'] for _ in range(2)]

        def item(number):
            return {'pk': {'S': f'item-{number}'}, 'colour': {'S': 'blue'}, 'bytes': {'B': os.urandom(6000)}}

        def put_under(key):
            db.update_table(TableName=table, SSESpecification={'Enabled': True, 'SSEType': 'KMS',
                                                               'KMSMasterKeyId': key})
            wait_active(db, table)
        items, arns, names, sent = [], [], [], []
        for day in range(3):
            load(db, table, map(item, (range(150), (1, 2), (3, 4))[day]))
            if day != 1:
                put_under(keys[day // 2])
            items.append(scan_all(db, table))
            arns.append(self.make_backup(db, table))
            before = self.put_bytes(running)
            names.append(self.copied(running, arns[day]))
            sent.append(self.put_bytes(running) - before)
        self.assertLess(sent[1], 100_000)
        self.assertGreater(min(sent[0], sent[2]), 1_500_000, 'files of one backup are not under two keys')
        self.backup(running, 'delete', names[0])
        for arn in arns:
            db.delete_backup(BackupArn=arn)
        for day in (1, 2):
            self.backup(running, 'fetch', names[day])
        kms.disable_key(KeyId=keys[0])
        self.assertRestores(db, arns[2], items[2])
        with self.assertRaises(db.exceptions.ClientError) as refused:
            db.restore_table_from_backup(BackupArn=arns[1], TargetTableName=unique('restored'))
        self.assertIn('KMS', str(refused.exception))
        kms.enable_key(KeyId=keys[0])
        self.assertRestores(db, arns[1], items[1])

    def test_deleting_frees_what_no_other_backup_needs(self):
        running = self.begin()
        db = running.client()
        table = self.make_table(db)
        arns = [self.make_backup(db, table) for _ in range(2)]
        names = [self.copied(running, arn) for arn in arns]
        self.backup(running, 'delete', names[0], text='is deleted from the store')
        self.assertEqual(set(self.stored(running)), {arns[1]})
        self.backup(running, 'verify', names[1])
        self.backup(running, 'delete', names[0], status=1, text='Backup not found in the store')
        deleted = json.loads(self.backup(running, 'delete', names[1], '--output', 'json'))
        self.assertEqual((deleted['Act'], deleted['Status']), ('DELETE', 'COMPLETED'))
        self.assertGreater(deleted['BytesFreed'], 1000)
        if not S3:
            self.assertEqual(self.blobs(), [])
        self.backup(running, 'collect', text='0 files')
        # The backups themselves are there still, and can be copied again.
        self.assertEqual(self.copied(running, arns[0]), names[0])

    @unittest.skipIf(S3, 'takes a file out of the directory')
    def test_deleting_a_copy_that_is_gone_already_is_noted_once(self):
        running = self.begin()
        db = running.client()
        stored = self.copied(running, self.make_backup(db, self.make_table(db)))
        shutil.rmtree(self.store / 'blobs' / (stored.replace('/', '+/') + '='))
        self.backup(running, 'delete', stored)
        self.backup(running, 'delete', stored, status=1, text='Backup not found in the store')

    def test_what_is_asked_wrongly(self):
        running = self.begin()
        arn = 'arn:aws:dynamodb:us-east-1:123456789012:table/nothing/backup/01489602797149-73d8d5bc'
        self.backup(running, 'copy', arn, status=1, text='BackupNotFound')
        self.backup(running, 'verify', 'manifests/222222222222/x', status=1, text='BackupNotFound')
        self.backup(running, 'fetch', f'manifests/{server.ACCOUNT}/x', status=1, text='there is no blob')
        answer = running.call('DescribeStoreJob', {'JobId': 'x'}, target=OURS)
        self.assertEqual((answer.code, answer.message), ('ValidationException',
                                                         'there is no job x; a restart forgets them'))
        self.assertEqual(running.call('CopyBackup', {}, target=OURS).code, 'ValidationException')
        without = self.begin('without', flags=())
        self.backup(without, 'stored', status=1, text='without --backup-store')

    def test_only_root_users_reach_it_and_only_what_is_theirs(self):
        running = self.begin()
        db = running.client()
        stored = self.copied(running, self.make_backup(db, self.make_table(db)))
        iam = running.client('iam')
        iam.create_user(UserName='ann')
        iam.put_user_policy(UserName='ann', PolicyName='all', PolicyDocument=ALLOW_ALL)
        key = iam.create_access_key(UserName='ann')['AccessKey']
        refused = running.call('ListStoredBackups', {}, target=OURS, access_key=key['AccessKeyId'],
                               secret_key=key['SecretAccessKey'])
        self.assertEqual(refused.code, 'AccessDeniedException')
        other = running.call('CreateAccount', {'AccountId': '222222222222'}, target=OURS).json
        keys = {'access_key': other['AccessKeyId'], 'secret_key': other['SecretAccessKey']}
        self.assertEqual(running.call('ListStoredBackups', {}, target=OURS, **keys).json, {'StoredBackups': []})
        fetch = running.call('FetchStoredBackup', {'StoredBackup': stored}, target=OURS, **keys)
        self.assertEqual(fetch.code, 'BackupNotFoundException')

    def test_listings_have_pages(self):
        running = self.begin()
        db = running.client()
        table = self.make_table(db)
        stored = [self.copied(running, self.make_backup(db, table)) for _ in range(3)]
        found, token = [], {}
        while True:
            page = running.call('ListStoredBackups', {'Limit': 2, **token}, target=OURS).json
            found += [one['StoredBackup'] for one in page['StoredBackups']]
            if 'NextToken' not in page:
                break
            token = {'NextToken': page['NextToken']}
        self.assertEqual(found, sorted(stored))


if __name__ == '__main__':
    unittest.main()
