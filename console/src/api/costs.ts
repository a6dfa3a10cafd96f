// What backup and recovery would cost (docs/costs.md), as pages ask for it.
import type { Api } from './clients';
import type { CostDimension, CostGroup, Costs, Estimate, Finding, Operations, PriceBook } from './operations';

export const KINDS: Record<string, string> = {
  PITR: 'Point-in-time recovery',
  ON_DEMAND: 'On-demand backups',
  AWS_BACKUP_WARM: 'Recovery points, warm',
  AWS_BACKUP_COLD: 'Recovery points, cold',
  AWS_BACKUP_COLD_EARLY_DELETION: 'Deleted from cold storage early',
  RESTORE: 'Restores',
  RESTORE_FROM_COLD: 'Restores from cold storage',
  CROSS_REGION: 'Into other Regions',
  EXPORT: 'Exports',
  EXPORT_INCREMENTAL: 'Incremental exports',
  IMPORT: 'Imports',
};

export const kindText = (kind: string | undefined) => KINDS[kind ?? ''] ?? kind ?? '-';

export const isKept = (kind: string) => /^(PITR|ON_DEMAND|AWS_BACKUP_(WARM|COLD))$/.test(kind);

// By what the lines of a bill can be told apart.
export interface Grouping {
  label: string;
  by: CostDimension[];
}

export const GROUPINGS: Grouping[] = [
  { label: 'Table', by: ['REGION', 'TABLE'] },
  { label: 'Table and kind', by: ['REGION', 'TABLE', 'KIND'] },
  { label: 'Backup, or table with recovery', by: ['REGION', 'RESOURCE', 'KIND'] },
  { label: 'Region', by: ['REGION'] },
  { label: 'Tag of the table', by: ['TAG'] },
];

// A month of the calendar, in UTC: "2026-11".
export interface Span {
  From?: string;
  Until?: string;
}

// Of a month that is over; of the present one nothing need be said.
export function spanOf(month: string | undefined): Span {
  if (!month) return {};
  const [year = 0, number = 0] = month.split('-').map(Number);
  return {
    From: new Date(Date.UTC(year, number - 1, 1)).toISOString(),
    Until: new Date(Date.UTC(year, number, 1)).toISOString(),
  };
}

// The months before the one that an instant lies in, the newest first.
export function monthsBefore(instant: string, count: number): string[] {
  const [year = 0, number = 0] = instant.split('-').map(Number);
  return Array.from({ length: count }, (_, back) =>
    new Date(Date.UTC(year, number - 2 - back, 1)).toISOString().slice(0, 7),
  );
}

// `by` nothing: one group of all.
export function getCosts(api: Api, span: Span, by: CostDimension[], tag = ''): Promise<Costs> {
  return api.tidemark('GetCosts', {
    ...span,
    ...(by.length ? { GroupBy: by } : {}),
    ...(by.includes('TAG') ? { TagKey: tag } : {}),
  });
}

// What to charge nobody knows who may not ask: undefined, as where there is no such table any more.
export async function estimateOf(
  api: Api,
  input: Operations['EstimateCost']['input'],
): Promise<Estimate | undefined> {
  try {
    return await api.tidemark('EstimateCost', input);
  } catch (error) {
    if (['ResourceNotFoundException', 'AccessDeniedException'].includes((error as Error).name)) return undefined;
    throw error;
  }
}

// One price, from a day on, of a Region or ("") of all others.
export interface PriceLine {
  Kind: string;
  Region: string;
  Usd: string;
  From: string;
  isSet: boolean; // by the operator
}

export const isPrice = (text: string) => /^\d{1,6}(\.\d{1,9})?$/.test(text);
export const isDay = (text: string) => /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text));

// Each price where it begins: what a list has in common with the one before it is left out.
export function priceLines(book: PriceBook): PriceLine[] {
  const lines: PriceLine[] = [];
  const known = new Map<string, string>();
  const add = (From: string, Region: string, prices: Record<string, string>) => {
    for (const [Kind, Usd] of Object.entries(prices)) {
      const key = `${Region} ${Kind}`;
      if (known.get(key) === Usd) continue;
      known.set(key, Usd);
      const isSet = book.Edits.some(
        (edit) => edit.From === From && edit.Kind === Kind && (edit.Region ?? '') === Region && !!edit.Usd,
      );
      lines.push({ Kind, Region, Usd, From, isSet });
    }
  };
  for (const list of book.Lists) {
    add(list.From, '', list.Usd);
    for (const [region, prices] of Object.entries(list.Regions)) add(list.From, region, prices);
  }
  return lines;
}

// undefined: the user may not see them.
export async function pricesOf(api: Api): Promise<{ source: PriceBook['Source']; lines: PriceLine[] } | undefined> {
  try {
    const book = await api.tidemark('GetPriceBook', {});
    return { source: book.Source, lines: priceLines(book) };
  } catch (error) {
    if ((error as Error).name === 'AccessDeniedException') return undefined;
    throw error;
  }
}

// undefined: the user may not see it.
export async function adviceOf(api: Api): Promise<Finding[] | undefined> {
  try {
    return (await api.tidemark('GetAdvice', {})).Findings;
  } catch (error) {
    if ((error as Error).name === 'AccessDeniedException') return undefined;
    throw error;
  }
}

const NAMES = ['Region', 'Table', 'Resource', 'Kind', 'Day', 'Tag'] as const;
const FIGURES = ['Cost', 'GigabyteMonths', 'OnceBytes', 'LogicalBytes', 'PhysicalBytes'] as const;

const csvField = (text: string) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

// As `tidemark costs --csv` writes them.
export function csvOf(groups: CostGroup[]): string {
  const names = NAMES.filter((name) => groups.some((group) => group[name] !== undefined));
  const columns = [...names, ...FIGURES];
  const lines = groups.map((group) => columns.map((name) => csvField(String(group[name] ?? ''))).join(','));
  return [columns.join(','), ...lines, ''].join('\n');
}
