"""GET /metrics: well-formed, and the figures are those of what was done."""

import os
import unittest

import exposition
import server
from case import Case, make_table, unique


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
