// What a table was at an instant, or is in a backup, and what has happened to it since.
import {
  DescribeTableCommand,
  ScanCommand,
  type ScanCommandInput,
  QueryCommand,
  type QueryCommandInput,
} from '@aws-sdk/client-dynamodb';
import type { Api } from './clients';
import { type Item, toWire } from './items';
import type { Change, Diff, WireItem } from './operations';

const DIFF_PAGES = 25; // of up to 1,000 items; beyond, counts are told as "more than"

type Middleware = (
  next: (args: { request: { headers: Record<string, string> } }) => Promise<unknown>,
) => (args: never) => Promise<unknown>;

interface WithStack {
  middlewareStack: { add: (middleware: never, options: { step: 'build'; name: string }) => void };
}

export type ReadFrom = Date | { backup: string } | undefined; // as of an instant, in a backup; undefined: now

// Makes a stock read one of the past or of a backup, by a header that is signed with the rest.
export function readFrom<Command extends WithStack>(command: Command, from: ReadFrom): Command {
  if (!from) return command;
  const [name, value] =
    from instanceof Date ? ['x-tidemark-as-of', from.toISOString()] : ['x-tidemark-from-backup', from.backup];
  const header: Middleware = (next) => (args: { request: { headers: Record<string, string> } }) => {
    args.request.headers[name] = value;
    return next(args);
  };
  command.middlewareStack.add(header as never, { step: 'build', name: 'readFrom' });
  return command;
}

export interface ItemPage {
  items: WireItem[];
  scanned: number;
  last?: Item; // where the next page goes on; absent: there is none
}

export async function scanItems(api: Api, input: ScanCommandInput, from?: ReadFrom): Promise<ItemPage> {
  const answer = await api.dynamodb.send(readFrom(new ScanCommand(input), from));
  return {
    items: (answer.Items ?? []).map(toWire),
    scanned: answer.ScannedCount ?? 0,
    last: answer.LastEvaluatedKey,
  };
}

export async function queryItems(api: Api, input: QueryCommandInput, from?: ReadFrom): Promise<ItemPage> {
  const answer = await api.dynamodb.send(readFrom(new QueryCommand(input), from));
  return {
    items: (answer.Items ?? []).map(toWire),
    scanned: answer.ScannedCount ?? 0,
    last: answer.LastEvaluatedKey,
  };
}

export interface Instants {
  from: Date;
  until?: Date; // else now
}

export interface Difference {
  from: string;
  until: string;
  removed: number;
  changed: number;
  added: number;
  changes: Change[]; // the first of them
  complete: boolean; // false: there are more
  reading: boolean; // they are still being read
  itemsThen?: number; // how many items the table had; known only in comparison with now
  sample: WireItem[]; // some of them
}

const SHOWN = 500; // changes that are kept for the list

// What differs between two instants, and how many items there were: live count less what was added, and what was
// removed.
// `show` is given what is known so far.
export async function differenceSince(
  api: Api,
  table: string,
  { from: at, until }: Instants,
  show: (part: Difference) => void,
  signal: AbortSignal,
): Promise<Difference> {
  const total: Difference = {
    from: at.toISOString(),
    until: '',
    removed: 0,
    changed: 0,
    added: 0,
    changes: [],
    complete: false,
    reading: true,
    sample: (await scanItems(api, { TableName: table, Limit: 5 }, at)).items,
  };
  let token: string | undefined;
  show({ ...total });
  for (let page = 0; page < DIFF_PAGES && !total.complete; page += 1) {
    signal.throwIfAborted();
    const diff: Diff = await api.tidemark('DiffTable', {
      TableName: table,
      From: at.toISOString(),
      ...(until ? { Until: until.toISOString() } : {}),
      Limit: 1000,
      ...(token ? { NextToken: token } : {}),
    });
    total.until = diff.Until;
    total.removed += diff.Removed;
    total.changed += diff.Changed;
    total.added += diff.Added;
    total.changes.push(...diff.Changes.slice(0, SHOWN - total.changes.length));
    token = diff.NextToken;
    total.complete = !token;
    if (token) show({ ...total, changes: [...total.changes] });
  }
  total.reading = false;
  if (until || !total.complete) return total;
  const live = await api.dynamodb.send(new DescribeTableCommand({ TableName: table }));
  total.itemsThen = (live.Table?.ItemCount ?? 0) - total.added + total.removed;
  return total;
}
