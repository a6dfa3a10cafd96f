"""Kills the server in the middle of writes, batches, backups, restores and drops, again and again, and compares what is
there afterwards with what was acknowledged. The oracle lives in this process, outside the server.

  crash_test.py --rounds 20 [--seed N] [--binary PATH]

There are 50 tables: some with point-in-time recovery, some where it is switched on and off, some that are dropped and
made again. Each key is written by one writer, one write at a time, so after a crash it holds what was acknowledged last
or the one write that was under way. Counters are added to by all writers: one holds at least the additions acknowledged
and at most those sent. A transaction writes a key in each of two tables and adds to its writer's tally in the first:
after a crash all or nothing of it is there, and sending it again under its token makes it happen exactly once. All
tables have indexes, a local one, a global one and one of two attributes, which must hold what the table holds; another
one comes and goes. A table restored to an instant must be what its source's past was at that instant, read beside it;
half of them are made with the settings of then. A tag of protected tables is changed: its history must say of every
instant what was acknowledged, too.

Between rounds the server's clock is moved forwards now and then; times below are the server's. For an instant T a key
may show the newest write acknowledged before T, or a later one that was sent before T; the margin below is for the
server's commit clock, which is slewed to the wall clock, not stepped.
"""

import argparse
import datetime
import os
import pathlib
import random
import sys
import threading
import time

import botocore.exceptions

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "conformance"))

TABLES = [f"Crash{number:02}" for number in range(50)]
PROTECTED = TABLES[:10]  # point-in-time recovery is on; they get half of the writes
SWITCHED = TABLES[10:15]  # it is switched on and off
DROPPED = TABLES[45:]  # dropped and made again
HOT = PROTECTED[:3]  # with a counter
STEADY = TABLES[:45]  # never dropped: transactions need that
WRITERS = 4
KEYS_EACH = 5  # of a writer, in each table
CLOCK_MARGIN = 0.01  # seconds
DAY = 86400
# Of an item beside its key and value; not all have them.
GROUPS = [f"g{number}" for number in range(3)]
COLOURS = ["red", "blue"]
AS_OF = "X-Tidemark-As-Of"
SETTINGS = "X-Tidemark-Restore-Settings"
# What may meet a table that another thread drops or switches.
GONE = ("ResourceNotFoundException", "ResourceInUseException", "TableNotFoundException", "TableInUseException")


def key_of(name):
    """All keys of a writer are one partition."""
    return {"pk": {"S": name.split("-")[0]}, "sk": {"S": name}}


def hash_key(index):
    return [key["AttributeName"] for key in index["KeySchema"] if key["KeyType"] == "HASH"]


class Key:
    """What one key went through: (value or None, sent, acknowledged)."""

    def __init__(self, name):
        self.name = name
        self.history = [(None, 0.0, 0.0)]
        self.under_way = None

    def allowed_now(self):
        values = [self.history[-1][0]]
        if self.under_way:
            values.append(self.under_way[0])
        return values

    def allowed_between(self, begin, end):
        """Values at some instant in [begin, end]."""
        values = []
        for value, sent, acknowledged in self.history:
            if acknowledged <= begin - CLOCK_MARGIN:
                values = [value]
            elif sent <= end + CLOCK_MARGIN:
                values.append(value)
        return values

    def resolve(self, found, now):
        """After a crash: the write under way happened or did not."""
        if self.under_way and found == self.under_way[0] and found != self.history[-1][0]:
            self.history.append((found, self.under_way[1], now))
        self.under_way = None


class Counter:
    """Additions of one, by anybody: (sent, acknowledged or None) of each."""

    def __init__(self):
        self.lock = threading.Lock()
        self.additions = []

    def begin(self, now):
        with self.lock:
            self.additions.append([now, None])
            return len(self.additions) - 1

    def between(self, begin, end):
        """The least and the most it may hold at some instant in [begin, end]."""
        with self.lock:
            least = sum(1 for _, done in self.additions if done is not None and done <= begin - CLOCK_MARGIN)
            return least, sum(1 for sent, _ in self.additions if sent <= end + CLOCK_MARGIN)

    def resolve(self, found, now):
        """After a crash: so many of those that were under way happened; which ones, nobody knows."""
        with self.lock:
            done = [addition for addition in self.additions if addition[1] is not None]
            unknown = [addition for addition in self.additions if addition[1] is None]
            for addition in unknown[:found - len(done)]:
                done.append([addition[0], now])
            self.additions = done


class Table:
    """What one life of a table went through."""

    def __init__(self, name):
        self.name = name
        self.keys = {f"w{w}-{k}": Key(f"w{w}-{k}") for w in range(WRITERS) for k in range(KEYS_EACH)}
        self.counter = Counter()
        self.tallies = {f"tally-{writer}": Counter() for writer in range(WRITERS)}
        self.transactions = {tally: [] for tally in self.tallies}  # (key, value) of each, in order
        self.recovery = None  # on, off; None: asked for and not answered
        self.tag = Key("tag")

    def check(self, found, allowed_of, bounds_of):
        """`found`: items by key. Nothing else may be there."""
        found = dict(found)
        for name, counter in [("counter", self.counter), *self.tallies.items()]:
            least, most = bounds_of(counter)
            count = int(found.pop(name, "0"))
            if not least <= count <= most:
                raise AssertionError(f"{self.name}: {name} is {count}, not {least} to {most}")
        for key in self.keys.values():
            value = found.pop(key.name, None)
            if value not in allowed_of(key):
                raise AssertionError(f"{self.name}: {key.name} holds {str(value)[:40]}, not one of "
                                     f"{[str(one)[:40] for one in allowed_of(key)]}")
        if found:
            raise AssertionError(f"{self.name}: items nobody wrote: {list(found)[:5]}")


    def check_whole(self, found):
        """Of each transaction the key and the tally are there, or neither is."""
        for tally, transactions in self.transactions.items():
            count = int(found.get(tally, "0"))
            for number, (key, value) in enumerate(transactions, 1):
                values = [one for one, _, _ in key.history]
                now = found.get(key.name)
                if now is None:
                    continue  # it may have been deleted more than once
                if (values.index(now) >= values.index(value)) != (number <= count):
                    raise AssertionError(f"{self.name}: half of a transaction: {tally} is {count}, and {key.name} "
                                         f"holds {now[:40]}, number {number} made it {value[:40]}")


class Crash:
    def __init__(self, server_module, seed):
        self.random = random.Random(seed)
        self.server = server_module.Server(arguments=("--test-hooks", "--test-clock"))
        self.ahead = 0  # seconds the server's clock was moved
        self.tables = {}  # by name: those that exist, or whose making or dropping is under way
        self.uncertain = {}  # name -> None (being made) or the Table being dropped
        self.backups = []   # (arn, table, begin, end) acknowledged
        self.restores = []  # (name, table, begin, end) acknowledged: the instant lies in [begin, end]
        self.cut = []       # transactions under way at the kill
        self.checked = {"writes": 0, "backups": 0, "restores": 0, "transactions": 0, "past": 0,
                        "settings": 0}
        self.number = 0
        self.failures = []  # answers nobody should get
        self.stopping = threading.Event()

    def client(self):
        return self.server.client()

    def now(self):
        return time.time() + self.ahead

    def create(self, client, name):
        keys = [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]
        everything = {"ProjectionType": "ALL"}
        client.create_table(
            TableName=name, BillingMode="PAY_PER_REQUEST", KeySchema=keys,
            AttributeDefinitions=[{"AttributeName": one, "AttributeType": "S"} for one in ("pk", "sk", "g", "c")],
            LocalSecondaryIndexes=[{"IndexName": "local", "Projection": everything, "KeySchema": [
                keys[0], {"AttributeName": "g", "KeyType": "RANGE"}]}],
            GlobalSecondaryIndexes=[
                {"IndexName": "groups", "Projection": everything,
                 "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}]},
                {"IndexName": "composite", "Projection": everything,
                 "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}, {"AttributeName": "c", "KeyType": "HASH"},
                               {"AttributeName": "sk", "KeyType": "RANGE"}]}])
        return Table(name)

    def switch(self, client, table, on):
        table.recovery = None
        client.update_continuous_backups(
            TableName=table.name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": on})
        table.recovery = on

    def refused(self, error, *codes):
        """Whether the server answered, with one of `codes`; another answer is a failure."""
        if not isinstance(error, botocore.exceptions.ClientError):
            return False  # it was killed
        code = error.response["Error"]["Code"]
        if code not in codes:
            self.failures.append(error)
            return False
        return True

    # ---- what goes on while the server is killed

    def write(self, writer):
        client, choice = self.client(), random.Random(self.random.random())
        number = 0
        while not self.stopping.is_set():
            number += 1
            table = self.tables.get(choice.choice(PROTECTED if choice.random() < 0.5 else TABLES))
            if table is None:
                continue
            try:
                if table.name in HOT and choice.random() < 0.4:
                    addition = table.counter.begin(self.now())
                    client.update_item(TableName=table.name, Key=key_of("counter"),
                                       UpdateExpression="ADD n :one", ExpressionAttributeValues={":one": {"N": "1"}})
                    table.counter.additions[addition][1] = self.now()
                    self.checked["writes"] += 1
                elif choice.random() < 0.15:
                    self.transact(client, choice, writer, number)
                else:
                    self.write_keys(client, choice, table, writer, number)
            except Exception as error:  # the server was killed: whether it happened shows after the restart
                if table.name in DROPPED and self.refused(error, *GONE):
                    continue
                if isinstance(error, (botocore.exceptions.ClientError, AssertionError)):
                    self.failures.append(error)
                return

    def transact(self, client, choice, writer, number):
        tables = [self.tables[name] for name in choice.sample(STEADY, 2)]
        keys, items, tally = [], [], f"tally-{writer}"
        for table in tables:
            key = table.keys[f"w{writer}-{choice.randrange(KEYS_EACH)}"]
            if key.under_way:
                return
            value = f"{time.time_ns()}-{number}-{key.name}-" + "x" * choice.randrange(1000)
            keys.append((key, value))
            items.append({"Put": {"TableName": table.name, "Item": {**key_of(key.name), "v": {"S": value}}}})
        items.append({"Update": {"TableName": tables[0].name, "Key": key_of(tally),
                                 "UpdateExpression": "ADD n :one",
                                 "ExpressionAttributeValues": {":one": {"N": "1"}}}})
        parameters = {"TransactItems": items, "ClientRequestToken": f"{writer}-{time.time_ns()}"}
        for key, value in keys:
            key.under_way = (value, self.now())
        cut = (tables, keys, tally, parameters, tables[0].tallies[tally].begin(self.now()))
        self.cut.append(cut)
        client.transact_write_items(**parameters)
        self.transacted(cut)
        self.cut.remove(cut)

    def transacted(self, cut):
        """It happened: now, or under way."""
        tables, keys, tally, _, addition = cut
        for key, _ in keys:
            key.history.append((*key.under_way, self.now()))
            key.under_way = None
        tables[0].tallies[tally].additions[addition][1] = self.now()
        tables[0].transactions[tally].append(keys[0])
        self.checked["transactions"] += 1

    def send_cut_again(self, client):
        """Each under its token: it must have happened whole or not at all, and then happens exactly once."""
        for cut in self.cut:
            tables, keys, tally, parameters, addition = cut
            before = [self.read_all(client, table.name) for table in tables]
            done = tables[0].tallies[tally].between(float("inf"), float("inf"))[0]
            happened = [before[i].get(key.name) == value for i, (key, value) in enumerate(keys)]
            happened.append(int(before[0].get(tally, "0")) > done)
            if len(set(happened)) != 1:
                raise AssertionError(f"half of a transaction: {happened} of {parameters}")
            if not happened[0]:
                tables[0].tallies[tally].additions[addition][0] = self.now()
                for key, value in keys:
                    key.under_way = (value, self.now())
            client.transact_write_items(**parameters)
            self.transacted(cut)
        self.cut.clear()

    def write_keys(self, client, choice, table, writer, number):
        mine = [key for key in table.keys.values() if key.name.startswith(f"w{writer}-") and not key.under_way]
        several = choice.random() < 0.15
        keys = choice.sample(mine, choice.randrange(2, KEYS_EACH + 1) if several and len(mine) >= KEYS_EACH else 1) \
            if mine else []
        requests = []
        for key in keys:
            value = None if choice.random() < 0.2 else \
                f"{time.time_ns()}-{number}-{key.name}-" + "x" * choice.randrange(3000)
            key.under_way = (value, self.now())
            item = key_of(key.name)
            requests.append({"DeleteRequest": {"Key": item}} if value is None else
                            {"PutRequest": {"Item": {**item, "v": {"S": value}, **self.group(choice)}}})
        if not keys:
            return
        value = keys[0].under_way[0]
        if len(keys) > 1:
            answer = client.batch_write_item(RequestItems={table.name: requests})
            if answer.get("UnprocessedItems"):
                raise AssertionError("unprocessed items")
        elif value is None:
            client.delete_item(TableName=table.name, Key=key_of(keys[0].name))
        elif choice.random() < 0.5:
            client.put_item(TableName=table.name, Item=requests[0]["PutRequest"]["Item"])
        else:
            client.update_item(TableName=table.name, Key=key_of(keys[0].name),
                               UpdateExpression="SET v = :v, g = :g",
                               ExpressionAttributeValues={":v": {"S": value}, ":g": {"S": choice.choice(GROUPS)}})
        for key in keys:
            key.history.append((*key.under_way, self.now()))
            key.under_way = None
        self.checked["writes"] += len(keys)

    def group(self, choice):
        """Attributes of index keys; now and then one is missing."""
        group = {"g": {"S": choice.choice(GROUPS)}, "c": {"S": choice.choice(COLOURS)}}
        return {name: value for name, value in group.items() if choice.random() < 0.8}

    def operate(self):
        client = self.client()
        client.meta.events.register(
            "before-sign.dynamodb.RestoreTableToPointInTime", lambda request, **_: request.headers.add_header(
                SETTINGS, self.random.choice(("current", "as-of"))))
        while not self.stopping.is_set():
            self.number += 1
            try:
                self.act(client, self.now(), self.random.random())
            except Exception as error:
                # A time before recovery was switched on, or a backup not yet AVAILABLE, is refused by right.
                if self.refused(error, "InvalidRestoreTimeException", "BackupInUseException"):
                    continue
                return
            time.sleep(self.random.random() * 0.05)

    def act(self, client, begin, act):
        if act < 0.15:
            name = self.random.choice(DROPPED)
            table = self.tables.pop(name, None)
            self.uncertain[name] = table
            if table:
                client.delete_table(TableName=name)
            else:
                self.tables[name] = self.create(client, name)
            del self.uncertain[name]
        elif act < 0.3:
            table = self.tables[self.random.choice(SWITCHED)]
            self.switch(client, table, not table.recovery)
        elif act < 0.36:
            self.change_index(client, self.random.choice(TABLES[:45]))
        elif act < 0.42:
            self.change_tag(client, self.tables[self.random.choice(PROTECTED)])
        elif act < 0.58 or not self.backups:
            table = self.tables[self.random.choice(TABLES[:45])]
            answer = client.create_backup(TableName=table.name, BackupName=f"backup-{self.number}")
            self.backups.append((answer["BackupDetails"]["BackupArn"], table, begin, self.now()))
        elif act < 0.75:
            arn, table, taken_from, taken_until = self.random.choice(self.backups)
            name = f"FromBackup{self.number}"
            client.restore_table_from_backup(TargetTableName=name, BackupArn=arn)
            self.restores.append((name, table, taken_from, taken_until))
        else:
            table = self.tables[self.random.choice(PROTECTED)]
            name = f"ToTime{self.number}"
            second = int(begin - self.random.randrange(3))
            client.restore_table_to_point_in_time(
                SourceTableName=table.name, TargetTableName=name,
                RestoreDateTime=datetime.datetime.fromtimestamp(second, datetime.timezone.utc))
            self.restores.append((name, table, second, second))

    def change_tag(self, client, table):
        arn = client.describe_table(TableName=table.name)["Table"]["TableArn"]
        for again in range(4):
            value = f"{self.number}-{again}"
            table.tag.under_way = (value, self.now())
            client.tag_resource(ResourceArn=arn, Tags=[{"Key": "tag", "Value": value}])
            table.tag.history.append((*table.tag.under_way, self.now()))
            table.tag.under_way = None

    def change_index(self, client, name):
        """A second index comes or goes."""
        described = client.describe_table(TableName=name)["Table"]["GlobalSecondaryIndexes"]
        if any(one["IndexStatus"] != "ACTIVE" for one in described):
            return
        if any(one["IndexName"] == "again" for one in described):
            update = {"Delete": {"IndexName": "again"}}
        else:
            update = {"Create": {"IndexName": "again", "Projection": {"ProjectionType": "ALL"},
                                 "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}]}}
        client.update_table(TableName=name, GlobalSecondaryIndexUpdates=[update],
                            AttributeDefinitions=[{"AttributeName": "g", "AttributeType": "S"}])

    # ---- what must hold afterwards

    def read_items(self, client, name, **index):
        """Items by key."""
        found = {}
        for page in client.get_paginator("scan").paginate(TableName=name, **index):
            found.update({item["sk"]["S"]: item for item in page["Items"]})
        return found

    def read_all(self, client, name, ask=False):
        """Values by key, found equal in the table and in its indexes; with `ask` also by queries of each partition."""
        items = self.read_items(client, name, ConsistentRead=True)
        for index in self.indexes(client, name):
            names = [key["AttributeName"] for key in index["KeySchema"]]
            should = {key: item for key, item in items.items() if all(one in item for one in names)}
            self.compare(name, index["IndexName"], self.read_items(client, name, IndexName=index["IndexName"]), should)
            if index["ItemCount"] != len(should):
                raise AssertionError(f"{name}: {index['IndexName']} counts {index['ItemCount']}, holds {len(should)}")
            if ask:
                self.ask(client, name, index, should)
        return {key: item["v"]["S"] if "v" in item else item["n"]["N"] for key, item in items.items()}

    def ask(self, client, name, index, should):
        found = {}
        partition = hash_key(index)
        for values in {tuple(item[one]["S"] for one in partition) for item in should.values()}:
            pages = client.get_paginator("query").paginate(
                TableName=name, IndexName=index["IndexName"],
                KeyConditionExpression=" AND ".join(f"{one} = :{one}" for one in partition),
                ExpressionAttributeValues={f":{one}": {"S": value} for one, value in zip(partition, values)})
            for page in pages:
                found.update({item["sk"]["S"]: item for item in page["Items"]})
        self.compare(name, index["IndexName"], found, should)

    def compare(self, name, index, found, should):
        if found != should:
            differ = [key for key in {*found, *should} if found.get(key) != should.get(key)]
            raise AssertionError(f"{name}: {index} differs from the table in {differ}")

    def compare_past(self, client, restored, source, second):
        """The table restored to a second, against its source's past and its indexes' past."""
        past = self.client_as_of(second)
        for index in ({}, {"IndexName": "local"}, {"IndexName": "groups"}, {"IndexName": "composite"}):
            should = self.read_items(client, restored, **index)
            self.compare(source, f"the past of {index}", self.read_items(past, source, **index), should)
        self.checked["past"] += 1

    def client_as_of(self, second):
        client = self.server.client()
        client.meta.events.register("before-sign.dynamodb.Scan",
                                    lambda request, **_: request.headers.add_header(AS_OF, str(second)))
        return client

    def indexes(self, client, name):
        """The table's indexes, once none is being built or removed."""
        deadline = time.time() + 60
        while True:
            table = client.describe_table(TableName=name)["Table"]
            indexes = table["GlobalSecondaryIndexes"]
            if all(one["IndexStatus"] == "ACTIVE" for one in indexes):
                return indexes + table["LocalSecondaryIndexes"]
            if time.time() > deadline:
                raise AssertionError(f"{name}: indexes stay as they are: {indexes}")
            time.sleep(0.02)

    def check_live(self, client):
        there = set()
        for page in client.get_paginator("list_tables").paginate():
            there.update(page["TableNames"])
        for name, table in self.uncertain.items():  # being made, or being dropped
            if name in there:
                self.tables[name] = table or Table(name)
        self.uncertain.clear()
        missing = set(self.tables) - there
        surplus = (there & set(TABLES)) - set(self.tables)
        if missing or surplus:
            raise AssertionError(f"tables that are gone: {missing}; that were dropped and are there: {surplus}")
        for table in self.tables.values():
            found = self.read_all(client, table.name, ask=self.random.random() < 0.1)
            table.check(found, Key.allowed_now, lambda counter: counter.between(float("inf"), float("inf")))
            for key in table.keys.values():
                key.resolve(found.get(key.name), self.now())
            table.counter.resolve(int(found.get("counter", "0")), self.now())
            table.check_whole(found)
            count = client.describe_table(TableName=table.name)["Table"]["ItemCount"]
            if count != len(found):
                raise AssertionError(f"{table.name}: ItemCount is {count}, the table holds {len(found)}")
            if table.name in SWITCHED:
                answer = client.describe_continuous_backups(TableName=table.name)["ContinuousBackupsDescription"]
                on = answer["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
                if table.recovery not in (None, on):
                    raise AssertionError(f"{table.name}: recovery is {on}, it was switched to {table.recovery}")
                table.recovery = on

    def check_settings(self, client, table):
        """The tag as it is, and at and around some of the instants at which it was changed."""
        arn = client.describe_table(TableName=table.name)["Table"]["TableArn"]
        tags = client.list_tags_of_resource(ResourceArn=arn)["Tags"]
        found = tags[0]["Value"] if tags else None
        if found not in table.tag.allowed_now():
            raise AssertionError(f"{table.name}: its tag is {found}, not one of {table.tag.allowed_now()}")
        table.tag.resolve(found, self.now())
        changes = [change for change in table.tag.history[1:] if self.now() - change[1] < 34 * DAY]
        for _, sent, acknowledged in self.random.sample(changes, min(3, len(changes))):
            instant = self.random.choice((sent, acknowledged, (sent + acknowledged) / 2))
            text = f"{instant:.6f}"
            answer = self.server.call("", {"TableName": table.name, "From": text, "Until": text},
                                      target="Tidemark_20261101.GetSettingsHistory")
            if answer.status != 200:
                raise AssertionError(f"{table.name}: its settings at {text}: {answer}")
            found = answer.json["Before"]["Settings"].get("Tags.tag")
            allowed = table.tag.allowed_between(float(text), float(text))
            if found not in allowed:
                raise AssertionError(f"{table.name}: its tag at {text} was {found}, not one of {allowed}")
            self.checked["settings"] += 1

    def check_restored(self, client, name, table, begin, end):
        deadline = time.time() + 60
        while client.describe_table(TableName=name)["Table"]["TableStatus"] != "ACTIVE":
            if time.time() > deadline:
                raise AssertionError(f"{name} does not become ACTIVE")
            time.sleep(0.02)
        try:
            found = self.read_all(client, name, ask=True)
            table.check(found, lambda key: key.allowed_between(begin, end),
                        lambda counter: counter.between(begin, end))
            table.check_whole(found)
            if begin == end and self.now() - begin < 34 * DAY:  # within its source's window still
                self.compare_past(client, name, table.name, begin)
        except AssertionError as error:
            raise AssertionError(f"{name}, restored as of {begin:.3f} to {end:.3f}: {error}") from None
        client.delete_table(TableName=name)

    def check_backups(self, client):
        listed = {}
        for page in client.get_paginator("list_backups").paginate():
            listed.update({summary["BackupArn"]: summary["BackupStatus"] for summary in page["BackupSummaries"]})
        for arn, _, _, _ in self.backups:
            if arn not in listed:
                raise AssertionError(f"the acknowledged backup {arn} is gone")
            deadline = time.time() + 30
            while client.describe_backup(BackupArn=arn)["BackupDescription"]["BackupDetails"][
                    "BackupStatus"] != "AVAILABLE":
                if time.time() > deadline:
                    raise AssertionError(f"{arn} does not become AVAILABLE")
                time.sleep(0.02)
            self.checked["backups"] += 1

    def round(self):
        self.stopping.clear()
        threads = [threading.Thread(target=self.write, args=(writer,)) for writer in range(WRITERS)]
        threads.append(threading.Thread(target=self.operate))
        for thread in threads:
            thread.start()
        time.sleep(0.3 + self.random.random())
        self.server.kill()
        self.stopping.set()
        for thread in threads:
            thread.join()
        if self.failures:
            raise self.failures[0]
        seconds = self.server.start()
        if self.ahead:
            self.server.advance(self.ahead)  # the clock starts anew with the process
        client = self.client()
        self.send_cut_again(client)  # before the tokens expire
        if self.random.random() < 0.25:  # now and then it is further on
            jump = self.random.choice((60, DAY, 365 * DAY))
            self.server.advance(jump)
            self.ahead += jump
        self.check_live(client)
        self.check_backups(client)
        for name in PROTECTED:
            self.check_settings(client, self.tables[name])
        for restore in self.restores:
            self.check_restored(client, *restore)
            self.checked["restores"] += 1
        self.restores.clear()
        # Keep a few backups, so that old ones are restored from as well.
        while len(self.backups) > 6:
            client.delete_backup(BackupArn=self.backups.pop(0)[0])
        return seconds

    def run(self, rounds):
        client = self.client()
        for name in TABLES:
            self.tables[name] = self.create(client, name)
        for name in PROTECTED:
            self.switch(client, self.tables[name], True)
        for number in range(1, rounds + 1):
            seconds = self.round()
            print(f"round {number}: ready {seconds:.2f} s after kill -9; {self.checked['writes']} writes, "
                  f"{self.checked['transactions']} transactions, {self.checked['backups']} backups, "
                  f"{self.checked['restores']} restores, {self.checked['past']} pasts, "
                  f"{self.checked['settings']} settings checked so far", flush=True)
        self.server.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4), "big"))
    parser.add_argument("--binary", help="default: build/release/src/server/tidemark")
    options = parser.parse_args()
    if options.binary:
        os.environ["TIDEMARK_BIN"] = options.binary
    import server  # reads TIDEMARK_BIN
    print(f"seed {options.seed}")
    crash = Crash(server, options.seed)
    try:
        crash.run(options.rounds)
    except BaseException:
        print(f"FAILED with --seed {options.seed}; data in {crash.server.data}\n{crash.server.log_tail()}")
        if crash.server.process:
            crash.server.kill()
        raise
    print(f"{options.rounds} passed, 0 failed")


if __name__ == "__main__":
    main()
