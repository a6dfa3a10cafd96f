// Items as the console shows them: DynamoDB's JSON, in which binary values are base64.
import type { AttributeValue, TableDescription } from '@aws-sdk/client-dynamodb';
import type { WireItem } from './operations';

export type Item = Record<string, AttributeValue>;

function base64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
}

// Members of these names are binary only where an attribute's type stands, not where an attribute is called so;
// hence the walk by types.
function mapValue(value: Record<string, unknown>, binary: (bytes: never) => unknown): Record<string, unknown> {
  const [type = '', inner] = Object.entries(value)[0] ?? [];
  if (type === 'B') return { B: binary(inner as never) };
  if (type === 'BS') return { BS: (inner as never[]).map(binary) };
  if (type === 'L') return { L: (inner as Record<string, unknown>[]).map((one) => mapValue(one, binary)) };
  if (type === 'M') return { M: mapItem(inner as Record<string, Record<string, unknown>>, binary) };
  return value;
}

function mapItem(item: Record<string, Record<string, unknown>>, binary: (bytes: never) => unknown) {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, mapValue(value, binary)]));
}

export function toWire(item: Item): WireItem {
  return mapItem(item as never, base64 as never) as WireItem;
}

export function fromWire(item: WireItem): Item {
  return mapItem(item, fromBase64 as never) as never;
}

export function keyOf(table: Pick<TableDescription, 'KeySchema'>, item: WireItem): WireItem {
  const names = table.KeySchema?.map((key) => key.AttributeName ?? '') ?? [];
  return Object.fromEntries(names.map((name) => [name, item[name] ?? {}]));
}

// A value in short: strings and numbers as they are, the rest as JSON.
export function valueText(value: Record<string, unknown> | undefined): string {
  if (!value) return '';
  const [type = '', inner] = Object.entries(value)[0] ?? [];
  if (type === 'S' || type === 'N' || type === 'BOOL') return String(inner);
  if (type === 'NULL') return 'null';
  return JSON.stringify(plainOf(value));
}

function plainOf(value: Record<string, unknown>): unknown {
  const [type = '', inner] = Object.entries(value)[0] ?? [];
  if (type === 'L') return (inner as Record<string, unknown>[]).map(plainOf);
  if (type === 'M') {
    return Object.fromEntries(Object.entries(inner as WireItem).map(([name, one]) => [name, plainOf(one)]));
  }
  if (type === 'NULL') return null;
  return inner;
}

export function keyText(key: WireItem): string {
  return Object.values(key).map(valueText).join(', ');
}

// An item as text to edit, and back. Throws SyntaxError for what is no JSON.
export function itemText(item: WireItem): string {
  return JSON.stringify(item, null, 2);
}
