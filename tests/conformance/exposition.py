"""A strict reader of Prometheus' text format 0.0.4: what a scraper would forgive fails here.

parse(text)   {name of family: Family}
"""

import math
import re

NAME = r'[a-zA-Z_:][a-zA-Z0-9_:]*'
HELP = re.compile(rf'# HELP ({NAME}) (\S.*)')
TYPE = re.compile(rf'# TYPE ({NAME}) (counter|gauge|histogram)')
SAMPLE = re.compile(rf'({NAME})(?:\{{(.+)\}})? (\S+)')
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)')
ESCAPES = {'\\\\': '\\', '\\"': '"', '\\n': '\n'}


class Malformed(AssertionError):
    pass


class Family:
    def __init__(self, name, kind):
        self.name = name
        self.kind = kind
        self.samples = {}  # (name, sorted labels) -> value

    def value(self, suffix='', **labels):
        return self.samples[self.name + suffix, tuple(sorted(labels.items()))]

    def get(self, default, suffix='', **labels):
        return self.samples.get((self.name + suffix, tuple(sorted(labels.items()))), default)


def require(condition, line, what):
    if not condition:
        raise Malformed(f'{what}: {line!r}')


def parse_labels(text, line):
    labels, at = {}, 0
    while at < len(text):
        match = LABEL.match(text, at)
        require(match, line, 'bad labels')
        require(match[1] not in labels, line, 'a label twice')
        require(match[3] == '' or match.end() < len(text), line, 'a comma at the end')
        labels[match[1]] = re.sub(r'\\.', lambda found: ESCAPES[found[0]], match[2])
        at = match.end()
    return labels


def parse_value(text, line):
    if text in ('NaN', '+Inf', '-Inf'):
        return float(text)
    require(re.fullmatch(r'-?[0-9]+(\.[0-9]+)?(e[+-]?[0-9]+)?', text), line, 'bad value')
    return float(text)


def check_counter(family, line):
    require(family.name.endswith('_total'), line, 'a counter is no _total')
    for value in family.samples.values():
        require(value >= 0, line, 'a counter below 0')


def check_histogram(family, line):
    series = {}
    for (name, labels), value in family.samples.items():
        labels = dict(labels)
        bound = labels.pop('le', None)
        parts = series.setdefault(tuple(sorted(labels.items())), {'buckets': []})
        if name.endswith('_bucket'):
            require(bound is not None, line, 'a bucket without le')
            parts['buckets'].append((float(bound), value))
        else:
            require(bound is None and name != family.name, line, 'no sample of a histogram')
            parts[name.removeprefix(family.name)] = value
    for parts in series.values():
        bounds = [bound for bound, _ in parts['buckets']]
        counts = [count for _, count in parts['buckets']]
        require(bounds == sorted(set(bounds)), line, 'bounds out of order')
        require(bounds[-1] == math.inf, line, 'no bucket without end')
        require(counts == sorted(counts), line, 'counts are not cumulative')
        require(counts[-1] == parts.get('_count'), line, 'count and last bucket differ')
        require('_sum' in parts, line, 'no sum')


def parse(text):
    if not text.endswith('\n'):
        raise Malformed('the last line does not end')
    families, helped, current = {}, None, None
    for line in text[:-1].split('\n'):
        if line.startswith('#'):
            if match := HELP.fullmatch(line):
                require(match[1] not in families and helped is None, line, 'HELP twice')
                helped = match[1]
                continue
            match = TYPE.fullmatch(line)
            require(match, line, 'neither HELP nor TYPE')
            require(match[1] == helped, line, 'TYPE without its HELP before it')
            require(match[1] not in families, line, 'TYPE twice')
            current = families[match[1]] = Family(match[1], match[2])
            helped = None
            continue
        match = SAMPLE.fullmatch(line)
        require(match, line, 'no sample')
        require(current is not None and helped is None, line, 'a sample of no family')
        name = match[1]
        suffixes = ('_bucket', '_sum', '_count') if current.kind == 'histogram' else ('',)
        require(name in [current.name + suffix for suffix in suffixes], line,
                f'a sample within {current.name}')
        labels = parse_labels(match[2] or '', line)
        key = name, tuple(sorted(labels.items()))
        require(key not in current.samples, line, 'a sample twice')
        current.samples[key] = parse_value(match[3], line)
    require(helped is None, helped, 'HELP without TYPE')
    for family in families.values():
        require(family.samples, family.name, 'a family without samples')
        if family.kind == 'counter':
            check_counter(family, family.name)
        if family.kind == 'histogram':
            check_histogram(family, family.name)
    return families
