"""The wire: what is not a well-formed, signed request, and what every answer carries."""

import datetime
import json
import re
import socket
import unittest
import urllib.parse
import zlib

import server
from case import Case, unique

JSON = 'application/x-amz-json-1.0'
CORAL = 'com.amazon.coral.service#'


class Protocol(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.t = cls.class_table()

    def unsigned(self, body=b'{}', operation='ListTables', method='POST', path='/', **headers):
        fixed = {'Content-Type': JSON, 'X-Amz-Target': server.TARGET + operation,
                 'Host': self.server.host}
        fixed.update({name.replace('_', '-'): value for name, value in headers.items()})
        fixed = {name: value for name, value in fixed.items() if value is not None}
        return self.server.send(body, fixed, method=method, path=path)

    def assertProtocolError(self, answer, code, text=None):
        self.assertEqual((answer.status, answer.json['__type']), (400, CORAL + code), answer)
        if text is not None:
            self._assertText(text, answer.message)


class Answers(Protocol):
    def test_headers_of_every_answer(self):
        good = self.server.call('ListTables', {})
        bad = self.server.call('DescribeTable', {'TableName': unique()})
        self.assertEqual((good.status, bad.status), (200, 400))
        ids = set()
        for answer in (good, bad):
            self.assertEqual(answer.headers['content-type'], JSON)
            self.assertEqual(int(answer.headers['x-amz-crc32']), zlib.crc32(answer.body))
            self.assertEqual(int(answer.headers['content-length']), len(answer.body))
            self.assertRegex(answer.headers['x-amzn-requestid'], r'^[A-Z0-9]{52}$')
            ids.add(answer.headers['x-amzn-requestid'])
        self.assertEqual(len(ids), 2)

    def test_types_of_errors(self):
        answer = self.server.call('DescribeTable', {'TableName': unique()})
        self.assertEqual(answer.json['__type'],
                         'com.amazonaws.dynamodb.v20120810#ResourceNotFoundException')
        answer = self.server.call('DescribeTable', {})
        self.assertEqual(answer.json['__type'],
                         'com.amazon.coral.validate#ValidationException')

    def test_health(self):
        answer = self.server.send(None, {'Host': self.server.host}, method='GET')
        self.assertEqual(answer.status, 200)
        self.assertRegex(answer.body.decode(), r'^healthy: dynamodb\.[a-z0-9-]+\.amazonaws\.com $')

    def test_other_methods(self):
        for method in ('PUT', 'DELETE'):
            answer = self.server.send(b'{}', {'Host': self.server.host, 'Content-Type': JSON},
                                      method=method)
            self.assertEqual((answer.status, answer.body),
                             (404, b'<UnknownOperationException/>\n'), method)
            self.assertEqual(answer.headers['x-amz-crc32'], '3552371480')

    def test_other_content_types(self):
        answer = self.unsigned(Content_Type='text/plain')
        self.assertEqual((answer.status, answer.body), (404, b'<UnknownOperationException/>\n'))
        body = b'{}'
        headers = self.server.sign(body, {'Content-Type': 'application/json; charset=utf-8',
                                          'X-Amz-Target': server.TARGET + 'ListTables',
                                          'Host': self.server.host})
        self.assertEqual(self.server.send(body, headers).status, 200)


class CrossOrigin(unittest.TestCase):
    ASKED = {'Origin': 'https://page.example', 'Access-Control-Request-Method': 'POST',
             'Access-Control-Request-Headers': 'x-amz-target,content-type'}

    @classmethod
    def setUpClass(cls):
        if not server.ours():
            raise unittest.SkipTest('of our own server')
        cls.server = server.Server(arguments=('--cors-origin', '*'))
        cls.addClassCleanup(cls.server.close)

    def allowed(self, answer):
        prefix = 'access-control-'
        return {name.lower()[len(prefix):]: value for name, value in answer.headers.items()
                if name.lower().startswith(prefix)}

    def test_a_browsers_question(self):
        answer = self.server.send(None, self.ASKED, method='OPTIONS')
        self.assertEqual((answer.status, answer.body), (200, b''))
        self.assertEqual(self.allowed(answer), {
            'allow-origin': '*', 'allow-methods': 'POST', 'allow-headers': 'x-amz-target,content-type',
            'max-age': '172800'})

    def test_answers_to_pages(self):
        for headers, allowed in (({'Origin': 'https://page.example'}, {'allow-origin': '*'}), ({}, {})):
            answer = self.server.send(b'{}', {'Content-Type': JSON, **headers})
            self.assertEqual(answer.status, 400)
            self.assertEqual(self.allowed(answer), allowed)
        self.assertEqual(self.server.send(None, {}, method='OPTIONS').status, 404)

    def test_nothing_is_allowed_unasked(self):
        plain = server.Server()
        self.addCleanup(plain.close)
        answer = plain.send(None, self.ASKED, method='OPTIONS')
        self.assertEqual((answer.status, self.allowed(answer)), (404, {}))


class Bodies(Protocol):
    def test_what_is_not_json(self):
        for body in ('{', '{"a":}', 'hello', '[1,', '{"TableName": "a"} x', "{'a': 1}",
                     '{"a":01}',
                     '"\\ud800', '{"a":"\x01"}'):
            self.assertProtocolError(self.server.call('ListTables', body), 'SerializationException')

    def test_broken_utf8(self):
        for body in (b'{"TableName":"\xff\xfe"}', b'{"TableName":"\xc3"}', b'{"a":"\xed\xa0\x80"}',
                     b'{"a":"\xc0\x80"}'):
            self.assertProtocolError(self.server.call('ListTables', body), 'SerializationException')

    def test_deep_nesting_is_refused(self):
        for depth in (1000, 100_000, 1_000_000):
            answer = self.server.call('ListTables', '[' * depth + ']' * depth)
            self.assertProtocolError(answer, 'SerializationException')
            answer = self.server.call('ListTables', '{"a":' * depth + '1' + '}' * depth)
            self.assertProtocolError(answer, 'SerializationException')

    def test_an_array_is_no_request(self):
        self.assertProtocolError(self.server.call('ListTables', '[]'), 'SerializationException')

    def test_members_of_the_wrong_type(self):
        for member, value, text in (
                ('Limit', '"1"', 'STRING_VALUE cannot be converted to Integer'),
                ('Limit', 'true', 'TRUE_VALUE cannot be converted to Integer'),
                ('Limit', '{}', 'Start of structure or map found where not expected'),
                ('ExclusiveStartTableName', '1', 'NUMBER_VALUE cannot be converted to String'),
                ('ExclusiveStartTableName', '1.5', 'DECIMAL_VALUE cannot be converted to String'),
                ('ExclusiveStartTableName', 'false', 'FALSE_VALUE cannot be converted to String')):
            answer = self.server.call('ListTables', '{"%s":%s}' % (member, value))
            self.assertProtocolError(answer, 'SerializationException', text)

    def test_values_of_the_wrong_type(self):
        for value, text in (({'S': 1}, 'NUMBER_VALUE cannot be converted to String'),
                            ({'N': 1}, 'NUMBER_VALUE cannot be converted to String'),
                            ({'SS': 'a'}, 'Unexpected field type'),
                            ({'L': {}}, 'Start of structure or map found where not expected'),
                            ({'L': ['a']}, 'Unexpected value type in payload'),
                            ({'BOOL': 'true'}, 'Unexpected token received from parser'),
                            ({'B': '12345'}, 'Base64 encoded length is expected a multiple of 4 '
                                             'bytes but found: 5')):
            answer = self.server.call('PutItem', {'TableName': self.t,
                                                  'Item': {'pk': {'S': 'a'}, 'v': value}})
            self.assertProtocolError(answer, 'SerializationException', text)

    def test_constraints_are_collected(self):
        answer = self.server.call('Query', {'TableName': self.t, 'Limit': 0, 'Select': 'SOME',
                                            'ReturnConsumedCapacity': 'ALL'})
        self.assertRefused(answer, 'ValidationException')
        count = int(re.match(r'(\d+) validation errors detected: ', answer.message)[1])
        self.assertGreaterEqual(count, 3, answer.message)
        self.assertEqual(answer.message.count('failed to satisfy constraint'), count)

    def test_null_and_unknown_members_are_ignored(self):
        answer = self.server.call('ListTables', {'Limit': None, 'Nonsense': {'a': [1]}})
        self.assertEqual(answer.status, 200, answer)

    def test_16_megabytes_and_not_more(self):
        room = 16 * 1024 * 1024 - len('{"TableName":""}')
        answer = self.server.call('DescribeTable', '{"TableName":"%s"}' % ('a' * room))
        self.assertRefused(answer, 'ValidationException')
        connection = self.server.connection()
        try:
            answer = self.server.call('DescribeTable', '{"TableName":"%s"}' % ('a' * (room + 1)),
                                      connection=connection)
            self.assertEqual(answer.status, 413)
            self.assertEqual(answer.code, 'RequestEntityTooLargeException')
        except (BrokenPipeError, ConnectionResetError):
            pass  # the server may answer and close before it has read everything
        finally:
            connection.close()
        self.assertEqual(self.server.call('ListTables', {}).status, 200)

    def test_bodies_that_are_not_gzip(self):
        answer = self.unsigned(b'{}', Content_Encoding='gzip')
        self.assertProtocolError(answer, 'SerializationException')
        self.assertEqual(int(answer.headers['x-amz-crc32']), zlib.crc32(answer.body))


class Targets(Protocol):
    def test_unknown_targets(self):
        for target in (None, '', 'ListTables', 'DynamoDB_20120810.',
                       'DynamoDB_20120810.listTables', 'DynamoDB_20111205.ListTables',
                       'DynamoDB_20120810.Nonsense'):
            headers = {'Content-Type': JSON, 'Host': self.server.host}
            if target is not None:
                headers['X-Amz-Target'] = target
            answer = self.server.send(b'{}', self.server.sign(b'{}', headers))
            self.assertProtocolError(answer, 'UnknownOperationException')


class Signatures(Protocol):
    def test_no_signature(self):
        self.assertProtocolError(self.unsigned(), 'MissingAuthenticationTokenException',
                                 'Request is missing Authentication Token')
        self.assertProtocolError(self.unsigned(Authorization='Basic YTpi'),
                                 'MissingAuthenticationTokenException')

    def test_incomplete_signature(self):
        answer = self.unsigned(Authorization='AWS4-HMAC-SHA256 Credential=a')
        self.assertProtocolError(answer, 'IncompleteSignatureException')
        for part in ("'Signature' parameter", "'SignedHeaders' parameter", "'X-Amz-Date'"):
            self.assertIn(part, answer.message)
        self.assertNotIn("'Credential' parameter", answer.message)

    def test_wrong_key_and_wrong_secret(self):
        self.assertProtocolError(
            self.server.call('ListTables', {}, access_key='AKIDNOBODY0000000000'),
            'UnrecognizedClientException',
            'The security token included in the request is invalid.')
        answer = self.server.call('ListTables', {}, secret_key='wrong')
        self.assertProtocolError(answer, 'InvalidSignatureException', re.compile(
            '^The request signature we calculated does not match the signature you provided. Check '
            'your AWS Secret Access Key and signing method. Consult the service documentation for '
            'details.'))

    def signed(self, body=b'{}'):
        return self.server.sign(body, {'Content-Type': JSON, 'Host': self.server.host,
                                       'X-Amz-Target': server.TARGET + 'ListTables'})

    def test_changed_requests(self):
        headers = self.signed()
        self.assertEqual(self.server.send(b'{}', headers).status, 200)
        self.assertProtocolError(self.server.send(b'{ }', headers), 'InvalidSignatureException')
        other = {**headers, 'X-Amz-Target': server.TARGET + 'ListBackups'}
        self.assertProtocolError(self.server.send(b'{}', other), 'InvalidSignatureException')
        signature = headers['Authorization']
        changed = signature[:-1] + ('0' if signature[-1] != '0' else '1')
        self.assertProtocolError(self.server.send(b'{}', {**headers, 'Authorization': changed}),
                                 'InvalidSignatureException')

    def test_old_and_future_signatures(self):
        for minutes, text in ((-60, 'Signature expired: '), (60, 'Signature not yet current: ')):
            headers = self.signed()
            date = datetime.datetime.utcnow() + datetime.timedelta(minutes=minutes)
            headers['X-Amz-Date'] = date.strftime('%Y%m%dT%H%M%SZ')
            self.assertProtocolError(self.server.send(b'{}', headers), 'InvalidSignatureException',
                                     re.compile('^' + text))

    def test_wrong_scopes(self):
        answer = self.server.call('ListTables', {}, service='s3')
        self.assertProtocolError(answer, 'InvalidSignatureException', re.compile(
            "Credential should be scoped to correct service: 'dynamodb'."))
        headers = self.signed()
        headers['Authorization'] = headers['Authorization'].replace('/aws4_request', '')
        self.assertProtocolError(self.server.send(b'{}', headers), 'IncompleteSignatureException',
                                 re.compile('Credential must have exactly 5 slash-delimited '
                                            'elements'))

    def test_unreadable_date(self):
        headers = self.signed()
        headers['X-Amz-Date'] = 'tomorrow'
        self.assertProtocolError(self.server.send(b'{}', headers), 'IncompleteSignatureException',
                                 re.compile(
                                     "Date must be in ISO-8601 'basic format'. Got 'tomorrow'"))

    def test_checks_come_in_order(self):
        # JSON before target, target before signature, signature before members.
        headers = {'Content-Type': JSON, 'Host': self.server.host, 'X-Amz-Target': 'x'}
        self.assertProtocolError(self.server.send(b'{', headers), 'SerializationException')
        self.assertProtocolError(self.server.send(b'{}', headers), 'UnknownOperationException')
        self.assertProtocolError(self.unsigned(b'{"Limit":"x"}'),
                                 'MissingAuthenticationTokenException')


class Connections(Protocol):
    def raw(self):
        netloc = urllib.parse.urlsplit(self.server.url)
        if netloc.scheme == 'https':
            self.skipTest('plain sockets')
        sock = socket.create_connection((netloc.hostname, netloc.port), timeout=20)
        self.addCleanup(sock.close)
        return sock

    def test_tls_is_not_waited_for(self):
        sock = self.raw()
        # Without a line feed, which would end the wait in another way.
        sock.sendall(b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03')
        self.assertEqual(sock.recv(100), b'')

    def request_bytes(self, operation='ListTables', body=b'{}', extra=b''):
        headers = self.server.sign(body, {'Content-Type': JSON, 'Host': self.server.host,
                                          'X-Amz-Target': server.TARGET + operation})
        lines = [b'POST / HTTP/1.1']
        lines += [f'{name}: {value}'.encode() for name, value in headers.items()]
        lines += [b'Content-Length: %d' % len(body)]
        return b'\r\n'.join(lines) + b'\r\n' + extra + b'\r\n' + body

    def read_answer(self, stream):
        status = int(stream.readline().split()[1])
        headers = {}
        while (line := stream.readline().strip()):
            name, _, value = line.decode().partition(':')
            headers[name.lower()] = value.strip()
        return status, headers, stream.read(int(headers['content-length']))

    def test_keep_alive(self):
        connection = self.server.connection()
        try:
            for _ in range(5):
                self.assertEqual(self.server.call('ListTables', {}, connection=connection).status,
                                 200)
                sock = connection.sock
            self.assertIs(connection.sock, sock)
            self.assertEqual(self.server.call('Nonsense', {}, connection=connection).status, 400)
            self.assertIs(connection.sock, sock)
        finally:
            connection.close()

    def test_pipelined_requests_are_answered_in_order(self):
        sock = self.raw()
        tables = [f'missing-{i}' for i in range(5)]
        sock.sendall(b''.join(self.request_bytes('DescribeTable',
                                                 json.dumps({'TableName': name}).encode())
                              for name in tables))
        with sock.makefile('rb') as stream:
            for name in tables:
                status, _, body = self.read_answer(stream)
                self.assertEqual(status, 400)
                self.assertIn(name, json.loads(body)['message'])

    def test_slow_and_split_requests(self):
        sock = self.raw()
        data = self.request_bytes()
        for i in range(0, len(data), 7):
            sock.sendall(data[i:i + 7])
        with sock.makefile('rb') as stream:
            self.assertEqual(self.read_answer(stream)[0], 200)

    def test_chunked_bodies(self):
        body = b'{"Limit":1}'
        headers = self.server.sign(body, {'Content-Type': JSON, 'Host': self.server.host,
                                          'X-Amz-Target': server.TARGET + 'ListTables'})
        lines = [b'POST / HTTP/1.1'] + [f'{n}: {v}'.encode() for n, v in headers.items()]
        lines += [b'Transfer-Encoding: chunked', b'', b'']
        sock = self.raw()
        sock.sendall(b'\r\n'.join(lines) + b'5\r\n' + body[:5] + b'\r\n' +
                     b'%x\r\n' % len(body[5:]) + body[5:] + b'\r\n0\r\n\r\n')
        with sock.makefile('rb') as stream:
            self.assertEqual(self.read_answer(stream)[0], 200)

    def test_expect_continue(self):
        sock = self.raw()
        head, body = self.request_bytes(extra=b'Expect: 100-continue\r\n').split(b'\r\n\r\n')
        sock.sendall(head + b'\r\n\r\n')
        with sock.makefile('rb') as stream:
            self.assertIn(b' 100 ', stream.readline())
            self.assertEqual(stream.readline(), b'\r\n')
            sock.sendall(body)
            self.assertEqual(self.read_answer(stream)[0], 200)

    def test_rubbish_does_no_harm(self):
        for rubbish in (b'\x00' * 100, b'GET\r\n\r\n', b'POST / HTTP/9.9\r\n\r\n',
                        b'POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n',
                        b'POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n'
                        b'\r\n0\r\n\r\n',
                        b'POST / HTTP/1.1\r\n' + b'X: ' + b'a' * 100_000 + b'\r\n\r\n',
                        b'POST / HTTP/1.1\r\n' + b'X: y\r\n' * 20_000 + b'\r\n'):
            sock = self.raw()
            try:
                sock.sendall(rubbish)
                sock.shutdown(socket.SHUT_WR)
                answer = sock.recv(65536)
            except OSError:
                answer = b''
            if answer:
                self.assertRegex(answer, rb'^HTTP/1\.[01] 4\d\d ', rubbish[:40])
        self.assertEqual(self.server.call('ListTables', {}).status, 200)

    def test_abandoned_requests_do_no_harm(self):
        data = self.request_bytes()
        for cut in (1, 20, len(data) // 2, len(data) - 1):
            sock = self.raw()
            sock.sendall(data[:cut])
            sock.close()
        self.assertEqual(self.server.call('ListTables', {}).status, 200)


if __name__ == '__main__':
    unittest.main()
