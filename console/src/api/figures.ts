// A page in Prometheus' text format, read once.
interface Figure {
  name: string;
  labels: Record<string, string>;
  value: number;
}

const LINE = /^(\w+)(?:\{(.*)\})? (\S+)/;
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g;

export class Figures {
  private readonly figures: Figure[] = [];

  constructor(page: string) {
    for (const line of page.split('\n')) {
      const match = LINE.exec(line);
      if (!match) continue;
      const [, name = '', labels = '', value] = match;
      const pairs = [...labels.matchAll(LABEL)].map(([, key = '', text = '']) => [key, text]);
      this.figures.push({ name, labels: Object.fromEntries(pairs) as Record<string, string>, value: Number(value) });
    }
  }

  // Of all figures of that name that have these labels.
  sum(name: string, labels: Record<string, string> = {}): number {
    return this.figures
      .filter((one) => one.name === name && Object.entries(labels).every(([key, text]) => one.labels[key] === text))
      .reduce((all, { value }) => all + value, 0);
  }

  // The values that a label has, sorted.
  valuesOf(name: string, label: string): string[] {
    const values = this.figures.filter((one) => one.name === name).map((one) => one.labels[label] ?? '');
    return [...new Set(values)].sort();
  }
}
