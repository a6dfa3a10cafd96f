"""GET /metrics: well-formed, and the figures are those of what was done."""

import json
import os
import re
import shutil
import subprocess
import time
import unittest

import exposition
import server
from case import Case, make_table, unique, wait_backup
from vault_case import TRUST, wait_job


PROMTOOL = shutil.which('promtool', path=f'{os.environ.get("PATH")}:{server.ROOT}/build/tools/usr/bin')


class Format(unittest.TestCase):
    """The reader refuses what is malformed; else the tests below would prove nothing."""

    GOOD = '# HELP a_total b c\n# TYPE a_total counter\na_total{x="1\\"",y="\\\\"} 1\na_total 2\n'

    def test_what_is_good(self):
        family = exposition.parse(self.GOOD)['a_total']
        self.assertEqual(family.value(x='1"', y='\\'), 1)
        self.assertEqual(family.value(), 2)

    def test_what_is_not(self):
        histogram = '# HELP h b\n# TYPE h histogram\n'
        for text in (
                self.GOOD[:-1], self.GOOD + self.GOOD, self.GOOD + 'a_total 2\n',
                'a_total 1\n', '# TYPE a_total counter\na_total 1\n',
                self.GOOD.replace('a_total', 'a'), self.GOOD.replace(' 1\n', ' one\n'),
                self.GOOD.replace('y=', 'x='), self.GOOD.replace('"1\\""', '"1""'),
                self.GOOD + 'b 1\n', self.GOOD + '\n', self.GOOD + '# HELP z b\n',
                '# HELP a_total b\n# TYPE a_total counter\n',
                histogram + 'h_bucket{le="1"} 2\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1\n',
                histogram + 'h_bucket{le="1"} 1\nh_sum 1\nh_count 1\n',
                histogram + 'h_bucket{le="+Inf"} 1\nh_sum 1\nh_count 2\n',
                histogram + 'h_bucket{le="+Inf"} 1\nh_count 1\n'):
            with self.assertRaises(exposition.Malformed, msg=text):
                exposition.parse(text)


@unittest.skipUnless(server.ours(), 'of our own server')
class Metrics(Case):
    @classmethod
    def setUpClass(cls):
        cls.server = server.Server()
        cls.db = cls.server.client()
        cls.class_tables = []
        cls.db.list_tables()  # figures nobody has counted yet are not told

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def scrape(self):
        answer = self.server.send(None, {'Host': self.server.host}, method='GET', path='/metrics')
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(answer.headers['content-type'],
                         'text/plain; version=0.0.4; charset=utf-8')
        return exposition.parse(answer.body.decode())

    def test_keys(self):
        kms = self.server.client('kms')
        before = self.scrape()
        key = kms.create_key()['KeyMetadata']['KeyId']
        blob = kms.encrypt(KeyId=key, Plaintext=b'x')['CiphertextBlob']
        for _ in range(3):
            kms.decrypt(CiphertextBlob=blob)
        kms.disable_key(KeyId=key)
        with self.assertRaises(kms.exceptions.DisabledException):
            kms.decrypt(CiphertextBlob=blob)
        kms.create_key()
        after = self.scrape()
        for operation, status, expected in (('kms:Encrypt', '2xx', 1), ('kms:Decrypt', '2xx', 3),
                                            ('kms:Decrypt', '4xx', 1), ('kms:CreateKey', '2xx', 2)):
            counted = self.requests(after, operation, status) - self.requests(before, operation, status)
            self.assertEqual(counted, expected, (operation, status))
        for state, expected in (('Enabled', 1), ('Disabled', 1), ('PendingDeletion', 0), ('Deleted', 0)):
            keys = [page['tidemark_kms_keys'].value(state=state) for page in (before, after)]
            self.assertEqual(keys[1] - keys[0], expected, state)

    def requests(self, page, operation, status):
        labels = {'operation': operation, 'status': status}
        count = page['tidemark_requests_total'].get(0, **labels)
        self.assertEqual(count, page['tidemark_request_duration_seconds'].get(0, '_count', **labels))
        return count

    def test_names(self):
        make_table(self.db)
        for name, family in self.scrape().items():
            self.assertRegex(name, r'^tidemark_[a-z0-9_]+$')
            self.assertFalse(name.endswith('_total') and family.kind != 'counter', name)
            # Base units only.
            self.assertNotRegex(name, r'_(ms|us|millis|micros|kb|mb|kib|mib|percent)(_|$)')

    def test_requests_are_counted_one_by_one(self):
        t = make_table(self.db)
        before = self.scrape()
        for number in range(17):
            self.db.put_item(TableName=t, Item={'pk': {'S': str(number)}})
        for number in range(5):
            self.get(t, pk={'S': str(number)})
        for _ in range(3):
            self.server.call('GetItem', {'TableName': unique(), 'Key': {'pk': {'S': 'a'}}})
        self.server.call('Nonsense', {})
        after = self.scrape()
        for operation, status, expected in (('PutItem', '2xx', 17), ('GetItem', '2xx', 5),
                                            ('GetItem', '4xx', 3), ('other', '4xx', 1),
                                            ('PutItem', '4xx', 0), ('GetItem', '5xx', 0)):
            counted = (self.requests(after, operation, status) -
                       self.requests(before, operation, status))
            self.assertEqual(counted, expected, (operation, status))

    def test_counters_never_fall(self):
        t = make_table(self.db)
        before = self.scrape()
        self.db.put_item(TableName=t, Item={'pk': {'S': 'a'}})
        after = self.scrape()
        for name, family in before.items():
            if family.kind == 'gauge':
                continue
            for key, value in family.samples.items():
                self.assertLessEqual(value, after[name].samples[key], key)

    def test_regions_have_their_own(self):
        make_table(self.db)
        make_table(self.server.client(region='eu-west-3'))
        page = self.scrape()
        for name in ('tidemark_log_bytes', 'tidemark_writable', 'tidemark_tables'):
            regions = {dict(labels)['region'] for _, labels in page[name].samples}
            self.assertLessEqual({'us-east-1', 'eu-west-3', '_system'}, regions, name)
        self.assertEqual(page['tidemark_writable'].value(region='eu-west-3'), 1)
        self.assertEqual(page['tidemark_tables'].value(region='eu-west-3'), 1)

    def test_scraping_and_health_checks_are_no_requests(self):
        before = self.scrape()
        self.scrape()
        self.server.send(None, {'Host': self.server.host}, method='GET', path='/healthz')
        after = self.scrape()
        self.assertEqual(before['tidemark_requests_total'].samples,
                         after['tidemark_requests_total'].samples)

    def test_connections(self):
        before = self.scrape()['tidemark_connections_accepted_total'].value()
        connection = self.server.connection()
        try:
            self.server.call('ListTables', {}, connection=connection)
            page = self.scrape()  # over one of its own
        finally:
            connection.close()
        self.assertEqual(page['tidemark_connections_accepted_total'].value() - before, 2)
        self.assertGreaterEqual(page['tidemark_connections_open'].value(), 2)

    def test_protection(self):
        db = self.server.client(region='ap-south-1')
        bare, kept = make_table(db), make_table(db)
        db.put_item(TableName=kept, Item={'pk': {'S': 'a'}, 'text': {'S': 'x' * 300_000}})
        db.update_continuous_backups(TableName=kept, PointInTimeRecoverySpecification={
            'PointInTimeRecoveryEnabled': True})
        arn = db.create_backup(TableName=kept, BackupName='kept')['BackupDetails']['BackupArn']
        wait_backup(db, arn)
        self.server.advance(7200)
        page = self.scrape()
        self.assertEqual(page['tidemark_tables_without_recovery'].value(region='ap-south-1'), 1)
        self.assertEqual(page['tidemark_tables_without_backup'].value(region='ap-south-1'), 1)
        age = page['tidemark_newest_backup_age_max_seconds'].value(region='ap-south-1')
        self.assertTrue(7200 <= age < 7300, age)
        costs = self.server.call('GetServerCosts', {'GroupBy': ['KIND']}, target='Tidemark_20261101.').json
        told = {group['Kind']: group for group in costs['Groups']}['ON_DEMAND']
        size = told['LogicalBytes']
        self.assertGreater(size, 300_000)
        # What costs is worked out every ten seconds.
        deadline = time.monotonic() + 240
        while time.monotonic() < deadline:
            cost = page['tidemark_month_cost_dollars'].value(kind='ON_DEMAND')
            if page['tidemark_protected_bytes'].value(kind='ON_DEMAND') == size and cost > 0:
                break
            time.sleep(1)
            page = self.scrape()
        self.assertEqual(page['tidemark_protected_bytes'].value(kind='ON_DEMAND'), size)
        self.assertEqual(page['tidemark_protected_bytes'].value(kind='AWS_BACKUP_WARM'), 0)
        self.assertTrue(0.9 * float(told['Cost']) < cost < 1.1 * float(told['Cost']), (cost, told))
        db.delete_table(TableName=bare)

    def busy(self):
        """A bit of everything, so that every figure is there."""
        table = make_table(self.db)
        self.db.update_continuous_backups(TableName=table, PointInTimeRecoverySpecification={
            'PointInTimeRecoveryEnabled': True})
        self.db.put_item(TableName=table, Item={'pk': {'S': 'a'}})
        wait_backup(self.db, self.db.create_backup(TableName=table, BackupName='busy')['BackupDetails']['BackupArn'])
        self.failed_job()
        self.server.client('kms').create_key()

    def failed_job(self):
        """A backup job as a role that may do nothing."""
        iam, aws = self.server.client('iam'), self.server.client('backup')
        role = iam.create_role(RoleName=unique('role'), AssumeRolePolicyDocument=TRUST)['Role']['Arn']
        vault, table = unique('vault'), make_table(self.db)
        aws.create_backup_vault(BackupVaultName=vault)
        job = aws.start_backup_job(BackupVaultName=vault, IamRoleArn=role,
                                   ResourceArn=self.db.describe_table(TableName=table)['Table']['TableArn'])
        wait_job(aws.describe_backup_job, 'FAILED', BackupJobId=job['BackupJobId'])

    def test_jobs_of_vaults(self):
        self.failed_job()
        before = self.scrape()['tidemark_vault_jobs'].value(kind='backup', state='FAILED')
        self.failed_job()
        self.assertEqual(self.scrape()['tidemark_vault_jobs'].value(kind='backup', state='FAILED'), before + 1)

    @unittest.skipUnless(PROMTOOL, 'promtool is not here (./dev setup)')
    def test_promtool_finds_nothing(self):
        self.busy()
        answer = self.server.send(None, {'Host': self.server.host}, method='GET', path='/metrics')
        checked = subprocess.run([PROMTOOL, 'check', 'metrics'], input=answer.body, capture_output=True, timeout=240)
        self.assertEqual((checked.returncode, checked.stdout.decode() + checked.stderr.decode()), (0, ''))

    def test_the_dashboard_asks_for_what_there_is(self):
        """Every figure that docs/operating/grafana.json names, and every label it asks for by."""
        self.busy()
        page = self.scrape()
        told = {name: set() for name in page}
        for name, family in page.items():
            suffixes = ('_bucket', '_sum', '_count') if family.kind == 'histogram' else ('',)
            for suffix in suffixes:
                told[name + suffix] = set().union(*(dict(labels) for _, labels in family.samples))
        dashboard = json.loads((server.ROOT / 'docs/operating/grafana.json').read_text())
        queries = [target['expr'] for panel in dashboard['panels'] for target in panel.get('targets', ())]
        queries += [variable['query'] for variable in dashboard['templating']['list'] if variable['type'] == 'query']
        self.assertGreater(len(queries), 15)
        for query in queries:
            names = re.findall(r'\btidemark_\w+', query)
            self.assertTrue(names, query)
            for name in names:
                self.assertIn(name, told, query)
            for name, labels in re.findall(r'\b(tidemark_\w+)\{([^}]*)\}', query):
                for label in re.findall(r'(\w+)=', labels):
                    self.assertIn(label, told[name] | {'instance', 'job'}, query)

    def test_the_process(self):
        page = self.scrape()
        with open(f'/proc/{self.server.process.pid}/statm') as file:
            resident = int(file.read().split()[1]) * os.sysconf('SC_PAGESIZE')
        told = page['tidemark_process_resident_memory_bytes'].value()
        self.assertGreater(told, resident / 2)
        self.assertLess(told, resident * 2)
        descriptors = len(os.listdir(f'/proc/{self.server.process.pid}/fd'))
        self.assertLess(abs(page['tidemark_process_open_fds'].value() - descriptors), 20)


if __name__ == '__main__':
    unittest.main()
