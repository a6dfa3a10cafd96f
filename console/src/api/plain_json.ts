// Items as ordinary JSON, where that says everything: {"UserId": "ann", "Age": 7}. Sets and binary values need
// DynamoDB's JSON, in which each value has its type: {"UserId": {"S": "ann"}, "Tags": {"SS": ["a"]}}.
import type { TableDescription } from '@aws-sdk/client-dynamodb';
import { itemText } from './items';
import type { WireItem, WireValue } from './operations';

type Keys = Pick<TableDescription, 'KeySchema' | 'AttributeDefinitions'>;

const TYPE_NAMES: Record<string, string> = { S: 'a text', N: 'a number', B: 'binary: {"B": "base64"}' };

// A number as it was typed: JavaScript's own numbers would cut off digits.
class Digits {
  constructor(readonly text: string) {}
}

type Reviver = (this: unknown, name: string, value: unknown, context?: { source?: string }) => unknown;

function parse(text: string): unknown {
  const keepDigits: Reviver = (_, value, context) =>
    typeof value === 'number' ? new Digits(context?.source ?? String(value)) : value;
  return JSON.parse(text, keepDigits as (name: string, value: unknown) => unknown);
}

function toWireValue(value: unknown): WireValue {
  if (value instanceof Digits) return { N: value.text };
  if (typeof value === 'string') return { S: value };
  if (typeof value === 'boolean') return { BOOL: value };
  if (value === null) return { NULL: true };
  if (Array.isArray(value)) return { L: value.map(toWireValue) };
  return { M: toWireItem(value as object) };
}

function toWireItem(item: object): WireItem {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, toWireValue(value)]));
}

function isPlain([type = '', inner]: [string, unknown] | []): boolean {
  if (type === 'L') return (inner as WireValue[]).every((one) => isPlain(entryOf(one)));
  if (type === 'M') return isPlainItem(inner as WireItem);
  return ['S', 'N', 'BOOL', 'NULL'].includes(type);
}

function entryOf(value: WireValue): [string, unknown] | [] {
  return Object.entries(value)[0] ?? [];
}

// Whether plain JSON says all of it.
export function isPlainItem(item: WireItem): boolean {
  return Object.values(item).every((value) => isPlain(entryOf(value)));
}

function plainText(value: WireValue, indent: string): string {
  const [type, inner] = entryOf(value);
  if (type === 'N') return String(inner);
  if (type === 'NULL') return 'null';
  if (type === 'M') return plainItemText(inner as WireItem, indent);
  if (type !== 'L') return JSON.stringify(inner);
  const lines = (inner as WireValue[]).map((one) => `${indent}  ${plainText(one, `${indent}  `)}`);
  return lines.length ? `[\n${lines.join(',\n')}\n${indent}]` : '[]';
}

export function plainItemText(item: WireItem, indent = ''): string {
  const lines = Object.entries(item).map(
    ([name, value]) => `${indent}  ${JSON.stringify(name)}: ${plainText(value, `${indent}  `)}`,
  );
  return lines.length ? `{\n${lines.join(',\n')}\n${indent}}` : '{}';
}

// In the form that says it in fewer words.
export function shownItem(item: WireItem): string {
  return isPlainItem(item) ? plainItemText(item) : itemText(item);
}

function typeOf(table: Keys, name: string): string {
  return table.AttributeDefinitions?.find((one) => one.AttributeName === name)?.AttributeType ?? 'S';
}

function keyProblem(table: Keys, item: WireItem): string | undefined {
  for (const { AttributeName: name = '', KeyType: kind } of table.KeySchema ?? []) {
    const type = typeOf(table, name);
    const [given, value] = entryOf(item[name] ?? {});
    const what = `${name} is the ${kind === 'HASH' ? 'partition' : 'sort'} key of the table`;
    if (given === undefined) return `${what}: an item has to have it.`;
    if (given !== type) return `${what}: it has to be ${TYPE_NAMES[type] ?? type}.`;
    if (value === '') return `${what}: it may not be empty.`;
  }
  return undefined;
}

export interface ReadItem {
  item?: WireItem; // absent: there is a problem
  plain: boolean; // which of the two forms it is
  problem?: string;
}

// Reads either form. A key is never a map, so a key attribute that is an object tells DynamoDB's JSON.
export function readItem(table: Keys, text: string): ReadItem {
  try {
    const given = parse(text);
    if (typeof given !== 'object' || given === null || Array.isArray(given) || given instanceof Digits) {
      return { plain: true, problem: 'An item is a JSON object: {"name": value, ...}' };
    }
    const names = table.KeySchema?.map((key) => key.AttributeName ?? '') ?? [];
    const isTyped = (value: unknown) => typeof value === 'object' && value !== null && !(value instanceof Digits);
    const plain = !names.some((name) => isTyped((given as Record<string, unknown>)[name]));
    const item = plain ? toWireItem(given) : (JSON.parse(text) as WireItem);
    const problem = keyProblem(table, item);
    return problem ? { plain, problem } : { plain, item };
  } catch (error) {
    return { plain: true, problem: (error as Error).message };
  }
}
