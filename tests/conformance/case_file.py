"""Reads files of cases (cases/*.txt). Their form is described in README.md."""

import json
import pathlib
import re

CASES = pathlib.Path(__file__).resolve().parent / 'cases'

ARROW = re.compile(r'\s(->|=>)\s')
REPEAT = re.compile(r'<<(\d+)\|(.*?)\|(.*?)>>')
# An error's name in short: "Validation" for ValidationException.
FULL_NAME = re.compile(r'(Exception|Error)$')
ERROR = re.compile(r'([A-Za-z]+)(?:(: |\s*~ )(.*))?$')


class Step:
    """One request and what must come back."""

    def __init__(self, line, operation, request, raw, poll):
        self.line = line
        self.operation = operation
        self.request = request  # text: what is replaced in it is known when it is run
        self.raw = raw          # only as it is written, not through an SDK
        self.poll = poll        # sent again until the answer fits
        self.error = None       # its name
        self.text = None        # the error's text: a string, a pattern, or None for any
        self.answer = None      # JSON text of the members an answer must have; None: any answer


class CaseText:
    """One case: its steps run in order, each run with names of its own."""

    def __init__(self, file, line, table, own, group):
        self.file = file
        self.line = line
        self.table = table  # a name in tables.json, or None
        self.own = own      # a table nobody else uses, shared by the group only
        self.group = group  # which "table" line of the file it stands under
        self.steps = []

    @property
    def name(self):
        return f'{self.file}:{self.line}'

    @property
    def raw(self):
        return any(step.raw for step in self.steps)


def repeat(text):
    """<<3|, |:v@>> is ":v0, :v1, :v2"."""
    while True:
        found = REPEAT.search(text)
        if not found:
            return text
        count, separator, pattern = int(found[1]), found[2], found[3]
        if '@' in pattern:
            made = separator.join(pattern.replace('@', str(i)) for i in range(count))
        else:
            made = separator.join([pattern] * count) if separator else pattern * count
        text = text[:found.start()] + made + text[found.end():]


def parse_expectation(step, text):
    if text == 'ok':
        return
    if text.startswith('{'):
        json.loads(repeat(text))
        step.answer = text
        return
    found = ERROR.fullmatch(text)
    if not found:
        raise ValueError(f'no expectation: {text}')
    step.error = found[1] if FULL_NAME.search(found[1]) else found[1] + 'Exception'
    if found[2]:
        step.text = re.compile(found[3]) if '~' in found[2] else found[3]


def parse_step(line, text):
    arrow = ARROW.search(text)
    if not arrow:
        raise ValueError('no "->"')
    left, right = text[:arrow.start()].strip(), text[arrow.end():].strip()
    raw = left.startswith('!')
    operation, _, request = left.lstrip('!').partition(' ')
    step = Step(line, operation, request.strip() or '{}', raw, arrow[1] == '=>')
    parse_expectation(step, right)
    return step


def logical_lines(path):
    """(number, text), lines that end in a backslash joined with the next."""
    text, begin = '', 0
    for number, line in enumerate(path.read_text(encoding='utf-8').splitlines(), 1):
        begin = begin or number
        if line.endswith('\\'):
            text += line[:-1] if not text else line[:-1].strip()
            continue
        yield begin, text + (line.strip() if text else line)
        text, begin = '', 0
    if text:
        yield begin, text


def read(path):
    """The cases of one file."""
    cases, table, own, group = [], None, False, 0
    for number, line in logical_lines(path):
        if not line.strip() or line.startswith('#'):
            continue
        try:
            word, _, rest = line.partition(' ')
            if word in ('table', 'own'):
                table, own, group = rest.strip(), word == 'own', group + 1
                continue
            if not line[0].isspace():
                cases.append(CaseText(path.stem, number, table, own, group))
            cases[-1].steps.append(parse_step(number, line.strip()))
        except (ValueError, IndexError) as error:
            raise ValueError(f'{path.name}:{number}: {error}') from error
    return cases


def files(names=()):
    """Paths of the case files: all, or those named."""
    if names:
        return [CASES / (name if name.endswith('.txt') else name + '.txt') for name in names]
    return sorted(CASES.glob('*.txt'))


def tables():
    """What CreateTable gets for each of the shared tables."""
    return json.loads((CASES / 'tables.json').read_text(encoding='utf-8'))
