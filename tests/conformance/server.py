"""Starts, stops, kills and restarts the server under test, and talks to it.

Server     a process on a data directory; made fresh unless one is given
shared()   the one server that all tests of a run use, unless they need their own

TIDEMARK_BIN       the binary; default build/release/src/server/tidemark
TIDEMARK_ENDPOINT  tests a service that runs already (credentials and Region then come from the
                   environment as for any SDK); tests that need a process of ours are skipped
"""

import atexit
import hashlib
import http.client
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import urllib.parse

import botocore.session
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

ROOT = pathlib.Path(__file__).resolve().parents[2]
REGION = 'us-east-1'
ACCESS_KEY = 'AKIDCONFORMANCE00001'
SECRET_KEY = 'conformance/secret+key/of/forty/chars00'
ACCOUNT = '123456789012'
TARGET = 'DynamoDB_20120810.'


_sessions, _sessions_lock = {}, threading.Lock()
_models = botocore.session.Session().get_component('data_loader')  # read once, not by each session anew


def _session(credentials):
    """One for all clients with these credentials. Under the lock."""
    if credentials not in _sessions:
        _sessions[credentials] = session = botocore.session.Session()
        session.register_component('data_loader', _models)
        session.set_credentials(*credentials)
    return _sessions[credentials]


class Answer:
    """One HTTP answer. `json` parses the body on demand."""

    def __init__(self, status, headers, body):
        self.status = status
        self.headers = {name.lower(): value for name, value in headers}
        self.body = body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def code(self):
        """The error's name without its prefix, or None."""
        if self.status == 200:
            return None
        return self.json['__type'].split('#')[-1]

    @property
    def message(self):
        body = self.json
        return body.get('message', body.get('Message'))

    def __repr__(self):
        return f'Answer({self.status}, {self.body[:300]!r})'


class Endpoint:
    """A service at `url` and the credentials to use."""

    def __init__(self, url, access_key=ACCESS_KEY, secret_key=SECRET_KEY, token=None,
                 region=REGION):
        self.url = url
        self.access_key = access_key
        self.secret_key = secret_key
        self.token = token
        self.region = region
        self.clients = []

    @property
    def host(self):
        return urllib.parse.urlsplit(self.url).netloc

    def client(self, service='dynamodb', region=None, **options):
        """A botocore client that neither retries nor checks parameters itself."""
        credentials = (options.pop('access_key', self.access_key), options.pop('secret_key', self.secret_key),
                       options.pop('token', self.token))
        config = Config(retries={'total_max_attempts': 1}, parameter_validation=False,
                        connect_timeout=10, read_timeout=240, max_pool_connections=64, **options)
        with _sessions_lock:
            client = _session(credentials).create_client(service, region_name=region or self.region,
                                                         endpoint_url=self.url, config=config)
        self.clients.append(client)
        return client

    def close_clients(self):
        """Drops their connections; a client may go on being used."""
        for client in self.clients:
            client.close()
        self.clients = []

    def sign(self, body, headers, method='POST', path='/', access_key=None, secret_key=None,
             service='dynamodb', region=None):
        """`headers` with a SigV4 signature added."""
        request = AWSRequest(method=method, url=self.url + path, data=body, headers=headers)
        credentials = Credentials(access_key or self.access_key, secret_key or self.secret_key,
                                  self.token)
        SigV4Auth(credentials, service, region or self.region).add_auth(request)
        return dict(request.headers.items())

    def connection(self, timeout=240):
        netloc = urllib.parse.urlsplit(self.url)
        kind = (http.client.HTTPSConnection if netloc.scheme == 'https'
                else http.client.HTTPConnection)
        return kind(netloc.hostname, netloc.port, timeout=timeout)

    def send(self, body, headers, method='POST', path='/', connection=None):
        """One request exactly as given."""
        own = connection is None
        connection = connection or self.connection()
        try:
            connection.request(method, path, body=body, headers=headers)
            response = connection.getresponse()
            return Answer(response.status, response.getheaders(), response.read())
        finally:
            if own:
                connection.close()

    def call(self, operation, body, path='/', connection=None, target=TARGET, headers=None, **sign_options):
        """A signed call of `operation`; a dict is sent as JSON, bytes and text as they are."""
        more = headers or {}
        if isinstance(body, dict):
            body = json.dumps(body)
        if isinstance(body, str):
            body = body.encode()
        headers = {'Content-Type': 'application/x-amz-json-1.0',
                   'X-Amz-Target': target + operation, 'Host': self.host, **more}
        headers = self.sign(body, headers, path=path, **sign_options)
        return self.send(body, headers, path=path, connection=connection)

    # ---- the hooks of a server started for tests

    def hook(self, name, body):
        body = json.dumps(body).encode()
        path = '/_test/' + name
        headers = {'Content-Type': 'application/json', 'Host': self.host}
        return self.send(body, self.sign(body, headers, path=path), path=path)

    def reset(self):
        """Empties the account."""
        answer = self.hook('reset', {})
        if answer.status != 200:
            raise RuntimeError(f'/_test/reset: {answer}')

    def advance(self, seconds):
        """Moves the server's clock forward; its new time in epoch seconds."""
        answer = self.hook('clock', {'advance_seconds': seconds})
        if answer.status != 200:
            raise RuntimeError(f'/_test/clock: {answer}')
        return answer.json['now']


class Server(Endpoint):
    """A server process. Usable as a context manager; stop() removes a data directory of its own."""

    def __init__(self, data=None, arguments=('--test-hooks', '--test-clock'), environment=None,
                 start=True):
        super().__init__(None)
        self.binary = os.environ.get('TIDEMARK_BIN',
                                     str(ROOT / 'build/release/src/server/tidemark'))
        self.own_directory = None
        if data is None:
            self.own_directory = tempfile.mkdtemp(prefix='tidemark-test-')
            data = os.path.join(self.own_directory, 'data')
        self.data = str(data)
        self.arguments = list(arguments)
        self.environment = environment or {}
        self.process = None
        self.log = None
        self.output = []
        if start:
            self.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    @property
    def log_path(self):
        return self.data.rstrip('/') + '.log'

    def start(self, timeout=240):
        """Returns when the server says that it listens. Seconds it took."""
        assert self.process is None, 'it runs already'
        environment = dict(os.environ)
        environment.update(TIDEMARK_ROOT_ACCESS_KEY_ID=self.access_key,
                           TIDEMARK_ROOT_SECRET_ACCESS_KEY=self.secret_key, **self.environment)
        command = [self.binary, 'serve', '--data', self.data, '--listen', '127.0.0.1:0',
                   *self.arguments]
        begin = time.monotonic()
        self.log = open(self.log_path, 'ab')
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=self.log, env=environment,
                                        text=True)
        ready = threading.Event()
        self.output = []
        self.url = None

        def read(process, output):
            for line in process.stdout:
                output.append(line)
                if line.startswith('listening on '):
                    self.url = line.split()[-1]
                    ready.set()
            ready.set()

        self.reader = threading.Thread(target=read, args=(self.process, self.output), daemon=True)
        self.reader.start()
        ready.wait(timeout)
        if self.url is None:
            self.kill()
            raise RuntimeError(f'{" ".join(command)} did not get ready:\n'
                               f'{"".join(self.output)}{self.log_tail()}')
        return time.monotonic() - begin

    def log_tail(self, size=4000):
        try:
            return pathlib.Path(self.log_path).read_bytes()[-size:].decode(errors='replace')
        except OSError:
            return ''

    def stop(self, timeout=240):
        """A graceful stop (SIGTERM); the exit status."""
        return self._end(signal.SIGTERM, timeout)

    def kill(self):
        """As a crash: SIGKILL."""
        return self._end(signal.SIGKILL, 30)

    def _end(self, number, timeout):
        if self.process is None:
            return None
        process, self.process = self.process, None
        self.close_clients()
        process.send_signal(number)
        try:
            status = process.wait(timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise RuntimeError(f'the server did not stop within {timeout} s:\n{self.log_tail()}')
        finally:
            self.reader.join(10)
            process.stdout.close()
            self.log.close()
        return status

    def restart(self, crash=False):
        """Stops, or kills with crash=True, and starts again on the same data."""
        self.kill() if crash else self.stop()
        return self.start()

    def close(self):
        """Stops it and removes its data directory if that is its own."""
        try:
            if self.process is not None:
                self.stop()
        finally:
            if self.own_directory is not None:
                shutil.rmtree(self.own_directory, ignore_errors=True)
                self.own_directory = None


_shared = None


def shared():
    global _shared
    if _shared is None:
        url = os.environ.get('TIDEMARK_ENDPOINT')
        if url:
            session = botocore.session.Session()
            credentials = session.get_credentials()
            _shared = Endpoint(url, credentials.access_key, credentials.secret_key,
                               credentials.token,
                               session.get_config_variable('region') or REGION)
        else:
            _shared = Server()
            atexit.register(_shared.close)
    return _shared


def ours():
    """Whether the server under test is a process of ours, with test hooks."""
    return not os.environ.get('TIDEMARK_ENDPOINT')


def digest(items):
    """One hash of a set of items, whatever their order: for comparing tables."""
    texts = sorted(json.dumps(item, sort_keys=True, default=repr) for item in items)
    return hashlib.sha256('\n'.join(texts).encode()).hexdigest()
