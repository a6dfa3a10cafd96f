#!/usr/bin/python3
"""Runs the case files (README.md) and prints what failed.

    run_cases.py [--through raw|boto3|javascript] [FILE...]

Against a server of its own, or the service named by TIDEMARK_ENDPOINT (credentials and Region then
come from the environment as for any SDK).
"""

import argparse
import json
import sys
import time
import uuid

import case_file
import server
import transports

POLL_SECONDS = 60
SETS = ('SS', 'NS', 'BS')


class Mismatch(Exception):
    pass


def canonical(value):
    """With sets in one order, so that they can be compared."""
    if isinstance(value, dict):
        return {name: sorted(map(canonical, member), key=str)
                if name in SETS and isinstance(member, list) else canonical(member)
                for name, member in value.items()}
    if isinstance(value, list):
        return [canonical(member) for member in value]
    return value


def match(want, have, place, captures):
    """Raises Mismatch unless `have` is what is wanted. "$any" is anything but absent, "$=name" too
    and is remembered."""
    if isinstance(want, str) and want == '$any':
        return
    if isinstance(want, str) and want.startswith('$='):
        captures[want[2:]] = have
        return
    if isinstance(want, dict) and isinstance(have, dict):
        for name in {**want, **have}:
            here = f'{place}.{name}'
            if name not in have:
                raise Mismatch(f'{here} is absent')
            if name not in want:
                raise Mismatch(f'{here} is there: {json.dumps(have[name])[:200]}')
            match(want[name], have[name], here, captures)
    elif isinstance(want, list) and isinstance(have, list):
        if len(want) != len(have):
            raise Mismatch(f'{place} has {len(have)} elements, not {len(want)}: '
                           f'{json.dumps(have)[:400]}')
        for i, (one, other) in enumerate(zip(want, have)):
            match(one, other, f'{place}[{i}]', captures)
    elif want != have or isinstance(want, bool) != isinstance(have, bool):
        raise Mismatch(f'{place} is {json.dumps(have)[:400]}, not {json.dumps(want)[:400]}')


def unordered(operation, answer):
    """Answers whose items come in no order: sorted."""
    answer = dict(answer)
    if operation == 'Scan' and answer.get('Items'):
        answer['Items'] = sorted(answer['Items'], key=str)
    if operation == 'BatchGetItem' and answer.get('Responses'):
        answer['Responses'] = {table: sorted(items, key=str)
                               for table, items in answer['Responses'].items()}
    return answer


def check_answer(operation, want, answer, captures):
    """Members the case does not name may be there; one that is null must not."""
    want = unordered(operation, canonical(want))
    answer = unordered(operation, canonical(answer))
    for member, value in want.items():
        if value is None:
            if member in answer:
                raise Mismatch(f'{member} is there: {json.dumps(answer[member])[:400]}')
        elif member not in answer:
            raise Mismatch(f'{member} is absent')
        else:
            match(value, answer[member], member, captures)


def fill(value, captures):
    """A request with "$name" replaced by what an earlier step remembered under it."""
    if isinstance(value, str) and value.startswith('$'):
        return captures.get(value[1:], value)
    if isinstance(value, dict):
        return {name: fill(member, captures) for name, member in value.items()}
    if isinstance(value, list):
        return [fill(member, captures) for member in value]
    return value


class Runner:
    """Runs cases through one transport. Tables are made when first needed and go with close()."""

    def __init__(self, endpoint, transport):
        self.endpoint = endpoint
        self.transport = transport
        self.setup = transports.Raw(endpoint)
        self.definitions = case_file.tables()
        self.made = {}
        self.run = uuid.uuid4().hex[:8]
        self.number = 0

    def close(self):
        for name in self.made.values():
            self.setup.call('DeleteTable', {'TableName': name})
        self.setup.close()
        self.transport.close()

    def table(self, case):
        """The name of the case's table, which is there and ACTIVE."""
        key = (case.table, case.file, case.group) if case.own else case.table
        if key not in self.made:
            name = f'cases-{case.table}-{self.run}-{len(self.made)}'
            self.must('CreateTable', {**self.definitions[case.table], 'TableName': name})
            self.made[key] = name
            deadline = time.monotonic() + POLL_SECONDS
            while self.must('DescribeTable', {'TableName': name})['Table']['TableStatus'] != 'ACTIVE':
                if time.monotonic() > deadline:
                    raise RuntimeError(f'{name} does not get ACTIVE')
                time.sleep(0.05)
        return self.made[key]

    def must(self, operation, request):
        reply = self.setup.call(operation, request)
        if reply.error:
            raise RuntimeError(f'{operation}: {reply}')
        return reply.answer

    def supports(self, case):
        """Whether this way has a form for all of the case."""
        if self.transport.name == 'raw':
            return True
        return not case.raw and all(
            self.transport.supports(step.operation, self.request(case, step, 'id', 'table', {}))
            for step in case.steps)

    def expand(self, text, identity, table):
        return case_file.repeat(text.replace('$id', identity).replace('$table', table or ''))

    def request(self, case, step, identity, table, captures):
        """The request as it is sent: its table added, or a text that is no JSON as it is."""
        text = self.expand(step.request, identity, table)
        try:
            request = json.loads(text)
        except ValueError:
            return text
        if not isinstance(request, dict):
            return text
        if step.operation in TABLE_OPERATIONS and table:
            request.setdefault('TableName', table)
        if request.get('TableName', '') is None:
            del request['TableName']
        return fill(request, captures)

    def run_case(self, case):
        """Raises Mismatch, which names the step."""
        table = self.table(case) if case.table else None
        self.number += 1
        identity = f'{self.run}{self.number}'
        captures = {}
        for step in case.steps:
            request = self.request(case, step, identity, table, captures)
            deadline = time.monotonic() + POLL_SECONDS
            while True:
                reply = self.transport.call(step.operation, request)
                try:
                    self.check(step, reply, identity, table, captures)
                    break
                except Mismatch as mismatch:
                    if step.poll and time.monotonic() < deadline:
                        time.sleep(0.05)
                        continue
                    raise Mismatch(f'{case.file}.txt:{step.line}: {step.operation}: '
                                   f'{mismatch}') from None

    def check(self, step, reply, identity, table, captures):
        if step.error is None:
            if reply.error:
                raise Mismatch(f'failed with {reply}')
            if step.answer is not None:
                want = json.loads(self.expand(step.answer, identity, table))
                check_answer(step.operation, fill(want, captures), reply.answer, captures)
            return
        if reply.error != step.error:
            raise Mismatch(f'is not {step.error} but {repr(reply)[:600]}')
        if step.text is None:
            return
        text = reply.text or ''
        if isinstance(step.text, str):
            want = self.expand(step.text, identity, table)
            if text != want:
                raise Mismatch(f'says\n    {text}\nnot\n    {want}')
        elif not step.text.search(text):
            raise Mismatch(f'says\n    {text}\nnot {step.text.pattern}')


# They are given the case's table as TableName.
TABLE_OPERATIONS = {
    'PutItem', 'GetItem', 'UpdateItem', 'DeleteItem', 'Query', 'Scan', 'DescribeTable',
    'DeleteTable', 'UpdateTable', 'CreateBackup', 'DescribeContinuousBackups',
    'UpdateContinuousBackups', 'DescribeTimeToLive', 'UpdateTimeToLive'}


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--through', choices=sorted(transports.ALL), default='raw')
    parser.add_argument('files', nargs='*', metavar='FILE', help='of cases/, default: all')
    arguments = parser.parse_args()
    endpoint = server.shared()
    runner = Runner(endpoint, transports.ALL[arguments.through](endpoint))
    begin = time.monotonic()
    passed, skipped, failed = 0, 0, []
    try:
        for path in case_file.files(arguments.files):
            for case in case_file.read(path):
                if not runner.supports(case):
                    skipped += 1
                    continue
                try:
                    runner.run_case(case)
                    passed += 1
                except Mismatch as mismatch:
                    failed.append(str(mismatch))
                    print(mismatch, flush=True)
    finally:
        runner.close()
    print(f'through {arguments.through}: {passed} passed, {len(failed)} failed, {skipped} not '
          f'expressible, {time.monotonic() - begin:.1f} s')
    sys.exit(1 if failed else 0)


if __name__ == '__main__':
    main()
