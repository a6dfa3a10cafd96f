"""Reads of the past: the header X-Tidemark-As-Of, sent by a stock SDK."""

import datetime
import re
import unittest

from case import load, query_all, scan_all
from test_pitr import DAY, RecoveryCase

HEADER = 'X-Tidemark-As-Of'
READS = ('GetItem', 'BatchGetItem', 'Query', 'Scan')


class AsOfCase(RecoveryCase):
    def client_as_of(self, when, operations=READS):
        """A client whose calls ask for the state at `when`; what the answers say is in `told`."""
        client = self.server.client()
        self.told = []
        for operation in operations:
            client.meta.events.register(
                f'before-sign.dynamodb.{operation}',
                lambda request, **_: request.headers.add_header(HEADER, str(when)))
            client.meta.events.register(
                f'after-call.dynamodb.{operation}',
                lambda http_response, **_: self.told.append(http_response.headers.get(HEADER)))
        return client

    def tick(self, seconds=2):
        """Moves on; an instant that lies between what came before and what comes now."""
        self.server.advance(seconds)
        now = self.server.advance(1)
        self.server.advance(seconds)
        return now


class EveryRead(AsOfCase):
    def test_each_instant_shows_its_own_state(self):
        t = self.table('S', 'N')
        load(self.db, t, [{'pk': {'S': 'p'}, 'sk': {'N': str(i)}} for i in range(50)])
        self.assertEqual(self.switch(t).status, 200)
        states = []
        for step in range(4):
            states.append((self.tick(), scan_all(self.db, t)))
            load(self.db, t, [{'pk': {'S': 'p'}, 'sk': {'N': str(i)}, 'step': {'N': str(step)}}
                              for i in range(step * 10, step * 10 + 10)])
            self.db.put_item(TableName=t, Item={'pk': {'S': f'new{step}'}, 'sk': {'N': '1'}})
            self.db.delete_item(TableName=t, Key={'pk': {'S': 'p'}, 'sk': {'N': str(49 - step)}})
        states.append((self.tick(), scan_all(self.db, t)))

        def compare():
            for when, items in states:
                past = self.client_as_of(when)
                self.assertSame(scan_all(past, t), items)
                self.assertSame(scan_all(past, t, Limit=7), items)
                mine = [item for item in items if item['pk']['S'] == 'p']
                query = {'TableName': t, 'KeyConditionExpression': 'pk = :p',
                         'ExpressionAttributeValues': {':p': {'S': 'p'}}}
                by_number = sorted(mine, key=lambda item: int(item['sk']['N']))
                self.assertEqual(query_all(past, **query), by_number)
                self.assertEqual(query_all(past, ScanIndexForward=False, Limit=9, **query),
                                 by_number[::-1])
                known = {item['sk']['N']: item for item in mine}
                for number in ('0', '15', '47', '49', '99'):
                    key = {'pk': {'S': 'p'}, 'sk': {'N': number}}
                    self.assertEqual(past.get_item(TableName=t, Key=key).get('Item'),
                                     known.get(number))
                keys = [{'pk': {'S': 'p'}, 'sk': {'N': str(n)}} for n in range(50)]
                found = past.batch_get_item(RequestItems={t: {'Keys': keys}})['Responses'][t]
                self.assertSame(found, mine)

        compare()
        now = self.now()
        self.server.restart(crash=True)
        type(self).db = self.server.client()
        self.server.advance(max(0, now - self.now()) + 1)
        compare()
        self.server.advance(DAY)  # sorted into runs, then a new image
        self.db.put_item(TableName=t, Item={'pk': {'S': 'late'}, 'sk': {'N': '1'}})
        compare()

    def assertSame(self, found, items):
        order = lambda item: (item['pk']['S'], int(item['sk']['N']))
        self.assertEqual(sorted(found, key=order), sorted(items, key=order))

    def test_projections_filters_and_counts(self):
        t = self.protected('S', 'N')
        load(self.db, t, [{'pk': {'S': 'p'}, 'sk': {'N': str(i)}, 'v': {'N': str(i % 3)}}
                          for i in range(30)])
        when = self.tick()
        for i in range(30):
            self.db.delete_item(TableName=t, Key={'pk': {'S': 'p'}, 'sk': {'N': str(i)}})
        past = self.client_as_of(when)
        found = past.scan(TableName=t, FilterExpression='v = :one', ProjectionExpression='v',
                          ExpressionAttributeValues={':one': {'N': '1'}},
                          ReturnConsumedCapacity='TOTAL')
        self.assertEqual((found['Count'], found['ScannedCount']), (10, 30))
        self.assertEqual(found['Items'], [{'v': {'N': '1'}}] * 10)
        self.assertEqual(found['ConsumedCapacity']['CapacityUnits'], 0.5)
        self.assertEqual(past.scan(TableName=t, Select='COUNT')['Count'], 30)
        self.assertEqual(self.db.scan(TableName=t)['Count'], 0)

    def test_forms_of_the_instant(self):
        t = self.protected()
        self.db.put_item(TableName=t, Item={'pk': {'S': 'a'}, 'v': {'N': '1'}})
        when = int(self.tick())
        self.db.put_item(TableName=t, Item={'pk': {'S': 'a'}, 'v': {'N': '2'}})
        utc = datetime.datetime.fromtimestamp(when, datetime.timezone.utc)
        other = utc.astimezone(datetime.timezone(datetime.timedelta(hours=5, minutes=30)))
        for text in (when, f'{when}.000', utc.strftime('%Y-%m-%dT%H:%M:%SZ'),
                     utc.strftime('%Y-%m-%d %H:%M:%S'), other.isoformat(timespec='milliseconds')):
            past = self.client_as_of(text)
            self.assertEqual(past.get_item(TableName=t, Key={'pk': {'S': 'a'}})['Item']['v'],
                             {'N': '1'}, text)
            self.assertEqual(self.told, [utc.strftime('%Y-%m-%dT%H:%M:%S.000000Z')], text)

    def test_the_header_is_told_only_where_it_was_sent(self):
        t = self.protected()
        self.assertNotIn(HEADER.lower(), self.server.call(
            'GetItem', {'TableName': t, 'Key': {'pk': {'S': 'a'}}}).headers)


class Refused(AsOfCase):
    def test_what_is_no_instant(self):
        t = self.protected()
        for text in ('yesterday', '', '-1', '2026-13-01T00:00:00Z', '12:00'):
            self.assertFails('ValidationException', re.compile('X-Tidemark-As-Of: .* is no instant'),
                             self.client_as_of(text).scan, TableName=t)

    def test_outside_the_window(self):
        t = self.protected()
        earliest = self.recovery(t)['EarliestRestorableDateTime']
        for when in (int(earliest) - 5, int(self.now()) + 3600):
            self.assertFails('InvalidRestoreTimeException',
                             re.compile('between EarliestRestorableDateTime .* and '
                                        'LatestRestorableDateTime'),
                             self.client_as_of(when).get_item, TableName=t, Key={'pk': {'S': 'a'}})

    def test_without_recovery(self):
        t = self.table()
        self.assertFails('PointInTimeRecoveryUnavailableException',
                         f"Point in time recovery is not enabled for table '{t}'",
                         self.client_as_of(self.now()).scan, TableName=t)

    def test_a_table_that_came_later(self):
        self.assertFails('ResourceNotFoundException', None, self.client_as_of(self.now()).scan,
                         TableName='there-is-none')

    def test_operations_that_read_nothing(self):
        t = self.protected()
        past = self.client_as_of(self.now(), ('PutItem', 'DescribeTable'))
        text = re.compile('X-Tidemark-As-Of is not for PutItem: GetItem, BatchGetItem, Query and '
                          'Scan read the past')
        self.assertFails('ValidationException', text, past.put_item, TableName=t,
                         Item={'pk': {'S': 'a'}})
        self.assertFails('ValidationException', None, past.describe_table, TableName=t)
        self.assertEqual(self.db.scan(TableName=t)['Count'], 0)

    def test_switched_off_means_gone(self):
        t = self.protected()
        self.db.put_item(TableName=t, Item={'pk': {'S': 'a'}})
        when = self.tick()
        past = self.client_as_of(when)
        self.assertEqual(past.scan(TableName=t)['Count'], 1)
        self.assertEqual(self.switch(t, enabled=False).status, 200)
        self.assertFails('PointInTimeRecoveryUnavailableException', None, past.scan, TableName=t)
        self.assertEqual(self.switch(t).status, 200)
        self.assertFails('InvalidRestoreTimeException', None, past.scan, TableName=t)


if __name__ == '__main__':
    unittest.main()
