// From what a person chooses to a Query or Scan: partition key given or not, sort key, filters, table or index.
import type { QueryCommandInput, ScanCommandInput, TableDescription } from '@aws-sdk/client-dynamodb';
import { fromWire } from './items';
import type { WireItem, WireValue } from './operations';

export interface Condition {
  operator: string; // of OPERATORS
  value: string;
  to: string; // of "between"
}

export interface Filter extends Condition {
  attribute: string;
  type: string; // S, N, BOOL, NULL
}

export interface ItemQuery {
  index: string; // '': the table
  partition: string; // '': all
  sort: Condition; // without a value: all
  descending: boolean;
  filters: Filter[]; // those without an attribute do not count
}

export const ANY: Condition = { operator: '=', value: '', to: '' };
export const EVERYTHING: ItemQuery = { index: '', partition: '', sort: ANY, descending: false, filters: [] };

// Operators by their text; `between` takes two values, the last two none.
export const SORT_OPERATORS = ['=', '<', '<=', '>', '>=', 'between', 'begins with'];
export const FILTER_OPERATORS = [
  ...SORT_OPERATORS,
  'not =',
  'contains',
  'does not contain',
  'exists',
  'does not exist',
];

export const takesNoValue = (operator: string) => operator === 'exists' || operator === 'does not exist';

export interface IndexKeys {
  name: string; // '': the table
  partition: string;
  sort?: string;
}

export function indexesOf(table: TableDescription): IndexKeys[] {
  const keysOf = (name: string, keys: TableDescription['KeySchema'] = []): IndexKeys => ({
    name,
    partition: keys.find((key) => key.KeyType === 'HASH')?.AttributeName ?? '',
    sort: keys.find((key) => key.KeyType === 'RANGE')?.AttributeName,
  });
  const indexes = [...(table.GlobalSecondaryIndexes ?? []), ...(table.LocalSecondaryIndexes ?? [])];
  return [keysOf('', table.KeySchema), ...indexes.map((index) => keysOf(index.IndexName ?? '', index.KeySchema))];
}

export function keyTypeOf(table: TableDescription, name: string): string {
  return table.AttributeDefinitions?.find((one) => one.AttributeName === name)?.AttributeType ?? 'S';
}

function typed(type: string, text: string): WireValue {
  if (type === 'BOOL') return { BOOL: text.trim().toLowerCase() === 'true' };
  if (type === 'NULL') return { NULL: true };
  return { [type]: text };
}

// "#s between :s and :s2": `tag` keeps names and values of conditions apart.
function expression(tag: string, { operator, value, to }: Condition, type: string, values: WireItem): string {
  const name = `#${tag}`;
  if (operator === 'exists') return `attribute_exists(${name})`;
  if (operator === 'does not exist') return `attribute_not_exists(${name})`;
  values[`:${tag}`] = typed(type, value);
  if (operator === 'between') {
    values[`:${tag}2`] = typed(type, to);
    return `${name} BETWEEN :${tag} AND :${tag}2`;
  }
  if (operator === 'begins with') return `begins_with(${name}, :${tag})`;
  if (operator === 'contains') return `contains(${name}, :${tag})`;
  if (operator === 'does not contain') return `NOT contains(${name}, :${tag})`;
  return `${name} ${operator === 'not =' ? '<>' : operator} :${tag}`;
}

export type ItemRequest =
  { operation: 'Query'; input: QueryCommandInput } | { operation: 'Scan'; input: ScanCommandInput };

export function requestOf(table: TableDescription, query: ItemQuery): ItemRequest {
  const keys = indexesOf(table).find((one) => one.name === query.index) ?? { name: '', partition: '' };
  const names: Record<string, string> = {};
  const values: WireItem = {};
  const filters = query.filters
    .filter((filter) => filter.attribute)
    .map((filter, at) => {
      names[`#f${at}`] = filter.attribute;
      return expression(`f${at}`, filter, filter.type, values);
    });
  const key: string[] = [];
  if (query.partition) {
    names['#p'] = keys.partition;
    key.push(expression('p', { ...ANY, value: query.partition }, keyTypeOf(table, keys.partition), values));
    if (keys.sort && query.sort.value) {
      names['#s'] = keys.sort;
      key.push(expression('s', query.sort, keyTypeOf(table, keys.sort), values));
    }
  }
  const input = {
    TableName: table.TableName,
    ...(query.index ? { IndexName: query.index } : {}),
    ...(filters.length ? { FilterExpression: filters.join(' AND ') } : {}),
    ...(Object.keys(names).length ? { ExpressionAttributeNames: names } : {}),
    ...(Object.keys(values).length ? { ExpressionAttributeValues: fromWire(values) } : {}),
  };
  if (!query.partition) return { operation: 'Scan', input };
  return {
    operation: 'Query',
    input: {
      ...input,
      KeyConditionExpression: key.join(' AND '),
      ...(query.descending ? { ScanIndexForward: false } : {}),
    },
  };
}
